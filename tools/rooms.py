"""Draws docs/pictures/rooms.svg from the imports, and prints its measures.

A test fails while the picture is out of date.
"""

import argparse
import sys
from pathlib import Path

from tools import house, rooms_svg

FILE = Path("docs/pictures/rooms.svg")


def main() -> None:
    """Draw the rooms of the project in the working directory."""
    parser = argparse.ArgumentParser(prog="python -m tools.rooms", description=__doc__)
    parser.add_argument("--counts", action="store_true", help="print the measures alone")
    only_counts = parser.parse_args().counts
    rooms = house.read(Path.cwd())
    sys.stdout.writelines(f"{count:4} {name}\n" for name, count in rooms.counts().items())
    if not only_counts:
        FILE.write_text(rooms_svg.draw(rooms), encoding="utf-8")


if __name__ == "__main__":
    main()
