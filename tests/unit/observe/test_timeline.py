"""The picture of a release: the series that are drawn, and what the file tells."""

import importlib.util
import re
from pathlib import Path

import pytest

from kubia.live.replica_sets import PodGroup
from kubia.observe import plots, record, timeline
from kubia.observe.record import PodSample, PodState, Record
from tests.unit import seen


def texts(svg: Path) -> list[str]:
    """Return the texts that a picture shows."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg.read_text())


def draw(what: Record, path: Path) -> Path:
    title = timeline.title(what, "shop dev")
    plots.save(lambda: timeline.draw(what, title), path, title)
    return path


def test_requests_are_counted_by_second_and_version_and_failures_apart() -> None:
    rates = record.rates(seen.rollout())

    assert rates.edges == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9.9]
    assert rates.answered == {
        "v1": [10, 10, 10, 10, 9, 0, 0, 0, 0],
        "v2": [0, 0, 0, 0, 0, 10, 10, 9, pytest.approx(20 / 1.9)],
    }
    assert rates.failed == [0, 0, 0, 0, 1, 0, 0, 1, 0]


def test_a_long_release_has_no_more_columns_and_the_same_requests() -> None:
    what = seen.rollout()
    what.marks.append(record.Mark(600.0, "failed"))

    rates = record.rates(what)

    assert len(rates.failed) == record.COLUMNS
    width = rates.edges[1]
    assert width == 5
    assert sum(rates.failed) * width == pytest.approx(2)
    assert sum(map(sum, rates.answered.values())) * width == pytest.approx(98)


def test_pods_are_counted_by_version_and_state_of_what_changed_alone() -> None:
    pods = record.pods(seen.rollout())

    assert pods.edges == [0, 2, 4, 9, 9.9]
    assert pods.counts == {
        PodState("v1", "ready"): [2, 2, 0, 0],
        PodState("v1", "going"): [0, 0, 2, 0],
        PodState("v2", "ready"): [0, 0, 2, 2],
        PodState("v2", "not ready"): [0, 1, 0, 0],
    }


def test_where_nothing_changed_all_pods_are_shown() -> None:
    still = Record(pod_samples=[PodSample(0.1, (seen.SITE,)), PodSample(0.6, (seen.SITE,))])

    assert record.pods(still).counts == {PodState("1.31", "ready"): [1, 1]}


def test_versions_come_oldest_first_whatever_order_they_answer_in() -> None:
    assert record.versions(seen.rollout()) == ["v1", "v2"]


def test_a_canary_and_the_stable_version_are_told_apart() -> None:
    stable = PodGroup("web", "v1", True, 3, 3, 3, 0)  # noqa: FBT003 - the fields in order, as in `seen.group`
    canary = PodGroup("web-canary", "v2", True, 1, 1, 0, 0)  # noqa: FBT003 - the fields in order, as in `seen.group`
    what = Record(pod_samples=[PodSample(0.1, (stable,)), PodSample(0.6, (stable, canary))])

    assert record.pods(what).counts == {PodState("v2", "not ready"): [0, 1]}


def test_the_picture_tells_versions_states_failures_and_steps(tmp_path: Path) -> None:
    svg = draw(seen.rollout(), tmp_path / "release.svg")

    said = texts(svg)
    assert "shop dev: v1 → v2, deployed after 4 s; 2 of 100 requests failed" in said
    assert {"applied", "deployed", "seconds", "requests a second", "pods"} <= set(said)
    assert said[said.index("failed: 2") :][:3] == ["failed: 2", "v2 answers", "v1 answers"]
    assert {"v2 not ready", "v2 ready", "v1 going", "v1 ready"} <= set(said)
    assert not [text for text in said if "1.31" in text]


def test_the_same_release_is_the_same_picture(tmp_path: Path) -> None:
    first = draw(seen.rollout(), tmp_path / "a.svg").read_bytes()

    assert draw(seen.rollout(), tmp_path / "b.svg").read_bytes() == first
    assert draw(seen.rollout("failed"), tmp_path / "c.svg").read_bytes() != first


def test_nothing_seen_is_a_picture_too(tmp_path: Path) -> None:
    empty = Record(marks=seen.rollout("failed").marks)

    said = texts(draw(empty, tmp_path / "empty.svg"))

    assert "shop dev: no pods, failed after 4 s; 0 of 0 requests failed" in said
    assert "failed: 0" in said


def test_the_suffix_chooses_what_is_written(tmp_path: Path) -> None:
    png = draw(seen.rollout(), tmp_path / "a.png").read_bytes()
    page = draw(seen.rollout(), tmp_path / "a.html").read_text()

    assert png.startswith(b"\x89PNG")
    assert page.startswith("<!doctype html>")
    assert "<?xml" not in page
    assert "v2 answers</text>" in page


def test_without_matplotlib_the_way_to_get_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    path = tmp_path / "a.svg"

    problem = (
        f"--timeline {path}: pictures are drawn by matplotlib, which is not installed: "
        "pip install 'matplotlib>=3.10'."
    )
    assert list(plots.problems("--timeline", path)) == [problem]
    assert list(plots.problems("--out", tmp_path / "a.mmd", (*plots.FORMATS, ".mmd"))) == []
