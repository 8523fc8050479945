"""kubia.observe.watching: what is shown while a release goes on, told afterwards, and drawn."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubia import console
from kubia.console import Progress
from kubia.errors import InvalidError, KubiaError
from kubia.observe import monitor, probe
from kubia.observe.monitor import RolloutMonitor
from kubia.observe.probe import Answer
from kubia.releases.record import UpOptions
from tests.unit import releasing, seen
from tests.unit.apiserver import Server
from tests.unit.releasing import Shop

URL = "http://127.0.0.1:1"


@pytest.fixture(name="shop")
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Lend a shop whose page answers with v1."""
    made = releasing.shop(tmp_path / "shop", monkeypatch)

    @contextlib.contextmanager
    def connect(_context: str) -> Iterator[Server]:
        yield made.server

    monkeypatch.setattr(monitor, "connect", connect)
    monkeypatch.setattr(monitor, "LOOK", 0.01)
    monkeypatch.setattr(probe, "ask", lambda _url: Answer(is_error=False, version="v1"))
    return made


def release(shop: Shop, picture: Path | None, wish: UpOptions | None = None) -> None:
    from kubia.actions import change  # noqa: PLC0415 - after the shop has changed it

    with monitor.watch(shop.session, URL, picture) as watch:
        change.bring_up(shop.session, wish or UpOptions(), watch)


def test_who_answers_is_told_at_the_end_and_drawn(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "release.svg"

    release(shop, picture)

    said = capsys.readouterr()
    assert f"answers of {URL}:\n  v1: 100.0% of " in said.out
    assert said.out.endswith("  all: 0 errors (0.0%)\n")
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


def test_an_undone_release_shows_the_way_back(shop: Shop, tmp_path: Path) -> None:
    shop.up()
    shop.edit("web:v1", "web:v2")
    shop.server.broken.add("web:v2")

    with pytest.raises(KubiaError, match="was undone"):
        release(shop, tmp_path / "release.svg", UpOptions(undo_on_failure=True))

    svg = (tmp_path / "release.svg").read_text()
    assert svg.index("applied</text>") < svg.index("failed</text>") < svg.index("undone</text>")
    assert "shop dev: no pods, failed after 0 s, undone after 0 s; 0 of " in svg


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


def test_the_rate_is_bounded_and_nobody_asks_afterwards(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def ask(_url: str) -> Answer:
        asked.append(time.monotonic())
        return Answer(is_error=False, version="v1")

    monkeypatch.setattr(probe, "ask", ask)
    began = time.monotonic()
    with monitor.watch(shop.session, URL, None):
        time.sleep(0.2)
    count = len(asked)
    most = 1 + (time.monotonic() - began) * probe.RATE
    time.sleep(0.15)

    assert 2 <= count <= most
    assert len(asked) == count


def test_the_line_tells_who_answered_lately() -> None:
    assert monitor.lately(seen.rollout(), 10.0) == (
        "no answer 2%, v2 98% of 50 requests in 5 s, 1 failed"
    )


def test_elsewhere_than_on_a_terminal_a_line_is_seldom(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(probe, "ask", lambda _url: Answer(is_error=False, version="v1"))
    watch = RolloutMonitor()
    monkeypatch.setattr(monitor, "SELDOM", 0.1)

    began = time.monotonic()
    with watch.on(Progress(None)):
        for _ in range(30):
            watch.ask(URL)
            time.sleep(0.01)
    most = (time.monotonic() - began) / 0.1
    watch.ask(URL)

    lines = capsys.readouterr().err.splitlines()
    assert 2 <= len(lines) <= most
    assert lines[0].startswith(f"  {URL}: v1 100% of ")


def test_the_old_pods_are_waited_for_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor, "LOOK", 0.01)
    monkeypatch.setattr(monitor, "AFTERWARDS", 0.3)
    watch = RolloutMonitor()
    watch.record.looks.append(seen.rollout().looks[2])
    start = time.monotonic()

    watch.until_quiet()
    assert time.monotonic() - start >= 0.3
    watch.record.looks.append(seen.rollout().looks[3])
    start = time.monotonic()
    watch.until_quiet()
    assert time.monotonic() - start < 0.3


def test_a_board_of_lines_does_not_stand() -> None:
    with console.board() as board:
        assert not board.stands


def test_what_cannot_be_watched_is_refused_with_all_reasons(tmp_path: Path) -> None:
    with pytest.raises(InvalidError) as caught:
        monitor.check("ftp://x", tmp_path / "a.gif")

    assert caught.value.problems == (
        "--probe-url ftp://x: must be an http:// address, such as the NodePort's.",
        f"--timeline {tmp_path}/a.gif: must end in .svg, .png or .html.",
    )
