"""Edits of a project's files: what they shall hold, what they held before, how the two differ."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Files = dict[Path, bytes | None]
"""What files hold, by path; None: there is no such file."""


@dataclass(frozen=True)
class Edit:
    """Files, with what they shall hold and what they hold `before`."""

    after: Files = field(default_factory=dict)
    before: Files = field(default_factory=dict)

    @classmethod
    def of(cls, after: Files) -> "Edit":
        """Return the edit after which files hold this."""
        return cls(after, snapshot(after))

    def carry_out(self) -> None:
        """Let the files hold what they shall."""
        write(self.after)

    def take_back(self) -> None:
        """Let the files hold what they held."""
        write(self.before)


NOTHING = Edit()
"""The edit that leaves all files as they are."""


def snapshot(paths: Iterable[Path]) -> Files:
    """Return what the files hold now: written again, it takes an edit back."""
    return {path: path.read_bytes() if path.is_file() else None for path in paths}


def write(files: Mapping[Path, bytes | None]) -> None:
    """Let each file hold what it shall, or be gone; nobody ever reads half a file."""
    for path, data in files.items():
        if data is None:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.kubia")
        fresh.write_bytes(data)
        fresh.replace(path)


def summary(
    files: Mapping[Path, bytes | None], before: Mapping[Path, bytes | None], root: Path
) -> Iterator[str]:
    """Return how the files differ from `before`: a diff of YAML files, the names of all others.

    Names are as seen from `root`.
    """
    for path, data in files.items():
        name = str(path.relative_to(root)) if path.is_relative_to(root) else path.name
        old = before[path]
        if data is None or old is None or path.suffix != ".yaml":
            yield f"{name} {'is deleted' if data is None else 'is written'}"
            continue
        texts = (old.decode().splitlines(), data.decode().splitlines())
        yield from difflib.unified_diff(*texts, name, name, n=1, lineterm="")
