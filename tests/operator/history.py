"""Random histories: users, strangers, crashes and a bad network, in any order."""

import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from kubia.manifests.site_source import MANAGED_BY
from kubia.manifests.values import Object
from tests.operator.cluster import ApiError, Namespace, until
from tests.operator.faults import EXPIRED, Fault, Request, once, status
from tests.operator.process import deviations, forget_lease
from tests.operator.quiet import QuietCheck
from tests.operator.scene import Scene

_NAMES = st.sampled_from(["hello", "a.b", "a-b", "1st.example.com"])
_TEXTS = st.sampled_from(["A", "B", "ü\r\n"])
_KINDS = st.sampled_from(["ConfigMap", "Deployment", "Service"])
_EVIL = {"spec": {"containers": [{"name": "nginx", "image": "evil:1"}]}}
_DRIFT: st.SearchStrategy[tuple[str, Object]] = st.sampled_from(
    [
        ("Deployment", {"spec": {"replicas": 3}}),
        ("Deployment", {"spec": {"template": _EVIL}}),
        ("Deployment", {"metadata": {"annotations": {"somebody": "was here"}}}),
        ("Service", {"spec": {"selector": {"app": "other"}}}),
        ("Service", {"metadata": {"labels": None}}),
    ]
)
_FAULTS = st.sampled_from(
    [
        Fault(drop=True),
        Fault(lose=True),
        Fault(twice=True),
        status(409, "Conflict"),
        status(503, "ServiceUnavailable"),
    ]
)


def _site_write(request: Request) -> bool:
    return request.site_write


class Theirs:
    """Objects of strangers, beside the sites and named like them."""

    def __init__(self, namespace: Namespace) -> None:
        labels = {"app": "theirs"}
        pod = {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "c", "image": "x"}]},
        }
        deployment = {"replicas": 0, "selector": {"matchLabels": labels}, "template": pod}
        specs: dict[tuple[str, str], Object] = {
            ("ConfigMap", "hello-0123456789"): {"data": {"index.html": "looks like content"}},
            ("Deployment", "hello-0123456789"): {"spec": deployment},
            ("Service", "hello-0123456789"): {"spec": {"ports": [{"port": 80}]}},
        }
        self._namespace = namespace
        self._created = {}
        for (kind, name), spec in specs.items():
            body = {"metadata": {"name": name, "labels": labels}, **spec}
            namespace.cluster.create(namespace.path(kind), body)
            self._created[kind, name] = self._essence(kind, name)

    def touched(self) -> list[str]:
        """Return which of them are not as they were made."""
        return [
            f"{kind} {name}: was touched"
            for (kind, name), created in self._created.items()
            if self._essence(kind, name) != created
        ]

    def _essence(self, kind: str, name: str) -> list[object]:
        live = self._namespace.get(kind, name)
        assert live, f"{kind} {name} is gone"
        metadata = live["metadata"]
        return [
            *(live.get(part) for part in ("spec", "data", "immutable")),
            *(metadata.get(part) for part in ("uid", "labels", "ownerReferences")),
            MANAGED_BY in str(metadata["managedFields"]),
        ]


class History(RuleBasedStateMachine):
    """One history: sources come, change and go; all the rest is disturbance."""

    def __init__(self, scene: Scene, watch: QuietCheck) -> None:
        super().__init__()
        self._scene = scene
        self._watch = watch
        self._faults = ExitStack()
        self._namespace = scene.namespace()
        self._theirs = Theirs(self._namespace)
        self._versions: dict[str, str] = {}
        """The resourceVersion of each source, after its last change by a user."""
        self._operator = scene.start()
        self._paused = False

    @property
    def _awake(self) -> bool:
        return self._operator.running and not self._paused

    def _has(self, name: str) -> bool:
        return name in self._versions

    def _changed(self, live: Object) -> None:
        self._versions[live["metadata"]["name"]] = live["metadata"]["resourceVersion"]

    # What users do.

    @rule(name=_NAMES, text=_TEXTS)
    def write(self, name: str, text: str) -> None:
        write = self._namespace.edit if self._has(name) else self._namespace.source
        self._changed(write(name, text))

    @rule(name=_NAMES, value=st.sampled_from(["true", "false", None]))
    def label(self, name: str, value: str | None) -> None:
        if self._has(name):
            labels = {"labels": {"kubia.io/site": value}}
            self._changed(self._namespace.patch("ConfigMap", name, {"metadata": labels}))

    @rule(name=_NAMES, policy=st.sampled_from(["Background", "Foreground"]))
    def delete(self, name: str, policy: str) -> None:
        if self._versions.pop(name, None):
            self._namespace.delete("ConfigMap", name, propagationPolicy=policy)
            until("it is gone", lambda: self._namespace.get("ConfigMap", name) is None)

    # What strangers do to the objects of the sites.

    def _ours(self, kind: str) -> list[str]:
        children = self._namespace.all(kind, f"app.kubernetes.io/managed-by={MANAGED_BY}")
        return sorted(live["metadata"]["name"] for live in children)

    @rule(drift=_DRIFT, which=st.integers(0, 9))
    def edit_child(self, drift: tuple[str, Object], which: int) -> None:
        kind, patch = drift
        if names := self._ours(kind):
            _unless_gone(lambda: self._namespace.patch(kind, names[which % len(names)], patch))

    @rule(kind=_KINDS, which=st.integers(0, 9))
    def delete_child(self, kind: str, which: int) -> None:
        if names := self._ours(kind):
            _unless_gone(lambda: self._namespace.delete(kind, names[which % len(names)]))

    @precondition(lambda self: self._awake)
    @rule()
    def strip_owners(self) -> None:
        """Take the owner off each Deployment; orphaned without a source it would stay, so wait."""
        assert self._deviations() == []
        for name in self._ours("Deployment"):
            self._namespace.patch("Deployment", name, {"metadata": {"ownerReferences": None}})
        assert self._deviations() == []

    def _deviations(self) -> list[str]:
        return deviations(self._namespace, self._scene.proxy, quiet=0.2)

    # What happens to the operator.

    @precondition(lambda self: self._operator.running)
    @rule()
    def kill(self) -> None:
        self._operator.end()
        self._paused = False
        forget_lease(self._scene.cluster, self._namespace.name)

    @precondition(lambda self: not self._operator.running)
    @rule()
    def start(self) -> None:
        self._operator = self._scene.start()

    @precondition(lambda self: self._awake)
    @rule()
    def pause(self) -> None:
        self._operator.signal(signal.SIGSTOP)
        self._paused = True

    @precondition(lambda self: self._paused)
    @rule()
    def resume(self) -> None:
        self._operator.signal(signal.SIGCONT)
        self._paused = False

    @rule()
    def cut_watches(self) -> None:
        self._scene.proxy.cut()

    @rule()
    def expire_watches(self) -> None:
        self._scene.proxy.say(EXPIRED)

    @rule(fault=_FAULTS, times=st.integers(1, 4))
    def fail_writes(self, fault: Fault, times: int) -> None:
        self._faults.enter_context(self._scene.proxy.rule(once(_site_write, fault, times)))

    # How it ends.

    def teardown(self) -> None:
        """Let the operator work; then all must be as the sources want it, and nothing else."""
        try:
            if self._paused:
                self.resume()
            if not self._operator.running:
                self.start()
            assert deviations(self._namespace, self._scene.proxy) == []
            assert self._theirs.touched() == []
            sources = {name: self._namespace.get("ConfigMap", name) for name in self._versions}
            versions = {n: s and s["metadata"]["resourceVersion"] for n, s in sources.items()}
            assert versions == self._versions
        except BaseException:
            sys.stderr.write(self._scene.logs())
            self._scene.close()
            raise
        finally:
            self._faults.close()
        self._watch.take(self._scene)


def _unless_gone(act: Callable[[], object]) -> None:
    """Do something to an object that the operator may have deleted a moment ago."""
    try:
        act()
    except ApiError as error:
        if error.code != 404:
            raise
