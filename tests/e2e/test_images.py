"""The images do what the patterns say, as the pods that will run them."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from kubia.local import deadline
from kubia.local.cluster import LocalCluster

pytestmark = pytest.mark.e2e

NAMESPACE = "e2e-images"


class Pods:
    """Runs pods in a namespace that enforces Pod Security "restricted"."""

    def __init__(self, cluster: LocalCluster) -> None:
        self._kubeconfig = str(cluster.kubeconfig)

    def kubectl(self, *words: str, text: str | None = None) -> str:
        command = ["kubectl", "--kubeconfig", self._kubeconfig, "-n", NAMESPACE, *words]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, name: str, image: str, **spec: object) -> str:
        """Start a pod, wait until it runs, and return its address."""
        container = {
            "name": "main",
            "image": image,
            "imagePullPolicy": "Never",
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            },
            **spec,
        }
        security = {
            "runAsNonRoot": True,
            "runAsUser": 12345,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        volumes = [
            {"name": "tmp", "emptyDir": {}},
            {"name": "pages", "configMap": {"name": "pages", "optional": True}},
        ]
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name},
            "spec": {
                "containers": [container],
                "securityContext": security,
                "volumes": volumes,
                "restartPolicy": "Never",
                "automountServiceAccountToken": False,
            },
        }
        self.kubectl("apply", "--server-side", "-f", "-", text=json.dumps(pod))
        self.kubectl(
            "wait", "--for=jsonpath={.status.phase}=Running", f"pod/{name}", "--timeout=60s"
        )
        return self.kubectl("get", "pod", name, "-o", "jsonpath={.status.podIP}")

    def exit_code(self, name: str) -> str:
        """Return the exit code of an ended pod."""
        path = "{.status.containerStatuses[0].state.terminated.exitCode}"
        return self.kubectl("get", "pod", name, "-o", f"jsonpath={path}")


@pytest.fixture(scope="module")
def pods(cluster: LocalCluster) -> Iterator[Pods]:
    pods = Pods(cluster)
    pods.kubectl("create", "namespace", NAMESPACE)
    level = "pod-security.kubernetes.io/enforce=restricted"
    pods.kubectl("label", "namespace", NAMESPACE, level)
    account = ("wait", "--for=create", "serviceaccount/default", "--timeout=30s")
    pods.kubectl(*account)
    yield pods
    pods.kubectl("delete", "namespace", NAMESPACE)


def get(address: str, path: str = "/") -> tuple[int, dict[str, str], str]:
    """Return status, headers and text of a page, by a connection of its own."""
    deadline.until(f"{address} accepts connections", lambda: accepts(address), 20)
    with socket.create_connection((address, 8080), timeout=5) as connection:
        request = f"GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        answer = connection.makefile("rb").read().decode()
    head, _, body = answer.partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    headers = {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in lines}
    return int(status.split()[1]), headers, body


def accepts(address: str) -> bool:
    try:
        socket.create_connection((address, 8080), timeout=2).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("version", ["v1", "v2", "v4"])
def test_good_versions_say_who_they_are(pods: Pods, version: str) -> None:
    address = pods.start(f"kubia-{version}", f"kubia:{version}")

    answers = {get(address)[::2] for _ in range(7)}

    assert answers == {(200, f"This is {version} running in pod kubia-{version}\n")}


def test_v3_fails_from_the_fifth_request_on(pods: Pods) -> None:
    address = pods.start("kubia-v3", "kubia:v3")
    assert get(address, "/healthz")[0] == 200

    answers = [get(address)[::2] for _ in range(6)]

    assert answers[:4] == [(200, "This is v3 running in pod kubia-v3\n")] * 4
    sorry = "Some internal error has occurred! This is pod kubia-v3\n"
    assert answers[4:] == [(500, sorry)] * 2


def test_unhealthy_fails_after_five_requests(pods: Pods) -> None:
    address = pods.start("kubia-unhealthy", "kubia:unhealthy")

    answers = [get(address)[::2] for _ in range(7)]

    assert answers[:5] == [(200, "You've hit kubia-unhealthy\n")] * 5
    assert answers[5:] == [(500, "I'm not well. Please restart me!\n")] * 2


def test_kubia_logs_each_client_and_finishes_what_is_under_way(pods: Pods) -> None:
    address = pods.start("kubia-stop", "kubia:v2")
    get(address)
    assert "Received request from 10." in pods.kubectl("logs", "kubia-stop")

    with socket.create_connection((address, 8080), timeout=10) as late:
        late.sendall(b"GET / HTTP/1.1\r\n")
        code = "import os, signal; os.kill(1, signal.SIGTERM)"
        pods.kubectl("exec", "kubia-stop", "--", "python3", "-c", code)
        deadline.until("no more connections are accepted", lambda: not accepts(address), 5)
        late.sendall(b"Host: test\r\n\r\n")
        answer = late.makefile("rb").read().decode()

    assert answer.startswith("HTTP/1.1 200 OK")
    assert answer.endswith("This is v2 running in pod kubia-stop\n")
    pods.kubectl(
        "wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/kubia-stop", "--timeout=15s"
    )
    assert pods.exit_code("kubia-stop") == "0"


def test_the_ssd_monitor_reports_and_stops_at_once(pods: Pods) -> None:
    pods.start("ssd", "ssd-monitor:v1")
    deadline.until("it reports", lambda: "SSD OK" in pods.kubectl("logs", "ssd"), 10)

    start = time.monotonic()
    # A moment later, so that the command is over before its container is.
    later = "(sleep 0.3; kill -TERM 1) >/dev/null 2>&1 &"
    pods.kubectl("exec", "ssd", "--", "/bin/sh", "-c", later)
    pods.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/ssd", "--timeout=15s")

    assert time.monotonic() - start < 5
    assert pods.exit_code("ssd") == "0"


def test_nginx_serves_a_config_map_and_nothing_else(pods: Pods) -> None:
    pages = {"index.html": "grüße\n", "style.css": "a {}\n", "data.json": "{}\n", ".secret": "no\n"}
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "pages"}}
    text = json.dumps({**config_map, "data": pages})
    pods.kubectl("apply", "--server-side", "-f", "-", text=text)
    mounts = [
        {"name": "tmp", "mountPath": "/tmp"},
        {"name": "pages", "mountPath": "/usr/share/nginx/html"},
    ]
    address = pods.start("nginx", "kubia-nginx:1.31", volumeMounts=mounts)

    status, headers, body = get(address)
    assert (status, body) == (200, "grüße\n")
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["server"] == "nginx"
    assert get(address, "/style.css")[1]["content-type"] == "text/css; charset=utf-8"
    assert get(address, "/data.json")[1]["content-type"] == "application/json; charset=utf-8"
    assert get(address, "/.healthz")[0] == 200
    for hidden in ("/..data/index.html", "/.secret", "/missing"):
        assert get(address, hidden)[0] == 404, hidden

    start = time.monotonic()
    pods.kubectl("delete", "pod", "nginx")
    assert time.monotonic() - start < 10
