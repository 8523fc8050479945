# Each target is one line; the work is in the kubia command (.venv/bin/kubia --help).
STACK ?= dev
PYTHON ?= python3
COUNT ?= 300
KUBIA = .venv/bin/kubia
# Where it is set, each of the tests' many commands compiles the program anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

install: .venv/installed ## make .venv with everything pinned

.venv/installed: requirements-dev.txt pyproject.toml tools/install
	@PYTHON=$(PYTHON) sh tools/install

up: install ## bring stack STACK up (default dev), on a local Kubernetes unless KUBIA_CONTEXT names one
	@$(KUBIA) up --stack $(STACK)

preview: install ## show what up would change
	@$(KUBIA) preview --stack $(STACK)

down: install ## delete what stack STACK made
	@$(KUBIA) down --stack $(STACK) --yes

render: install ## print the stack's plain YAML
	@$(KUBIA) render --stack $(STACK)

cluster-down: install ## stop the local Kubernetes and remove all it left
	@$(KUBIA) cluster down

unit: install ## the mocked tests alone: offline, seconds
	@.venv/bin/python -m pytest -p xdist -n auto tests/unit

soak: install ## COUNT sequences of states, every state over every other, each path as strangers set it, ends at each write; SEED repeats it
	@$(if $(SEED),SEED=$(SEED)) COUNT=$(COUNT) .venv/bin/python -m pytest -q -s --timeout 0 tests/generated/test_sequences.py tests/generated/test_releases.py tests/generated/test_ledger.py tests/generated/test_stacks.py && SECONDS=3600 COUNT=100 .venv/bin/python -m pytest -q -s --timeout 0 tests/e2e/test_drift_paths.py tests/e2e/test_releases.py tests/e2e/test_transitions.py tests/e2e/test_operator_neighbours.py tests/e2e/test_interrupted.py tests/e2e/test_ledger.py tests/operator/test_drift_paths.py

check: install ## lint, types, layers
	@.venv/bin/ruff check && .venv/bin/ruff format --check && .venv/bin/mypy && .venv/bin/lint-imports

test: install check ## everything that proves it
	@$(KUBIA) cluster build && .venv/bin/python -m pytest -p xdist -n 2 --dist loadgroup --no-loadscope-reorder --durations 20

tour: install ## run all examples on a real node, each by its README
	@TOUR=1 .venv/bin/python -m pytest -v tests/e2e/test_tour.py

bench: install ## measure the operator against its rivals
	@.venv/bin/python -m benchmarks.operator

lock: install ## pin the newest versions the ranges allow
	@sh tools/lock

schemas: install ## write stacks/schema.json, components/schema.json and what raw knows anew
	@.venv/bin/python -m tools.schemas

rooms: install ## draw docs/pictures/rooms.svg anew, from the imports
	@.venv/bin/python -m tools.rooms

.PHONY: help install up preview down render cluster-down unit soak check test tour bench lock schemas rooms
