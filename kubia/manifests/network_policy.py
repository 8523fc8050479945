"""A NetworkPolicy of a web service's pods: what it opens is open, and the rest is closed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kubia.errors import Problem, refuse
from kubia.manifests.addresses import cidr_problems
from kubia.manifests.meta import Meta
from kubia.manifests.ports import HTTP, Port, Protocol
from kubia.manifests.probes import HIGHEST_PORT
from kubia.manifests.selectors import LabelSelector
from kubia.manifests.values import Int, Object, PortName, Spec, within, without_none


@dataclass(frozen=True, kw_only=True)
class IpBlock(Spec):
    """A network."""

    cidr: str
    """The network, such as 10.0.0.0/8."""
    except_: Sequence[str] = ()
    """Networks within it that do not count."""

    def __post_init__(self) -> None:
        """Check the networks."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from cidr_problems(("cidr",), self.cidr)
        for index, cidr in enumerate(self.except_):
            yield from cidr_problems(("except", index), cidr)

    def manifest(self) -> Object:
        """Return it as a policy holds it."""
        return without_none({"cidr": self.cidr, "except": list(self.except_) or None})


@dataclass(frozen=True, kw_only=True)
class Peer(Spec):
    """Whoever is at the other end: pods, by their labels and their namespaces', or a network."""

    namespace_selector: LabelSelector | None = None
    """Namespaces; the service's own if unset."""
    pod_selector: LabelSelector | None = None
    """Pods in these; all if unset."""
    ip_block: IpBlock | None = None
    """A network, instead of pods."""

    def __post_init__(self) -> None:
        """Check that it is pods, or a network."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        pods = self.namespace_selector is not None or self.pod_selector is not None
        if pods == (self.ip_block is not None):
            given = "both" if pods else "none"
            fields = ("namespaceSelector", "podSelector", "ipBlock")
            text = f"has {given}; give namespaceSelector and podSelector, or ipBlock alone"
            yield Problem((), text, fields)

    def manifest(self) -> Object:
        """Return it as a policy holds it."""
        parts = {
            "namespaceSelector": self.namespace_selector,
            "podSelector": self.pod_selector,
            "ipBlock": self.ip_block,
        }
        return {name: part.manifest() for name, part in parts.items() if part is not None}


@dataclass(frozen=True, kw_only=True)
class PolicyPort(Spec):
    """A port, or several in a row."""

    port: PortName
    """Number, or name of a port of the pods that are reached."""
    end_port: Int | None = None
    """The last one of a row that begins with `port`, a number; none if unset."""
    protocol: Protocol | None = None
    """TCP, UDP or SCTP; that of the named port if unset, else TCP."""

    def __post_init__(self) -> None:
        """Check the numbers."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if isinstance(self.port, int):
            yield from within("port", self.port, 1, HIGHEST_PORT)
            if self.end_port is not None:
                yield from within("endPort", self.end_port, self.port, HIGHEST_PORT)
        elif self.end_port is not None:
            text = f"is {self.end_port}, but port is the name {self.port!r}; give that as a number"
            yield Problem(("endPort",), text, ("port",))

    def manifest(self) -> Object:
        """Return it as a policy holds it."""
        protocol = self.protocol or "TCP"
        return without_none({"protocol": protocol, "port": self.port, "endPort": self.end_port})


@dataclass(frozen=True, kw_only=True)
class IngressRule(Spec):
    """Who may come, and to which ports."""

    from_: Sequence[Peer] = ()
    """Who may come; anybody if empty."""
    ports: Sequence[PolicyPort] = ()
    """To which ports; to all if empty."""


@dataclass(frozen=True, kw_only=True)
class EgressRule(Spec):
    """Where the pods may go, and to which ports there."""

    to: Sequence[Peer] = ()
    """Where they may go; anywhere if empty."""
    ports: Sequence[PolicyPort] = ()
    """To which ports; to all if empty."""


@dataclass(frozen=True, kw_only=True)
class NetworkPolicy(Spec):
    """Who may reach the pods, and whom they may reach; nobody else."""

    ingress: Sequence[IngressRule] = ()
    """Who may come; nobody if empty. The kubelet's probes always may."""
    egress: Sequence[EgressRule] | None = None
    """Where the pods may go: nowhere if empty, and anywhere if unset. DNS is no exception: open
    its port 53 of UDP and TCP."""

    def problems(self, ports: Mapping[str, Port]) -> Iterator[Problem]:
        """Yield which of the ports that others may come to the pods do not have so."""
        known = {HTTP: "TCP", **{name: port.protocol for name, port in ports.items()}}
        for index, rule in enumerate(self.ingress):
            for number, port in enumerate(rule.ports):
                place = ("networkPolicy", "ingress", index, "ports", number)
                if not isinstance(port.port, str):
                    continue
                if port.port not in known:
                    text = f"is {port.port!r}; must be the name of a port: {', '.join(known)}"
                    yield Problem((*place, "port"), text, ("ports",))
                elif port.protocol not in {None, known[port.port]}:
                    text = f"is {port.protocol}, but port {port.port} is of {known[port.port]}"
                    yield Problem((*place, "protocol"), f"{text}; leave it out", ("ports",))


def network_policy(meta: Meta, spec: NetworkPolicy, ports: Mapping[str, Port]) -> Object:
    """Return the NetworkPolicy of all pods of the web service, whatever their version."""
    rules: Object = {"ingress": [_ingress(rule, ports) for rule in spec.ingress]}
    if spec.egress is not None:
        rules["egress"] = [_rule("to", rule.to, rule.ports) for rule in spec.egress]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": meta.metadata(),
        "spec": {
            "podSelector": {"matchLabels": {"app": meta.name}},
            "policyTypes": [name.capitalize() for name in rules],
            **{name: value for name, value in rules.items() if value},
        },
    }


def _ingress(rule: IngressRule, ports: Mapping[str, Port]) -> Object:
    """Return the rule with the protocols of the pods' own ports where it names these."""
    protocols = {name: port.protocol for name, port in ports.items()}
    own = [
        replace(port, protocol=port.protocol or protocols.get(str(port.port)))
        for port in rule.ports
    ]
    return _rule("from", rule.from_, own)


def _rule(side: str, peers: Sequence[Peer], ports: Sequence[PolicyPort]) -> Object:
    return without_none(
        {
            side: [peer.manifest() for peer in peers] or None,
            "ports": [port.manifest() for port in ports] or None,
        }
    )
