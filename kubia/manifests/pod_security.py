"""Pod Security's levels: what a pod may not be at the level that a service asks for.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

import itertools
from collections.abc import Iterator
from typing import Literal, NamedTuple

from kubia.errors import Problem
from kubia.manifests.raw import inside, items
from kubia.manifests.values import Object

Level = Literal["restricted", "baseline", "privileged"]
_LEVELS = ("restricted", "baseline", "privileged")
_RESTRICTED_VOLUMES = {
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
_BASELINE_CAPABILITIES = {
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
}
_SELINUX_TYPES = {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}
_SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_ASKERS = (
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)


class Violation(NamedTuple):
    """A field of a pod that a level does not allow."""

    text: str
    """Which field, and what it is."""
    needs: Level
    """The lowest level that allows it."""


def problems(pod: Object, annotations: Object, level: Level) -> Iterator[Problem]:
    """Yield what the pod, with its annotations, may not be at this level, and which allows it."""
    every = (*violations(pod), *_annotated(annotations))
    refused = [each for each in every if _LEVELS.index(each.needs) > _LEVELS.index(level)]
    for violation in refused:
        text = (
            f"is {level}, but in the pod {violation.text}; "
            f"change that, or set podSecurity to {violation.needs}"
        )
        yield Problem(("podSecurity",), text)
    if not refused:
        yield from _never_started(pod)


def _never_started(pod: Object) -> Iterator[Problem]:
    """Yield the containers that `raw` makes root, and the kubelet does not start as such."""
    for place, container in _containers(pod):
        context = {**inside(pod, "securityContext"), **inside(container, "securityContext")}
        if context.get("runAsUser") == 0 and context.get("runAsNonRoot") is True:
            text = (
                f"lets {place} run as user 0, where runAsNonRoot is true, so that it would never "
                "start; add runAsNonRoot: false beside runAsUser"
            )
            yield Problem(("raw",), text)


def _containers(pod: Object) -> Iterator[tuple[str, Object]]:
    """Yield all containers of a pod, each with where it stands."""
    for kind in ("initContainers", "containers"):
        for container in items(pod, kind):
            yield f"{kind}[{container.get('name')}]", container


def violations(pod: Object) -> Iterator[Violation]:
    """Yield all that a pod has which the level restricted does not allow."""
    context = inside(pod, "securityContext")
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(field):
            yield Violation(f"{field} is true", "privileged")
    yield from _volumes(pod)
    yield from _either(context, "securityContext")
    for sysctl in items(context, "sysctls"):
        if sysctl.get("name") not in _SYSCTLS:
            yield Violation(f"securityContext.sysctls sets {sysctl.get('name')}", "privileged")
    for place, container in _containers(pod):
        yield from _container(context, container, place)


def _annotated(annotations: Object) -> Iterator[Violation]:
    """Yield AppArmor's profiles that are given as before Kubernetes 1.30, for they still count."""
    for key, value in annotations.items():
        profile = value if isinstance(value, str) else ""
        if key.startswith(_APPARMOR) and not profile.startswith(("runtime/default", "localhost/")):
            yield Violation(f"annotation {key} lifts AppArmor's profile", "privileged")


def _volumes(pod: Object) -> Iterator[Violation]:
    for volume in items(pod, "volumes"):
        for kind in volume.keys() - {"name"} - _RESTRICTED_VOLUMES:
            needs: Level = "privileged" if kind == "hostPath" else "baseline"
            yield Violation(f"volume {volume.get('name')} is a {kind}", needs)


def _container(pod: Object, container: Object, place: str) -> Iterator[Violation]:
    own = inside(container, "securityContext")
    at = f"{place}.securityContext"
    yield from _either(own, at)
    if own.get("privileged"):
        yield Violation(f"{at}.privileged is true", "privileged")
    if own.get("procMount", "Default") != "Default":
        yield Violation(f"{at}.procMount is {own['procMount']}", "privileged")
    yield from _capabilities(inside(own, "capabilities"), at)
    yield from _hosts(container, place)
    if own.get("allowPrivilegeEscalation") is not False:
        yield Violation(f"{at}.allowPrivilegeEscalation is not false", "baseline")
    is_root = own.get("runAsUser", pod.get("runAsUser")) == 0  # told already
    if own.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True and not is_root:
        yield Violation(f"{at}.runAsNonRoot is not true", "baseline")
    profile = inside(own if "seccompProfile" in own else pod, "seccompProfile")
    if "type" not in profile:
        yield Violation(f"{at}.seccompProfile is not set", "baseline")


def _either(context: Object, at: str) -> Iterator[Violation]:
    """Yield what neither a pod's security context may be, nor a container's."""
    if context.get("runAsUser") == 0:
        yield Violation(f"{at}.runAsUser is 0, which is root", "baseline")
    for profile in ("seccompProfile", "appArmorProfile"):
        if inside(context, profile).get("type") == "Unconfined":
            yield Violation(f"{at}.{profile} is Unconfined", "privileged")
    selinux = inside(context, "seLinuxOptions")
    if selinux.get("type", "") not in _SELINUX_TYPES or selinux.get("user") or selinux.get("role"):
        yield Violation(f"{at}.seLinuxOptions has a user, a role or a type", "privileged")
    if inside(context, "windowsOptions").get("hostProcess"):
        yield Violation(f"{at}.windowsOptions.hostProcess is true", "privileged")


def _capabilities(given: Object, at: str) -> Iterator[Violation]:
    for capability in _texts(given, "add"):
        if capability != "NET_BIND_SERVICE":
            needs: Level = "baseline" if capability in _BASELINE_CAPABILITIES else "privileged"
            yield Violation(f"{at}.capabilities adds {capability}", needs)
    if "ALL" not in _texts(given, "drop"):
        yield Violation(f"{at}.capabilities does not drop ALL", "baseline")


def _hosts(container: Object, place: str) -> Iterator[Violation]:
    """Yield the ports that a container takes of its node, and the other hosts that it asks."""
    for port in items(container, "ports"):
        if port.get("hostPort"):
            yield Violation(f"{place} has hostPort {port['hostPort']}", "privileged")
    for asker, way in itertools.product(_ASKERS, ("httpGet", "tcpSocket")):
        if host := inside(container, *asker, way).get("host"):
            yield Violation(f"{place}.{'.'.join(asker)} asks host {host}", "privileged")


def _texts(value: Object, field: str) -> list[str]:
    given = value.get(field)
    return [*map(str, given)] if isinstance(given, list | tuple) else []
