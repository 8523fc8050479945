"""kubia.observe.open_loop: what a service that stalls looks like to its users."""

import itertools
import threading
import time
from collections.abc import Callable

import pytest

from kubia.observe.open_loop import OpenLoop, Pace
from kubia.observe.probe import Answer

GOOD = Answer(is_error=False, version="v1")
PACE = Pace(rate=200.0, patience=0.1, most=100)
STALL = 0.3
SECONDS = 0.6


class Stalling:
    """A service that answers nobody for a while in the middle, and then all at once."""

    def __init__(self) -> None:
        self.begin = time.monotonic()

    def __call__(self) -> Answer:
        left = self.begin + STALL + SECONDS / 4 - time.monotonic()
        if 0 < left < STALL:
            time.sleep(left)
        return GOOD


def closed_loop(ask: Callable[[], Answer]) -> list[Answer]:
    """Ask again after each answer, as the control does."""
    answers: list[Answer] = []
    end = time.monotonic() + SECONDS
    while (start := time.monotonic()) < end:
        answers.append(ask().after(time.monotonic() - start, PACE.patience))
        time.sleep(max(0.0, start + 1 / PACE.rate - time.monotonic()))
    return answers


def open_loop(ask: Callable[[], Answer], pace: Pace = PACE) -> list[tuple[float, Answer]]:
    answers: list[tuple[float, Answer]] = []
    with OpenLoop(ask, lambda due, answer: answers.append((due, answer)), pace).running():
        time.sleep(SECONDS)
    return sorted(answers, key=lambda pair: pair[0])


def errors(answers: list[Answer]) -> float:
    return sum(answer.is_error for answer in answers) / len(answers)


def test_a_gap_is_as_large_as_users_meet_it() -> None:
    seen = errors([answer for _, answer in open_loop(Stalling())])
    control = errors(closed_loop(Stalling()))

    assert seen == pytest.approx((STALL - PACE.patience) / SECONDS, abs=0.15)
    assert control < seen / 3


def test_requests_are_due_at_a_constant_rate_whatever_is_answered() -> None:
    due = [at for at, _ in open_loop(Stalling())]

    pauses = [later - at for at, later in itertools.pairwise(due)]
    assert pauses == pytest.approx([1 / PACE.rate] * len(pauses), abs=1e-6)
    assert len(due) == pytest.approx(SECONDS * PACE.rate, rel=0.3)


def test_what_is_never_answered_counts_as_failed_and_is_not_waited_for() -> None:
    never = threading.Event()

    def silent() -> Answer:
        never.wait()
        return GOOD

    began = time.monotonic()
    answers = [answer for _, answer in open_loop(silent, Pace(rate=100.0, patience=0.1, most=5))]
    spent = time.monotonic() - began
    never.set()

    assert errors(answers) == 1.0
    assert [answer.otherwise for answer in answers].count("no answer") == 5
    assert {answer.otherwise for answer in answers} == {"no answer", "not sent"}
    assert spent < SECONDS + 1.0


def test_an_answer_that_comes_after_the_end_is_not_counted_twice() -> None:
    def slow() -> Answer:
        time.sleep(0.3)
        return GOOD

    answers = open_loop(slow)
    count = len(answers)
    time.sleep(0.35)

    assert len(answers) == count
