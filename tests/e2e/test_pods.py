"""What a web service's pods hold beside it, on a real node: a sidecar, files and secret files."""

from pathlib import Path

import pytest

from tests.e2e.harness import Cluster, Project, eventually, page

pytestmark = pytest.mark.e2e

URL = "http://127.0.0.1:30081"
FETCH = """
import os, pathlib, time, urllib.request
content = pathlib.Path("/content")
while True:
    try:
        with urllib.request.urlopen(os.environ["FROM"], timeout=5) as answer:
            page = answer.read().decode().strip()
        token = pathlib.Path("/etc/fetcher/token").read_text()
        new = content / "index.new"
        new.write_text(f"{page} {token} {os.environ['PRICE']}")
        new.rename(content / "index.html")
    except OSError as error:
        print(error, flush=True)
    time.sleep(1)
"""
"""Fetches a page again and again, as git-sync does, into the folder that nginx serves."""
SERVER = """
pid /tmp/nginx.pid;
error_log /dev/stderr notice;
events {}
http {
    access_log /dev/stdout;
    client_body_temp_path /tmp/client_body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    server {
        listen 8081;
        root /srv/content;
    }
}
"""


def fetching(token: str) -> dict[str, object]:
    """Return a service: nginx serves what a sidecar fetches from a third container."""
    fetcher = {
        "name": "fetcher",
        "image": "kubia:v1",
        "restartPolicy": "Always",
        "command": ["python3", "/etc/fetcher/fetch.py"],
        "env": {"FROM": "http://127.0.0.1:8080", "PRICE": "$(FROM) $$"},
        "files": {"/etc/fetcher/fetch.py": FETCH},
        "secretFiles": {"/etc/fetcher/token": token},
        "volumeMounts": [{"name": "content", "mountPath": "/content"}],
    }
    return {
        "image": "kubia-nginx:1.31",
        "command": ["/usr/sbin/nginx", "-c", "/etc/web/nginx.conf", "-g", "daemon off;"],
        "port": 8081,
        "files": {"/etc/web/nginx.conf": SERVER},
        "volumeMounts": [{"name": "content", "mountPath": "/srv/content", "readOnly": True}],
        "startup": {"httpGet": {}, "periodSeconds": 1, "failureThreshold": 60},
        "readiness": {"httpGet": {}, "periodSeconds": 1},
        "serviceType": "NodePort",
        "nodePort": 30081,
        "pod": {
            "initContainers": [fetcher],
            "containers": [{"name": "source", "image": "kubia:v1"}],
            "volumes": {"content": {"emptyDir": {"sizeLimit": "8Mi"}}},
        },
    }


def declare(program: Path, plain: str, token: str) -> None:
    """Add the service to the program: a stack file, which is in Git, holds no secret files."""
    program.write_text(f"{plain}\nWebService('web', {{**{fetching(token)!r}, **common}}, into)\n")


def test_a_sidecar_fetches_what_the_web_server_serves(kube: Cluster, project: Project) -> None:
    project.change("dev", {"sites": {}, "agents": {}, "operators": {}})
    program = project.folder / "__main__.py"
    plain = program.read_text()
    declare(program, plain, "first")
    project.up("dev")
    served = eventually(lambda: page(URL), "the page that was fetched")
    assert "This is v1 running in pod" in served
    assert served.endswith(" first $(FROM) $$")

    before = kube.pods("kubia-dev", "web")
    declare(program, plain, "second")
    project.up("dev")
    eventually(
        lambda: (page(URL) or "").endswith(" second $(FROM) $$"), "the page with the new token"
    )
    assert kube.pods("kubia-dev", "web").keys() & before.keys() == set()

    drift = project.kubia("drift", "--stack", "dev", "--strict")
    assert drift.code == 0, drift.text
