"""kubia.apply.wait: how long rollouts and deletions are waited for, and what is said then."""

from itertools import islice

import pytest

from kubia.apply import wait
from kubia.apply.applyset import parent
from kubia.apply.wait import Failure, RolloutError, Timing
from kubia.console import Progress
from kubia.errors import KubiaError
from kubia.program.objects import ObjectRef
from tests.unit.apiserver import Server
from tests.unit.applying import MAPS, WEB, api, shop, up

SET = parent("kubia", "dev", "shop").id


def ref(kind: str, name: str) -> ObjectRef:
    version = "apps/v1" if kind == "Deployment" else "v1"
    metadata = {"namespace": "shop", "name": name}
    return ObjectRef.of({"apiVersion": version, "kind": kind, "metadata": metadata})


def test_pauses_grow_up_to_the_longest() -> None:
    pauses = Timing(first_pause=0.1, longest_pause=0.2).pauses()
    assert [round(pause, 3) for pause in islice(pauses, 4)] == [0.1, 0.15, 0.2, 0.2]


def test_a_failure_names_the_pods_reasons_and_what_was_held_back() -> None:
    web = Failure(ref("Deployment", "web"), "no progress", ("pod web-1: OOMKilled",))
    error = RolloutError([web], held=[ref("Service", "web")])

    assert error.summary == (
        "Deployment shop/web did not roll out: no progress\n"
        "  pod web-1: OOMKilled\n"
        "not touched, for it depends on what failed: Service shop/web"
    )
    assert str(error) == (
        f"{error.summary}\nnothing was deleted; fix the program and run `kubia up` again."
    )


def test_a_workload_that_somebody_deletes_meanwhile_ends_the_wait() -> None:
    server = Server()
    up(server, shop())
    manifest = server.objects.pop(WEB)

    with pytest.raises(KubiaError) as caught:
        wait.for_rollouts(api(server), SET, [manifest], Progress(None))

    assert str(caught.value) == (
        "Deployment shop/web: deleted by somebody else meanwhile; run again."
    )


def test_what_was_made_anew_under_the_same_name_counts_as_gone() -> None:
    server = Server()
    up(server, shop())
    old, live = ref("ConfigMap", "x"), server.objects[f"{MAPS}/x"]["metadata"]["uid"]
    still = ref("ConfigMap", "y"), server.objects[f"{MAPS}/y"]["metadata"]["uid"]

    left = wait.left_after(api(server), {old: f"not-{live}", still[0]: still[1]}, Progress(None), 0)

    assert list(left) == [still[0]]
