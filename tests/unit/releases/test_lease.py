"""kubia.releases.lease: one at a time changes a stack; who, since when, and what if they die."""

import subprocess
import threading
import time
from typing import Any

import pytest

from kubia.apply.api import Api
from kubia.apply.connection import ApiError
from kubia.errors import KubiaError
from kubia.releases import who
from kubia.releases.lease import Lease, Pace
from tests.unit import releasing
from tests.unit.apiserver import Server
from tests.unit.releasing import DESIRED, SPACE

QUICK = Pace(duration=1, renewal=0.05, waiting=0.2, asking=0.01)
OWN = {"name": "x", "namespace": "shop"}
CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": OWN}
PATH = "/apis/coordination.k8s.io/v1/namespaces/shop/leases/shop-dev-writer"


@pytest.fixture(name="server")
def _server(monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("KUBIA_WHO", "ann@box")
    server = Server()
    server.put("v1", "Namespace", SPACE, {"name": "shop"})
    return server


def lease(server: Server, process: str = "", pace: Pace = QUICK, command: str = "up") -> Lease:
    api = Api(server)  # type: ignore[arg-type]  # as much of a connection as is asked for
    return Lease(api, DESIRED, command, pace, process)


def test_it_names_who_since_when_and_with_what(server: Server) -> None:
    with lease(server) as mine:
        mine.wait()
        assert not mine.take()
        live = server.objects[PATH]

    assert live["spec"]["holderIdentity"] == "ann@box"
    assert live["spec"]["acquireTime"] == live["spec"]["renewTime"]
    assert live["metadata"]["annotations"]["kubia.io/command"] == "up"
    assert live["metadata"]["labels"] == {"kubia.io/project": "shop", "kubia.io/stack": "dev"}
    assert server.objects[PATH]["spec"]["holderIdentity"] == ""


def test_a_second_one_ends_with_a_sentence(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    with lease(server, "elsewhere.1.1", command="down") as theirs:
        theirs.take()
        since = server.objects[PATH]["spec"]["acquireTime"][:19]
        with pytest.raises(KubiaError) as caught, lease(server) as mine:
            mine.wait()

    begin = (
        f"ann@box has been changing stack dev since {since}Z (`kubia down`, by "
        "Lease shop/shop-dev-writer): "
    )
    assert str(caught.value) == f"{begin}wait for that to end, then run the same again."
    assert capsys.readouterr().err == f"{begin}waiting 0.2 s at most\n"


def test_a_second_one_goes_on_as_soon_as_the_first_is_done(server: Server) -> None:
    patient = Pace(duration=60, renewal=60, waiting=60, asking=0.01)
    theirs = lease(server, "elsewhere.1.1", patient)
    theirs.take()
    threading.Timer(0.05, lambda: theirs.__exit__(None, None, None)).start()

    with lease(server, pace=patient) as mine:
        mine.wait()
        assert not mine.take()
        assert server.objects[PATH]["metadata"]["annotations"]["kubia.io/process"] == who.process()


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_whose_answer_is_lost_has_taken_it_all_the_same(
    method: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    if method == "PUT":
        with lease(server) as first:
            first.take()
    monkeypatch.setattr(server, "request", releasing.twice(server, method))

    with lease(server) as mine:
        mine.wait()
        assert not mine.take()
        mine.check()


def test_it_is_told_that_somebody_was_faster(server: Server) -> None:
    with lease(server) as mine:
        mine.wait()
        with lease(server, "elsewhere.1.1") as theirs:
            theirs.take()

        assert mine.take()


def test_one_whose_holder_died_elsewhere_runs_out(server: Server) -> None:
    abandoned(server, "elsewhere.1.1")
    start = time.monotonic()

    with lease(server, pace=Pace(duration=1, renewal=0.05, waiting=5, asking=0.01)) as mine:
        mine.wait()
        mine.take()

    assert 1 <= time.monotonic() - start < 3


def test_one_whose_holder_died_here_is_taken_at_once(server: Server) -> None:
    place = who.process().partition(".")[0]
    ended = subprocess.Popen(["true"])
    abandoned(server, f"{place}.{ended.pid}.1")
    ended.wait()

    with lease(server) as mine:
        mine.wait()
        assert not mine.take()


def abandoned(server: Server, process: str) -> None:
    """Leave a Lease held by a process that renews it no more."""
    theirs = lease(server, process, Pace(duration=1, renewal=60))
    theirs.take()
    theirs._stop()  # noqa: SLF001 - as a kill does


def test_it_is_renewed_as_long_as_it_is_held(server: Server) -> None:
    with lease(server) as mine:
        mine.take()
        first = server.objects[PATH]["metadata"]["resourceVersion"]
        deadline = time.monotonic() + 5
        while server.objects[PATH]["metadata"]["resourceVersion"] == first:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        mine.check()


def test_who_has_lost_it_changes_nothing_any_more(server: Server) -> None:
    with lease(server) as mine:
        mine.take()
        server.objects[PATH]["metadata"]["annotations"]["kubia.io/process"] = "elsewhere.1.1"
        deadline = time.monotonic() + 5
        while not has_lost(mine):
            assert time.monotonic() < deadline
            time.sleep(0.01)

        with pytest.raises(KubiaError) as caught:
            mine.guarded.apply(CONFIG_MAP)

    assert str(caught.value) == (
        "Lease shop/shop-dev-writer could not be renewed for 1 s, so somebody else may be "
        "changing stack dev by now: run the same again."
    )
    assert server.writes == []
    assert server.objects[PATH]["spec"]["holderIdentity"] == "ann@box"


def has_lost(mine: Lease) -> bool:
    try:
        mine.check()
    except KubiaError:
        return True
    return False


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_has_no_right_to_leases_is_told_and_goes_on(
    server: Server,
    method: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = server.request

    def forbidding(verb: str, path: str, *rest: Any, **more: Any) -> Any:
        if verb == method and "/leases" in path:
            raise ApiError(403, {"message": "ann may not"})
        return answer(verb, path, *rest, **more)

    monkeypatch.setattr(server, "request", forbidding)

    with lease(server) as mine:
        mine.wait()
        assert not mine.take()
        mine.check()

    assert capsys.readouterr().err == (
        "no right to Lease shop/shop-dev-writer, so nobody is kept from changing stack dev at the "
        "same time: ann may not\n"
    )


def test_it_is_deleted_with_the_stack(server: Server) -> None:
    with lease(server) as mine:
        mine.take()
        mine.delete()

    assert PATH not in server.objects


def test_changes_are_counted_and_dry_runs_are_none(server: Server) -> None:
    with lease(server) as mine:
        mine.take()
        mine.guarded.get(mine.key)
        mine.guarded.apply(CONFIG_MAP, dry_run=True)
        assert mine.changes == 0
        mine.guarded.apply(CONFIG_MAP)
        assert mine.changes == 1
