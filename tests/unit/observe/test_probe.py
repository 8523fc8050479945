"""The gate of a promotion: shares of errors, by version."""

import http.client
import time
from collections import Counter

import pytest

from kubia.console import Progress
from kubia.errors import InvalidError, KubiaError
from kubia.observe import probe
from kubia.observe.probe import Answer, Shares


def test_a_version_that_fails_is_not_hidden_by_the_others() -> None:
    shares = Shares(Counter(v1=95, v2=5), Counter(v2=5))

    assert shares.total == 0.05
    assert shares.worst == 1.0
    assert list(shares.lines()) == [
        "  v1: 95.0% of 100 answers, 0 errors (0.0%)",
        "  v2: 5.0% of 100 answers, 5 errors (100.0%)",
        "  all: 5 errors (5.0%)",
    ]
    with pytest.raises(KubiaError) as caught:
        probe.refuse_above(shares, 0.5)
    assert str(caught.value) == (
        "not promoted: 100.0% errors, above the bound of 50.0%; `kubia abort` takes the canary "
        "away."
    )


def v1(_url: str) -> Answer:
    return Answer(is_error=False, version="v1")


def test_the_rate_is_bounded() -> None:
    began = time.monotonic()
    shares = probe.measure("http://127.0.0.1:1", 0.2, Progress(None), v1)
    most = 1 + (time.monotonic() - began) * probe.RATE

    assert 2 <= shares.answers["v1"] <= most
    probe.refuse_above(shares, 0.0)


class Refusing(http.client.HTTPConnection):
    """A connection to where nobody listens."""

    def connect(self) -> None:
        raise ConnectionRefusedError


def test_no_answer_is_an_error() -> None:
    answer = probe.ask("http://127.0.0.1:1/", Refusing)

    assert list(probe.shares_of([answer]).lines()) == [
        "  no answer: 100.0% of 1 answers, 1 errors (100.0%)",
        "  all: 1 errors (100.0%)",
    ]


def test_an_error_counts_for_the_version_of_its_pod() -> None:
    answers = [
        Answer(is_error=True, pod="web-b"),
        Answer(is_error=False, version="v2", pod="web-b"),
        Answer(is_error=True, pod="web-c"),
    ]

    assert probe.shares_of(answers).errors == {"v2": 1, "unknown version": 1}


def test_what_cannot_be_measured_is_refused_with_all_reasons() -> None:
    with pytest.raises(InvalidError) as caught:
        probe.check("https://x", 2, 0)

    assert caught.value.problems == (
        "--probe-url https://x: must be an http:// address, such as the NodePort's.",
        "--error-bound 2: must be a share, from 0 up to but not 1.",
        "--window 0: must be a number of seconds above 0.",
    )
