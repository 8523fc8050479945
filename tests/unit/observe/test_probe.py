"""kubia.observe.probe: what an address answers, and which share are errors, by version."""

import errno
import http.client
import ipaddress
import sys
from collections import Counter
from typing import Any

import pytest

from kubia.observe import probe
from kubia.observe.probe import Answer, Shares


def test_a_version_that_fails_is_not_hidden_by_the_others() -> None:
    shares = Shares(Counter(v1=95, v2=5), Counter(v2=5))

    assert shares.total == 0.05
    assert shares.worst == ("v2", 1.0)
    assert list(shares.lines()) == [
        "  v1: 95.0% of 100 answers, 0 errors (0.0%)",
        "  v2: 5.0% of 100 answers, 5 errors (100.0%)",
        "  all: 5 errors (5.0%)",
    ]


def test_one_request_without_an_answer_is_one_error_of_all() -> None:
    shares = Shares(Counter({"v1": 199, "no answer": 1}), Counter({"no answer": 1}))

    assert shares.worst == ("all", 0.005)


def test_latencies_are_told() -> None:
    answers = [Answer(is_error=False, seconds=0.001 * number) for number in range(1, 102)]

    *_, line = probe.shares_of(answers).lines()

    assert line == "  latency: 50% within 0.051 s, 99% within 0.100 s, longest 0.101 s"


def test_what_comes_too_late_is_an_error() -> None:
    answer = Answer(is_error=False, version="v1")

    assert answer.after(0.2, patience=0.2) == Answer(is_error=False, version="v1", seconds=0.2)
    assert answer.after(0.3, patience=0.2) == Answer(
        is_error=True, otherwise="no answer", seconds=0.3, reason="not within 0.2 s"
    )


class Refusing(http.client.HTTPConnection):
    """A connection to where nobody listens."""

    def connect(self) -> None:
        raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")


def test_no_answer_is_an_error_that_is_told_with_its_reason() -> None:
    answer = probe.ask("http://127.0.0.1:1/", Refusing)

    assert list(probe.shares_of([answer]).lines()) == [
        "  no answer: 100.0% of 1 answers, 1 errors (100.0%)",
        "  no answer, 1 times: Connection refused",
        "  all: 1 errors (100.0%)",
        "  latency: 50% within 0.000 s, 99% within 0.000 s, longest 0.000 s",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="one loopback address alone can be bound")
def test_each_request_to_this_machine_is_a_user_of_its_own() -> None:
    sources: list[tuple[str, int] | None] = []

    def connect(*args: Any, source_address: tuple[str, int] | None, **options: Any) -> Refusing:
        sources.append(source_address)
        return Refusing(*args, **options)

    for host in ("127.0.0.1", "127.0.0.1", "192.0.2.1"):
        probe.ask(f"http://{host}:1/", connect)

    first, second, remote = sources
    assert remote is None
    assert first
    assert second
    assert first != second
    assert all(ipaddress.ip_address(host).is_loopback for host, _ in (first, second))


def test_an_error_counts_for_the_version_of_its_pod() -> None:
    answers = [
        Answer(is_error=True, pod="web-b"),
        Answer(is_error=False, version="v2", pod="web-b"),
        Answer(is_error=True, pod="web-c"),
    ]

    assert probe.shares_of(answers).errors == {"v2": 1, "unknown version": 1}
