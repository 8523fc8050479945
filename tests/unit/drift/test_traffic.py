"""kubia.drift.traffic: pods of others behind a Service of the stack."""

from typing import Any

from kubia.drift import traffic
from kubia.drift.model import Drifted
from kubia.program.objects import ObjectRef
from tests.unit.live_objects import entry


def pod(name: str, owner: str) -> dict[str, Any]:
    reference = [{"uid": owner, "controller": True}] if owner else []
    fields: dict[str, Any] = {"f:metadata": {"f:labels": {"f:app": {}}}}
    return {
        "metadata": {
            "name": name,
            "labels": {"app": "web"},
            "ownerReferences": reference,
            "managedFields": [entry("thief", "2026-01-02T00:00:00Z", fields)],
        }
    }


class Pods:
    """An Api that lists pods and replica sets."""

    def kind(self, _group: str, kind: str) -> str:
        return kind

    def list(self, kind: str, _namespace: str, _selector: str = "") -> list[dict[str, Any]]:
        if kind == "Pod":
            return [pod("ours", "set"), pod("other", "foreign"), pod("bare", "")]
        return [
            {
                "metadata": {
                    "uid": "set",
                    "ownerReferences": pod("", "web")["metadata"]["ownerReferences"],
                }
            }
        ]


def test_foreign_pods_behind_a_service_steal_traffic() -> None:
    service = {"spec": {"selector": {"app": "web"}}}
    key = ObjectRef("", "Service", "shop", "web")

    findings = list(traffic.find(Pods(), key, service, frozenset({"web"})))  # type: ignore[arg-type]

    assert [str(item.owner) for item in findings] == ["thief (Update, 2026-01-02T00:00:00Z)"] * 2
    assert findings[0].text == (
        "pod other steals traffic: it matches the selector (app=web) and belongs to none of the "
        "stack's workloads"
    )
    assert not Drifted(key, tuple(findings), {}, service).is_reparable
    assert list(traffic.find(Pods(), key, {"spec": {}}, frozenset())) == []  # type: ignore[arg-type]
