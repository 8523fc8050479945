"""Who changes a stack: a Lease in its namespace, so that no two commands do at once.

The holder renews it while it works. Another's has run out when it has not changed for its duration,
by this process's own clock: the times written in it are for people, and no two clocks need agree.
A holder that could not renew for as long writes no more. One that was killed on this very machine
need not be waited for. The Lease belongs to no set and no version; `down` deletes it.
"""

import contextlib
import copy
import datetime as dt
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from kubia import console
from kubia.apply import applyset
from kubia.apply.api import CONFLICT, FORBIDDEN, NOT_FOUND, Api
from kubia.apply.connection import ApiError
from kubia.apply.model import DesiredState
from kubia.errors import KubiaError
from kubia.program.objects import ObjectRef
from kubia.releases import who
from kubia.releases.guard import Changes

GROUP = "coordination.k8s.io"
COMMAND = "kubia.io/command"
PROCESS = "kubia.io/process"
"""Annotations: what the holder was asked for, and which process it is (see `who.process`)."""

MEANWHILE = (
    "somebody else has changed the stack since this was planned, so nothing was changed: "
    "run the same again."
)
"""Why a command ends that was agreed to, or asked for, while somebody else held the Lease."""


@dataclass(frozen=True)
class Pace:
    """Times in seconds."""

    duration: int = 15
    """For how long a Lease that is not renewed keeps others away."""
    renewal: float = 5.0
    """How often the holder renews it."""
    waiting: float = 60.0
    """How long others wait for the holder to be done."""
    asking: float = 0.5
    """How often they ask."""


PACE = Pace()


class Lease:
    """The right to change a stack. As a context it is given up at the end, however that comes."""

    def __init__(
        self,
        api: Api,
        stack: DesiredState,
        command: str,
        pace: Pace = PACE,
        process: str = "",
    ) -> None:
        """Hold nothing yet; `command` is what is going on, `process` by default this one."""
        self.api = api
        self.key = ObjectRef(GROUP, "Lease", stack.parent.namespace, f"{stack.parent.name}-writer")
        self.guarded = copy.copy(api)
        """The same API, for changes under the Lease."""
        self.guarded.connection = self._changes = Changes(api.connection, self.check)
        self._stack = stack
        self._command = command
        self._pace = pace
        self._process = process or who.process()
        self._live: Mapping[str, Any] | None = None
        self._renewed = float("inf")
        """When it was last renewed; never runs out while it is not held."""
        self._is_barred = False
        self._done = threading.Event()
        self._renewing = threading.Thread(target=self._renew, daemon=True)

    @property
    def changes(self) -> int:
        """How many changes have been asked for under the Lease."""
        return self._changes.count

    def __enter__(self) -> Self:
        """Lend it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give it up, if it is held; whoever waits goes on at once."""
        if not self._stop():
            return
        with contextlib.suppress(KubiaError):  # it runs out by itself
            live = self.api.get(self.key)
            if live is not None and self._is_mine(live):
                spec = {**live["spec"], "holderIdentity": "", "leaseDurationSeconds": 1}
                self.api.put({**live, "spec": spec})

    def wait(self) -> None:
        """Wait until nobody else holds it, and write nothing.

        Raises:
            KubiaError: somebody holds it, and goes on to.

        """
        start = _now()
        seen, since = "", start
        while (live := self._read()) is not None and not self._is_free(live):
            if not seen:
                console.err(self._sentence(live, f"waiting {self._pace.waiting:g} s at most"))
            if seen != live["metadata"]["resourceVersion"]:
                seen, since = live["metadata"]["resourceVersion"], _now()
            if _now() - since >= live["spec"].get("leaseDurationSeconds", self._pace.duration):
                return
            if _now() - start >= self._pace.waiting:
                end = "wait for that to end, then run the same again."
                raise KubiaError(self._sentence(live, end))
            time.sleep(self._pace.asking)

    def take(self) -> bool:
        """Hold it from now on; return whether another may have changed the stack since `wait`.

        Whoever may not write Leases goes on without one, and has been told so.
        """
        changed = False
        while not self._is_barred:
            try:
                self._write()
            except ApiError as error:
                if error.code == NOT_FOUND and self._has_no_namespace():
                    break  # there is nothing in it to change
                if error.code not in {CONFLICT, NOT_FOUND}:
                    self._bar(error)
                    break
                changed = True
                time.sleep(self._pace.asking)
                self.wait()
            else:
                self._renewing.start()
                break
        return changed

    def check(self) -> None:
        """Refuse to go on if somebody else may hold it by now.

        Raises:
            KubiaError: it could not be renewed for too long.

        """
        if _now() - self._renewed > self._pace.duration:
            message = (
                f"{self.key} could not be renewed for {self._pace.duration} s, so somebody else "
                f"may be changing stack {self._stack.stack} by now: run the same again."
            )
            raise KubiaError(message)

    def delete(self) -> None:
        """Delete it: there is no stack any more."""
        self._stop()
        live = self._read()
        if live is not None:
            self.api.delete(self.key, live["metadata"]["uid"])

    def _stop(self) -> bool:
        """Renew it no more; return whether it was held."""
        held = self._renewing.is_alive()
        self._done.set()
        if held:
            self._renewing.join()
        return held

    def _renew(self) -> None:
        while not self._done.wait(self._pace.renewal):
            start = _now()
            try:
                live = self.api.get(self.key)
                if live is not None and not self._is_mine(live):
                    self._renewed = float("-inf")
                    return
                if live is not None:
                    self._live = live
                    self._write()
            except KubiaError:  # as long as it has not run out, there is another time
                continue
            self._renewed = start

    def _read(self) -> Mapping[str, Any] | None:
        try:
            self._live = self.api.get(self.key)
        except ApiError as error:
            self._bar(error)
            return None
        return self._live

    def _has_no_namespace(self) -> bool:
        return self.api.get(ObjectRef("", "Namespace", "", self.key.namespace)) is None

    def _bar(self, error: ApiError) -> None:
        """Go on without a Lease, and say so, if there is no right to one.

        Raises:
            ApiError: it is something else.

        """
        if error.code != FORBIDDEN or "being terminated" in str(error):
            raise error
        self._is_barred = True
        console.err(
            f"no right to {self.key}, so nobody is kept from changing stack {self._stack.stack} "
            f"at the same time: {error}"
        )

    def _write(self) -> None:
        """Write it as ours, if it still is as it was read."""
        start, live = _now(), self._live
        manifest = self._manifest(live)
        try:
            self._live = self.api.create(manifest) if live is None else self.api.put(manifest)
        except ApiError as error:
            # Where the answer was lost on the way, the request was tried again, and met itself.
            written = self.api.get(self.key) if error.code == CONFLICT else None
            if written is None or not self._is_same(written, manifest):
                raise
            self._live = written
        self._renewed = start

    def _manifest(self, live: Mapping[str, Any] | None) -> dict[str, Any]:
        now = dt.datetime.now(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        spec = (live or {}).get("spec") or {}
        same = live is not None and self._is_mine(live)
        metadata = {
            **(live or {}).get("metadata", {}),
            "name": self.key.name,
            "namespace": self.key.namespace,
            "labels": {
                applyset.PROJECT: self._stack.project,
                applyset.STACK: self._stack.stack,
            },
            "annotations": {COMMAND: self._command, PROCESS: self._process},
        }
        return {
            "apiVersion": f"{GROUP}/v1",
            "kind": "Lease",
            "metadata": metadata,
            "spec": {
                "holderIdentity": who.name(),
                "leaseDurationSeconds": self._pace.duration,
                "acquireTime": spec["acquireTime"] if same else now,
                "renewTime": now,
            },
        }

    def _is_mine(self, live: Mapping[str, Any]) -> bool:
        return bool(_holder(live)) and _process(live) == self._process

    def _is_same(self, live: Mapping[str, Any], manifest: Mapping[str, Any]) -> bool:
        """Whether it is as we have just written it."""
        time = "renewTime"
        return self._is_mine(live) and live["spec"].get(time) == manifest["spec"][time]

    def _is_free(self, live: Mapping[str, Any]) -> bool:
        return not _holder(live) or self._is_mine(live) or who.is_dead(_process(live))

    def _sentence(self, live: Mapping[str, Any], end: str) -> str:
        since = str(live["spec"].get("acquireTime", ""))[:19]
        command = (live["metadata"].get("annotations") or {}).get(COMMAND, "")
        return (
            f"{_holder(live)} has been changing stack {self._stack.stack} since {since}Z "
            f"(`kubia {command}`, by {self.key}): {end}"
        )


def _now() -> float:
    """Return seconds of a clock that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _holder(live: Mapping[str, Any]) -> str:
    return (live.get("spec") or {}).get("holderIdentity") or ""


def _process(live: Mapping[str, Any]) -> str:
    return str((live["metadata"].get("annotations") or {}).get(PROCESS, ""))
