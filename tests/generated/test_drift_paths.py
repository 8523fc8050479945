"""Drift sees paths of Kubernetes' own schema that strangers set, on the API server in memory."""

import itertools
import json
from importlib import resources
from pathlib import Path

from kubia.actions.kubectl import KubectlEngine
from kubia.project import stackfile
from kubia.session import Session
from tests import strangers
from tests.schema_paths import Schemas
from tests.unit.apiserver import Server
from tests.unit.applying import api as api_of

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = 150
"""Of some thousands; tests/e2e/test_drift_paths.py tries them on a real API server."""


def packaged() -> Schemas:
    folder = resources.files("kubernetes_validate").joinpath("kubernetes-json-schema")
    file = folder.joinpath("v1.36.0-local", "_definitions.json")
    return Schemas(json.loads(file.read_text(encoding="utf-8"))["$defs"])


def test_a_sample_of_paths_is_seen_or_stands_in_the_table() -> None:
    api = api_of(Server())
    opened = stackfile.stack(stackfile.project(ROOT), "dev")
    desired = KubectlEngine(Session(opened, "kubectl", None)).desired
    known = [it for it in desired.manifests if (it.key.group, it.key.kind) in api.kinds]
    pairs = [(manifest, api.apply(desired.applied(manifest))) for manifest in known]
    schemas = packaged()

    every = itertools.islice(strangers.cases(schemas, pairs, each_way=False), SAMPLE)
    tally = strangers.meet(api, desired, schemas, every, 60)

    assert tally.missed == []
    assert tally.counts["tried"] == SAMPLE
    assert tally.counts["seen"] > SAMPLE / 2
