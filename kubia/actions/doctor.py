"""`kubia doctor`: whether the machine and the cluster have what a stack needs, and what to do."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, datetime
from urllib.parse import urlsplit

from kubia import cluster, console
from kubia.apply.api import Api, if_allowed, parallel
from kubia.apply.connection import Connection, binary, connect
from kubia.errors import KubiaError
from kubia.local import machine
from kubia.local.images import full
from kubia.local.machine import Check
from kubia.local.settings import is_free
from kubia.program import objects
from kubia.program.objects import Manifest
from kubia.project import contract
from kubia.releases import release
from kubia.session import Session, has_pulumi

OLDEST = 30
"""The minor version of the oldest Kubernetes: it tells all its kinds in one answer."""
APART = 5.0
"""Seconds that two clocks may be apart: a Lease's hold is counted in fifteen."""
HERE = ("127.0.0.1", "localhost", "::1")
LISTED = 50
"""Images that a node lists at most."""
SIGNS = {"ok": " ", "note": "~", "fails": "!"}


def doctor(
    opened: Callable[[], Session],
    *,
    as_json: bool,
    connect: Callable[[str], AbstractContextManager[Connection]] = connect,
) -> bool:
    """Print what was looked at, with a remedy for what is not right; return whether nothing fails.

    The stack is `opened` last: where it cannot be, that is what fails.
    """
    checks = [*machine.checks(), *_programs(), *_stack(opened, connect)]
    if as_json:
        console.out(json.dumps([asdict(check) for check in checks], indent=2, ensure_ascii=False))
    else:
        width = max(len(check.name) for check in checks)
        for check in checks:
            line = f"{SIGNS[check.state]} {check.name.ljust(width)}  {check.text}"
            console.out(console.coloured(line))
            if check.remedy:
                console.out(f"  {' ' * width}  → {check.remedy}")
    return all(check.state != "fails" for check in checks)


def _programs() -> Iterator[Check]:
    try:
        yield Check("kubectl", "ok", str(binary()))
    except KubiaError as error:
        yield Check("kubectl", "fails", "none", str(error))
    has = has_pulumi()
    yield Check("pulumi", "ok", "on PATH" if has else "not on PATH: kubectl brings stacks up")


def _stack(
    opened: Callable[[], Session], connect: Callable[[str], AbstractContextManager[Connection]]
) -> Iterator[Check]:
    try:
        session = opened()
        declared = objects.of_program(session.program)
    except KubiaError as error:
        yield Check("stack", "fails", str(error))
        return
    yield Check("stack", "ok", f"{session.stack.name} declares {len(declared)} objects")
    yield from ports(contract.node_port_urls(session.program.outputs))
    if session.context is None:
        yield Check(
            "cluster", "note", cluster.NOT_RUNNING, "`kubia cluster up`; `kubia up` does it, too"
        )
        return
    try:
        with connect(session.context) as connection:
            api = Api(connection)
            yield version(api)
            yield clock(api)
            yield rights(api, declared, session.namespace)
            yield images(api, declared)
    except KubiaError as error:
        chosen = cluster.option(session.context)
        remedy = f"`kubia{chosen} kubectl cluster-info` asks the same server"
        yield Check("cluster", "fails", f"context {session.context}: {error}", remedy)


def ports(urls: Iterable[str]) -> Iterator[Check]:
    """Yield whether the stack's node ports of this machine are free for it."""
    for url in map(urlsplit, urls):
        if url.hostname not in HERE or url.port is None:
            continue
        if is_free(url.port):
            yield Check("ports", "ok", f"{url.port} is free for the stack's pages")
        else:
            text = f"another program of this machine listens on {url.port}"
            yield Check("ports", "note", text, "end it, or declare another nodePort")


def version(api: Api) -> Check:
    """Return whether the cluster is new enough."""
    given = api.connection.request("GET", "/version")
    text = f"context {api.connection.context}, Kubernetes {given['gitVersion']}"
    minor = int("".join(filter(str.isdigit, str(given["minor"]))) or 0)
    if (int(given["major"]), minor) >= (1, OLDEST):
        return Check("cluster", "ok", text)
    return Check("cluster", "fails", text, f"update it to 1.{OLDEST} or later")


def clock(api: Api) -> Check:
    """Return whether this machine's clock is the API server's."""
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    answer = api.connection.request("POST", path, body=body)
    server = datetime.fromisoformat(answer["metadata"]["creationTimestamp"])
    apart = abs((datetime.now(UTC) - server).total_seconds())
    if apart <= APART:
        return Check("clock", "ok", "as the cluster's")
    remedy = "set both by NTP: certificates and the stack's Lease are judged by the clock"
    return Check("clock", "fails", f"{apart:.0f} s from the cluster's", remedy)


def rights(api: Api, declared: tuple[Manifest, ...], namespace: str) -> Check:
    """Return whether the user may write what the stack declares, its releases and its Lease."""
    kinds = {(each.key.group, each.key.kind, each.key.namespace) for each in declared}
    kinds |= {("", "Secret", namespace), ("", "ConfigMap", namespace)}
    kinds |= {("coordination.k8s.io", "Lease", namespace)}
    asked = sorted(kinds)
    denied = [
        f"{kind} in {space}" if space else kind
        for (_, kind, space), may in zip(
            asked, parallel(lambda k: _may(api, *k), asked), strict=True
        )
        if not may
    ]
    if not denied:
        return Check("rights", "ok", f"to write all that {namespace} needs")
    text = f"this user may not patch: {', '.join(denied)}"
    return Check("rights", "fails", text, "ask the cluster's administrator for them")


def _may(api: Api, group: str, kind: str, namespace: str) -> bool:
    known = api.kind(group, kind)
    asked = {"verb": "patch", "group": group, "resource": known.plural, "namespace": namespace}
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": asked},
    }
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    return bool(api.connection.request("POST", path, body=body)["status"]["allowed"])


def images(api: Api, declared: tuple[Manifest, ...]) -> Check:
    """Return whether the nodes have the images that no registry has: those of a short name."""
    wanting = sorted(set(release.images(declared).values()))
    nodes = if_allowed(lambda: api.list(api.kind("", "Node")), None)
    if nodes is None:
        return Check("images", "note", "this user may not ask which images the nodes have")
    listed = [(node.get("status") or {}).get("images") or () for node in nodes]
    if not any(listed) or any(len(each) >= LISTED for each in listed):
        return Check("images", "ok", "the nodes do not list all that they have")
    present = {full(name) for node in listed for image in node for name in image.get("names") or ()}
    missing = [each for each in wanting if "/" not in each and full(each) not in present]
    if not missing:
        return Check("images", "ok", f"{', '.join(wanting)}: on a node, or of a registry")
    remedy = "`kubia cluster load IMAGE`, `kind load docker-image IMAGE`, or name a registry's"
    return Check("images", "note", f"no node has {', '.join(missing)}", remedy)
