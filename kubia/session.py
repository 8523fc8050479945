"""What a command works on: which stack of which project, by which engine, in which cluster."""

import contextlib
import gc
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from kubia import cluster, console, context
from kubia.apply import applyset, keeper, plan
from kubia.apply.api import Api, if_allowed
from kubia.apply.applyset import Parent
from kubia.apply.connection import Connection, connect
from kubia.apply.keeper import EngineName
from kubia.apply.model import DesiredState
from kubia.errors import InvalidError, KubiaError
from kubia.program import objects
from kubia.program.run import Program, run_file
from kubia.project import contract
from kubia.project.stackfile import Stack


@dataclass(frozen=True)
class Session:
    """One command's stack, engine and cluster.

    `context` is None where no cluster is needed, or where the local one does not run.
    """

    stack: Stack
    engine: EngineName
    context: str | None

    @property
    def cluster(self) -> str:
        """The context of a cluster that is there.

        Raises:
            KubiaError: the local cluster does not run.

        """
        if self.context is None:
            raise KubiaError(cluster.NOT_RUNNING)
        return self.context

    @cached_property
    def program(self) -> Program:
        """What the stack's program declares for this context, or for nobody's cluster (None).

        The program is run once, when this is first asked for, however often a command needs it.

        Raises:
            InvalidError: it cannot be rendered, or its providers name other contexts.
            ProgramError: it failed.

        """
        project = self.stack.project
        with cluster.telling(self.context or contract.contexts(self.stack)[0]), _uncollected():
            program = run_file(
                project.root,
                project.name,
                self.stack.name,
                config=self.stack.config,
                secret_keys=self.stack.secret_keys,
            )
        foreign = [name for name in objects.contexts(program) if name != self.context]
        if self.context and foreign:
            problem = (
                f"the program's providers name other contexts than {self.context!r}: "
                f"{', '.join(foreign)}; the kubectl engine serves one cluster at a time."
            )
            raise InvalidError([problem])
        return program

    @cached_property
    def namespace(self) -> str:
        """The stack's own namespace: the one its file names, else as the program declares it."""
        return contract.namespace(self.stack) or objects.home(self.program)

    def announce(self) -> None:
        """Say on standard error what is going to be worked on."""
        where = f"context {self.context}" if self.context else "no cluster"
        console.err(f"stack {self.stack.name}, engine {self.engine}, {where}")


def open_session(
    folder: Path,
    stack: str,
    engine: Literal["auto", "pulumi", "kubectl"],
    named: str | None,
    *,
    start: bool = False,
    writes: bool = True,
    connect: Callable[[str], AbstractContextManager[Connection]] = connect,
) -> Session:
    """Return the stack, checked against the cluster that is meant, and say so.

    `named` is the context that the user gave. Without it and $KUBIA_CONTEXT the local cluster is
    meant; `start` starts it if it is not running, otherwise the session has no context then. The
    process's kubeconfig is set up.

    A stack stays with the kubectl engine as long as the cluster holds that engine's record of it;
    a command that `writes` nothing may name pulumi all the same, and then asks no cluster.

    Raises:
        InvalidError: no such stack, the stack may not touch this context, or the kubectl engine
            keeps it and pulumi is asked for.

    """
    session = _opened(folder, stack, choose(engine), named, start=start)
    if session.engine == "pulumi" and session.context and (writes or engine == "auto"):
        session = _kept(session, engine, connect, writes=writes)
    session.announce()
    return session


def between_engines(folder: Path, stack: str, named: str | None) -> Session:
    """Return the stack, checked as by `open_session`, for a command about its engines.

    Its own engine is kubectl, which compares with the cluster for both.

    Raises:
        InvalidError: no such stack, or it may not touch this context.

    """
    session = _opened(folder, stack, "kubectl", named, start=False)
    console.err(f"stack {session.stack.name}, context {session.cluster}")
    return session


def without_cluster(
    folder: Path, stack: str, engine: Literal["auto", "pulumi", "kubectl"] = "kubectl"
) -> Session:
    """Return the stack for a command that needs no cluster.

    Raises:
        InvalidError: no such stack.

    """
    return Session(contract.stack(folder, stack), choose(engine), None)


def has_pulumi() -> bool:
    """Whether Pulumi's CLI is on PATH."""
    return shutil.which("pulumi") is not None


def choose(engine: Literal["auto", "pulumi", "kubectl"]) -> EngineName:
    """Return the engine; `auto` takes pulumi where its CLI is on PATH, if no cluster is asked.

    Raises:
        InvalidError: pulumi is asked for, and there is none.

    """
    if engine == "auto":
        return "pulumi" if has_pulumi() else "kubectl"
    if engine == "pulumi" and not has_pulumi():
        problem = (
            "--engine pulumi: there is no `pulumi` on PATH; install Pulumi's CLI, or use kubectl."
        )
        raise InvalidError([problem])
    return engine


def _opened(
    folder: Path,
    stack: str,
    engine: EngineName,
    named: str | None,
    *,
    start: bool,
) -> Session:
    """Return the stack for the context that is meant, which it must be allowed to touch."""
    opened = contract.stack(folder, stack)
    given = context.named(named)
    file = opened.file.relative_to(opened.project.root)
    mend = (
        f"name another one by --context or ${context.VARIABLE}, "
        f"or add it to {opened.project.name}:contexts in {file}"
    )
    allowed = context.allowed(given or cluster.LOCAL, contract.contexts(opened), stack, mend)
    if given is None:
        return Session(opened, engine, cluster.local(start=start))
    cluster.add_kubeconfig(allowed)
    return Session(opened, engine, allowed)


def _kept(
    session: Session,
    asked: Literal["auto", "pulumi", "kubectl"],
    connect: Callable[[str], AbstractContextManager[Connection]],
    *,
    writes: bool,
) -> Session:
    """Return the session with the engine that keeps the stack in its cluster.

    Pulumi would take the other's objects over without a word, and both would write to them.
    """
    name = session.stack.name
    with connect(session.cluster) as connection:
        records = _records(Api(connection), session.stack)
    if not records:
        return session
    if writes:
        keeper.refuse_unfinished(records, name)
    keeps = f"the kubectl engine keeps stack {name} (its record is {records[0].key})"
    if asked == "pulumi":
        problem = (
            f"--engine pulumi: {keeps}: keep --engine kubectl, or go over by "
            f"{keeper.go_over('pulumi', name)}."
        )
        raise InvalidError([problem])
    console.err(f"{keeps}, so auto takes kubectl")
    return replace(session, engine="kubectl")


def _records(api: Api, stack: Stack) -> tuple[Parent, ...]:
    """Return the kubectl engine's records of the stack: more than one if it changes its namespace.

    Whoever may not ask for them could not have worked with that engine, and has none.
    """
    project = stack.project.name
    desired = DesiredState(project, stack.name, applyset.parent(project, stack.name, ""), ())
    return if_allowed(lambda: plan.find_parents(api, desired), ())


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
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
