"""Kubeconfig files: JSON, which is YAML as well."""

import base64
import os
from pathlib import Path
from urllib.parse import urlsplit

from kubia import kubeconfig
from kubia.local import files
from kubia.local.paths import Layout
from kubia.local.settings import Settings


def write(path: Path, layout: Layout, settings: Settings, identity: str) -> None:
    """Write a kubeconfig for the certificate named `identity`; its context is the cluster."""
    name = settings.name
    pki = layout.certificates
    user = {
        "client-certificate-data": _base64(pki / f"{identity}.crt"),
        "client-key-data": _base64(pki / f"{identity}.key"),
    }
    cluster = {
        "server": settings.server,
        "certificate-authority-data": _base64(pki / "ca.crt"),
    }
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": user}],
    }
    files.write_json(path, content)


def use(file: Path) -> None:
    """Let a local cluster's kubeconfig be this process's; no proxy stands before its servers."""
    os.environ["KUBECONFIG"] = str(file)
    hosts = {urlsplit(server).hostname or "" for server in kubeconfig.servers([file])}
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), *sorted(hosts))))


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
