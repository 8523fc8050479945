"""kubia.observe.bound: for which errors a release answers."""

import pytest

from kubia.errors import InvalidError
from kubia.observe import bound
from kubia.observe.probe import Answer
from kubia.observe.record import Mark, Record, ResponseSample

SILENT = Answer(is_error=True, otherwise="no answer")
NAMELESS = Answer(is_error=True, otherwise="unknown version")


def good(version: str) -> Answer:
    return Answer(is_error=False, version=version)


def bad(version: str) -> Answer:
    return Answer(is_error=True, version=version)


def record(before: list[Answer], after: list[Answer]) -> Record:
    """Return what was seen of a release that was applied after ten seconds."""
    answers = [ResponseSample(number / 100, answer) for number, answer in enumerate(before)]
    answers += [ResponseSample(10 + number / 100, answer) for number, answer in enumerate(after)]
    return Record(answers=answers[::-1], marks=[Mark(10.0, "applied")])


V1, V2, V3 = [good("v1")] * 100, [good("v2")] * 100, [bad("v3")] * 100


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (V1, V1 + V2, ""),
        (V1, [*V1, *V2, bad("v2")], ""),
        (V1, [*V1, *V2, bad("v2"), bad("v2")], "2.0% errors of v2"),
        (V1, [*V1, *V2, SILENT, SILENT, SILENT], "1.5% errors of all"),
        (V1, V1 + V3, "100.0% errors of v3"),
        # What was ill before may be cured.
        (V3, V3 + V1, ""),
        (V3, [good("v1"), *V3, *V1], ""),
        ([good("v3"), *V3], V3, ""),
        # So may be what says no version of itself, and gave nobody a good answer.
        ([NAMELESS] * 100, [*[NAMELESS] * 50, good("v1"), *[NAMELESS] * 20, *V1], ""),
        # Where nobody could be served before, nothing was lost.
        ([good("v1"), *[SILENT] * 100], [*[SILENT] * 100, *V1], ""),
        # Of a first release nobody could be served before.
        ([SILENT] * 100, [SILENT] * 100 + V1, ""),
        ([SILENT] * 100, [*[SILENT] * 100, *V1, SILENT, SILENT], "2.0% errors of all"),
        ([SILENT] * 100, [SILENT] * 100, "there was no good answer at all"),
        ([], [], "there was no good answer at all"),
        # A glitch before does not hide a gap.
        ([*V1, SILENT], [*V1, *[SILENT] * 100], "50.0% errors of all"),
    ],
)
def test_errors_of_a_release(before: list[Answer], after: list[Answer], text: str) -> None:
    counted = bound.counted(record(before, after), 0.01)

    said = bound.excess(counted, 0.01)
    assert said.partition(", above the bound of 1.0%")[0] == text


def test_what_was_ill_before_is_named() -> None:
    assert bound.counted(record([good("v3"), *V3], V1), 0.01).ill == ["v3"]


@pytest.mark.parametrize(
    ("text", "share"), [("1%", 0.01), ("0.5%", 0.005), ("0", 0.0), ("0.02", 0.02)]
)
def test_a_share_is_a_percentage(text: str, share: float) -> None:
    assert bound.share(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["", "%", "1", "100%", "-1%", "nan", "inf", "a"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        bound.share(text)

    assert str(caught.value).startswith(f"--max-errors {text}: must be a percentage such as 1%")
