"""kubia.drift.added: what others added where nobody but us should."""

from typing import Any

import pytest

from kubia.drift import added, rights, text
from kubia.drift.model import Drifted
from kubia.program.objects import ObjectRef
from tests.unit.live_objects import EDITED, entry

DEPLOYMENT = ObjectRef("apps", "Deployment", "shop", "web")


@pytest.mark.parametrize("strict", [False, True])
def test_what_others_added_to_our_containers_is_drift_and_their_own_a_warning(
    strict: bool,  # noqa: FBT001 - a parameter
) -> None:
    findings = tuple(added.find(DEPLOYMENT, EDITED, EDITED, strict=strict))

    by = "— by kubectl-edit (Update, 2026-01-02T00:00:00Z)"
    where = "spec.template.spec.containers"
    sign = "~" if strict else "!"
    assert list(text.lines([Drifted(DEPLOYMENT, findings, {}, EDITED)])) == [
        "  ~ Deployment shop/web",
        f"      ~ added: {where}[web].command: [sh] {by}",
        f"      ~ added: {where}[web].env: [{{name: EVIL, value: '1'}}] {by}",
        f"      {sign} unowned container: {where}[mesh]: {{image: 'mesh:1', name: mesh}} {by}",
        f"drift (live → declared): {3 if strict else 2} in 1 object",
    ]


def test_rules_that_a_cluster_role_shall_gather_are_drift_as_a_whole() -> None:
    everything: dict[str, Any] = {"clusterRoleSelectors": [{}]}
    owned: dict[str, Any] = {"f:aggregationRule": {".": {}, "f:clusterRoleSelectors": {}}}
    live = {
        "kind": "ClusterRole",
        "metadata": {"managedFields": [entry("thief", "2026-01-02T00:00:00Z", owned)]},
        "aggregationRule": everything,
        "rules": [],
    }
    key = ObjectRef(rights.RBAC, "ClusterRole", "", "watcher")

    (finding,) = added.find(key, live, {"metadata": {}}, strict=False)

    assert (finding.steps, finding.live) == (("aggregationRule",), everything)
    assert str(finding.owner) == "thief (Update, 2026-01-02T00:00:00Z)"
