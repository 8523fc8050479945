"""The operator's reconciler on an API server in memory, without watches: `see` is the watch."""

import asyncio
from typing import Any

from kubia.apply import connection
from kubia.manifests import site_source
from kubia.manifests.site_source import MANAGED_BY
from kubia.manifests.values import Object
from kubia.operator.api import CONFIG_MAP, CONTENT, DEPLOYMENT, SERVICE, ApiError
from kubia.operator.errors import LaterError
from kubia.operator.events import Recorder
from kubia.operator.limits import SiteLimit
from kubia.operator.model import SiteKey
from kubia.operator.reconcile import Reconciler
from kubia.operator.settings import Settings
from kubia.operator.store import Store
from tests.unit import applied

RESOURCES = (CONTENT, DEPLOYMENT, SERVICE)
SPACE = "web"
UP = {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}


class Server:
    """Objects by path; `writes` are those of sites, `events` the Events' reasons and messages."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.writes: list[str] = []
        self.events: list[tuple[str, str]] = []
        self.refused: dict[str, int] = {}
        """Paths that cannot be applied, each with the status; 422 finds fault with the spec."""
        self.denied: set[str] = set()
        """Paths that a policy lets nobody write, with its 422."""
        self._versions = 0

    def put(self, path: str, live: Object) -> Object:
        """Store an object as it is, but for what the server adds."""
        self._versions += 1
        kind, name = path.split("/")[-2:]
        server = {"uid": f"uid-{kind}-{name}", "creationTimestamp": f"{self._versions:05}"}
        metadata = {
            "namespace": SPACE,
            "name": name,
            "generation": 1,
            **server,
            **live["metadata"],
        }
        metadata["resourceVersion"] = str(self._versions)
        self.objects[path] = applied.copied({**live, "metadata": metadata})
        if kind == "deployments":
            self.objects[path]["status"] = {"observedGeneration": metadata["generation"], **UP}
        return self.objects[path]

    async def get(self, path: str, **_query: str) -> Object:
        if path not in self.objects:
            raise ApiError(404, {"reason": "NotFound"})
        return self.objects[path]

    async def apply(self, path: str, body: Object, *, metadata_only: bool = False) -> Object:
        del metadata_only
        if "/events/" in path:
            self.events.append((body["reason"], body["message"]))
            return body
        if path in self.refused:
            causes = [{"field": "spec.ports[0].name"}]
            body = {"reason": "Invalid", "message": "as the test asks"}
            raise ApiError(self.refused[path], {**body, "details": {"causes": causes}})
        self._refuse_denied(path)
        live = self.objects.get(path)
        metadata = dict(body["metadata"])
        if live is not None and metadata.pop("uid", None) != live["metadata"]["uid"]:
            raise ApiError(409, {"reason": "Conflict"})
        metadata.pop("resourceVersion", None)
        try:
            result = applied.apply(live, {**body, "metadata": metadata}, MANAGED_BY, force=True)
        except connection.ApiError as error:
            raise ApiError(error.code, {"reason": "Invalid", **error.status}) from error
        if live is None:
            del result["metadata"]["uid"]
        self.writes.append(f"apply {path.partition(f'/{SPACE}/')[2]}")
        return self.put(path, result)

    async def merge(self, path: str, patch: Object) -> Object:
        self._refuse_denied(path)
        live = self.objects[path]
        assert patch["metadata"].keys() == {"uid", "resourceVersion", "managedFields"}
        return self.put(path, {**live, "metadata": {**live["metadata"], **patch["metadata"]}})

    async def write(self, method: str, path: str, body: Object) -> Object:
        assert method == "DELETE"
        live = self.objects[path]["metadata"]
        assert body["preconditions"]["uid"] == live["uid"]
        self.writes.append(f"delete {path.partition(f'/{SPACE}/')[2]}")
        return self.objects.pop(path)

    def _refuse_denied(self, path: str) -> None:
        """Answer as a ValidatingAdmissionPolicy does."""
        if path in self.denied:
            message = f"{path} is forbidden: ValidatingAdmissionPolicy 'p' denied request: no team"
            causes = [{"message": message}]
            body = {"reason": "Invalid", "message": message, "details": {"causes": causes}}
            raise ApiError(422, body)


class Sites:
    """One operator with these settings on a server."""

    def __init__(self, server: Server | None = None, **settings: Any) -> None:
        self.server = server or Server()
        self.settings = Settings(**settings)
        self.store = Store(self.settings.options())
        api: Any = self.server
        self.woken: list[SiteKey] = []
        """Sites that have a place from now on."""
        self.recorder = Recorder(api, busy=lambda: False)
        self._reconciler = Reconciler(
            api,
            self.store,
            self.recorder,
            self.settings.keeper(),
            limit=SiteLimit(
                self.store, self.settings.sites_per_namespace or None, self.woken.append
            ),
            may_write=lambda: True,
        )

    def source(self, name: str, text: str = "hi", **labels: str) -> Object:
        """Make a ConfigMap, or change it."""
        metadata = {"name": name, "labels": labels or {"kubia.io/site": "true"}}
        path = CONFIG_MAP.path(SPACE, name)
        return self.server.put(path, {"metadata": metadata, "data": {"index.html": text}})

    def see(self) -> None:
        """Take in all there is, as the watches would."""
        label, _, value = self.settings.selector.partition("=")
        for live in self._of(CONFIG_MAP.path(SPACE)):
            if live["metadata"].get("labels", {}).get(label) == value:
                self.store.update(CONFIG_MAP, live)
        for resource in RESOURCES:
            for live in self._of(resource.path(SPACE)):
                labels = live["metadata"].get("labels") or {}
                if labels.get("app.kubernetes.io/managed-by") == MANAGED_BY:
                    self.store.update(resource, live)

    def unlabel(self, name: str) -> None:
        """Take the label off a ConfigMap."""
        path = CONFIG_MAP.path(SPACE, name)
        live = self.server.objects[path]
        self.server.put(path, {**live, "metadata": {**live["metadata"], "labels": {}}})
        self.store.remove(CONFIG_MAP, SPACE, name, 10**9)

    def reconcile(self, *names: str) -> list[str]:
        """Reconcile sites, by default all; return the writes."""
        before = len(self.server.writes)
        asyncio.run(self._reconcile(names))
        return self.server.writes[before:]

    async def _reconcile(self, names: tuple[str, ...]) -> None:
        keys = [SiteKey(SPACE, name) for name in names] or sorted(self.store.keys())
        for key in keys:
            try:
                await self._reconciler.reconcile(key)
            except LaterError:
                continue
        sending = asyncio.create_task(self.recorder.run())
        for _ in range(50):
            await asyncio.sleep(0)
        sending.cancel()

    def run(self) -> list[str]:
        """Look at everything and reconcile it; return the writes."""
        self.see()
        return self.reconcile()

    def _of(self, path: str) -> list[Object]:
        objects = self.server.objects.items()
        return [live for key, live in objects if key.startswith(f"{path}/")]


def content_name(name: str, text: str = "hi") -> str:
    """Return the name of the content that a ConfigMap's site serves."""
    metadata = {"name": name, "namespace": SPACE, "uid": "", "resourceVersion": "1"}
    live = {"metadata": {**metadata, "creationTimestamp": ""}, "data": {"index.html": text}}
    return site_source.read(live)[0].content_name
