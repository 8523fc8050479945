"""The few verbs that the engine needs, by kind instead of by path."""

from collections.abc import Callable, Container, Iterable, Mapping
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
            live: dict[str, Any] = self.connection.request("GET", path)
        except ApiError as error:
            if error.code == NOT_FOUND:
                return None
            raise
        return live

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
            items += page["items"] or ()  # some kinds say null
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
        version = manifest["apiVersion"].rpartition("/")[2]
        path = self.kind(key.group, key.kind).path(key.namespace, key.name, version)
        query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
        if dry_run:
            query["dryRun"] = "All"
        if force:
            query["force"] = "true"
        applied: dict[str, Any] = self.connection.request(
            "PATCH", path, query, manifest, apply_patch.CONTENT_TYPE
        )
        return applied

    def replace(
        self, body: Mapping[str, Any], live: Mapping[str, Any], *, dry_run: bool = False
    ) -> dict[str, Any]:
        """Put `body` in the place of the live object, whoever manages what; the object afterwards.

        What a server allocates, such as a Service's address, stays.
        """
        key = ObjectRef.of(body)
        version = body["apiVersion"].rpartition("/")[2]
        path = self.kind(key.group, key.kind).path(key.namespace, key.name, version)
        query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
        if dry_run:
            query["dryRun"] = "All"
        unchanged = {name: live["metadata"][name] for name in ("uid", "resourceVersion")}
        body = {**body, "metadata": {**body["metadata"], **unchanged}}
        replaced: dict[str, Any] = self.connection.request("PUT", path, query, body)
        return replaced

    def merge(self, key: ObjectRef, change: Mapping[str, Any]) -> dict[str, Any]:
        """Merge a change into an object; the object afterwards."""
        path = self.kind(key.group, key.kind).path(key.namespace, key.name)
        query = {"fieldManager": FIELD_MANAGER}
        merged: dict[str, Any] = self.connection.request(
            "PATCH", path, query, change, "application/merge-patch+json"
        )
        return merged

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


def _discover(connection: Connection) -> dict[tuple[str, str], Kind]:
    kinds: dict[tuple[str, str], Kind] = {}
    for root in ("/api", "/apis"):
        for group in connection.request("GET", root, accept=_DISCOVERY)["items"]:
            name = group["metadata"].get("name", "")
            # The preferred version comes first, so the first of a kind stays.
            for version in group["versions"]:
                for resource in version.get("resources", ()):
                    kind = resource["responseKind"]["kind"]
                    known = Kind(
                        group=name,
                        kind=kind,
                        version=version["version"],
                        plural=resource["resource"],
                        namespaced=resource["scope"] == "Namespaced",
                        is_listed="list" in resource.get("verbs", ("list",)),
                    )
                    kinds.setdefault((name, kind), known)
    return kinds
