"""What the user sees: results on standard output, everything else on standard error."""

import contextlib
import io
import os
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping
from contextvars import ContextVar

import typer
from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from kubia.errors import InvalidError

WIDEST = 10_000
"""Characters: no line of a result is folded but by the terminal."""
_ASIDE: ContextVar[bool] = ContextVar("aside", default=False)
STYLES = {"+": "green", "-": "red", "~": "yellow", "!": "red"}


def command() -> str:
    """Return how the user calls kubia: by its name, or as this time if no shell finds that."""
    if shutil.which("kubia"):
        return "kubia"
    own = sys.argv[0]
    return "python -m kubia" if own.endswith("__main__.py") else own


def out(text: str = "", end: str = "\n") -> None:
    """Print a line of the result, or all of it."""
    typer.echo(text + end, nl=False, err=_ASIDE.get(), color=_colour())


def err(text: str) -> None:
    """Print a line about what goes on."""
    typer.echo(text, err=True, color=_colour())


def error(text: str) -> None:
    """Print the error that ends the command."""
    typer.echo(f"{typer.style('error:', fg='red', bold=True)} {text}", err=True, color=_colour())


def as_utf8() -> None:
    """Print results in UTF-8 from here on, as JSON and YAML are read, whatever the terminal has."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def aside() -> Iterator[None]:
    """Print results on standard error meanwhile: standard output is for JSON alone."""
    token = _ASIDE.set(True)
    try:
        yield
    finally:
        _ASIDE.reset(token)


def confirm(question: str) -> None:
    """Ask, and go on only if the user agrees.

    Raises:
        InvalidError: there is no terminal to ask on.

    """
    refuse_unasked()
    typer.confirm(question, abort=True, err=True)


def refuse_unasked() -> None:
    """Refuse what has to be asked for where nobody can be.

    Raises:
        InvalidError: there is no terminal to ask on.

    """
    if not sys.stdin.isatty():
        raise InvalidError(["there is no terminal to ask on: give --yes to go ahead."])


def show(result: RenderableType) -> None:
    """Print a result that rich draws; lines are as long as they are."""
    Console(highlight=False, width=WIDEST).print(result)


def coloured(line: str) -> str:
    """Return the line with the sign that it opens with, if any, in the sign's colour."""
    text = line.lstrip()
    sign = text[:1]
    if sign not in STYLES or text[1:2] != " ":
        return line
    return f"{line[: -len(text)]}{typer.style(sign, fg=STYLES[sign])}{text[1:]}"


class Progress:
    """One line of progress per thing that is waited for.

    On a terminal the lines stand and change; elsewhere each change is a line of its own.
    """

    def __init__(self, live: Live | None) -> None:
        """Draw on `live`, or print lines if there is none."""
        self._live = live
        self._lines: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def stands(self) -> bool:
        """Whether lines stand and change, so that it costs nothing to show one often."""
        return self._live is not None

    def show(self, lines: Mapping[str, str]) -> None:
        """Show what each thing is at now; what is not mentioned keeps its line."""
        with self._lock:
            for name, text in lines.items():
                if self._lines.get(name) == text:
                    continue
                self._lines[name] = text
                if self._live is None:
                    err(f"  {name}: {text}")
            if self._live is not None:
                rows = (f"  {name}: {text}" for name, text in self._lines.items())
                self._live.update(Text("\n".join(rows)))


@contextlib.contextmanager
def progress() -> Iterator[Progress]:
    """Lend lines of progress on standard error."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield Progress(None)
        return
    with Live(console=Console(stderr=True), refresh_per_second=8) as live:
        yield Progress(live)


def _colour() -> bool | None:
    """Return whether there are colours: None for as the terminal has it (https://no-color.org)."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return False if plain else None
