"""The real API server, and what must be in it: the oracle of every test."""

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx2
from lightkube import KubeConfig
from lightkube.config.client_adapter import verify_cluster
from lightkube.config.models import User

from kubia.manifests import site_source
from kubia.manifests.site_source import MANAGED_BY, SiteOptions
from kubia.manifests.values import Object

T = TypeVar("T")

LABEL = {"kubia.io/site": "true"}
DEADLINE_SECONDS = 40.0
_PLURAL = {
    "ConfigMap": "/api/v1/namespaces/{}/configmaps",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "Service": "/api/v1/namespaces/{}/services",
}


class ApiError(Exception):
    def __init__(self, code: int, body: Object) -> None:
        self.code = code
        super().__init__(f"{code}: {body.get('message')}")


def until(what: str, check: Callable[[], T], seconds: float = DEADLINE_SECONDS) -> T:
    """Return the first true outcome of `check`; fail with its last one after the deadline."""
    end = time.monotonic() + seconds
    while True:
        outcome = check()
        if outcome:
            return outcome
        if time.monotonic() > end:
            message = f"not within {seconds} s: {what}; last: {outcome!r}"
            raise AssertionError(message)
        time.sleep(0.05)


class Cluster:
    """A client that goes to the API server directly."""

    def __init__(self, kubeconfig: str) -> None:
        config = KubeConfig.from_file(kubeconfig).get()
        assert config is not None
        self.kubeconfig = kubeconfig
        ssl = verify_cluster(config.cluster, config.user or User(), config.abs_file)
        self._http = httpx2.Client(base_url=config.cluster.server, verify=ssl, timeout=30)

    def call(
        self, method: str, path: str, body: object = None, kind: str = "application/json"
    ) -> Object:
        data = None if body is None else json.dumps(body).encode()
        response = self._http.request(method, path, content=data, headers={"Content-Type": kind})
        answer: Object = response.json() if response.content[:1] == b"{" else {}
        if response.is_error:
            raise ApiError(response.status_code, answer)
        return answer

    def close(self) -> None:
        self._http.close()

    def create(self, path: str, body: Object) -> Object:
        return self.call("POST", path, body)

    def merge(self, path: str, patch: Object, manager: str = "somebody") -> Object:
        url = f"{path}?fieldManager={manager}"
        return self.call("PATCH", url, patch, "application/merge-patch+json")

    def find(self, path: str) -> Object | None:
        try:
            return self.call("GET", path)
        except ApiError as error:
            if error.code == 404:
                return None
            raise


class Namespace:
    """One test's namespace and the sources in it."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster = cluster
        self.name = name
        self.selector = "kubia.io/site=true"
        self.options = SiteOptions()

    def path(self, kind: str, name: str = "") -> str:
        return _PLURAL[kind].format(self.name) + (f"/{name}" if name else "")

    def get(self, kind: str, name: str) -> Object | None:
        return self.cluster.find(self.path(kind, name))

    def all(self, kind: str, selector: str = "") -> list[Object]:
        query = f"?labelSelector={selector}" if selector else ""
        items: list[Object] = self.cluster.call("GET", self.path(kind) + query)["items"]
        return items

    def source(
        self,
        name: str,
        content: str | dict[str, str] = "hello world",
        *,
        labels: dict[str, str] | None = None,
        **more: Any,
    ) -> Object:
        """Create a labelled ConfigMap."""
        data = {"index.html": content} if isinstance(content, str) else content
        metadata = {"name": name, "labels": LABEL if labels is None else labels}
        body = {"metadata": metadata, "data": data, **more}
        return self.cluster.create(self.path("ConfigMap"), body)

    def edit(self, name: str, content: str) -> Object:
        patch = {"data": {"index.html": content}}
        return self.cluster.merge(self.path("ConfigMap", name), patch)

    def delete(self, kind: str, name: str, **options: Any) -> None:
        self.cluster.call("DELETE", self.path(kind, name), options or None)

    def patch(self, kind: str, name: str, patch: Object, manager: str = "somebody") -> Object:
        return self.cluster.merge(self.path(kind, name), patch, manager)

    def unlabel(self, name: str) -> Object:
        """Take the label off a source."""
        return self.patch("ConfigMap", name, {"metadata": {"labels": {"kubia.io/site": None}}})

    def events(self, reason: str) -> list[str]:
        """Return the messages of the events with this reason."""
        events = self.cluster.call("GET", f"/api/v1/namespaces/{self.name}/events")["items"]
        return [event["message"] for event in events if event["reason"] == reason]

    def wrong(self) -> list[str]:
        """Return every way in which the namespace differs from what its sources want.

        The API server itself is asked whether applying the desired objects would change anything.
        """
        wrong, desired = [], set()
        for live in self.all("ConfigMap", self.selector):
            source, content = site_source.read(live)
            if source.deleting:
                continue
            for manifest in site_source.desired(source, self.options):
                kind, name = manifest["kind"], manifest["metadata"]["name"]
                desired.add((kind, name))
                full = content if content and kind == "ConfigMap" else manifest
                wrong += self._difference(kind, name, full)
        for kind in _PLURAL:
            for live in self.all(kind, f"app.kubernetes.io/managed-by={MANAGED_BY}"):
                if (kind, live["metadata"]["name"]) not in desired:
                    wrong.append(f"{kind} {live['metadata']['name']}: is left over")
        return wrong

    def _difference(self, kind: str, name: str, desired: Object) -> list[str]:
        live = self.get(kind, name)
        if live is None:
            return [f"{kind} {name}: is missing"]
        outcome = desired
        if kind != "ConfigMap":
            path = f"{self.path(kind, name)}?dryRun=All&force=true&fieldManager={MANAGED_BY}"
            try:
                outcome = self.cluster.call("PATCH", path, desired, "application/apply-patch+yaml")
            except ApiError as error:
                return [f"{kind} {name}: cannot be applied: {error}"]
        parts = ("spec", "data", "binaryData", "immutable")
        same = all(outcome.get(part) == live.get(part) for part in parts)
        labels = outcome["metadata"].get("labels") == live["metadata"].get("labels")
        owners = outcome["metadata"]["ownerReferences"] == live["metadata"].get("ownerReferences")
        return [] if same and labels and owners else [f"{kind} {name}: differs"]
