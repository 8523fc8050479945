"""Figures by matplotlib, which is loaded only when something is drawn, and their files."""

import importlib.util
import io
import logging
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubia.errors import KubiaError, refuse

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".svg", ".png", ".html")
PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>body {{ margin: 2rem auto; max-width: 70rem; }} svg {{ width: 100%; height: auto; }}</style>
{svg}
</html>
"""
INK = "#24292f"
PALE = "#8c959f"
STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": PALE,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    # Viewers of an SVG without the first font have another one of the same widths.
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    "font.size": 10,
    "hatch.linewidth": 0.7,
    "legend.fontsize": 10,
    "savefig.dpi": 160,
    "svg.fonttype": "none",  # text stays text: to be found, read aloud and compared
    "svg.hashsalt": "kubia",  # the same picture is the same file
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def problems(flag: str, path: Path, formats: Collection[str] = FORMATS) -> Iterator[str]:
    """Return why a picture cannot be written to `path`, which `flag` gives, if so."""
    if path.suffix not in formats:
        *others, last = formats
        yield f"{flag} {path}: must end in {', '.join(others)} or {last}."
    elif path.is_dir():
        yield f"{flag} {path}: is a folder; name a file."
    elif not path.absolute().parent.is_dir():
        yield f"{flag} {path}: there is no folder {path.parent}; make it first."
    elif path.suffix in FORMATS and importlib.util.find_spec("matplotlib") is None:
        yield (
            f"{flag} {path}: pictures are drawn by matplotlib, which is not installed: "
            "pip install 'matplotlib>=3.10'."
        )


def check(flag: str, path: Path, formats: Collection[str] = FORMATS) -> None:
    """Refuse a picture that cannot be drawn into the file that `flag` gives.

    Raises:
        InvalidError: the suffix, the folder or matplotlib is missing.

    """
    refuse(problems(flag, path, formats))


def save(draw: "Callable[[], Figure]", path: Path, title: str) -> None:
    """Write the figure that `draw` makes, as the path's suffix says; equal figures equal bytes."""
    import matplotlib as mpl  # noqa: PLC0415 - half a second, for those who want a picture

    # Of the fonts that only other machines have, it would say that they are missing.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    with mpl.rc_context(STYLE):
        write(path, _content(draw(), path.suffix, title))


def write(path: Path, data: bytes) -> None:
    """Write a picture's file.

    Raises:
        KubiaError: it cannot be written.

    """
    try:
        path.write_bytes(data)
    except OSError as error:
        message = f"{path}: cannot be written: {error.strerror}."
        raise KubiaError(message) from error


def _content(figure: "Figure", suffix: str, title: str) -> bytes:
    data = io.BytesIO()
    if suffix == ".png":
        figure.savefig(data, format="png", metadata={"Title": title, "Software": None})
        return data.getvalue()
    metadata = {"Title": title, "Date": None, "Creator": None}
    figure.savefig(data, format="svg", metadata=metadata)
    if suffix == ".svg":
        return data.getvalue()
    svg = data.getvalue().decode()
    return PAGE.format(title=title, svg=svg[svg.index("<svg") :]).encode()
