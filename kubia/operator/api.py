"""The Kubernetes API as plain data.

aiohttp carries the requests, at less than half the CPU time of httpx; msgspec decodes, several
times faster than the standard library.
"""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import msgspec

from kubia import kubeconfig
from kubia.errors import KubiaError
from kubia.kubeconfig import Access
from kubia.manifests import apply_patch
from kubia.manifests.site_source import MANAGED_BY
from kubia.manifests.values import Object
from kubia.operator import credentials

GONE = 410
NOT_FOUND = 404
CONFLICT = 409
UNAUTHORIZED = 401
INVALID = 422
_SERVER_ERROR = 500
_OWN_FIELDS = frozenset({"spec", "data", "binaryData", "immutable"})
_DENIED = " denied "
"""What the server says where a policy or a webhook refuses, which may name fields, too."""
_BUSY = 429
_CONNECT_SECONDS = 5.0
"""How long a connection may take to be made."""
_REQUEST_TIMEOUT = aiohttp.ClientTimeout(30.0, sock_connect=_CONNECT_SECONDS)
"""In seconds: how long a request may take, and its connection; watches have their own."""
_ERROR = 400
"""The least HTTP status that is an error."""
_APPLY = {"Content-Type": apply_patch.CONTENT_TYPE}
_JSON = {"Content-Type": "application/json"}
_METADATA = "application/json;as=PartialObjectMetadata{list};g=meta.k8s.io;v=v1"


class ApiError(Exception):
    """The API server's refusal, as its Status object says it."""

    def __init__(self, status: int, body: Object, retry_after: float | None = None) -> None:
        """Keep the HTTP status, the Status object's words and the seconds to wait, if given."""
        self.status = status
        self.reason = str(body.get("reason") or status)
        self.message = str(body.get("message") or "no message")
        self.retry_after = retry_after
        self.fields = _fields(body.get("details"))
        """What the server finds wrong, as paths in the object."""
        super().__init__(f"{self.status} {self.reason}: {self.message}")

    @property
    def is_refusal(self) -> bool:
        """Whether the server will not do it, rather than cannot just now."""
        return self.status < _SERVER_ERROR and self.status != _BUSY

    @property
    def is_of_object(self) -> bool:
        """Whether the object cannot become so, and one made anew could; not that it may not be."""
        if self.status != INVALID or _DENIED in self.message:
            return False
        return any(re.split(r"[.\[]", field)[0] in _OWN_FIELDS for field in self.fields)


def _fields(details: Any) -> list[str]:
    """Return the fields of a Status object's causes; whatever else a gateway answers has none."""
    causes = details.get("causes") if isinstance(details, dict) else None
    dicts = [each for each in causes if isinstance(each, dict)] if isinstance(causes, list) else []
    return [str(each.get("field") or "") for each in dicts]


Failure = (
    ApiError,
    aiohttp.ClientError,
    KubiaError,  # A token's file or an exec plugin fails, maybe for a moment.
    TimeoutError,
    OSError,
    msgspec.DecodeError,
)
"""What a request can raise."""


class Resource(NamedTuple):
    """A kind of object: where it lives, and whether its metadata is all that is read of it."""

    kind: str
    root: str
    plural: str
    metadata_only: bool = False

    def path(self, namespace: str, name: str = "") -> str:
        """Return the path of an object, or of all; no namespace stands for every one."""
        scope = f"/namespaces/{namespace}" if namespace else ""
        return f"{self.root}{scope}/{self.plural}" + (f"/{name}" if name else "")


CONFIG_MAP = Resource("ConfigMap", "/api/v1", "configmaps")
CONTENT = Resource("ConfigMap", "/api/v1", "configmaps", metadata_only=True)
DEPLOYMENT = Resource("Deployment", "/apis/apps/v1", "deployments")
SERVICE = Resource("Service", "/api/v1", "services")
POD = Resource("Pod", "/api/v1", "pods")
EVENT = Resource("Event", "/api/v1", "events")
LEASE = Resource("Lease", "/apis/coordination.k8s.io/v1", "leases")


def cluster(context: str, file: str) -> Access:
    """Return how to reach the cluster; without a context or file, as `kubectl` would find it.

    Raises:
        KubiaError: no kubeconfig can be read, or it has no such context.

    """
    inside = None if file or context else kubeconfig.service_account()
    if inside is not None:
        return inside
    return kubeconfig.access([Path(file)] if file else kubeconfig.files(), context or None)


class Api:
    """One cluster's API. Each request may raise one of `Failure`."""

    def __init__(self, access: Access) -> None:
        """Prepare, inside of a running event loop, requests to a cluster.

        Raises:
            KubiaError: its certificates or its proxy cannot be used.

        """
        self._server = access.server
        self._credentials = credentials.Credentials(access)
        self._way: dict[str, Any] = {"proxy": credentials.proxy(access)}
        if access.tls_server_name:
            self._way["server_hostname"] = access.tls_server_name
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            headers={"User-Agent": MANAGED_BY},
            read_bufsize=2**20,
        )

    async def close(self) -> None:
        """End all connections."""
        await self._session.close()

    async def get(self, path: str, **params: str) -> Object:
        """Return an object or a list."""
        return await self._request("GET", path, params)

    async def apply(self, path: str, manifest: Object, *, metadata_only: bool = False) -> Object:
        """Apply on the server, taking over the fields that `manifest` sets.

        Return the result, or its metadata alone.
        """
        params = {"fieldManager": MANAGED_BY, "force": "true"}
        body = apply_patch.as_yaml(msgspec.json.encode(manifest))
        headers = _APPLY | ({"Accept": _METADATA.format(list="")} if metadata_only else {})
        return await self._request("PATCH", path, params, body, headers)

    async def merge(self, path: str, patch: Object) -> Object:
        """Merge a patch into an object; return the result."""
        params = {"fieldManager": MANAGED_BY}
        headers = {"Content-Type": "application/merge-patch+json"}
        return await self._request("PATCH", path, params, msgspec.json.encode(patch), headers)

    async def write(self, method: str, path: str, body: Object) -> Object:
        """Create (POST), replace (PUT) or delete (DELETE); return the answer."""
        return await self._request(method, path, {}, msgspec.json.encode(body), _JSON)

    async def pages(
        self, resource: Resource, namespace: str, selector: str, size: int
    ) -> AsyncIterator[Object]:
        """Yield a consistent list, `size` objects at a time."""
        headers = {"Accept": _METADATA.format(list="List")} if resource.metadata_only else {}
        params = {"labelSelector": selector, "limit": str(size)}
        while True:
            path = resource.path(namespace)
            page = await self._request("GET", path, params, headers=headers)
            if not _is_page(page):
                problem = f"the answer for {path} is no list; is it the API server that answers?"
                raise ApiError(_SERVER_ERROR, {"message": problem})
            yield page
            if not (following := page["metadata"].get("continue")):
                return
            params["continue"] = following

    async def watch(
        self,
        resource: Resource,
        namespace: str,
        params: Mapping[str, str],
        silence: float,
        opened: Callable[[], None],
    ) -> AsyncIterator[Object]:
        """Yield watch events until the stream ends.

        `opened` is called when the server has agreed, which may be long before the first event.

        Raises:
            TimeoutError: nothing came for `silence` seconds.

        """
        headers = {"Accept": _METADATA.format(list="")} if resource.metadata_only else {}
        timeout = aiohttp.ClientTimeout(None, sock_connect=_CONNECT_SECONDS, sock_read=silence)
        query = {**params, "watch": "1", "allowWatchBookmarks": "true"}
        async with await self._send(
            "GET", resource.path(namespace), params=query, headers=headers, timeout=timeout
        ) as response:
            opened()
            rest = bytearray()
            async for chunk in response.content.iter_any():
                searched = len(rest)
                rest += chunk
                end = rest.rfind(b"\n", searched)
                if end < 0:
                    continue
                lines, rest = rest[:end], rest[end + 1 :]
                for line in lines.split(b"\n"):
                    yield msgspec.json.decode(line)

    async def _request(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Object:
        more: dict[str, Any] = {"params": params, "data": data, "timeout": _REQUEST_TIMEOUT}
        async with await self._send(method, path, headers=headers or {}, **more) as response:
            answer: Object = msgspec.json.decode(await response.read())
            return answer

    async def _send(
        self, method: str, path: str, *, headers: Mapping[str, str], **more: Any
    ) -> aiohttp.ClientResponse:
        """Send with credentials; who is refused, or distrusts, tries again once with new ones."""
        url = f"{self._server}{path}"
        for is_last in (False, True):
            authorized = [*headers.items(), *await self._credentials.headers()]
            way = {**self._way, "ssl": self._credentials.tls, **more}
            try:
                response = await self._session.request(method, url, headers=authorized, **way)
            except aiohttp.ClientConnectorCertificateError:
                if is_last or not self._credentials.distrusted():
                    raise
                continue
            if is_last or response.status != UNAUTHORIZED or not self._credentials.refused():
                break
            response.release()
        return await _checked(response)


def _is_page(answer: Any) -> bool:
    """Return whether an answer is a list; its items may be null."""
    metadata = answer.get("metadata") if isinstance(answer, dict) else None
    return isinstance(metadata, dict) and "resourceVersion" in metadata and "items" in answer


async def _checked(response: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
    if response.status < _ERROR:
        return response
    async with response:
        raw = await response.read()
    try:
        body = msgspec.json.decode(raw, type=dict[str, Any])
    except msgspec.DecodeError:
        body = {"message": raw[:200].decode(errors="replace")}
    wait = response.headers.get("Retry-After", "")
    raise ApiError(response.status, body, float(wait) if wait.isdigit() else None)
