"""Every path that the operator declares, changed by strangers in every way: repaired, or told."""

import copy
import json
import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from kubia.manifests.site_source import desired, read
from kubia.manifests.values import Object
from tests.operator.cluster import ApiError, Namespace, until
from tests.operator.conftest import Start
from tests.operator.process import deviations
from tests.operator.proxy import Proxy

Path = tuple[str | int, ...]
APPLY = "application/apply-patch+yaml"
SERVERS = ("managedFields", "resourceVersion", "uid", "generation", "creationTimestamp")
IMMUTABLE = ("spec", "selector", "matchLabels")
INERT = ("clusterIP", "clusterIPs", "externalName")
"""Fields of a Service whose difference changes nothing: which address it is given, and a name that
the server ignores once the type is ours again (it warns so) and whose owner may keep it."""

Way = Callable[[Namespace, str, str, Object], None]
ALL = "SECONDS" in os.environ
"""Whether there is time for all paths by all ways, as in `make soak`."""
Change = Callable[[Object], None]


def _leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in inner:
        if isinstance(item, dict | list) and item:
            yield from _leaves(item, (*path, key))
        else:
            yield (*path, key)


def _values(path: Path, old: Any) -> list[Any]:
    """Return values that the server may take in the place of an old one."""
    if isinstance(old, bool):
        return [not old]
    if isinstance(old, int):
        return [old + 1, 1, 2]
    if old == "Always" or path[-1] == "imagePullPolicy":
        return ["Always"]
    return ["stranger", "/stranger", "7", "UDP", "NodePort", "Unconfined", "Recreate", "NET_RAW"]


def _set(live: Object, path: Path, value: Any) -> None:
    place: Any = live
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value


def _pod(live: Object) -> Any:
    return live["spec"]["template"]["spec"]


def _container(live: Object) -> Any:
    return _pod(live)["containers"][0]


def _probe(live: Object) -> None:
    _container(live)["readinessProbe"] = {"tcpSocket": {"port": 1}}


def _pre_stop(live: Object) -> None:
    _container(live)["lifecycle"] = {"preStop": {"exec": {"command": ["true"]}}}


def _volume(live: Object) -> None:
    _pod(live)["volumes"][0] = {"name": "content", "emptyDir": {}}


def _memory(live: Object) -> None:
    _pod(live)["volumes"][1] = {"name": "tmp", "hostPath": {"path": "/tmp"}}


def _localhost(live: Object) -> None:
    profile = {"type": "Localhost", "localhostProfile": "stranger"}
    _pod(live)["securityContext"]["seccompProfile"] = profile


def _recreate(live: Object) -> None:
    live["spec"]["strategy"] = {"type": "Recreate"}


def _external(live: Object) -> None:
    live["spec"] = {"type": "ExternalName", "externalName": "example.org"}


def _second_port(live: Object) -> None:
    live["spec"]["ports"] = [{"name": "a", "port": 81}, {"name": "b", "port": 82}]


SHAPES: dict[str, list[Change]] = {
    "Deployment": [_probe, _pre_stop, _volume, _memory, _localhost, _recreate],
    "Service": [_external, _second_port],
}
"""Other sources, handlers and types beside or in the place of ours."""


def _edit(namespace: Namespace, kind: str, name: str, changed: Object) -> None:
    path = f"{namespace.path(kind, name)}?fieldManager=kubectl-edit"
    namespace.cluster.call("PUT", path, changed)


def _merge(namespace: Namespace, kind: str, name: str, changed: Object) -> None:
    namespace.patch(kind, name, {"spec": changed["spec"]}, "kubectl-patch")


def _apply(namespace: Namespace, kind: str, name: str, changed: Object) -> None:
    metadata = {key: it for key, it in changed["metadata"].items() if key not in SERVERS}
    body = {"apiVersion": changed["apiVersion"], "kind": kind, "metadata": metadata}
    path = f"{namespace.path(kind, name)}?fieldManager=flux&force=true"
    namespace.cluster.call("PATCH", path, {**body, "spec": changed["spec"]}, APPLY)


def _cases(namespace: Namespace) -> Iterator[tuple[str, tuple[str, list[Change]]]]:
    """Yield kind, path and changes to try there, of which the server may take the first."""
    live = namespace.get("ConfigMap", "untouched")
    assert live
    site = desired(read(live)[0], namespace.options)
    for manifest in (site.deployment, site.service):
        paths = [path for path in _leaves(manifest["spec"]) if ("spec", *path)[:3] != IMMUTABLE]
        for path in paths:
            old: Any = manifest["spec"]
            for step in path:
                old = old[step]
            values = _values(path, old)
            tried: list[Change] = [
                partial(_set, path=("spec", *path), value=value) for value in values
            ]
            yield manifest["kind"], (".".join(map(str, path)), tried)
        for shape in SHAPES[manifest["kind"]]:
            yield manifest["kind"], (shape.__name__, [shape])


def _is_keyed(what: str) -> bool:
    """Whether a change is of a kind that applying alone does not repair."""
    last = what.rpartition(".")[2]
    return last in {"name", "port", "containerPort", "mountPath", "protocol"} or "_" in what


def _change(namespace: Namespace, kind: str, name: str, changes: list[Change], way: Way) -> bool:
    """Change an object; return whether the server has taken one of the values."""
    for change in changes:
        live = namespace.get(kind, name)
        assert live
        changed = copy.deepcopy(live)
        change(changed)
        try:
            way(namespace, kind, name, changed)
        except ApiError:
            continue
        after = namespace.get(kind, name)
        if after and after["spec"] != live["spec"]:
            return True
    return False


def _essence(namespace: Namespace, kind: str, name: str) -> str:
    """Return the spec of a site's object, with nothing that differs from one site to another."""
    live = namespace.get(kind, name)
    assert live
    spec = {key: it for key, it in live["spec"].items() if key not in INERT}
    return re.sub(rf"\b{name}\b(-[0-9a-f]{{10}})?", "NAME", json.dumps(spec, sort_keys=True))


def test_every_declared_path_that_a_stranger_changes_is_repaired(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("untouched")
    ways = (_edit, _merge, _apply)
    every = [(kind, case, way) for kind, case in _cases(namespace) for way in ways]
    named = [
        (f"s{number}", kind, case, way)
        for number, (kind, case, way) in enumerate(every)
        if ALL or (ways[number // 3 % 3] is way and (_is_keyed(case[0]) or number % 5 == 0))
    ]
    for name, *_ in named:
        namespace.source(name)
    operator = start()
    until("all are made", lambda: len(namespace.all("Service")) == len(named) + 1, 120)
    assert deviations(namespace, proxy, quiet=0.2) == []
    operator.stop()
    taken = [
        (kind, name, f"{what} by {way.__name__}")
        for name, kind, (what, changes), way in named
        if _change(namespace, kind, name, changes, way)
    ]
    assert len(taken) > len(named) / 2

    start()

    # What has no new content rolls ten sites at a time.
    until("all are repaired", lambda: namespace.wrong() == [], 600 if ALL else 120)
    assert deviations(namespace, proxy) == []
    right = {kind: _essence(namespace, kind, "untouched") for kind in SHAPES}
    differing = [
        each
        for each in taken
        # What others add by applying, beside what is ours, stays theirs.
        if "_apply" not in each[2] and _essence(namespace, *each[:2]) != right[each[0]]
    ]
    assert "\n".join(map(str, differing)) == ""
