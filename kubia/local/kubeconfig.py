"""Kubeconfig files: JSON, which is YAML as well."""

import base64
from pathlib import Path

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


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
