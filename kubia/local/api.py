"""Ask the cluster's API server, as its administrator."""

import http.client
import json
import ssl
from typing import Any

from kubia.errors import KubiaError
from kubia.local.paths import Layout
from kubia.local.settings import Settings
from kubia.manifests.values import Object

_TIMEOUT = 5.0  # Seconds for one request.
_JSON = "application/json"
_APPLY = "application/apply-patch+yaml"


def request(
    layout: Layout,
    settings: Settings,
    method: str,
    path: str,
    body: object = None,
    content_type: str = _JSON,
) -> tuple[int, Any]:
    """Return status and answer; status 0 if the API server cannot be reached."""
    pki = layout.certificates
    try:
        context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        context.load_cert_chain(pki / "admin.crt", pki / "admin.key")
        connection = http.client.HTTPSConnection(
            settings.address, settings.ports["api-server"], timeout=_TIMEOUT, context=context
        )
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": content_type})
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
    except OSError as error:
        return 0, str(error)
    is_json = response.getheader("Content-Type", "").startswith(_JSON)
    return response.status, json.loads(content) if is_json else content.decode()


def apply(layout: Layout, settings: Settings, path: str, manifest: Object) -> None:
    """Make the object at `path` what `manifest` says.

    Raises:
        KubiaError: the API server refuses it.

    """
    query = "?fieldManager=kubia-cluster&force=true"
    status, answer = request(layout, settings, "PATCH", path + query, manifest, _APPLY)
    if status not in (http.client.OK, http.client.CREATED):
        message = f"{manifest['kind']} {manifest['metadata']['name']} could not be made: {answer}"
        raise KubiaError(message)


def exists(layout: Layout, settings: Settings, path: str) -> bool:
    """Whether there is an object at `path`."""
    return request(layout, settings, "GET", path)[0] == http.client.OK


def ready(layout: Layout, settings: Settings) -> bool:
    """Whether the API server serves."""
    return exists(layout, settings, "/readyz")


def nodes(layout: Layout, settings: Settings) -> dict[str, bool]:
    """Return every node's name and whether it is Ready."""
    status, answer = request(layout, settings, "GET", "/api/v1/nodes")
    if status != http.client.OK:
        return {}
    return {node["metadata"]["name"]: _is_ready(node) for node in answer["items"]}


def _is_ready(node: dict[str, Any]) -> bool:
    conditions = node.get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
