"""Drift sees each path of Kubernetes' own schema that strangers set, or its table says why not.

On a real API server, which refuses what is not legal; all of it as dry runs.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from kubia.actions.kubectl import KubectlEngine
from kubia.apply.api import Api
from kubia.apply.connection import Connection, connect
from kubia.apply.model import DesiredState
from kubia.project import stackfile
from kubia.session import Session
from tests import strangers
from tests.e2e.harness import Cluster, Project, eventually
from tests.schema_paths import Schemas

pytestmark = pytest.mark.e2e

EVERY: Mapping[str, Any] = {
    "sites": {},
    "agents": {},
    "operators": {},
    "services.kubia.serviceType": "ClusterIP",
    "services.kubia.nodePort": None,
    "services.kubia.replicas": None,
    "services.kubia.autoscaler": {"maxReplicas": 3, "cpuPercent": 80},
    "services.kubia.disruptionBudget": {"maxUnavailable": 1},
    "services.kubia.ingress": {"hosts": ["shop.example.org"], "tls": [{"secretName": "tls"}]},
    "services.kubia.files": {"/etc/shop": "hello"},
    "services.kubia.pod": {
        "serviceAccount": {"annotations": {"example.org/note": "hello"}},
        "volumes": {"data": {"claim": {"storage": "1Gi"}}},
    },
    "jobs": {"migrate": {"image": "kubia:v1"}},
    "cronJobs": {"backup": {"image": "kubia:v1", "schedule": "0 3 * * *"}},
}
"""What a stack file can declare beside what dev has: one object of each kind."""
SECONDS = float(os.environ.get("SECONDS", "15"))
"""For each stack; `make soak` takes as long as all paths by all ways need."""
ALL = "SECONDS" in os.environ


@pytest.fixture(name="connection")
def _connection(simulated: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setenv("KUBECONFIG", str(simulated.kubeconfig))
    with connect(simulated.name) as connection:
        yield connection


def served(connection: Connection, versions: set[str]) -> Schemas:
    """Return the schemas that the cluster serves of these versions."""
    definitions: dict[str, Any] = {}
    for version in versions:
        where = f"apis/{version}" if "/" in version else f"api/{version}"
        answer = connection.request("GET", f"/openapi/v3/{where}")
        document = json.loads(answer) if isinstance(answer, str) else answer
        definitions |= document["components"]["schemas"]
    return Schemas(definitions)


@pytest.fixture(name="declared", params=["dev", "prod", "every kind"])
def _declared(
    request: pytest.FixtureRequest,
    simulated: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> DesiredState:
    """Lend what a stack declares: of the project's (staging has dev's kinds), or of every kind."""
    project, stack = Project.copy(tmp_path / "kubia", simulated), request.param
    if stack == "every kind":
        stack = "dev"
        project.change(stack, EVERY)
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
        done = project.kubia(
            "secret", "set", "TOKEN", "--service", "kubia", "--stack", stack, stdin="swordfish\n"
        )
        assert done.code == 0, done.text
    opened = stackfile.stack(stackfile.project(project.folder), stack)
    return KubectlEngine(Session(opened, "kubectl", simulated.name)).desired


@pytest.mark.timeout(0)
def test_every_path_that_a_stranger_sets_is_seen_or_stands_in_the_table(
    connection: Connection, declared: DesiredState
) -> None:
    api, desired = Api(connection), declared
    for manifest in desired.manifests:
        api.apply(desired.applied(manifest))
    try:
        live = [(manifest, api.get(manifest.key)) for manifest in desired.manifests]
        pairs = [(manifest, item) for manifest, item in live if item]
        schemas = served(connection, {item["apiVersion"] for _, item in pairs})
        every = strangers.cases(schemas, pairs, each_way=ALL)
        tally = strangers.meet(api, desired, schemas, every, SECONDS)
    finally:
        space = next(item for item in desired.manifests if item.key.kind == "Namespace").key
        if current := api.get(space):
            api.delete(space, current["metadata"]["uid"])
        # Until it has gone, no other test can bring the stack up.
        eventually(lambda: api.get(space) is None, "the namespace has gone")
    kinds = sorted({manifest.key.kind for manifest in desired.manifests})
    print(f"{', '.join(kinds)}: {tally}")  # noqa: T201 - how much was tried is the point
    assert tally.missed == []
    assert tally.counts["seen"] > tally.counts["left alone"]
