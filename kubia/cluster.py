"""Which cluster a command means: a context that is named, or else the local cluster."""

import contextlib
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from kubia import context
from kubia.errors import InvalidError

LOCAL = "kubia"
"""The local cluster, and its context, that is used where no context is named."""


NOT_RUNNING = (
    "the local cluster is not running: start it by `kubia cluster up`, "
    "or name another one by --context."
)


def local(*, start: bool) -> str | None:
    """Return the local cluster's context; None if it does not run and is not to be started."""
    # Only those who use the local cluster pay for loading it.
    from kubia.local import cluster as local_cluster  # noqa: PLC0415 - see above
    from kubia.local import kubeconfig as local_kubeconfig  # noqa: PLC0415 - see above
    from kubia.local.report import Lines  # noqa: PLC0415 - see above

    if start:
        local_kubeconfig.use(local_cluster.up(LOCAL, report=Lines()).kubeconfig)
        return LOCAL
    status = local_cluster.status(LOCAL)
    if not (status.ready and status.kubeconfig):
        return None
    local_kubeconfig.use(Path(status.kubeconfig))
    return LOCAL


def add_kubeconfig(name: str) -> None:
    """Let a local cluster be named as a context, after those of the user's own kubeconfig.

    Its file then stands alone: of a list of files Pulumi's provider can make nothing.
    """
    from kubia.local import kubeconfig as local_kubeconfig  # noqa: PLC0415 - as in local
    from kubia.local import paths  # noqa: PLC0415 - as in local

    try:
        file = paths.layout(name).kubeconfig
    except InvalidError:  # a context's name may hold what a local cluster's may not
        return
    if file.is_file() and not context.is_known(name):
        local_kubeconfig.use(file)


def meant(named: str | None) -> str | None:
    """Return the context that is meant, for a command without a stack, and set its kubeconfig up.

    `named` is the context that the user gave. None if the local cluster is meant and does not run.
    """
    given = context.named(named)
    if given is None:
        return local(start=False)
    add_kubeconfig(given)
    return given


def option(name: str) -> str:
    """Return the option that leads a command to a context from any shell, with a space before it.

    The local cluster needs none, unless this shell means another one.
    """
    if name == LOCAL and context.named() in {None, LOCAL}:
        return ""
    return f" --context {shlex.quote(name)}"


@contextlib.contextmanager
def telling(name: str) -> Iterator[None]:
    """Tell the program which context it is for, as long as the block runs."""
    before = os.environ.get(context.VARIABLE)
    os.environ[context.VARIABLE] = name
    try:
        yield
    finally:
        del os.environ[context.VARIABLE]
        if before is not None:
            os.environ[context.VARIABLE] = before
