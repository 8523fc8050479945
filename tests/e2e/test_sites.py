"""A folder as a site generator writes it, served by real pods and asked from outside."""

import http.client
from typing import NamedTuple
from urllib.parse import quote

import pytest

from tests.e2e.harness import ROOT, Cluster, Project, eventually, page

pytestmark = pytest.mark.e2e

SPACE = "kubia-e2e-sites"
PORT = 30097
URL = f"http://127.0.0.1:{PORT}/"
FILES = {
    "index.html": b"home v1",
    "404.html": b"no such page",
    "css/a b@2x~.css": b"a {}" * 500,
    "\u00fcber/uns/index.html": b"us",
    "latin.html": "gr\u00fc\u00dfe".encode("latin-1"),
    "large/1.bin": b"\xff" * 2**20,
    "large/2.bin": b"\xfe" * 2**20,
    ".well-known/security.txt": b"Contact: us",
    "empty/image.png": b"\x89PNG",
}


class Answer(NamedTuple):
    status: int
    etag: str | None
    type: str | None
    body: bytes


def get(path: str, **headers: str) -> Answer:
    """Return what a new connection, which any of the pods may take, is answered."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", f"/{quote(path)}", headers={**named, "Connection": "close"})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return Answer(response.status, response.headers["ETag"], response.headers["Content-Type"], body)


@pytest.fixture(name="docs")
def _docs(project: Project) -> Project:
    """Bring up a stack of one site, of two pods, from a folder."""
    for path, data in {**FILES, ".git/config": b"secret"}.items():
        (project.folder / "public" / path).parent.mkdir(parents=True, exist_ok=True)
        (project.folder / "public" / path).write_bytes(data)
    docs = {"directory": "public", "replicas": 2, "serviceType": "NodePort", "nodePort": PORT}
    changes = {"namespace": SPACE, "sites": {"docs": docs}, "agents": {}, "operators": {}}
    project.change("dev", {**changes, "services.kubia.serviceType": "ClusterIP"})
    project.change("dev", {"services.kubia.nodePort": None})
    project.up("dev")
    eventually(lambda: page(URL) == "home v1", "the site from outside")
    return project


def test_a_generators_folder_is_served_validated_by_content_and_rolled(
    kube: Cluster, docs: Project
) -> None:
    served = {path: get(path.removesuffix("index.html")) for path in FILES if path != "404.html"}
    assert {path: each.body for path, each in served.items()} == {
        path: FILES[path] for path in served
    }
    assert all(each.status == 200 and each.etag for each in served.values())
    assert served["latin.html"].type == "text/html"
    assert served["index.html"].type == "text/html; charset=utf-8"
    for missing in (".git/config", "nope", "empty/", "..data/index.html"):
        assert get(missing)[:2] == (404, None), missing
        assert get(missing).body == b"no such page"
    # Two pods take turns: whichever it is knows what the other one sent.
    etag = str(served["css/a b@2x~.css"].etag)
    again = {get("css/a b@2x~.css", If_None_Match=etag).status for _ in range(20)}
    assert again == {304}
    packed = get("css/a b@2x~.css", Accept_Encoding="gzip")
    assert (packed.etag, len(packed.body) < 200) == (f"W/{etag}", True)
    assert docs.kubia("drift", "--stack", "dev").code == 0

    before = kube.pods(SPACE, "docs")
    (docs.folder / "public/index.html").write_text("home v2")
    docs.up("dev")

    eventually(lambda: {page(URL) for _ in range(10)} == {"home v2"}, "the new page from all pods")
    assert not before.keys() & kube.pods(SPACE, "docs").keys()
    assert get("css/a b@2x~.css", If_None_Match=etag).status == 304
    assert get("", If_None_Match=str(served["index.html"].etag)).body == b"home v2"


def test_the_files_of_an_image_are_served(kube: Cluster, project: Project) -> None:
    program = {"reference": "kubia:v1", "subPath": "app"}
    docs = {"contentImage": program, "serviceType": "NodePort", "nodePort": PORT}
    changes = {"namespace": SPACE, "sites": {"docs": docs}, "agents": {}, "operators": {}}
    project.change("dev", {**changes, "services.kubia.serviceType": "ClusterIP"})
    project.change("dev", {"services.kubia.nodePort": None})

    project.up("dev")

    source = (ROOT / "kubia/local/images/kubia/server.py").read_bytes()
    eventually(lambda: get("server.py").body == source, "the image's file from outside")
    assert get("").status == 404
    names = [config_map["metadata"]["name"] for config_map in kube.get("configmaps", SPACE)]
    assert not [name for name in names if name.startswith("docs")]
