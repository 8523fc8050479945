"""Which cluster a stack touches: never one by accident."""

import os
from collections.abc import Sequence
from fnmatch import fnmatchcase

from kubia import kubeconfig
from kubia.mistakes import MistakeError

VARIABLE = "KUBIA_CONTEXT"
MEND = (
    f"name another one by ${VARIABLE} or `kubectl config use-context`, "
    "or add it to `contexts` in the stack's file"
)
"""What to do about a refused context where Pulumi runs the program."""


def named(option: str | None = None) -> str | None:
    """Return the context that the user names, by an option or else by $KUBIA_CONTEXT.

    An empty variable names none, as one that is not set.
    """
    return option or os.environ.get(VARIABLE) or None


def current() -> str | None:
    """Return the kubeconfig context in use: $KUBIA_CONTEXT, else the kubeconfig's current one."""
    return named() or kubeconfig.current(kubeconfig.files())


def is_known(name: str) -> bool:
    """Return whether the user's kubeconfig has a context of this name."""
    return name in kubeconfig.contexts(kubeconfig.files())


def allowed(context: str | None, contexts: Sequence[str], stack: str, mend: str = MEND) -> str:
    """Return `context` if one of the patterns in `contexts` matches it; `mend` says what to do.

    Raises:
        MistakeError: none does, or there is no context.

    """
    if context is not None and any(fnmatchcase(context, pattern) for pattern in contexts):
        return context
    given = "there is no current context" if context is None else f"the context is {context!r}"
    msg = f"stack {stack!r}: {given}, but this stack may only touch {', '.join(contexts)}; {mend}"
    raise MistakeError([msg])
