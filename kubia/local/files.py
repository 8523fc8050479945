"""Files that several commands share: written whole and only when they change, and locks."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Make `path` hold `text`, readable by its owner; a reader sees all of it or none.

    What holds it already is not touched: kube-proxy ends when its configuration is written.
    """
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Make `path` hold `content`."""
    write(path, json.dumps(content, indent=1))


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock at `path`; wait while another command holds it."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # The command that held it may have removed the file, and another made a new one.
            if _is_at(path, lock.fileno()):
                yield
                return


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
