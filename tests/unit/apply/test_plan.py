"""kubia.apply.plan: what the API server would do of a plan, before anything of it is done."""

from dataclasses import replace
from typing import Any

import pulumi_kubernetes as k8s
import pytest

from kubia.apply import applyset, plan, text
from kubia.apply.api import Api
from kubia.apply.connection import ApiError
from kubia.apply.errors import RefusedError
from kubia.console import Progress
from kubia.drift import detect
from kubia.drift.repair import repair
from kubia.errors import InvalidError, KubiaError
from tests.unit.apiserver import Server, labelled
from tests.unit.applying import MAPS, SPACE, Main, desired, shop, up, web


@pytest.fixture(name="server")
def _server() -> Server:
    return Server()


def test_one_invalid_object_and_nothing_is_changed(server: Server) -> None:
    with pytest.raises(RefusedError) as caught:
        up(server, shop(replicas=-1))

    assert str(caught.value) == (
        "nothing was changed:\n  Deployment shop/web: spec.replicas must not be negative"
    )
    assert server.writes == []


def test_kinds_that_the_cluster_does_not_know_are_named_at_once_and_nothing_is_changed(
    server: Server,
) -> None:
    outside: Any = {"route": {"parent_refs": [{"name": "gw"}]}, "monitor": {}}

    with pytest.raises(KubiaError) as caught:
        up(server, web(**outside))

    assert str(caught.value) == (
        "the cluster of context 'fake' knows no kind 'HTTPRoute' in the API group "
        "'gateway.networking.k8s.io' and no kind 'ServiceMonitor' in the API group "
        "'monitoring.coreos.com': install their definitions first."
    )
    assert server.writes == []


def test_an_object_of_ours_that_lost_its_label_is_to_be_put_back_by_a_repair(
    server: Server,
) -> None:
    up(server, shop())
    for path in (SPACE, f"{MAPS}/x"):
        del server.objects[path]["metadata"]["labels"]

    with pytest.raises(RefusedError) as caught:
        up(server, shop())

    assert str(caught.value).splitlines() == [
        "nothing was changed:",
        *(
            f"  {key} was applied by kubia and has lost its label {applyset.PART_OF}: if it is "
            "this stack's, put that back by `kubia drift --repair`; otherwise rename it here."
            for key in ("Namespace shop", "ConfigMap shop/x")
        ),
    ]
    repair(Api(server), detect.find(Api(server), desired(shop())), Progress(None))  # type: ignore[arg-type]
    assert up(server, shop()).is_empty


def test_an_object_that_would_lie_where_the_record_does_is_refused_and_nothing_is_changed(
    server: Server,
) -> None:
    with pytest.raises(InvalidError) as caught:
        up(server, shop(maps=["x", "kubia-dev"]))

    assert str(caught.value) == (
        "resource 'kubia-dev' (kubernetes:core/v1:ConfigMap) declares ConfigMap shop/kubia-dev, in "
        "which the kubectl engine keeps what belongs to stack dev: rename it."
    )
    assert server.writes == []


def service(name: str, port: int) -> Main:
    """Return a program: a namespace and a Service on a node port."""

    def main() -> None:
        k8s.core.v1.Namespace("shop", metadata={"name": "shop"})
        spec: Any = {"type": "NodePort", "ports": [{"port": 80, "nodePort": port}]}
        k8s.core.v1.Service(name, metadata={"name": name, "namespace": "shop"}, spec=spec)

    return main


@pytest.mark.parametrize(
    ("port", "advice"),
    [
        (
            30080,
            (
                "Service shop/old, which this stack no longer declares, has it; choose another "
                "port, or run a `kubia up` first in which old has another or is gone."
            ),
        ),
        (30081, "already allocated; choose another port, or, if it is this stack's own in the "),
    ],
    ids=["our own that goes", "somebody's"],
)
def test_of_a_port_that_a_service_of_ours_has_is_said_how_that_is_freed(
    server: Server, port: int, advice: str
) -> None:
    up(server, service("old", 30080))
    server.taken.add(port)

    with pytest.raises(RefusedError) as caught:
        up(server, service("new", port))

    assert "Service shop/new: spec.ports[0].nodePort: provided port is already" in str(caught.value)
    assert advice in str(caught.value)


def test_an_object_of_somebody_else_is_taken_over_on_request_only(server: Server) -> None:
    server.put("v1", "ConfigMap", f"{MAPS}/x", {"name": "x", "namespace": "shop"})

    with pytest.raises(RefusedError) as caught:
        up(server, shop())

    assert str(caught.value) == (
        "nothing was changed:\n"
        "  ConfigMap shop/x exists and was not made by this stack: rename it here, or take it "
        "over by --force-conflicts."
    )
    assert len(up(server, shop(), force=True).of("update")) == 1


def test_an_object_of_another_stack_is_refused(server: Server) -> None:
    metadata = {"name": "x", "namespace": "shop", "labels": labelled("applyset-other-v1")}
    server.put("v1", "ConfigMap", f"{MAPS}/x", metadata)

    with pytest.raises(RefusedError) as caught:
        up(server, shop())

    assert str(caught.value) == (
        "nothing was changed:\n"
        "  ConfigMap shop/x belongs to another stack or tool (label "
        "applyset.kubernetes.io/part-of=applyset-other-v1): remove it there, or rename it here."
    )


def test_a_copied_stack_file_with_the_same_namespace_is_refused_in_one_sentence(
    server: Server,
) -> None:
    up(server, shop())
    parent = applyset.parent("kubia", "copy", "shop")
    copied = replace(desired(shop()), stack="copy", parent=parent)

    with pytest.raises(InvalidError) as caught:
        plan.make(Api(server), copied)  # type: ignore[arg-type]

    assert str(caught.value) == (
        "namespace shop is that of stack 'dev': give stack 'copy' one of its own, by "
        "kubia:namespace in its file."
    )


def test_a_stack_of_the_same_name_is_told_by_its_project(server: Server) -> None:
    up(server, shop())
    parent = applyset.parent("copy", "dev", "shop")

    with pytest.raises(InvalidError) as caught:
        plan.make(Api(server), replace(desired(shop()), project="copy", parent=parent))  # type: ignore[arg-type]

    assert str(caught.value) == (
        "namespace shop is that of stack 'dev' of project 'kubia': give stack 'dev' one of its "
        "own, by copy:namespace in its file."
    )


def test_what_only_carries_our_label_is_kept_and_shown(server: Server) -> None:
    up(server, shop())
    ours = labelled(applyset.parent("kubia", "dev", "shop").id)
    metadata = {"name": "z", "namespace": "shop", "labels": ours}
    server.put("v1", "ConfigMap", f"{MAPS}/z", metadata)

    planned = up(server, shop())

    assert f"{MAPS}/z" in server.objects
    assert next(iter(text.lines(planned))) == (
        "  ! ConfigMap shop/z is kept: it carries the stack's label but is not ours"
    )


def test_nothing_is_brought_into_a_namespace_that_is_being_deleted(server: Server) -> None:
    up(server, shop())
    space = server.objects[SPACE]
    space["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    left = "Some resources are remaining: pods. has 1 resource instances"
    space["status"] = {
        "conditions": [
            {"type": "NamespaceDeletionContentFailure", "status": "False", "message": "no"},
            {"type": "NamespaceContentRemaining", "status": "True", "message": left},
        ]
    }

    with pytest.raises(RefusedError) as caught:
        up(server, shop())

    assert str(caught.value) == (
        f"nothing was changed:\n  namespace shop is being deleted ({left}): "
        "run it again once it is gone."
    )


class OneNamespace(Server):
    """Gives rights in one namespace alone."""

    def request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
        """Refuse whatever lies in no namespace, or in all."""
        if "/namespaces/shop/" not in path and path not in {"/api", "/apis"}:
            raise ApiError(403, {"message": f"{path} is forbidden"})
        return super().request(method, path, *rest, **more)


def test_rights_in_one_namespace_are_enough_for_a_stack_in_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def main() -> None:
        k8s.core.v1.ConfigMap("x", metadata={"name": "x", "namespace": "shop"}, data={"a": "b"})

    server = OneNamespace()
    server.put("v1", "Namespace", SPACE, {"name": "shop"})

    up(server, main)
    again = up(server, main)

    assert f"{MAPS}/x" in server.objects
    assert again.changes == () or {change.action for change in again.changes} == {"unchanged"}
    said = "rights in shop alone: what the stack had in other namespaces is not seen"
    assert said in capsys.readouterr().err


def test_a_namespace_that_nobody_declares_must_exist(server: Server) -> None:
    def main() -> None:
        k8s.core.v1.ConfigMap("x", metadata={"name": "x", "namespace": "nowhere"})

    with pytest.raises(RefusedError) as caught:
        up(server, main)

    assert str(caught.value) == (
        "nothing was changed:\n"
        "  namespace 'nowhere' does not exist and the program does not declare it: declare it, "
        "or create it first."
    )
