"""The real node's part in the machine's network, and all of it taken back again.

The device `kubia0` carries one address, the gateway of the pods' network, where the API server,
DNS and the kubelet listen. It is also the sign that this machine has a real node: the kernel
knows it under one name only, and its alias says whose it is.
"""

import ipaddress
import json
import re
from dataclasses import dataclass
from pathlib import Path

from kubia.errors import KubiaError
from kubia.local import shell

DEVICE = "kubia0"
_PODS = ("10.244.0.0/24", "10.245.0.0/24", "10.246.0.0/24", "172.31.244.0/24")
_SERVICES = ("10.96.0.0/16", "10.97.0.0/16", "10.98.0.0/16", "172.30.0.0/16")
_SYSCTLS = (
    "net/ipv4/ip_forward",
    "net/ipv4/conf/all/route_localnet",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
)
_PLACES = (
    "/var/lib/kubelet",
    "/var/lib/cni",
    "/var/log/containers",
    "/run/kubia",
    "/run/containerd",
    "/run/runc",
)
_OURS = re.compile(r"\bKUB(E|IA)-[A-Z0-9-]+")


@dataclass(frozen=True)
class Before:
    """How the machine was before the real node."""

    sysctls: dict[str, str]
    """Kernel settings that ours or Kubernetes' programs change."""
    absent: list[str]
    """Folders that did not exist and that containerd or the kubelet makes outside of our state."""


def before() -> Before:
    """Return how the machine is before anything is changed."""
    files = {name: Path("/proc/sys", name) for name in _SYSCTLS}
    sysctls = {name: path.read_text().strip() for name, path in files.items() if path.exists()}
    return Before(sysctls, [place for place in _PLACES if not Path(place).exists()])


def gateway(pods: str) -> str:
    """Return the first address of the pods' network."""
    return str(ipaddress.ip_network(pods)[1])


def free_ranges() -> tuple[str, str]:
    """Return addresses for pods and for Services that this machine does not route elsewhere.

    Raises:
        KubiaError: it routes all that could be taken.

    """
    if not shell.has("ip"):
        return _PODS[0], _SERVICES[0]
    routed = [
        ipaddress.IPv4Network(route["dst"])
        for route in json.loads(shell.run(["ip", "-json", "-4", "route", "show", "table", "all"]))
        if route["dst"] != "default"
    ]
    return _free(_PODS, routed), _free(_SERVICES, routed)


def _free(candidates: tuple[str, ...], routed: list[ipaddress.IPv4Network]) -> str:
    for candidate in candidates:
        if not any(ipaddress.IPv4Network(candidate).overlaps(each) for each in routed):
            return candidate
    message = f"this machine routes all of {', '.join(candidates)}: none is left for pods"
    raise KubiaError(message)


def owner() -> str | None:
    """Return the state folder of the cluster whose real node this machine has."""
    alias = Path(f"/sys/class/net/{DEVICE}/ifalias")
    return alias.read_text().strip() if alias.exists() else None


def foreign() -> str | None:
    """Say which sign there is of a kube-proxy that is not ours."""
    if owner() is not None:
        return None
    if shell.has("iptables-save") and ":KUBE-" in shell.run(["iptables-save"]):
        return "another kube-proxy has its rules in iptables"
    return None


def occupied(root: Path) -> str | None:
    """Say who else has this machine's real node; None if nobody has or the cluster in `root`."""
    other = owner()
    if other in (None, str(root)):
        return None
    return f"this machine has one real node, and the cluster in {other} has it"


def connect(root: Path, pods: str, services: str) -> None:
    """Make the device, its address and our rules, as far as they are missing.

    Raises:
        KubiaError: another cluster has this machine's real node.

    """
    if taken := occupied(root):
        raise KubiaError(taken)
    if owner() is None:
        shell.run(["ip", "link", "add", DEVICE, "type", "bridge"])
        shell.run(["ip", "link", "set", DEVICE, "alias", root])
    shell.run(["ip", "address", "replace", f"{gateway(pods)}/32", "dev", DEVICE])
    shell.run(["ip", "link", "set", DEVICE, "up"])
    # Each pod has a route of its own. One that is gone must not be looked for in the outside world:
    # a stranger there would get its requests.
    shell.run(["ip", "route", "replace", "unreachable", pods])
    _set_sysctl("net/ipv4/ip_forward", "1")
    _restore("iptables", _ours(pods, services, shell.run(["iptables-save"])))


def _ours(pods: str, services: str, saved: str) -> str:
    """Return what makes iptables-restore write our chains anew, all of a table at once."""
    tables = {
        "nat": {
            # Pods reach the world under the machine's address.
            "POSTROUTING": [f"-s {pods} ! -d {pods} -j MASQUERADE"],
        },
        "filter": {
            # A Service that kube-proxy has not met yet must not be looked for in the outside world.
            "OUTPUT": [f"-d {services} -j REJECT"],
            # A container engine may have set the policy of FORWARD to DROP.
            "FORWARD": [
                f"-d {services} -j REJECT",
                f"-s {pods} -j ACCEPT",
                f"-d {pods} -j ACCEPT",
            ],
        },
        "raw": {
            # Nobody but this machine and its pods speaks to the pods' network.
            "PREROUTING": [
                f"-d {pods} -i lo -j ACCEPT",
                f"-d {pods} -i veth+ -j ACCEPT",
                f"-d {pods} -j DROP",
            ],
        },
    }
    lines: list[str] = []
    for table, hooks in tables.items():
        lines.append(f"*{table}")
        for hook, rules in hooks.items():
            lines.append(f":KUBIA-{hook} - [0:0]")
            lines += [f"-A KUBIA-{hook} {rule}" for rule in rules]
            if f"-A {hook} -j KUBIA-{hook}\n" not in _table(saved, table):
                lines.append(f"-I {hook} -j KUBIA-{hook}")
        lines.append("COMMIT")
    return "".join(f"{line}\n" for line in lines)


def _table(saved: str, table: str) -> str:
    return saved.partition(f"*{table}\n")[2].partition("COMMIT")[0]


def _restore(family: str, text: str) -> None:
    shell.run([f"{family}-restore", "--noflush", "--wait", "5"], text=text)


def _set_sysctl(name: str, value: str) -> None:
    path = Path("/proc/sys", name)
    if path.exists() and path.read_text().strip() != value:
        path.write_text(value)


def disconnect(earlier: Before, pods: str) -> None:
    """Take back the device, every rule of ours and Kubernetes', and the kernel settings."""
    if owner() is not None:
        shell.run(["ip", "link", "delete", DEVICE])
    shell.run(["ip", "route", "flush", "type", "unreachable", "exact", pods])
    for family in ("iptables", "ip6tables"):
        if text := _removal(shell.run([f"{family}-save"])):
            _restore(family, text)
    for name, value in earlier.sysctls.items():
        _set_sysctl(name, value)


def _removal(saved: str) -> str:
    """Return what makes iptables-restore delete our chains and the rules that lead there."""
    lines: list[str] = []
    for table in re.findall(r"^\*(\w+)$", saved, re.MULTILINE):
        content = _table(saved, table).splitlines()
        chains = [line[1:].split()[0] for line in content if line.startswith(":")]
        ours = [chain for chain in chains if _OURS.match(chain)]
        jumps = [
            line.replace("-A", "-D", 1)
            for line in content
            if line.startswith("-A") and not _OURS.match(line.split()[1]) and _OURS.search(line)
        ]
        if ours:
            flushes = [f"-F {chain}" for chain in ours]
            removals = [f"-X {chain}" for chain in ours]
            lines += [f"*{table}", *jumps, *flushes, *removals, "COMMIT"]
    return "".join(f"{line}\n" for line in lines)
