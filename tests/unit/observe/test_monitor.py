"""kubia.observe.monitor: what is shown while a release goes on, told afterwards, and drawn."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from kubia import console
from kubia.actions.up import bring_up
from kubia.console import Progress
from kubia.errors import InvalidError, KubiaError
from kubia.observe import monitor
from kubia.observe.monitor import RolloutMonitor, Timing, monitored
from kubia.observe.open_loop import Pace
from kubia.observe.probe import Answer
from kubia.releases.record import UpOptions
from tests.unit import releasing, seen
from tests.unit.releasing import Shop

URL = "http://127.0.0.1:1"
SHOP = "/namespaces/shop"


QUICK = Timing(pods=0.01, trial=0.01, pace=Pace(rate=200.0, patience=30.0))


def v1(_url: str) -> Answer:
    return Answer(is_error=False, version="v1")


@pytest.fixture(name="shop")
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Lend a shop whose page answers with v1."""
    return releasing.shop(tmp_path / "shop", monkeypatch)


def release(shop: Shop, picture: Path | None, options: UpOptions | None = None) -> None:
    engine = shop.engine
    session, connect = engine.session, engine.connect
    with monitored(session, URL, picture, ask=v1, connect=connect, timing=QUICK) as monitor:
        bring_up(engine, options or UpOptions(), monitor)


def test_who_answers_is_told_at_the_end_and_drawn(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "release.svg"

    release(shop, picture)

    said = capsys.readouterr()
    assert f"answers of {URL}:\n  v1: 100.0% of " in said.out
    assert "  all: 0 errors (0.0%)\n  latency: 50% within " in said.out
    assert said.err.endswith(f"timeline: {picture}\n")
    svg = picture.read_text()
    assert "failed: 0</text>" in svg
    assert "v1 answers</text>" in svg
    assert "deployed</text>" in svg


def test_a_failed_release_gets_its_picture_and_fails_as_before(shop: Shop, tmp_path: Path) -> None:
    picture = tmp_path / "release.svg"
    shop.server.broken.add("web:v1")

    with pytest.raises(KubiaError) as caught:
        release(shop, picture)

    assert str(caught.value).startswith("Deployment shop/web did not roll out")
    assert "failed</text>" in picture.read_text()


@pytest.mark.parametrize(
    ("undo", "text", "state"),
    [
        (False, "what it deployed serves; `kubia rollback -s dev` goes back.", "failed"),
        (True, "release 2 was undone: the cluster is at release 1 again", "undone"),
    ],
)
def test_a_release_with_too_many_errors_has_failed(
    shop: Shop,
    undo: bool,  # noqa: FBT001 - a table
    text: str,
    state: str,
) -> None:
    def ask(_url: str) -> Answer:
        live = shop.server.objects[f"/apis/apps/v1{SHOP}/deployments/web"]
        bad = live["spec"]["image"] == "web:v2"
        return Answer(is_error=bad, version="v2" if bad else "v1")

    shop.up()
    shop.edit("web:v1", "web:v2")
    engine, tried = shop.engine, replace(QUICK, trial=0.5)
    watching = monitored(shop.session, URL, None, 0.01, ask=ask, connect=shop.connect, timing=tried)

    with pytest.raises(KubiaError) as caught, watching as watch:
        bring_up(engine, UpOptions(undo_on_failure=undo), watch)

    first, second = str(caught.value).splitlines()
    assert first.startswith("it rolled out, but users met errors: ")
    assert first.endswith(", above the bound of 1.0% (--max-errors).")
    assert second.startswith(text)
    assert shop.states() == ["deployed", state]
    assert ask(URL).is_error != undo


def test_an_undone_release_shows_the_way_back(shop: Shop, tmp_path: Path) -> None:
    shop.up()
    shop.edit("web:v1", "web:v2")
    shop.server.broken.add("web:v2")

    with pytest.raises(KubiaError, match="was undone"):
        release(shop, tmp_path / "release.svg", UpOptions(undo_on_failure=True))

    svg = (tmp_path / "release.svg").read_text()
    assert svg.index("applied</text>") < svg.index("failed</text>") < svg.index("undone</text>")
    assert re.search(r"shop dev: no pods, failed after \d+ s, undone after \d+ s; 0 of ", svg)


def test_a_picture_that_cannot_be_written_does_not_hide_why_the_release_failed(
    shop: Shop, tmp_path: Path
) -> None:
    shop.server.broken.add("web:v1")
    with pytest.raises(KubiaError, match="did not roll out"):
        release(shop, tmp_path / "gone" / "release.svg")
    shop.server.broken.clear()
    shop.edit("web:v1", "web:v2")

    with pytest.raises(KubiaError) as caught:
        release(shop, tmp_path / "gone" / "release.svg")

    path = tmp_path / "gone" / "release.svg"
    assert str(caught.value) == f"{path}: cannot be written: No such file or directory."


def test_nothing_is_drawn_of_what_was_refused(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop.root / "__main__.py").write_text("1 / 0\n")

    with pytest.raises(KubiaError, match="the program failed"):
        release(shop, tmp_path / "release.svg")

    assert not (tmp_path / "release.svg").exists()
    assert capsys.readouterr().out == ""


def test_the_line_tells_who_answered_lately() -> None:
    assert monitor.recent(seen.rollout(), 10.0) == (
        "no answer 2%, v2 98% of 50 requests in 5 s, 1 failed"
    )


def test_elsewhere_than_on_a_terminal_a_line_is_seldom(capsys: pytest.CaptureFixture[str]) -> None:
    timing = Timing(printed_line=0.1, pace=Pace(rate=200.0))

    began = time.monotonic()
    record = monitor.measured(URL, 0.35, Progress(None), ask=v1, timing=timing)
    most = (time.monotonic() - began) / 0.1

    lines = capsys.readouterr().err.splitlines()
    assert len(record.answers) > 2 * most
    assert 2 <= len(lines) <= most
    assert lines[0].startswith(f"  {URL}: v1 100% of ")


def test_the_old_pods_are_waited_for_but_not_for_ever() -> None:
    observer = RolloutMonitor(Timing(pods=0.01, afterwards=0.3))
    observer.record.pod_samples.append(seen.rollout().pod_samples[2])
    start = time.monotonic()

    observer.until_quiet()
    assert time.monotonic() - start >= 0.3
    observer.record.pod_samples.append(seen.rollout().pod_samples[3])
    start = time.monotonic()
    observer.until_quiet()
    assert time.monotonic() - start < 0.3


def test_printed_lines_of_progress_do_not_stand() -> None:
    with console.progress() as progress:
        assert not progress.stands


def test_what_cannot_be_watched_is_refused_with_all_reasons(tmp_path: Path) -> None:
    with pytest.raises(InvalidError) as caught:
        monitor.check("ftp://x", tmp_path / "a.gif", "all")

    assert caught.value.problems == (
        "--max-errors all: must be a percentage such as 1% or 0.5%, from 0% up to but not 100%.",
        "--probe-url ftp://x: must be an http:// address, such as the NodePort's.",
        f"--timeline {tmp_path}/a.gif: must end in .svg, .png or .html.",
    )
