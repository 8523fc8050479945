"""Hosts, networks and paths as Kubernetes' networking objects take them."""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import replace

from kubia.errors import Problem
from kubia.manifests.names import subdomain_problems

Place = tuple[str | int, ...]

_DIGITS = re.compile("[0-9]+")
_ODD = ("//", "/./", "/../", "%2f", "%2F")
_ODD_ENDS = ("/.", "/..")


def host_problems(place: Place, host: str) -> Iterator[Problem]:
    """Yield what keeps `host` from being a DNS name, or `*.` and one."""
    for problem in subdomain_problems("", host.removeprefix("*.")):
        yield replace(problem, path=place)
    if _is_address(host):
        yield Problem(place, f"is {host!r}, an address; must be a DNS name")


def address_problems(place: Place, text: str) -> Iterator[Problem]:
    """Yield what keeps `text` from being an address."""
    if not _is_address(text):
        yield Problem(place, f"is {text!r}; must be an address such as 10.0.0.10 or fd00::10")


def cidr_problems(place: Place, text: str) -> Iterator[Problem]:
    """Yield what keeps `text` from being a network."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        is_network = False
    else:
        is_network = bool(_DIGITS.fullmatch(text.partition("/")[2]))
    if not is_network:
        yield Problem(place, f"is {text!r}; must be a network such as 10.0.0.0/8 or 2001:db8::/32")


def path_problems(place: Place, path: str) -> Iterator[Problem]:
    """Yield what keeps `path` from being a plain absolute path."""
    if not path.startswith("/"):
        yield Problem(place, f"is {path!r}; must begin with '/'")
    elif any(part in path for part in _ODD) or path.endswith(_ODD_ENDS):
        text = f"is {path!r}; must have no '//', no step '.' or '..' and no '%2F'"
        yield Problem(place, text)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
