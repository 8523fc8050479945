"""kubia.drift.traffic: what of others stands behind a Service of the stack."""

from collections.abc import Sequence
from typing import Any

from kubia.drift import traffic
from kubia.drift.model import Drifted
from kubia.drift.neighbours import Neighbours
from kubia.program.objects import ObjectRef
from tests.unit.live_objects import entry

SERVICE = {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}}}
KEY = ObjectRef("", "Service", "shop", "web")


def pod(name: str, owner: str) -> dict[str, Any]:
    reference = [{"uid": owner, "name": owner, "controller": True}] if owner else []
    fields: dict[str, Any] = {"f:metadata": {"f:labels": {"f:app": {}}}}
    return {
        "metadata": {
            "name": name,
            "uid": name,
            "labels": {"app": "web"},
            "ownerReferences": reference,
            "managedFields": [entry("thief", "2026-01-02T00:00:00Z", fields)],
        }
    }


def endpoint_slice(name: str, keeper: str, service: str = "web") -> dict[str, Any]:
    labels = {traffic.OF_SERVICE: service, traffic.MANAGED_BY: keeper}
    written = [entry("thief", "2026-01-02T00:00:00Z", {"f:endpoints": {}})]
    return {
        "metadata": {"name": name, "labels": labels, "managedFields": written},
        "endpoints": [{"addresses": ["10.0.0.9"]}],
    }


def around(*slices: dict[str, Any], pods: Sequence[dict[str, Any]] = ()) -> Neighbours:
    return Neighbours(pods, [pod("set", "web")], [], slices)


def test_foreign_pods_behind_a_service_steal_traffic() -> None:
    beside = around(pods=[pod("ours", "set"), pod("other", "foreign"), pod("bare", "")])

    findings = list(traffic.find(SERVICE, SERVICE, beside, frozenset({"web"})))

    assert [item.by for item in findings] == ["by thief (Update, 2026-01-02T00:00:00Z)"] * 2
    assert findings[0].text == (
        "pod other steals traffic: it matches the selector (app=web) and belongs to none of the "
        "stack's workloads"
    )
    assert not Drifted(KEY, tuple(findings), {}, SERVICE).is_reparable
    nobody: dict[str, Any] = {"metadata": {"name": "web"}, "spec": {}}
    assert list(traffic.find(nobody, nobody, beside, frozenset())) == []


def test_addresses_that_no_selector_chose_steal_traffic() -> None:
    beside = around(
        endpoint_slice("kept", traffic.CONTROLLER),
        endpoint_slice("thief", "somebody"),
        endpoint_slice("elsewhere", "somebody", "other"),
    )

    (finding,) = traffic.find(SERVICE, SERVICE, beside, frozenset())

    assert finding.text == (
        "EndpointSlice thief steals traffic: it sends the Service's requests to 10.0.0.9, and no "
        "selector made it"
    )
    assert finding.by == "by thief (Update, 2026-01-02T00:00:00Z)"
