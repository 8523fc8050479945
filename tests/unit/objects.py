"""What Kubernetes itself would say about an object."""

import functools
import warnings
from collections.abc import Iterator, Mapping
from typing import Any
from unittest import mock

import kubernetes_validate
import kubernetes_validate.utils

Manifest = Mapping[str, Any]

CUSTOM = {"HTTPRoute", "ServiceMonitor"}
"""Kinds that a cluster has to be taught: of these Kubernetes has no schema."""
WORKLOADS = {"CronJob", "DaemonSet", "Deployment", "Job"}
_read = functools.cache(kubernetes_validate.utils.schema_contents)


def schema_problems(manifest: Manifest) -> list[str]:
    """Return what is wrong with an object by Kubernetes' own schema; unknown fields are wrong."""
    latest = kubernetes_validate.latest_version()
    with warnings.catch_warnings(), mock.patch("kubernetes_validate.utils.schema_contents", _read):
        warnings.simplefilter("ignore", ResourceWarning)  # the package leaves its files open
        try:
            kubernetes_validate.validate(dict(manifest), latest, strict=True)
        except kubernetes_validate.ValidationError as error:
            return [f"{manifest['kind']}: {'.'.join(map(str, error.path))}: {error.message}"]
    return []


def pod_of(workload: Manifest) -> Manifest:
    """Return the pod's spec in a workload."""
    pod: Manifest = _template(workload)["spec"]
    return pod


def containers_of(pod: Manifest) -> list[Manifest]:
    """Return all containers of a pod's spec, init containers first."""
    return [*pod.get("initContainers", []), *pod["containers"]]


def pod_labels(workload: Manifest) -> Mapping[str, str]:
    """Return the labels of the pods of a workload."""
    labels: Mapping[str, str] = _template(workload)["metadata"]["labels"]
    return labels


def _template(workload: Manifest) -> Manifest:
    spec = workload["spec"]
    template: Manifest = spec.get("jobTemplate", {}).get("spec", spec)["template"]
    return template


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Say whether an equality selector matches labels."""
    return bool(selector) and selector.items() <= labels.items()


_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
}


def restricted_problems(pod: Manifest) -> Iterator[str]:
    """Yield what Pod Security's level `restricted` would refuse.

    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    """
    yield from (field for field in ("hostNetwork", "hostPID", "hostIPC") if pod.get(field))
    for volume in pod.get("volumes", []):
        if not volume.keys() - {"name"} <= _VOLUMES:
            yield f"volume {volume['name']}"
    for container in containers_of(pod):
        own = container.get("securityContext", {})
        context = {**pod.get("securityContext", {}), **own}
        capabilities = own.get("capabilities", {})
        seccomp = context.get("seccompProfile", {}).get("type")
        wrong = {
            "may run as root": context.get("runAsNonRoot") is not True,
            "runs as root": context.get("runAsUser") == 0,
            "is privileged": own.get("privileged", False),
            "may gain privileges": own.get("allowPrivilegeEscalation") is not False,
            "keeps capabilities": "ALL" not in capabilities.get("drop", []),
            "adds capabilities": bool(set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}),
            "has no seccomp profile": seccomp not in {"RuntimeDefault", "Localhost"},
            "takes a port of the node": any("hostPort" in p for p in container.get("ports", [])),
        }
        yield from (f"{container['name']}: {what}" for what, is_so in wrong.items() if is_so)
