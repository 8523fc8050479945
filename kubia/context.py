"""Which cluster a stack touches: never one by accident."""

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from kubia.mistakes import MistakeError

VARIABLE = "KUBIA_CONTEXT"


def current() -> str | None:
    """Return the kubeconfig context in use: $KUBIA_CONTEXT, else the kubeconfig's current one."""
    named = os.environ.get(VARIABLE)
    if named:
        return named
    currents = (content.get("current-context") for content in _kubeconfigs())
    return next((str(name) for name in currents if name), None)


def is_known(name: str) -> bool:
    """Return whether the user's kubeconfig has a context of this name."""
    contexts = (item for content in _kubeconfigs() for item in content.get("contexts") or ())
    return any(item.get("name") == name for item in contexts)


def allowed(context: str | None, contexts: Sequence[str], stack: str) -> str:
    """Return `context` if one of the patterns in `contexts` matches it.

    Raises:
        MistakeError: none does, or there is no context.

    """
    if context is not None and any(fnmatchcase(context, pattern) for pattern in contexts):
        return context
    given = "there is no current context" if context is None else f"the context is {context!r}"
    msg = (
        f"stack {stack!r}: {given}, but this stack may only touch {', '.join(contexts)}; "
        f"switch by `kubectl config use-context` or ${VARIABLE}, or add it to "
        f"kubia:contexts in stacks/Pulumi.{stack}.yaml"
    )
    raise MistakeError([msg])


def _kubeconfigs() -> Iterator[dict[str, Any]]:
    """Go through the files that $KUBECONFIG names, as kubectl does; else there is one at home."""
    files = os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    for file in map(Path, files.split(os.pathsep)):
        if file.is_file():
            yield yaml.safe_load(file.read_text(encoding="utf-8")) or {}
