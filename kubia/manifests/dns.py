"""What a pod is told about names: lines of /etc/hosts and of /etc/resolv.conf."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from kubia.errors import Problem, refuse
from kubia.manifests.addresses import address_problems
from kubia.manifests.names import subdomain_problems
from kubia.manifests.values import Spec

DnsPolicy = Literal["ClusterFirst", "Default", "ClusterFirstWithHostNet", "None"]


@dataclass(frozen=True, kw_only=True)
class HostAlias(Spec):
    """A line of /etc/hosts."""

    ip: str
    """Address, of IPv4 or IPv6."""
    hostnames: Sequence[str]
    """Names for it."""

    def __post_init__(self) -> None:
        """Check the address and the names."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from address_problems(("ip",), self.ip)
        if not self.hostnames:
            yield Problem(("hostnames",), "is empty; give a name")
        for name in self.hostnames:
            yield from subdomain_problems("hostnames", name)


@dataclass(frozen=True, kw_only=True)
class DnsOption(Spec):
    """An option of /etc/resolv.conf, such as `ndots:2`."""

    name: str
    """Its name."""
    value: str | None = None
    """Its value; none if unset."""


@dataclass(frozen=True, kw_only=True)
class DnsConfig(Spec):
    """What goes into /etc/resolv.conf beside what dnsPolicy says."""

    nameservers: Sequence[str] = ()
    """Addresses of DNS servers."""
    searches: Sequence[str] = ()
    """Domains in which short names are looked for."""
    options: Sequence[DnsOption] = ()
    """Options of the resolver."""

    def __post_init__(self) -> None:
        """Check the addresses."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        for index, address in enumerate(self.nameservers):
            yield from address_problems(("nameservers", index), address)


def dns_problems(policy: DnsPolicy | None, config: DnsConfig | None) -> Iterator[Problem]:
    """Yield the problem of a policy that leaves everything to a config which says nothing."""
    if policy == "None" and (config is None or not config.nameservers):
        text = "is None, but dnsConfig has no nameservers; give one"
        yield Problem(("dnsPolicy",), text, ("dnsConfig",))
