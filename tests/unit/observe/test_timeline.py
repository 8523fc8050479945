"""kubia.observe.timeline: the picture of a release, and what its file tells."""

import re
from pathlib import Path

from kubia.observe import plots, timeline
from kubia.observe.record import Mark, PodSample, Record
from tests.unit import seen


def texts(svg: Path) -> list[str]:
    """Return the texts that a picture shows."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg.read_text())


def draw(what: Record, path: Path) -> Path:
    title = timeline.title(what, "shop dev")
    plots.save(lambda: timeline.draw(what, title), path, title)
    return path


def test_the_picture_tells_versions_states_failures_and_steps(tmp_path: Path) -> None:
    svg = draw(seen.rollout(), tmp_path / "release.svg")

    said = texts(svg)
    assert "shop dev: v1 → v2, deployed after 4 s; 2 of 100 requests failed" in said
    assert {"applied", "deployed", "seconds", "requests a second", "pods"} <= set(said)
    assert said[said.index("failed: 2") :][:3] == ["failed: 2", "v2 answers", "v1 answers"]
    assert {"v2 not ready", "v2 ready", "v1 going", "v1 ready"} <= set(said)
    assert not [text for text in said if "1.31" in text]


def test_the_title_goes_from_what_was_declared_to_what_is() -> None:
    back = Record(
        pod_samples=[
            PodSample(0.5, (seen.group("v2", 2, 2, new=True), seen.group("v1", 0, 0, 2))),
            PodSample(3.0, (seen.group("v1", 2, 2, new=True), seen.group("v2", 0, 0, 2))),
        ],
        marks=[Mark(1.0, "applied"), Mark(4.0, "deployed")],
    )

    assert timeline.title(back, "shop dev").startswith("shop dev: v2 → v1, deployed after 3 s")


def test_what_was_ending_before_is_no_part_of_the_title() -> None:
    after = Record(
        pod_samples=[
            PodSample(0.5, (seen.group("v2", 2, 2, new=True), seen.group("v1", 0, 0, 2))),
            PodSample(3.0, (seen.group("v3", 2, 2, new=True), seen.group("v2", 0, 0, 2))),
        ],
        marks=[Mark(1.0, "applied"), Mark(4.0, "deployed")],
    )

    assert timeline.title(after, "shop dev").startswith("shop dev: v2 → v3, deployed after 3 s")


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
