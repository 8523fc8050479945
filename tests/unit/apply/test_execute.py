"""The kubectl engine against an API server in memory: what is written, and in which order."""

from dataclasses import replace
from typing import Any

import pulumi_kubernetes as k8s
import pytest

from kubia.apply import applyset, execute, plan, text
from kubia.apply.model import DesiredState
from kubia.apply.wait import RolloutError
from kubia.console import Progress
from kubia.errors import InvalidError, KubiaError
from tests.unit import applied
from tests.unit.apiserver import Server
from tests.unit.applying import AT_ONCE, MAPS, SPACE, WEB, Main, api, desired, shop, up

PARENT = f"{MAPS}/kubia-dev"


@pytest.fixture(name="server")
def _server() -> Server:
    return Server()


def test_the_parent_knows_the_kinds_before_the_objects_come(server: Server) -> None:
    up(server, shop())

    assert server.writes[:2] == [f"apply {SPACE}", f"apply {PARENT}"]
    assert sorted(server.writes[2:4]) == [f"apply {MAPS}/x", f"apply {MAPS}/y"]
    assert server.writes[4:] == [f"apply {WEB}"]


def test_an_unchanged_up_writes_nothing(server: Server) -> None:
    up(server, shop())

    plan = up(server, shop())

    assert plan.is_empty
    assert server.writes == []
    assert list(text.lines(plan)) == ["4 unchanged"]


def test_what_is_no_longer_declared_is_deleted_last(server: Server) -> None:
    up(server, shop())

    plan = up(server, shop(maps="x", replicas=2))

    assert server.writes == [f"apply {WEB}", f"delete {MAPS}/y"]
    assert list(text.lines(plan)) == [
        "  ~ Deployment shop/web",
        "      ~ spec.replicas: 1 → 2",
        "  - ConfigMap shop/y",
        "1 to be changed, 1 to be deleted, 2 unchanged",
    ]


def test_a_kind_that_is_gone_is_forgotten(server: Server) -> None:
    up(server, shop())
    kinds = server.objects[PARENT]["metadata"]["annotations"]

    assert kinds[applyset.GROUP_KINDS] == "ConfigMap,Deployment.apps,Namespace"
    up(server, shop(maps=""))
    kinds = server.objects[PARENT]["metadata"]["annotations"]
    assert kinds[applyset.GROUP_KINDS] == "Deployment.apps,Namespace"


def test_a_record_that_somebody_has_edited_is_written_as_it_should_be(server: Server) -> None:
    up(server, shop())
    metadata = server.objects[PARENT]["metadata"]
    before = applied.copied({key: metadata[key] for key in ("labels", "annotations")})
    edited = applied.copied(server.objects[PARENT])
    edited["metadata"]["annotations"][applyset.GROUP_KINDS] = "Deployment.apps"
    edited["metadata"]["labels"][applyset.PROJECT] = "another"
    server.objects[PARENT] = applied.update(server.objects[PARENT], edited, "kubectl-edit")

    up(server, shop(image="b"))

    after = server.objects[PARENT]["metadata"]
    assert {key: after[key] for key in before} == before
    assert server.objects[WEB]["spec"]["image"] == "b"


@pytest.mark.parametrize("label", [applyset.PROJECT, applyset.STACK])
def test_a_record_whose_label_somebody_has_edited_still_tells_what_there_is(
    server: Server, label: str
) -> None:
    up(server, shop())
    edited = applied.copied(server.objects[PARENT])
    edited["metadata"]["labels"][label] = "another"
    server.objects[PARENT] = applied.update(server.objects[PARENT], edited, "kubectl-label")

    up(server, shop(maps=""))

    assert f"{MAPS}/x" not in server.objects
    assert server.objects[PARENT]["metadata"]["labels"][label] != "another"


def test_stacks_whose_records_would_have_one_name_do_not_share_a_namespace(server: Server) -> None:
    one, other = stack(shop(), "a-b", "c"), stack(shop(maps="x"), "a", "b-c")
    execute.apply(api(server), plan.make(api(server), one), Progress(None), timing=AT_ONCE)
    server.writes.clear()

    with pytest.raises(InvalidError) as caught:
        plan.make(api(server), other)

    assert str(caught.value) == (
        "ConfigMap shop/a-b-c is the record of stack c of project a-b, and stack b-c of project a "
        "would have the same: let it be in another namespace, or give it another name."
    )
    assert server.writes == []
    assert plan.make(api(server), one).is_empty


def test_stacks_whose_records_have_one_name_in_two_namespaces_keep_apart(server: Server) -> None:
    one, other = stack(shop(maps=""), "a-b", "c"), stack(elsewhere, "a", "b-c", "elsewhere")
    for each in (one, other):
        execute.apply(api(server), plan.make(api(server), each), Progress(None), timing=AT_ONCE)

    assert f"{MAPS}/a-b-c" in server.objects
    assert plan.make(api(server), one).is_empty
    deleted = execute.removal(api(server), other).changes
    assert [str(change.key) for change in deleted] == ["Namespace elsewhere"]


def elsewhere() -> None:
    """Declare a namespace."""
    k8s.core.v1.Namespace("elsewhere", metadata={"name": "elsewhere"})


def stack(main: Main, project: str, name: str, namespace: str = "shop") -> DesiredState:
    """Return what the program declares as the stack of a project."""
    parent = applyset.parent(project, name, namespace)
    return replace(desired(main), project=project, stack=name, parent=parent)


def test_a_kind_that_the_cluster_does_not_know_for_a_while_stays_in_the_record(
    server: Server,
) -> None:
    up(server, shop())
    up(server, with_cron_job)
    known = server.kinds
    server.kinds = tuple(kind for kind in known if kind[0] != "batch")

    planned = up(server, shop(image="b"))

    assert list(text.lines(planned))[-2] == (
        "  ! objects of kind CronJob.batch, of which the stack had some, are not seen: the cluster "
        "does not know the kind at present; they stay the stack's"
    )
    server.kinds = known
    planned = up(server, shop(image="b"))
    assert [str(change.key) for change in planned.of("delete")] == ["CronJob shop/nightly"]
    kinds = server.objects[PARENT]["metadata"]["annotations"][applyset.GROUP_KINDS]
    assert kinds == "ConfigMap,Deployment.apps,Namespace"


def with_cron_job() -> None:
    """Declare the shop and a CronJob."""
    shop()()
    own: Any = {"name": "nightly", "namespace": "shop"}
    spec: Any = {"schedule": "0 3 * * *", "jobTemplate": {}}
    k8s.batch.v1.CronJob("nightly", metadata=own, spec=spec)


def test_nothing_is_deleted_when_a_rollout_fails(server: Server) -> None:
    up(server, shop())
    server.broken.add("bad")

    with pytest.raises(RolloutError) as caught:
        up(server, shop(image="bad", maps=""))

    assert str(caught.value) == (
        "Deployment shop/web did not roll out: no progress for None s (progressDeadlineSeconds)\n"
        "nothing was deleted; fix the program and run `kubia up` again."
    )
    assert f"{MAPS}/x" in server.objects
    kinds = server.objects[PARENT]["metadata"]["annotations"][applyset.GROUP_KINDS]
    assert "ConfigMap" in kinds


def test_down_deletes_the_pods_first_and_then_the_namespace_with_all_in_it(server: Server) -> None:
    up(server, shop())
    before = desired(shop())

    deletions = execute.removal(api(server), before).changes
    server.writes.clear()
    execute.remove(api(server), before, deletions, Progress(None))

    assert server.writes == [f"delete {WEB}", f"delete {SPACE}"]
    assert execute.removal(api(server), before).changes == []


def test_what_is_protected_is_not_deleted_even_when_it_is_no_longer_declared(
    server: Server,
) -> None:
    up(server, shop(protect=True))

    with pytest.raises(KubiaError) as caught:
        execute.removal(api(server), desired(shop()))

    assert str(caught.value) == (
        "protected, so it is not deleted: Namespace shop; declare it without protect and run "
        "`kubia up` first."
    )


def test_after_a_change_of_namespace_the_old_one_is_deleted(server: Server) -> None:
    up(server, shop())

    def moved() -> None:
        k8s.core.v1.Namespace("shop", metadata={"name": "mall"})
        k8s.core.v1.ConfigMap("x", metadata={"name": "x", "namespace": "mall"})

    up(server, moved, namespace="mall")

    assert not [path for path in server.objects if path.startswith(SPACE)]
    assert "/api/v1/namespaces/mall/configmaps/kubia-dev" in server.objects


def test_a_namespace_whose_record_was_never_written_is_deleted_after_a_change_too(
    server: Server,
) -> None:
    server.interrupted.add(PARENT)
    with pytest.raises(KeyboardInterrupt):
        up(server, shop())
    assert SPACE in server.objects

    def moved() -> None:
        k8s.core.v1.Namespace("shop", metadata={"name": "mall"})

    up(server, moved, namespace="mall")

    assert SPACE not in server.objects
