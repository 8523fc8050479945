"""Drift: what counts, what is only told, and who did it."""

from typing import Any

import pytest

from kubia.apply import wait
from kubia.apply.api import Api
from kubia.console import Progress
from kubia.drift import added, detect, report, rights, traffic
from kubia.drift.repair import repair
from kubia.drift.report import Drifted, Finding
from kubia.live import managed_fields
from kubia.program.objects import ObjectRef
from tests.unit.apiserver import Server
from tests.unit.apply.test_execute import shop, target, up
from tests.unit.releasing import SPACE

WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
DEPLOYMENT = ObjectRef("apps", "Deployment", "shop", "web")


def entry(manager: str, time: str, fields: dict[str, Any], operation: str = "Update") -> Any:
    return {"manager": manager, "operation": operation, "time": time, "fieldsV1": fields}


def in_template(fields: dict[str, Any]) -> dict[str, Any]:
    return {"f:spec": {"f:template": {"f:spec": {"f:containers": fields}}}}


OURS = in_template({'k:{"name":"web"}': {".": {}, "f:name": {}, "f:image": {}}})
LIVE: dict[str, Any] = {
    "kind": "Deployment",
    "metadata": {
        "name": "web",
        "managedFields": [
            entry("kubia", "2026-01-01T00:00:00Z", OURS, "Apply"),
            entry(
                "kubectl-edit",
                "2026-01-02T00:00:00Z",
                in_template(
                    {
                        'k:{"name":"web"}': {
                            "f:image": {},
                            "f:command": {},
                            "f:env": {".": {}, 'k:{"name":"EVIL"}': {".": {}, "f:name": {}}},
                        },
                        'k:{"name":"mesh"}': {".": {}, "f:name": {}, "f:image": {}},
                    }
                ),
            ),
            entry("scaler", "2026-01-03T00:00:00Z", {"f:spec": {"f:replicas": {}}}),
            entry(
                "kubectl-rollout",
                "2026-01-03T00:00:00Z",
                {"f:spec": {"f:template": {"f:metadata": {"f:annotations": {"f:at": {}}}}}},
            ),
            {
                **entry("controller", "2026-01-04T00:00:00Z", {"f:status": {}}),
                "subresource": "status",
            },
        ],
    },
    "spec": {
        "replicas": 4,
        "template": {
            "metadata": {"annotations": {"at": "noon"}},
            "spec": {
                "containers": [
                    {
                        "name": "web",
                        "image": "evil",
                        "command": ["sh"],
                        "env": [{"name": "EVIL", "value": "1"}],
                    },
                    {"name": "mesh", "image": "mesh:1"},
                ]
            },
        },
    },
}
EDITOR = managed_fields.Owner("kubectl-edit", "Update", "2026-01-02T00:00:00Z")


def test_the_owner_of_a_field_is_whoever_else_set_it() -> None:
    path = ("spec", "template", "spec", "containers", "web")

    assert managed_fields.of_field(LIVE, (*path, "image")) == EDITOR
    assert managed_fields.of_field(LIVE, (*path, "command", 0)) == EDITOR
    assert str(managed_fields.of_field(LIVE, ("spec", "replicas"))) == (
        "scaler (Update, 2026-01-03T00:00:00Z)"
    )
    assert managed_fields.of_field(LIVE, ("metadata", "labels", "a")) is None
    assert managed_fields.of_field(LIVE, (*path, "name")) == managed_fields.Owner(
        "kubia", "Apply", "2026-01-01T00:00:00Z"
    )
    last = managed_fields.last_other(LIVE)
    assert last is not None
    assert last.manager == "scaler"


@pytest.mark.parametrize("strict", [False, True])
def test_what_others_added_to_our_containers_is_drift_and_their_own_a_warning(
    strict: bool,  # noqa: FBT001 (a parameter)
) -> None:
    found = tuple(added.find(DEPLOYMENT, LIVE, LIVE, strict=strict))

    by = "— by kubectl-edit (Update, 2026-01-02T00:00:00Z)"
    where = "spec.template.spec.containers"
    sign = "~" if strict else "!"
    assert list(report.lines([Drifted(DEPLOYMENT, found, {}, LIVE)])) == [
        "  ~ Deployment shop/web",
        f"      ~ added: {where}[web].command: [sh] {by}",
        f"      ~ added: {where}[web].env: [{{name: EVIL, value: '1'}}] {by}",
        f"      {sign} unowned container: {where}[mesh]: {{image: 'mesh:1', name: mesh}} {by}",
        f"drift (live → declared): {3 if strict else 2} in 1 object",
    ]


def test_nothing_found_is_told() -> None:
    assert list(report.lines([])) == ["no drift"]


def test_what_is_changed_or_missing_is_found_and_repaired(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "SETTLED", 0.0)
    server = Server()
    server_api = Api(server)  # type: ignore[arg-type]
    up(server, shop())
    wanted = target(shop())
    server.objects[WEB]["spec"]["image"] = "evil"
    del server.objects[f"{SPACE}/configmaps/x"]
    server.writes.clear()

    found = detect.find(server_api, wanted)

    assert server.writes == []
    assert list(report.lines(found)) == [
        "  ~ ConfigMap shop/x",
        "      ~ is missing",
        "  ~ Deployment shop/web",
        "      ~ changed: spec.image: evil → a",
        "drift (live → declared): 2 in 2 objects",
    ]
    assert report.as_json("dev", found)["drift"] == 2
    repair(server_api, wanted, found, Progress(None))
    assert server.writes == [f"apply {SPACE}/configmaps/x", f"apply {WEB}"]
    assert detect.find(server_api, wanted) == []


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

    found = list(traffic.find(Pods(), key, service, frozenset({"web"})))  # type: ignore[arg-type]

    assert [str(item.owner) for item in found] == ["thief (Update, 2026-01-02T00:00:00Z)"] * 2
    assert found[0].text == (
        "pod other steals traffic: it matches the selector (app=web) and belongs to none of the "
        "stack's workloads"
    )
    assert not Drifted(key, tuple(found), {}, service).is_reparable
    assert list(traffic.find(Pods(), key, {"spec": {}}, frozenset())) == []  # type: ignore[arg-type]


def test_added_fields_are_removed_from_the_last_to_the_first() -> None:
    sent: list[Any] = []

    class Recording(Server):
        def request(self, *asked: Any, **more: Any) -> Any:
            if asked[-1] == "application/json-patch+json":
                sent.append(asked[3])
                return {}
            return super().request(*asked, **more)

    server = Recording()
    server_api = Api(server)  # type: ignore[arg-type]
    up(server, shop())
    live = server.objects[WEB]
    live["metadata"]["resourceVersion"] = "7"
    findings = tuple(
        Finding("added", path="x", steps=steps)
        for steps in (("spec", "a", 0), ("spec", "a", 1), ("spec", "b/c"))
    )
    drifted = Drifted(DEPLOYMENT, findings, live, live)

    repair(server_api, target(shop()), [drifted], Progress(None))

    assert sent == [
        [
            {"op": "test", "path": "/metadata/resourceVersion", "value": "7"},
            {"op": "remove", "path": "/spec/a/1"},
            {"op": "remove", "path": "/spec/a/0"},
            {"op": "remove", "path": "/spec/b~1c"},
        ]
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

    (found,) = added.find(key, live, {"metadata": {}}, strict=False)

    assert (found.steps, found.live) == (("aggregationRule",), everything)
    assert str(found.owner) == "thief (Update, 2026-01-02T00:00:00Z)"


def binding(name: str, *subjects: tuple[str, str], namespace: str = "") -> dict[str, Any]:
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
        "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [
            {"kind": kind, "name": found, **({"namespace": "shop"} if kind[0] == "S" else {})}
            for kind, found in subjects
        ],
    }


WATCHER = ("ServiceAccount", "watcher")
EVERYBODY = ("Group", "system:serviceaccounts")


class Bindings:
    """An Api that lists bindings."""

    def __init__(self, *found: dict[str, Any]) -> None:
        self.found = found

    def kind(self, _group: str, kind: str) -> str:
        return kind

    def list(self, kind: str) -> list[dict[str, Any]]:
        return [item for item in self.found if item["kind"] == kind]


def test_a_binding_that_the_stack_does_not_declare_widens_its_accounts_rights() -> None:
    account = ObjectRef("", "ServiceAccount", "shop", "watcher")
    bindings = Bindings(
        binding("declared", WATCHER, namespace="shop"),
        binding("elsewhere", WATCHER, namespace="other"),
        binding("admin", ("User", "watcher"), WATCHER),
        binding("all-of-the-shop", ("Group", "system:serviceaccounts:shop")),
        binding("others", ("ServiceAccount", "somebody"), ("Group", "system:masters")),
        binding("system:public-info-viewer", EVERYBODY),
        binding("system:node-proxier", WATCHER),
    )
    declared = frozenset({ObjectRef(rights.RBAC, "RoleBinding", "shop", "declared")})

    found = list(rights.find(bindings, account, declared))  # type: ignore[arg-type]

    assert [item.text.partition(" gives")[0] for item in found] == [
        "ClusterRoleBinding admin",
        "ClusterRoleBinding all-of-the-shop",
        "ClusterRoleBinding system:node-proxier",
        "RoleBinding other/elsewhere",
    ]
    assert found[0].text == (
        "ClusterRoleBinding admin gives it the rights of ClusterRole cluster-admin "
        "and belongs to nothing that the stack declares"
    )
    assert {str(item.owner) for item in found} == {"thief (Update, 2026-01-02T00:00:00Z)"}
    assert not Drifted(account, tuple(found), {}, {}).is_reparable
