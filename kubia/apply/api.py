"""The few verbs that the engine needs, by kind instead of by path."""

import contextlib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from kubia.apply.connection import ApiError, Connection
from kubia.errors import KubiaError
from kubia.manifests import apply_patch
from kubia.program.objects import ObjectRef

T = TypeVar("T")
R = TypeVar("R")

FIELD_MANAGER = "kubia"
PARALLEL = 8
FORBIDDEN = 403
NOT_FOUND = 404
CONFLICT = 409
_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


@dataclass(frozen=True)
class Kind:
    """Where the API server keeps a kind of object. `version` is the server's preferred one."""

    group: str
    kind: str
    version: str
    plural: str
    namespaced: bool
    is_listed: bool = True

    @property
    def api_version(self) -> str:
        """As `apiVersion` says it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "", version: str = "") -> str:
        """Return the path of an object, or of the collection in a namespace or everywhere."""
        version = version or self.version
        root = f"/apis/{self.group}/{version}" if self.group else f"/api/{version}"
        inside = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{inside}/{self.plural}" + (f"/{name}" if name else "")


class Api:
    """Objects of one cluster."""

    def __init__(self, connection: Connection) -> None:
        """Ask the server which kinds it knows."""
        self.connection = connection
        self.kinds = _discover(connection)

    def kind(self, group: str, kind: str) -> Kind:
        """Where the kind lives.

        Raises:
            KubiaError: the cluster does not know it.

        """
        self.refuse_unknown([(group, kind)])
        return self.kinds[group, kind]

    def refuse_unknown(self, kinds: Iterable[tuple[str, str]]) -> None:
        """Refuse kinds, each with its group, that the cluster does not know.

        Raises:
            KubiaError: there are any; it names all of them.

        """
        unknown = sorted({(kind, group) for group, kind in {*kinds} - self.kinds.keys()})
        if unknown:
            names = " and ".join(
                f"no kind {kind!r}" + (f" in the API group {group!r}" if group else "")
                for kind, group in unknown
            )
            which = "its CustomResourceDefinition" if len(unknown) == 1 else "their definitions"
            message = (
                f"the cluster of context {self.connection.context!r} knows {names}: "
                f"install {which} first."
            )
            raise KubiaError(message)

    def kinds_inside(self, *, but: Container[str]) -> list[Kind]:
        """Return the kinds of what lies in namespaces and can be listed, `but` some."""
        every = self.kinds.values()
        return [it for it in every if it.namespaced and it.is_listed and it.kind not in but]

    def get(self, key: ObjectRef) -> dict[str, Any] | None:
        """Return the live object, or None."""
        path = self.kind(key.group, key.kind).path(key.namespace, key.name)
        try:
            return self._object(key, self.connection.request("GET", path))
        except ApiError as error:
            if error.code == NOT_FOUND:
                return None
            raise

    def events(self, item: Mapping[str, Any], *conditions: str) -> list[dict[str, Any]]:
        """Return the Events of a live object, under further field selectors; none if refused."""
        metadata = item["metadata"]
        selectors = ",".join([f"involvedObject.uid={metadata['uid']}", *conditions])
        path = self.kind("", "Event").path(metadata["namespace"], version="v1")
        try:
            answer = self.connection.request("GET", path, {"fieldSelector": selectors})
        except ApiError:
            return []
        return _items(self.connection, answer)

    def list(
        self, kind: Kind, namespace: str = "", selector: str = "", *, names_only: bool = False
    ) -> list[dict[str, Any]]:
        """Return a kind's objects with these labels, in one namespace or ("") in all.

        Their metadata alone with `names_only`: what they hold is not read.
        """
        accept = _METADATA if names_only else "application/json"
        query = {"labelSelector": selector, "limit": "500"}
        items: list[dict[str, Any]] = []
        while True:
            page = self.connection.request("GET", kind.path(namespace), query, accept=accept)
            items += _items(self.connection, page)
            with _understood(self.connection):
                more = page["metadata"].get("continue")
            if not more:
                break
            query["continue"] = more
        # The items of a list do not say what they are, and names alone say that they are names.
        own = {"apiVersion": kind.api_version, "kind": kind.kind}
        return [{**item, **own} if names_only else {**own, **item} for item in items]

    def apply(
        self,
        manifest: Mapping[str, Any],
        *,
        dry_run: bool = False,
        force: bool = False,
    ) -> dict[str, Any]:
        """Server-side apply; the object as it is (or, with `dry_run`, would be) afterwards."""
        key = ObjectRef.of(manifest)
        query = {"fieldValidation": "Strict"} | ({"force": "true"} if force else {})
        content = apply_patch.CONTENT_TYPE
        return self._write("PATCH", key, manifest, query, content=content, dry_run=dry_run)

    def create(self, body: Mapping[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        """Make an object that there must not be yet; the object afterwards."""
        return self._write("POST", ObjectRef.of(body), body, {}, dry_run=dry_run)

    def put(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Write an object whole, if it still is of the version that the body names."""
        return self._write("PUT", ObjectRef.of(body), body, {})

    def replace(
        self, body: Mapping[str, Any], live: Mapping[str, Any], *, dry_run: bool = False
    ) -> dict[str, Any]:
        """Put `body` in the place of the live object, whoever manages what; the object afterwards.

        What a server allocates, such as a Service's address, stays.
        """
        unchanged = {name: live["metadata"][name] for name in ("uid", "resourceVersion")}
        body = {**body, "metadata": {**body["metadata"], **unchanged}}
        query = {"fieldValidation": "Strict"}
        return self._write("PUT", ObjectRef.of(body), body, query, dry_run=dry_run)

    def merge(self, key: ObjectRef, change: Mapping[str, Any]) -> dict[str, Any]:
        """Merge a change into an object; the object afterwards."""
        return self._write("PATCH", key, change, {}, content="application/merge-patch+json")

    def _write(
        self,
        method: str,
        key: ObjectRef,
        body: Mapping[str, Any],
        query: Mapping[str, str],
        *,
        content: str = "application/json",
        dry_run: bool = False,
    ) -> dict[str, Any]:
        version = str(body.get("apiVersion", "")).rpartition("/")[2]
        name = "" if method == "POST" else key.name
        path = self.kind(key.group, key.kind).path(key.namespace, name, version)
        query = {"fieldManager": FIELD_MANAGER, **query} | ({"dryRun": "All"} if dry_run else {})
        return self._object(key, self.connection.request(method, path, query, body, content))

    def _object(self, key: ObjectRef, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer if it is the object that it should be.

        Raises:
            KubiaError: it is none, or another one.

        """
        with _understood(self.connection):
            if ObjectRef.of(answer) == key:
                return dict(answer)
        raise self.connection.misunderstood()

    def delete(self, key: ObjectRef, uid: str) -> None:
        """Delete the object if it still is the one with this UID, and first what it owns.

        An object that is gone, or was created again by somebody else meanwhile, is left as it is.
        """
        path = self.kind(key.group, key.kind).path(key.namespace, key.name)
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": uid},
            "propagationPolicy": "Foreground",
        }
        try:
            self.connection.request("DELETE", path, body=body)
        except ApiError as error:
            if error.code not in {NOT_FOUND, CONFLICT}:
                raise


def selector(labels: Mapping[str, str]) -> str:
    """Return the label selector that asks for all of these labels."""
    return ",".join(f"{name}={value}" for name, value in sorted(labels.items()))


def if_allowed(ask: Callable[[], T], otherwise: R) -> T | R:
    """Return the answer, or `otherwise` to whoever has no right to ask.

    Raises:
        ApiError: the server refuses for another reason.

    """
    try:
        return ask()
    except ApiError as error:
        if error.code != FORBIDDEN:
            raise
        return otherwise


def parallel(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Return the results of `work` on all items, in their order, several at a time."""
    pool = ThreadPoolExecutor(PARALLEL)
    try:
        return list(pool.map(work, items))
    finally:
        # On Ctrl-C what has not begun must not begin.
        pool.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def _understood(connection: Connection) -> Iterator[None]:
    """Read an answer as what it should be.

    Raises:
        KubiaError: it is something else.

    """
    try:
        yield
    except (AttributeError, KeyError, TypeError) as error:
        raise connection.misunderstood() from error


def _items(connection: Connection, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the items of a list, or of a page of one."""
    with _understood(connection):
        items = list(answer["items"] or ())  # some kinds say null
        if all(item["metadata"]["name"] for item in items):
            return items
    raise connection.misunderstood()


def _discover(connection: Connection) -> dict[tuple[str, str], Kind]:
    kinds: dict[tuple[str, str], Kind] = {}
    for root in ("/api", "/apis"):
        answer = connection.request("GET", root, accept=_DISCOVERY)
        with _understood(connection):
            for kind in _kinds(answer):
                # The preferred version comes first, so the first of a kind stays.
                kinds.setdefault((kind.group, kind.kind), kind)
    return kinds


def _kinds(answer: Mapping[str, Any]) -> Iterator[Kind]:
    for group in answer["items"]:
        for version in group["versions"]:
            for resource in version.get("resources", ()):
                yield Kind(
                    group=group["metadata"].get("name", ""),
                    kind=resource["responseKind"]["kind"],
                    version=version["version"],
                    plural=resource["resource"],
                    namespaced=resource["scope"] == "Namespaced",
                    is_listed="list" in resource.get("verbs", ("list",)),
                )
