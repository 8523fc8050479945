"""Edits of a project's files: what they shall hold, what they held before, how the two differ."""

import contextlib
import difflib
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yaml import MappingNode, Node

from kubia import console, yaml12
from kubia.errors import MASK, InvalidError, KubiaError, refuse
from kubia.project import stackfile, yamledit

Files = dict[Path, bytes | None]
"""What files hold, by path; None: there is no such file."""


class ChangedError(KubiaError):
    """A file is not any more what an edit of it was made for; nothing was changed."""

    def __init__(self, file: Path) -> None:
        """Name the file."""
        super().__init__(
            f"{file.name} was changed by somebody else since it was read, so nothing was changed: "
            "run the same again."
        )


@dataclass(frozen=True)
class Edit:
    """Files, with what they shall hold and what they hold `before`."""

    after: Files = field(default_factory=dict)
    before: Files = field(default_factory=dict)

    @classmethod
    def of(cls, after: Files) -> "Edit":
        """Return the edit after which files hold this.

        Raises:
            InvalidError: one of them may not be written.

        """
        refuse_unwritable(path for path, data in after.items() if data is not None)
        return cls(after, snapshot(after))

    @classmethod
    def of_document(cls, file: Path, read: Mapping[str, Any], wanted: Mapping[str, Any]) -> "Edit":
        """Return the edit after which a YAML file holds `wanted`, and its comments still.

        `read` is what it held when that was decided.

        Raises:
            InvalidError: it may not be written, or holds no YAML.
            ChangedError: it holds something else by now.
            KubiaError: it is written in a way that cannot be edited.

        """
        refuse_unwritable([file])
        before = snapshot([file])  # first: what is written from here on is noticed
        if not yamledit.same(stackfile.read(file), read):
            raise ChangedError(file)
        return cls({file: yamledit.edited(file, wanted).encode()}, before)

    def and_(self, other: "Edit") -> "Edit":
        """Return both edits as one."""
        return Edit({**self.after, **other.after}, {**self.before, **other.before})

    def check(self) -> None:
        """Refuse what has changed meanwhile.

        Raises:
            ChangedError: a file does not hold what it held before.

        """
        for path, data in snapshot(self.before).items():
            if data != self.before[path]:
                raise ChangedError(path)

    def carry_out(self) -> None:
        """Let the files hold what they shall.

        Raises:
            ChangedError: one does not hold what it held before; nothing was changed.
            KubiaError: one cannot be written; they hold what they held.

        """
        with _locked(self.after):
            self.check()
            try:
                write(self.after)
            except BaseException:
                self._put_back(snapshot(self.after))
                raise

    def take_back(self) -> None:
        """Let the files hold what they held; what others have changed since stays, and is named.

        Raises:
            KubiaError: one cannot be written.

        """
        with _locked(self.after):
            now = snapshot(self.after)
            self._put_back(now)
        for path, data in now.items():
            if data not in {self.before[path], self.after[path]}:
                console.err(f"{path.name} stays as it is: somebody else has changed it meanwhile")

    def _put_back(self, now: Files) -> None:
        """Let those files hold what they held that hold `now` what the edit made of them."""
        write({path: self.before[path] for path in now if now[path] == self.after[path]})


NOTHING = Edit()
"""The edit that leaves all files as they are."""


def snapshot(paths: Iterable[Path]) -> Files:
    """Return what the files hold now: written again, it takes an edit back."""
    return {path: path.read_bytes() if path.is_file() else None for path in paths}


def refuse_unwritable(paths: Iterable[Path]) -> None:
    """Refuse files that are there, but may not be written.

    Raises:
        InvalidError: one of them is read-only, or its folder is.

    """
    real = [path.resolve() for path in paths if path.exists()]
    read_only = (each for path in real for each in (path, path.parent) if not _is_writable(each))
    refuse(
        f"{path}: is read-only: make it writable (`chmod u+w {path}`)."
        for path in dict.fromkeys(read_only)
    )


def _is_writable(path: Path) -> bool:
    # root may write anything, but a mode without any `w` is somebody's wish to have it left alone.
    return os.access(path, os.W_OK) and bool(path.stat().st_mode & 0o222)


def write(files: Mapping[Path, bytes | None]) -> None:
    """Let each file hold what it shall, or be gone; nobody ever reads half a file.

    Links stay, and so do modes and, where that is allowed, owners.

    Raises:
        KubiaError: one cannot be written.

    """
    for path, data in files.items():
        try:
            if data is None:
                path.unlink(missing_ok=True)
            else:
                _replace(path.resolve(), data)
        except OSError as error:
            message = f"{path}: cannot be written: {error.strerror}."
            raise KubiaError(message) from None


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.kubia")
    try:
        # What only its owner may read is so from its first byte on.
        fresh.touch(mode=0o600 if path.exists() else 0o666)
        fresh.write_bytes(data)
        if path.exists():
            owner = path.stat()
            with contextlib.suppress(PermissionError):
                os.chown(fresh, owner.st_uid, owner.st_gid)
            shutil.copymode(path, fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(paths: Iterable[Path]) -> Iterator[None]:
    """Hold the locks of the files' folders, which leave no file behind, against other commands."""
    folders = {path.resolve().parent for path in paths}
    with contextlib.ExitStack() as stack:
        for folder in sorted(filter(Path.is_dir, folders)):
            descriptor = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, descriptor)
            # NFS locks no folders: there it must do that files are compared before the writing.
            with contextlib.suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def summary(
    files: Mapping[Path, bytes | None], before: Mapping[Path, bytes | None], root: Path
) -> Iterator[str]:
    """Return how the files differ from `before`: a diff of YAML files, the names of all others.

    Names are as seen from `root`. Of secrets no line is shown: it may be plain text.
    """
    for path, data in files.items():
        name = str(path.relative_to(root)) if path.is_relative_to(root) else path.name
        old = before[path]
        if data is None or old is None or path.suffix != ".yaml":
            yield f"{name} {'is deleted' if data is None else 'is written'}"
            continue
        one, other = old.decode(errors="replace"), data.decode(errors="replace")
        masked = _masked(one) | _masked(other)
        lines = (one.splitlines(), other.splitlines())
        for line in difflib.unified_diff(*lines, name, name, n=1, lineterm=""):
            yield line[0] + masked.get(line[1:], line[1:])


def _masked(text: str) -> dict[str, str]:
    """Return what to show of the lines of a stack file's secrets, with the comments among them."""
    masked: dict[str, str] = {}
    for key, node in _secrets(text):
        start, end = node.start_mark, node.end_mark
        below = key.end_mark.line < start.line  # and so are comments that a block begins with
        first = key.end_mark.line + 1 if below else start.line
        for number, line in enumerate(text.splitlines()[first : end.line + 1], first):
            ends_before = number == end.line and not line[: end.column].strip()
            indent = len(line) - len(line.lstrip()) if below or number > first else start.column
            if line.strip() and not ends_before:
                masked[line] = line[:indent] + MASK
    return masked


def _secrets(text: str) -> Iterator[tuple[Node, Node]]:
    """Yield the keys and the values of a text's secrets, if it is a stack file's."""
    with contextlib.suppress(InvalidError):
        root = yaml12.compose(text, "")
        for key, config in root.value if isinstance(root, MappingNode) else ():
            if key.value == "config" and isinstance(config, MappingNode):
                for name, node in config.value:
                    if str(name.value).rpartition(":")[2] == "secrets":
                        yield name, node
