"""kubia.drift.rights: who else gives rights to an account of the stack."""

from typing import Any

from kubia.drift import rights
from kubia.drift.model import Drifted
from kubia.program.objects import ObjectRef
from tests.unit.live_objects import entry


def binding(
    name: str, *subjects: tuple[str, str], namespace: str = "", role: str = "cluster-admin"
) -> dict[str, Any]:
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    place = {"namespace": namespace} if namespace else {}
    return {
        "apiVersion": f"{rights.RBAC}/v1",
        "kind": kind,
        "metadata": {
            "name": name,
            **place,
            "managedFields": [entry("thief", "2026-01-02T00:00:00Z", {"f:subjects": {}})],
        },
        "roleRef": {"kind": "ClusterRole", "name": role},
        "subjects": [
            {"kind": kind, "name": account, **({"namespace": "shop"} if kind[0] == "S" else {})}
            for kind, account in subjects
        ],
    }


WATCHER = ("ServiceAccount", "watcher")
EVERYBODY = ("Group", "system:serviceaccounts")


class Bindings:
    """An Api that lists bindings."""

    def __init__(self, *objects: dict[str, Any]) -> None:
        self.objects = objects

    def kind(self, _group: str, kind: str) -> str:
        return kind

    def list(self, kind: str) -> list[dict[str, Any]]:
        return [item for item in self.objects if item["kind"] == kind]


def test_a_binding_that_the_stack_does_not_declare_widens_its_accounts_rights() -> None:
    account = ObjectRef("", "ServiceAccount", "shop", "watcher")
    bindings = Bindings(
        binding("declared", WATCHER, namespace="shop"),
        binding("elsewhere", WATCHER, namespace="other"),
        binding("admin", ("User", "watcher"), WATCHER),
        binding("all-of-the-shop", ("Group", "system:serviceaccounts:shop")),
        binding("others", ("ServiceAccount", "somebody"), ("Group", "system:masters")),
        binding("system:discovery", EVERYBODY, role="system:discovery"),
        binding("system:node-proxier", WATCHER),
        binding("by-name", ("User", "system:serviceaccount:shop:watcher")),
        binding("system:basic-user", EVERYBODY),
        binding("everybody", ("Group", "system:authenticated")),
    )
    declared = frozenset({ObjectRef(rights.RBAC, "RoleBinding", "shop", "declared")})

    findings = rights.find(bindings, [account], declared)[account]  # type: ignore[arg-type]

    assert [item.text.partition(" gives")[0] for item in findings] == [
        "ClusterRoleBinding admin",
        "ClusterRoleBinding all-of-the-shop",
        "ClusterRoleBinding system:node-proxier",
        "ClusterRoleBinding by-name",
        "ClusterRoleBinding system:basic-user",
        "ClusterRoleBinding everybody",
        "RoleBinding other/elsewhere",
    ]
    assert findings[0].text == (
        "ClusterRoleBinding admin gives it the rights of ClusterRole cluster-admin "
        "and belongs to nothing that the stack declares"
    )
    assert findings[3].text == (
        "ClusterRoleBinding by-name gives it the rights of ClusterRole cluster-admin, as User "
        "system:serviceaccount:shop:watcher, and belongs to nothing that the stack declares"
    )
    assert {str(item.owner) for item in findings} == {"thief (Update, 2026-01-02T00:00:00Z)"}
    assert not Drifted(account, tuple(findings), {}, {}).is_reparable
