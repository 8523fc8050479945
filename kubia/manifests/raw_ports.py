"""What `raw` may not make of a web service's ports: others go to them by their names.

The Service goes to the container's, Ingress and ServiceMonitor to the Service's.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from kubia.errors import Problem
from kubia.manifests import raw as raws
from kubia.manifests.ports import Port, Protocol

Path = tuple[str | int, ...]
Declared = Mapping[str, tuple[int, Protocol]]
"""Ports by name, as one object has them."""


def problems(raw: Mapping[str, Any], main: str, ports: Mapping[str, Port]) -> Iterator[Problem]:
    """Yield which declared ports would be others; `main` is the container that has them."""
    of_pod: Path = ("raw", "deployment", "spec", "template", "spec", "containers", main)
    numbers: Declared = {name: (port.port, port.protocol) for name, port in ports.items()}
    for container in raws.items(raws.pod_spec(raw), "containers"):
        if container.get("name") == main:
            yield from _problems(of_pod, container, "containerPort", numbers)
    numbers = {name: (port.of_service, port.protocol) for name, port in ports.items()}
    yield from _problems(
        ("raw", "service", "spec"), raws.inside(raw, "service", "spec"), "port", numbers
    )


def _problems(
    place: Path, holder: Mapping[str, Any], key: str, declared: Declared
) -> Iterator[Problem]:
    """Yield what is wrong with what is added to the `ports` of a container or a Service."""
    if holder.get("ports", ()) is None:
        text = "is null, and with it would go the ports that others go to by name; leave it out"
        yield Problem((*place, "ports"), text)
    for index, item in enumerate(raws.items(holder, "ports")):
        at = (*place, "ports", index)
        number = item.get(key)
        same = [name for name, (known, _) in declared.items() if known == number]
        if len(same) > 1:
            text = (
                f"is {number}, which {' and '.join(same)} share, so that it could be merged into "
                "either; say in ports what each is"
            )
            yield Problem((*at, key), text)
        elif same:
            yield from _change_problems(at, item, same[0], declared[same[0]][1])
        elif item.get("name") in [*declared]:
            text = f"is {item['name']!r}, the name of a declared port; choose another name"
            yield Problem((*at, "name"), text)


def _change_problems(
    at: Path, item: Mapping[str, Any], name: str, protocol: Protocol
) -> Iterator[Problem]:
    """Yield what would make another port of the declared one that an item is merged into."""
    if item.get("$patch") == "delete":
        yield Problem(at, f"would delete port {name}, to which others go by name; leave it out")
    for field, value in (("name", name), ("protocol", protocol)):
        if item.get(field, value) != value:
            text = (
                f"is {item[field]!r}, but it is merged into {name} ({protocol}), to which others "
                "go; leave it out, or declare another port in ports"
            )
            yield Problem((*at, field), text)
