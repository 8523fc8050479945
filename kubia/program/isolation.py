"""Lets a program run in this process as in one of its own: its modules first, and none kept.

Pulumi's language host starts a process for each run. Python and Pulumi are loaded there before the
program, so a project's `typing.py` or `yaml.py` is never seen; all else is looked for in the
project's folder first.
"""

import contextlib
import functools
import importlib
import os
import subprocess
import sys
from collections.abc import Collection, Iterator
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

from pulumi.runtime import rpc

_HOST = "import argparse, asyncio, inspect, logging, pulumi.runtime, runpy, sys"
"""What pulumi-language-python-exec loads."""


@contextlib.contextmanager
def isolated(root: Path) -> Iterator[None]:
    """Work in the folder `root`, an absolute path, with its modules first on the module path.

    What the process has loaded from elsewhere under names of the project's is set aside until the
    end. Then working directory, arguments, environment and module path are again as they were, and
    what was loaded is forgotten, so that the next run begins afresh; installed packages stay.
    """
    path, argv, environment = sys.path[:], sys.argv[:], dict(os.environ)
    importlib.invalidate_caches()
    hidden = _hidden(root)
    aside = {name: module for name, module in sys.modules.items() if _top(name) in hidden}
    for name in aside:
        del sys.modules[name]
    before = {*map(_top, sys.modules)}
    rest = path[1:] if path[:1] == [_here()] else path  # `python -m` puts it there
    sys.path[:] = [str(root), *rest]
    sys.argv[:] = [str(root / "__main__.py")]
    try:
        with _working_in(root):
            yield
    finally:
        _forget({*map(_top, sys.modules)} - before, _installed(path))
        sys.modules.update(aside)
        _unregister()
        sys.path[:], sys.argv[:] = path, argv
        os.environ.clear()
        os.environ.update(environment)


def _here() -> str:
    """Return the working directory; "" if it has been deleted."""
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return ""


@contextlib.contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    """Work in a folder, and then again in the one before, which may have been deleted."""
    before = os.open(".", getattr(os, "O_PATH", os.O_RDONLY))  # it need not be readable on Linux
    try:
        os.chdir(folder)
        yield
    finally:
        os.fchdir(before)
        os.close(before)


def _hidden(root: Path) -> Collection[str]:
    """Return the loaded modules in whose place a fresh process would load the project's own."""
    listed = {entry.name.partition(".")[0] for entry in root.iterdir()} - {"__main__"}
    own = {name for name in listed & {*map(_top, sys.modules)} if _is_other(name, root)}
    return own - _of_host() if own else own


def _is_other(name: str, root: Path) -> bool:
    """Whether `root` has a module of this name, and it is not the one that is loaded."""
    spec = PathFinder.find_spec(name, [str(root)])
    if spec is None or spec.loader is None:  # a folder without __init__.py comes last
        return False
    loaded = getattr(sys.modules.get(name), "__file__", None) or ""
    return os.path.realpath(loaded) != os.path.realpath(spec.origin or "")


@functools.cache
def _of_host() -> frozenset[str]:
    """Return the modules that Pulumi's language host has loaded before it runs a program."""
    command = [sys.executable, "-P", "-c", f"{_HOST}; print(*sys.modules)"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return frozenset(map(_top, done.stdout.split()))


def _forget(loaded: Collection[str], installed: Collection[str]) -> None:
    gone = {name for name in loaded if _folder(name) not in {None, *installed}}
    for name in [name for name in sys.modules if _top(name) in gone]:
        del sys.modules[name]


def _installed(path: Collection[str]) -> Collection[str]:
    """Return the folders of the module path that Python or pip has filled."""
    python = Path(os.__file__).parent
    return {
        os.path.realpath(entry)
        for entry in map(Path, path)
        if entry.is_relative_to(python)
        or entry.name == "dist-packages"
        or any(entry.glob("*.dist-info"))
    }


def _folder(name: str) -> str | None:
    """Return the folder that holds a module; None if it came from no file."""
    spec: ModuleSpec | None = getattr(sys.modules.get(name), "__spec__", None)
    if spec is None:
        return None
    file = spec.origin if spec.has_location else None
    place = next(iter(spec.submodule_search_locations or ()), file)
    return os.path.realpath(Path(place).parent) if place else None


def _unregister() -> None:
    """Let packages of the project register again what they did: Pulumi refuses it twice."""
    registries: list[dict[str, list[Any]]]
    registries = [rpc._RESOURCE_PACKAGES, rpc._RESOURCE_MODULES]  # noqa: SLF001 - no other way
    for registered in (each for registry in registries for each in registry.values()):
        registered[:] = [each for each in registered if type(each).__module__ in sys.modules]


def _top(name: str) -> str:
    return name.partition(".")[0]
