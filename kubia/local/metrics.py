"""How much the pods use, which autoscalers ask for: metrics-server, a process beside the node."""

import base64
from pathlib import Path

from kubia.local import api, processes
from kubia.local.paths import Layout
from kubia.local.processes import Program
from kubia.local.settings import Settings
from kubia.manifests.values import Object

HOST = "metrics-server.kube-system.svc"
"""The Service's name, as which the API server knows it."""
_API = "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io"
_SPACE = "/api/v1/namespaces/kube-system"
_NAME = "metrics-server"


def start(layout: Layout, settings: Settings, tools: Path) -> list[str]:
    """Start metrics-server unless it runs, and announce it; return the names of what was started.

    Like CoreDNS, it comes to the API server as the administrator.
    """
    pki = layout.certificates
    argv = (
        f"{tools}/metrics-server",
        f"--kubeconfig={layout.kubeconfig}",
        f"--authentication-kubeconfig={layout.kubeconfig}",
        f"--authorization-kubeconfig={layout.kubeconfig}",
        f"--bind-address={settings.address}",
        f"--secure-port={settings.ports[_NAME]}",
        f"--tls-cert-file={pki}/metrics-server.crt",
        f"--tls-private-key-file={pki}/metrics-server.key",
        f"--kubelet-certificate-authority={pki}/ca.crt",
        "--kubelet-preferred-address-types=InternalIP",
        "--kubelet-use-node-status-port",
        "--metric-resolution=10s",
        "--kubelet-request-timeout=5s",
    )
    started = processes.ensure(layout.processes, Program(_NAME, argv))
    if started or not available(layout, settings):
        _announce(layout, settings)
    return [_NAME] if started else []


def available(layout: Layout, settings: Settings) -> bool:
    """Whether the API server reaches it; while not, no namespace can be deleted to its end."""
    _, answer = api.request(layout, settings, "GET", _API)
    conditions = answer.get("status", {}).get("conditions", []) if isinstance(answer, dict) else []
    return any(each["type"] == "Available" and each["status"] == "True" for each in conditions)


def _announce(layout: Layout, settings: Settings) -> None:
    """Make the Service, which selects no pod but names the process, and the API behind it."""
    metadata = {"name": _NAME, "namespace": "kube-system"}
    port = {"name": "https", "port": 443, "targetPort": settings.ports[_NAME]}
    service: Object = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {"ports": [port]},
    }
    slice_: Object = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {**metadata, "labels": {"kubernetes.io/service-name": _NAME}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [settings.address], "conditions": {"ready": True}}],
        "ports": [{"name": "https", "port": settings.ports[_NAME]}],
    }
    authority = (layout.certificates / "ca.crt").read_bytes()
    served: Object = {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": "v1beta1.metrics.k8s.io"},
        "spec": {
            "group": "metrics.k8s.io",
            "version": "v1beta1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "caBundle": base64.b64encode(authority).decode(),
            "service": metadata,
        },
    }
    for path, manifest in (
        (f"{_SPACE}/services/{_NAME}", service),
        (f"/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices/{_NAME}", slice_),
        (_API, served),
    ):
        api.apply(layout, settings, path, manifest)
