"""An admission webhook, which the API server asks before it writes: it changes, or it denies."""

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from kubia.local import certificates
from kubia.local.certificates import Subject
from tests.e2e.harness import Cluster

Review = Callable[[dict[str, Any]], dict[str, Any]]
"""What is answered to an AdmissionRequest: the rest of an AdmissionResponse."""
GROUP = "admissionregistration.k8s.io/v1"


def changing(*patch: dict[str, Any]) -> Review:
    """Return an answer that changes each object by a JSON patch."""
    encoded = base64.b64encode(json.dumps(patch).encode()).decode()
    return lambda _: {"allowed": True, "patchType": "JSONPatch", "patch": encoded}


def denying(message: str) -> Review:
    """Return an answer that denies each object."""
    return lambda _: {"allowed": False, "status": {"message": message}}


@contextmanager
def webhook(
    kube: Cluster, folder: Path, namespace: str, resource: tuple[str, str], review: Review
) -> Iterator[list[str]]:
    """Answer for one kind of resource, (API group, plural), while it is made or changed.

    Lends the names of the objects that the API server asked about, dry runs aside.
    """
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            request = body["request"]
            if not request.get("dryRun"):
                asked.append(request["name"])
            response = {"uid": request["uid"], **review(request)}
            answer = json.dumps({**body, "request": None, "response": response}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    certificates.make(folder, [Subject("server", "server", hosts=("127.0.0.1",))])
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(folder / "server.crt", folder / "server.key")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"https://127.0.0.1:{server.server_address[1]}/"
    configuration = _configuration(namespace, resource, url, (folder / "ca.crt").read_bytes())
    text = json.dumps(configuration)
    try:
        kube.kubectl("apply", "-f", "-", stdin=text)
        yield asked
    finally:
        kube.kubectl("delete", "-f", "-", stdin=text)
        server.shutdown()
        thread.join()
        server.server_close()


def _configuration(
    namespace: str, resource: tuple[str, str], url: str, authority: bytes
) -> dict[str, Any]:
    group, plural = resource
    operations: Sequence[str] = ("CREATE", "UPDATE")
    rule = {"apiGroups": [group], "apiVersions": ["*"], "resources": [plural]}
    one = {
        "name": "test.kubia.io",
        "clientConfig": {"url": url, "caBundle": base64.b64encode(authority).decode()},
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "rules": [{**rule, "operations": operations}],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    metadata = {"name": f"{namespace}-{plural}"}
    kind = "MutatingWebhookConfiguration"
    return {"apiVersion": GROUP, "kind": kind, "metadata": metadata, "webhooks": [one]}
