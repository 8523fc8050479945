"""kubia.apply.leftovers: a namespace that holds others' objects is not deleted with them."""

from typing import Any

from kubia.apply import execute, leftovers, text
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
    deletions = execute.removal(api(server), declared)
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


def test_a_long_list_is_cut() -> None:
    names = [f"ConfigMap a{number}" for number in range(12)]

    sentence = leftovers.sentence(SHOP, names, leftovers.GOES)

    assert sentence.startswith("Namespace shop goes with what is not the stack's: ConfigMap a0, ")
    assert sentence.endswith("ConfigMap a9 and 2 more")
