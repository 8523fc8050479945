"""kubia.apply.leftovers: a namespace that holds others' objects is not deleted with them."""

from typing import Any

import pytest

from kubia.apply import execute, leftovers, plan, text
from kubia.console import Progress
from kubia.program.objects import ObjectRef
from tests.unit.apiserver import Server
from tests.unit.applying import MAPS, SPACE, WEB, api, desired, shop, up

SHOP = ObjectRef("", "Namespace", "", "shop")


def theirs(server: Server, name: str, **metadata: Any) -> None:
    """Make an object of somebody else in the stack's namespace."""
    own = {"name": name, "namespace": "shop", **metadata}
    server.put("v1", "ConfigMap", f"{MAPS}/{name}", own, data={})


def removed(server: Server) -> dict[ObjectRef, list[str]]:
    """Take the stack down as `down` does; return what is said to be others'."""
    declared = desired(shop())
    deletions = execute.removal(api(server), declared).changes
    shared = leftovers.of(api(server), declared, deletions)
    going = [change for change in deletions if change.key not in shared]
    execute.remove(api(server), declared, going, Progress(None))
    return dict(shared)


def test_what_others_have_in_a_namespace_keeps_it() -> None:
    server = Server()
    up(server, shop())
    theirs(server, "theirs")
    owner = server.objects[f"{MAPS}/theirs"]["metadata"]
    theirs(server, "made-from-it", ownerReferences=[{"uid": owner["uid"], "name": "theirs"}])

    assert removed(server) == {SHOP: ["ConfigMap theirs"]}
    assert SPACE in server.objects
    assert f"{MAPS}/theirs" in server.objects
    assert WEB not in server.objects
    assert f"{MAPS}/x" not in server.objects
    assert f"{MAPS}/kubia-dev" not in server.objects


def test_what_the_cluster_puts_into_every_namespace_does_not() -> None:
    server = Server()
    up(server, shop())
    theirs(server, "kube-root-ca.crt")

    assert removed(server) == {}
    assert SPACE not in server.objects


def test_a_stack_that_moves_leaves_the_namespace_to_those_who_are_in_it() -> None:
    server = Server()
    up(server, shop())
    theirs(server, "theirs")

    def elsewhere() -> None:
        import pulumi_kubernetes as k8s  # noqa: PLC0415 - a program of its own

        k8s.core.v1.Namespace("other", metadata={"name": "other"})

    planned = up(server, elsewhere, namespace="other")

    note = "  ! Namespace shop is kept, for it holds what is not the stack's: ConfigMap theirs"
    assert note in list(text.lines(planned))
    assert SPACE in server.objects
    assert WEB not in server.objects


class Busy(Server):
    """Lets somebody else come into the stack's namespace as soon as `trigger` is written to."""

    trigger = ""

    def request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
        """Answer, and then let them come."""
        answer = super().request(method, path, *rest, **more)
        if self.trigger and path == self.trigger and method != "GET":
            self.trigger = ""
            theirs(self, "theirs")
        return answer


def test_who_comes_in_while_down_asks_keeps_the_namespace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = Server()
    up(server, shop())
    declared = desired(shop())
    deletions = execute.removal(api(server), declared).changes
    theirs(server, "theirs")

    done = execute.remove(api(server), declared, deletions, Progress(None))

    assert SHOP not in {change.key for change in done}
    assert f"{MAPS}/theirs" in server.objects
    assert not {WEB, f"{MAPS}/x", f"{MAPS}/kubia-dev"} & server.objects.keys()
    said = "  ! Namespace shop is kept, for it holds what is not the stack's: ConfigMap theirs\n"
    assert said in capsys.readouterr().err


def test_who_is_told_to_go_with_the_namespace_goes_whenever_they_came() -> None:
    server = Server()
    up(server, shop())
    declared = desired(shop())
    deletions = execute.removal(api(server), declared).changes
    theirs(server, "theirs")

    execute.remove(api(server), declared, deletions, Progress(None), delete_shared=True)

    assert SPACE not in server.objects


def test_who_comes_in_while_a_stack_moves_keeps_the_namespace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = Busy()
    up(server, shop())

    def elsewhere() -> None:
        import pulumi_kubernetes as k8s  # noqa: PLC0415 - a program of its own

        k8s.core.v1.Namespace("other", metadata={"name": "other"})

    planned = plan.make(api(server), desired(elsewhere, "other"))
    assert planned.shared == ()
    server.trigger = "/api/v1/namespaces/other"
    execute.apply(api(server), planned, Progress(None))

    assert f"{MAPS}/theirs" in server.objects
    assert not {WEB, f"{MAPS}/x", f"{MAPS}/kubia-dev"} & server.objects.keys()
    assert "Namespace shop is kept, for it holds" in capsys.readouterr().err
    del server.objects[f"{MAPS}/theirs"]
    up(server, elsewhere, namespace="other")
    assert SPACE not in server.objects


def test_a_kind_whose_definition_has_gone_with_the_stack_keeps_nothing() -> None:
    server = Server()
    up(server, shop())
    declared = desired(shop())
    deletions = execute.removal(api(server), declared).changes
    known = api(server)
    server.kinds = tuple(kind for kind in server.kinds if kind[1] != "CronJob")

    execute.remove(known, declared, deletions, Progress(None))

    assert SPACE not in server.objects


def test_a_long_list_is_cut() -> None:
    names = [f"ConfigMap a{number}" for number in range(12)]

    sentence = leftovers.sentence(SHOP, names, leftovers.GOES)

    assert sentence.startswith("Namespace shop goes with what is not the stack's: ConfigMap a0, ")
    assert sentence.endswith("ConfigMap a9 and 2 more")
