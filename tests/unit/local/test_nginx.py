"""The image's nginx.conf, by the real nginx where the local cluster has fetched one."""

import gzip
import hashlib
import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest

from kubia.local import bases, paths
from kubia.manifests import site_validators

_NGINX = paths.cache() / "bases" / f"nginx-{bases.NGINX_VERSION}" / "usr/sbin/nginx"
_IMAGE = Path(bases.__file__).with_name("images") / "nginx"
_LONG = "long " * 1000

pytestmark = pytest.mark.skipif(not _NGINX.exists(), reason="no nginx was fetched here")


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str | None]
    body: bytes


class Site:
    """An nginx that serves a folder."""

    def __init__(self, folder: Path) -> None:
        self.html = folder / "html"
        self._socket = str(folder / "socket")

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(10)
            sock.connect(self._socket)
            connection = http.client.HTTPConnection("site")
            connection.sock = sock
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers={**named, "Connection": "close"})
            response = connection.getresponse()
            given = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, {**dict.fromkeys(_SHOWN), **given}, response.read())


_SHOWN = ("etag", "last-modified", "content-encoding", "cache-control", "location", "vary")
_FILES = {
    "index.html": b"hello",
    "404.html": b"no such page",
    "long.html": _LONG.encode(),
    "latin.html": "grüße".encode("latin-1"),
    "docs/index.html": b"docs",
    "empty/image.png": b"\x89PNG",
    ".git/config": b"secret",
    ".well-known/security.txt": b"Contact: us",
    "a.csv": b"1,2",
    'q "\\$x~.html': b"odd",
}
_VALIDATORS = r"""
"/index.html" '"aaa"';
"/404.html" '"eee"';
"/long.html" '"bbb"';
"/latin.html" '"ccc-bytes"';
"/docs/index.html" '"ddd"';
"/q \"\\$x~.html" '"fff"';
"""


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from serving(tmp_path_factory.mktemp("nginx"), _FILES, _VALIDATORS)


def serving(folder: Path, files: Mapping[str, bytes], validators: str | None) -> Iterator[Site]:
    """Serve files by the image's own configuration, but for where things lie."""
    for path, data in files.items():
        (folder / "html" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "html" / path).write_bytes(data)
    (folder / "tmp").mkdir()
    shutil.copytree(_IMAGE, folder / "etc")
    if validators is not None:
        (folder / "etc/site").mkdir()
        (folder / "etc/site/validators").write_text(validators)
    moved = {
        "/usr/share/nginx/html": f"{folder}/html",
        "/etc/nginx/": f"{folder}/etc/",
        "/tmp/": f"{folder}/tmp/",
        "listen 8080": f"listen unix:{folder}/socket",
    }
    known = "|".join(map(re.escape, moved))
    conf = (folder / "etc/nginx.conf").read_text()
    (folder / "etc/nginx.conf").write_text(re.sub(known, lambda at: moved[at[0]], conf))
    # Root's workers would be nobody, who may not enter the folder.
    user = "user root root;" if os.geteuid() == 0 else ""
    command = [str(_NGINX), "-c", f"{folder}/etc/nginx.conf", "-g", f"daemon off; {user}"]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, stderr=log, stdout=log) as run,
    ):
        try:
            yield _ready(Site(folder), folder / "log")
        finally:
            run.terminate()


def _ready(site: Site, log: Path) -> Site:
    for _ in range(200):
        try:
            site.get("/.healthz")
        except OSError:
            time.sleep(0.02)
        else:
            return site
    raise AssertionError(log.read_text())


def test_a_page_is_served_with_what_a_browser_needs_to_keep_it(site: Site) -> None:
    status, headers, body = site.get("/")
    assert (status, body) == (200, b"hello")
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["etag"] == '"aaa"'
    assert headers["last-modified"] is None
    assert headers["cache-control"] == "no-cache"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("given", ['"aaa"', 'W/"aaa"', '"x", "aaa"', '"aaa" , W/"x"', '"x","aaa"'])
@pytest.mark.parametrize("path", ["/", "/index.html"])
def test_what_a_browser_has_is_not_sent_again(
    site: Site, path: str, given: str, method: str
) -> None:
    status, headers, body = site.get(path, method, If_None_Match=given)
    assert (status, body, headers["etag"]) == (304, b"", '"aaa"')


@pytest.mark.parametrize("given", ['"aa"', '"aaaa"', "aaa", '"bbb"', 'x"aaa"', '"aaa"x', '""', ""])
def test_what_a_browser_has_of_something_else_is_sent(site: Site, given: str) -> None:
    assert site.get("/", If_None_Match=given)[::2] == (200, b"hello")


def test_when_a_browser_got_a_page_says_nothing(site: Site) -> None:
    since = "Thu, 01 Jan 2099 00:00:00 GMT"
    assert site.get("/", If_Modified_Since=since).status == 200


def test_text_is_compressed_and_validated_weakly(site: Site) -> None:
    answer = site.get("/long.html", Accept_Encoding="gzip")
    assert gzip.decompress(answer.body).decode() == _LONG
    assert len(answer.body) < len(_LONG) / 10
    assert answer.headers["vary"] == "Accept-Encoding"
    weak = answer.headers["etag"]
    assert weak == 'W/"bbb"'
    again = site.get("/long.html", Accept_Encoding="gzip", If_None_Match=weak)
    assert (again.status, again.body) == (304, b"")
    assert site.get("/long.html").headers["content-encoding"] is None


def test_a_part_is_sent_of_what_the_browser_has(site: Site) -> None:
    part = {"Range": "bytes=0-3"}
    assert site.get("/long.html", **part, If_Range='"bbb"')[::2] == (206, b"long")
    assert site.get("/long.html", **part, If_Range='"zzz"').status == 200


@pytest.mark.parametrize("path", ["/nope", "/empty/", "/.git/config", "/docs/.x", "/404.html"])
@pytest.mark.parametrize("given", [{}, {"If_None_Match": '"aaa"'}])
def test_what_is_no_page_is_answered_by_the_sites_own(
    site: Site, path: str, given: dict[str, str]
) -> None:
    status, headers, body = site.get(path, **given)
    assert (status, body) == (404, b"no such page")
    assert headers["etag"] is None
    assert headers["cache-control"] == "no-cache"


def test_a_page_that_is_missing_is_missing_whatever_the_browser_has(site: Site) -> None:
    assert site.get("/nope", If_None_Match='"eee"').status == 404


def test_a_folder_leads_to_its_index(site: Site) -> None:
    moved = site.get("/docs")
    assert (moved.status, moved.headers["location"]) == (301, "/docs/")
    assert site.get("/docs/").body == b"docs"
    assert site.get("/docs/", If_None_Match='"ddd"').status == 304


def test_bytes_that_are_not_utf_8_are_not_said_to_be(site: Site) -> None:
    status, headers, body = site.get("/latin.html")
    assert (status, body.decode("latin-1")) == (200, "grüße")
    assert headers["content-type"] == "text/html"
    assert site.get("/latin.html", If_None_Match='"ccc-bytes"').status == 304


def test_what_is_well_known_is_served(site: Site) -> None:
    assert site.get("/.well-known/security.txt").body == b"Contact: us"


def test_an_odd_name_has_its_validator(site: Site) -> None:
    answer = site.get("/q%20%22%5C$x~.html")
    assert (answer.body, answer.headers["etag"]) == (b"odd", '"fff"')


_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "gz": "application/gzip",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "map": "application/json; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "mp4": "video/mp4",
    "otf": "font/otf",
    "pdf": "application/pdf",
    "svg": "image/svg+xml; charset=utf-8",
    "ttf": "font/ttf",
    "txt": "text/plain; charset=utf-8",
    "wasm": "application/wasm",
    "woff2": "font/woff2",
    "xml": "text/xml; charset=utf-8",
    "zip": "application/zip",
    "nobody-knows": "application/octet-stream",
}


def test_files_have_the_types_that_their_names_say(site: Site) -> None:
    for ending in _TYPES:
        (site.html / f"file.{ending}").write_bytes(b"x")
    given = {ending: site.get(f"/file.{ending}").headers["content-type"] for ending in _TYPES}
    assert given == _TYPES


_ODD = {
    "A.html": b"capital",
    "a.html": b"small",
    "a b/c@2x~.html": b"space",
    "über/uns.html": b"umlaut",
    "\n.html": b"line",
    '"quoted\\".html': b"quoted",
    "a\\b.html": b"backslash",
    "$uri;{}#'.html": b"signs",
    "[A-Z]+(.*).html": b"expression",
    "[a-z]+(.*).html": b"Expression",
    "~^/~.html": b"tilde",
    "default": b"word",
    "latin.html": b"gr\xfc\xdfe",
    f"{'p/' * 400}{'ä' * 100}": b"long",
}


def test_every_file_of_a_site_has_a_validator_of_its_own_content(tmp_path: Path) -> None:
    for site in serving(tmp_path, _ODD, site_validators.entries(_ODD)):
        for path, data in _ODD.items():
            url = f"/{quote(path)}"
            answer = site.get(url)
            hashed = hashlib.sha256(data).hexdigest()[:16]
            suffix = "-bytes" if path == "latin.html" else ""
            assert answer[::2] == (200, data)
            assert answer.headers["etag"] == f'"{hashed}{suffix}"'
            assert site.get(url, If_None_Match=answer.headers["etag"] or "").status == 304


def test_without_validators_nothing_is_validated(tmp_path: Path) -> None:
    for site in serving(tmp_path, {"index.html": b"hello"}, None):
        status, headers, body = site.get("/", If_None_Match='"aaa"')
        assert (status, body, headers["etag"]) == (200, b"hello", None)
        assert headers["last-modified"] is None


def test_a_site_without_a_page_for_it_says_that_a_page_is_missing(tmp_path: Path) -> None:
    for site in serving(tmp_path, {"docs/a.html": b"a"}, None):
        assert {site.get(path).status for path in ("/", "/docs/", "/nope", "/404.html")} == {404}


def test_nginx_has_nothing_to_warn_of(site: Site) -> None:
    assert "[warn]" not in (site.html.parent / "log").read_text()
