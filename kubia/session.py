"""Finds out what a command is to work on: the stack, the engine, the cluster."""

import contextlib
import gc
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Literal

from kubia import console
from kubia import context as contexts
from kubia.errors import InvalidError
from kubia.program import objects, run
from kubia.program.run import Program
from kubia.project import contract, stackfile
from kubia.project.stackfile import Stack

LOCAL = "kubia"
"""The local cluster, and its context, that is used where no context is named."""


class Engine(str, Enum):
    """Who brings the program into the cluster."""

    AUTO = "auto"
    PULUMI = "pulumi"
    KUBECTL = "kubectl"


@dataclass(frozen=True)
class Session:
    """One command's stack and engine. `context` is None where no cluster is needed or there."""

    stack: Stack
    engine: Literal["pulumi", "kubectl"]
    context: str | None

    def tell(self) -> None:
        """Say what is going to be worked on."""
        where = f"context {self.context}" if self.context else "no cluster"
        console.err(f"stack {self.stack.name}, engine {self.engine}, {where}")


def open_session(
    cwd: Path, stack: str, engine: Engine, context: str | None, *, start: bool = False
) -> Session:
    """Return the stack, checked against the cluster that is meant.

    Without `context` and $KUBIA_CONTEXT the local cluster is meant; `start` starts it if it is not
    running, otherwise the session has no context then. The session's kubeconfig is set up.

    Raises:
        InvalidError: no such stack, or the stack may not touch this context.

    """
    found = stackfile.stack(stackfile.project(cwd), stack)
    patterns = allowed_contexts(found)
    named = context or os.environ.get(contexts.VARIABLE)
    allowed = contexts.allowed(named or LOCAL, patterns, stack)
    chosen = choose(engine)
    if named is None:
        return Session(found, chosen, _local(start=start))
    _add_kubeconfig(allowed)
    return Session(found, chosen, allowed)


def choose(engine: Engine) -> Literal["pulumi", "kubectl"]:
    """Return the engine; `auto` takes pulumi where its CLI is on PATH."""
    if engine is Engine.AUTO:
        return "pulumi" if shutil.which("pulumi") else "kubectl"
    if engine is Engine.PULUMI and not shutil.which("pulumi"):
        problem = (
            "--engine pulumi: there is no `pulumi` on PATH; install Pulumi's CLI, or use kubectl."
        )
        raise InvalidError((problem,))
    return "pulumi" if engine is Engine.PULUMI else "kubectl"


@contextlib.contextmanager
def _kept() -> Iterator[None]:
    """Keep the garbage collector from ever looking through what is made here.

    A command needs all of it to its end. With a thousand sites, looking again and again took more
    than half of the time, and one look afterwards more than two seconds.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def rendered(stack: Stack, context: str | None) -> Program:
    """Return what the stack's program declares for a context, or for nobody's cluster (None)."""
    project = stack.project
    with _context(context or allowed_contexts(stack)[0]), _kept():
        declared = run.run_file(
            project.root,
            project.name,
            stack.name,
            config=stack.config,
            secret_keys=stack.secret_keys,
        )
    foreign = [name for name in objects.contexts(declared) if name != context]
    if context and foreign:
        problem = (
            f"the program's providers name other contexts than {context!r}: {', '.join(foreign)}; "
            "the kubectl engine serves one cluster at a time."
        )
        raise InvalidError((problem,))
    return declared


def allowed_contexts(stack: Stack) -> tuple[str, ...]:
    """Return the patterns of the contexts that the stack may touch (its key `contexts`)."""
    return contract.contexts(stack)


@contextlib.contextmanager
def _context(name: str) -> Iterator[None]:
    """Tell the program which context it is for."""
    before = os.environ.get(contexts.VARIABLE)
    os.environ[contexts.VARIABLE] = name
    try:
        yield
    finally:
        del os.environ[contexts.VARIABLE]
        if before is not None:
            os.environ[contexts.VARIABLE] = before


def _local(*, start: bool) -> str | None:
    """Return the local cluster's context; None if it does not run and is not to be started."""
    # Only those who use the local cluster pay for loading it.
    from kubia.local import cluster  # noqa: PLC0415
    from kubia.local.report import Lines  # noqa: PLC0415

    if start:
        os.environ["KUBECONFIG"] = str(cluster.up(LOCAL, report=Lines()).kubeconfig)
        return LOCAL
    status = cluster.status(LOCAL)
    if not (status.ready and status.kubeconfig):
        return None
    os.environ["KUBECONFIG"] = str(status.kubeconfig)
    return LOCAL


def _add_kubeconfig(name: str) -> None:
    """Let a local cluster be named as a context, after those of the user's own kubeconfig."""
    from kubia.local import paths  # noqa: PLC0415

    try:
        file = paths.layout(name).kubeconfig
    except InvalidError:  # a context's name may hold what a local cluster's may not
        return
    if file.is_file():
        own = os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
        os.environ["KUBECONFIG"] = os.pathsep.join((own, str(file)))
