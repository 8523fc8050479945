"""Runs a Pulumi program in this process, without Pulumi's engine, and returns what it declares."""

import asyncio
import contextlib
import contextvars
import logging
import os
import runpy
import selectors
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import pulumi
from pulumi.runtime import config as pulumi_config
from pulumi.runtime import resource
from pulumi.runtime import settings as pulumi_settings
from pulumi.runtime.mocks import MockEngine, Mocks, MockSettings
from pulumi.runtime.proto import source_pb2
from pulumi.runtime.stack import run_in_stack

from kubia.config import encoded
from kubia.errors import InvalidError, KubiaError
from kubia.program import checks
from kubia.program.isolation import isolated
from kubia.program.mocks import OUTPUT_AS_TEXT, ServerMocks
from kubia.program.monitor import RecordingMonitor, Registered
from kubia.program.values import Plain

DEADLINE = 30.0
"""Seconds without a new resource after which a run that has not ended, and idles, is given up."""
_IDLE = 0.9
"""The share of those seconds for which the loop of a run that idles had nothing to do. The time
that the thread computed would not say: it may be kept from computing by others."""
_SHOWN = 5
"""Resources that are named of those for which a given-up run still waits."""


@dataclass(frozen=True)
class Program:
    """What a run of a program declared: its resources in order of registration, and its outputs."""

    project: str
    stack: str
    resources: tuple[Registered, ...]
    outputs: Mapping[str, Any]
    secret_outputs: frozenset[str]
    unknown_outputs: frozenset[str]
    component_outputs: Mapping[str, Plain]
    """What each component, and the stack itself, registered as its outputs, by URN."""


class ProgramError(KubiaError):
    """The program raised something of its own; the message ends with its traceback."""


class _Inline(ThreadPoolExecutor):
    """Runs what Pulumi hands to threads at once: faster on mocks, and always in the same order."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - handed to whoever awaits the future
            future.set_exception(error)
        return future


class _Selector(selectors.DefaultSelector):
    """Counts the seconds for which the loop had nothing to do but wait."""

    waited = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        began = time.monotonic()
        ready = super().select(timeout)
        if timeout != 0:
            self.waited += time.monotonic() - began
        return ready


def run_file(root: FilePath, project: str, stack: str, **options: Any) -> Program:
    """Run `root`/__main__.py as in a process of its own: see `isolated`.

    The program's own prints go to stderr. `options` are those of `run`.

    Raises:
        InvalidError: there is no such file, or as of `run`.
        ProgramError: as of `run`.

    """
    root = root.resolve()
    main = root / "__main__.py"
    if not main.is_file():
        problem = f"{root} has no __main__.py: it is not the folder of a Pulumi program in Python."
        raise InvalidError([problem])

    def program() -> None:
        runpy.run_path(str(main), run_name="__main__")

    with isolated(root), contextlib.redirect_stdout(sys.stderr):
        return run(program, project, stack, root=root, **options)


def run(  # noqa: PLR0913 - keyword-only settings of one run
    program: Callable[[], Any],
    project: str,
    stack: str,
    *,
    config: Mapping[str, Any] | None = None,
    secret_keys: Collection[str] = (),
    preview: bool = True,
    mocks: Mocks | None = None,
    root: FilePath | None = None,
    deadline: float = DEADLINE,
) -> Program:
    """Run `program` on mocks, with an event loop and Pulumi settings of its own.

    `config` holds plain values by full key (`kubia:namespace`). `preview` leaves what only a
    server knows unknown. With `mocks` of one's own (tests) these answer for the server, and reads
    and provider functions go to them; without, whatever only Pulumi's engine can do is refused.

    Raises:
        InvalidError: the program declares what cannot be rendered; every problem is named.
        ProgramError: the program failed with an exception of its own.

    """
    monitor = RecordingMonitor(mocks or ServerMocks(), strict=mocks is None)

    def go() -> None:
        _configure(monitor, project, stack, preview=preview)
        pulumi_config.set_all_config(
            {key: encoded(value) for key, value in (config or {}).items()}, list(secret_keys)
        )
        _drive(program, monitor, deadline)

    try:
        with _untraced(), _marked_outputs():
            contextvars.copy_context().run(go)
    except KubiaError:
        raise
    except pulumi.RunError as error:
        raise ProgramError(str(error)) from error
    except SystemExit as error:  # its 0 would end the command, and look as if all were done
        message = f"the program left by sys.exit({error.code!r}) before its end."
        raise ProgramError(message) from error
    except Exception as error:
        raise ProgramError(_last_frames(error, root)) from error
    if mocks is None:
        barred = frozenset((config or {}).get("pulumi:disable-default-providers", ()))
        checks.refuse_unrenderable([*monitor.registered.values()], monitor.outputs, barred)
    return _declared(monitor, project, stack)


def _declared(monitor: RecordingMonitor, project: str, stack: str) -> Program:
    return Program(
        project=project,
        stack=stack,
        resources=tuple(monitor.registered.values()),
        outputs=monitor.outputs.value,
        secret_outputs=frozenset(str(path[0]) for path in monitor.outputs.secrets),
        unknown_outputs=checks.unknown_outputs(monitor.outputs),
        component_outputs=monitor.component_outputs,
    )


@contextlib.contextmanager
def _untraced() -> Iterator[None]:
    """Keep Pulumi from finding out where in the program each resource is made.

    It tells an engine, which is not there, and finding out took a tenth of the whole time.
    """
    original = resource._get_stack_trace  # noqa: SLF001 - there is no setting for it
    resource._get_stack_trace = source_pb2.StackTrace  # noqa: SLF001 - as above
    try:
        yield
    finally:
        resource._get_stack_trace = original  # noqa: SLF001 - as above


@contextlib.contextmanager
def _marked_outputs() -> Iterator[None]:
    """Let an Output that is put into a string be found there; Pulumi's own text may be quoted."""
    original = pulumi.Output.__str__

    def marked(output: pulumi.Output[Any]) -> str:
        original(output)  # warns
        return OUTPUT_AS_TEXT

    pulumi.Output.__str__ = marked  # type: ignore[method-assign]
    try:
        yield
    finally:
        pulumi.Output.__str__ = original  # type: ignore[method-assign]


def _configure(monitor: RecordingMonitor, project: str, stack: str, *, preview: bool) -> None:
    pulumi_settings.ROOT.set(None)
    pulumi_settings.configure(
        MockSettings(  # type: ignore[no-untyped-call]
            monitor=monitor,
            monitor_features=set(),
            engine=MockEngine(logging.getLogger("kubia.program")),
            project=project,
            stack=stack,
            dry_run=preview,
            organization="organization",
            root_directory=os.getcwd(),  # noqa: PTH109 - Pulumi's own type is str
            outputs=set(),
            lock=threading.Lock(),
            package_refs={},
            base_providers_by_ref={},
            callbacks=None,
        )
    )


def _drive(program: Callable[[], Any], monitor: RecordingMonitor, deadline: float) -> None:
    selector = _Selector()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        runner.get_loop().set_default_executor(_Inline())
        runner.get_loop().set_exception_handler(_hear)
        runner.run(_until_done(program, monitor, selector, deadline))


def _hear(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report what goes wrong in the loop, but not the copies of the error that ends the run.

    Pulumi gives one resource's error to each of its outputs; nobody asks for those again.
    """
    if "never retrieved" not in context["message"]:
        loop.default_exception_handler(context)


async def _until_done(
    program: Callable[[], Any], monitor: RecordingMonitor, selector: _Selector, deadline: float
) -> None:
    main = asyncio.ensure_future(run_in_stack(program))
    idle = False
    while not (main.done() or idle):
        seen, waited = len(monitor.registered), selector.waited
        await asyncio.wait({main}, timeout=deadline)
        waited = selector.waited - waited
        idle = seen == len(monitor.registered) and waited > _IDLE * deadline
    if main.done():
        main.result()
        return
    stuck = sorted(_unregistered())
    main.cancel()
    what = ", ".join(stuck[:_SHOWN]) if stuck else "an output that the program made"
    if len(stuck) > _SHOWN:
        what += f" and {len(stuck) - _SHOWN} more"
    problem = (
        f"the program did not end: after {deadline:g} s without progress it still waits for "
        f"{what}; look for a future or an apply that never resolves."
    )
    raise InvalidError([problem])


def _unregistered() -> Iterator[str]:
    """Return the resources whose registration still waits for one of their inputs."""
    for task in asyncio.all_tasks():
        frame = getattr(task.get_coro(), "cr_frame", None)
        if frame is not None and frame.f_code.co_name == "do_register":
            yield f"resource {frame.f_locals['name']!r} ({frame.f_locals['ty']})"


def _last_frames(error: BaseException, root: FilePath | None) -> str:
    """Return the error with the last frames of its traceback in the program's own files."""
    frames = traceback.extract_tb(error.__traceback__)
    if root is not None:
        own = [frame for frame in frames if _is_own(FilePath(frame.filename), root)]
        frames = traceback.StackSummary.from_list(own[-5:])
    head = "".join(traceback.format_exception_only(error)).strip()
    where = "".join(traceback.format_list(frames)).rstrip()
    return f"the program failed: {head}\n{where}" if where else f"the program failed: {head}"


def _is_own(file: FilePath, root: FilePath) -> bool:
    return file.is_relative_to(root) and "site-packages" not in file.relative_to(root).parts
