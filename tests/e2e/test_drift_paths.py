"""Drift sees each path of Kubernetes' own schema that strangers set, or its table says why not.

On a real API server, which refuses what is not legal; all of it as dry runs.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubia.actions.kubectl import KubectlEngine
from kubia.apply.api import Api
from kubia.apply.connection import Connection, connect
from kubia.project import stackfile
from kubia.session import Session
from tests import strangers
from tests.e2e.harness import Cluster
from tests.schema_paths import Schemas

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]
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


@pytest.mark.timeout(0)
@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_every_path_that_a_stranger_sets_is_seen_or_stands_in_the_table(
    simulated: Cluster, connection: Connection, stack: str
) -> None:
    api = Api(connection)
    opened = stackfile.stack(stackfile.project(ROOT), stack)
    desired = KubectlEngine(Session(opened, "kubectl", simulated.name)).desired
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
    print(f"{stack}: {tally}")  # noqa: T201 - how much was tried is the point
    assert tally.missed == []
    assert tally.counts["seen"] > tally.counts["left alone"]
