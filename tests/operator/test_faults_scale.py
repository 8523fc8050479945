"""Many sites, and large ones."""

import re
from dataclasses import replace
from pathlib import Path

from kubia.manifests.values import Object
from tests.operator.cluster import Namespace, until
from tests.operator.conftest import Start
from tests.operator.faults import Fault, Request
from tests.operator.process import Operator, deviations
from tests.operator.proxy import Proxy

_KIB = 2**10


def _resident(operator: Operator) -> int:
    """Return how many bytes of memory the operator's process uses."""
    match = re.search(r"VmRSS:\s*(\d+) kB", Path(f"/proc/{operator.pid}/status").read_text())
    assert match
    return int(match[1]) * _KIB


def _served(proxy: Proxy) -> list[str]:
    """Return the sites whose Service was written, in that order."""
    return [r.path.rpartition("/")[2] for r in proxy.site_writes if "/services/" in r.path]


def test_fault_49_content_is_dropped_from_memory(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    number, size = 300, 100 * _KIB
    operator = start("--replicas", "0")  # The pods would only cost time.
    operator.wait_leading()
    namespace.source("first")
    namespace.options = replace(namespace.options, replicas=0)
    assert deviations(namespace, proxy, quiet=0.2) == []
    before = _resident(operator)

    for each in range(number):
        namespace.source(f"site-{each}", chr(97 + each % 26) * size)
    until("all are made", lambda: len(_served(proxy)) == number + 1, 300)

    grown = _resident(operator) - before
    operator.stop()  # To compare 300 large sites with their sources takes longer than it is worth.
    assert grown < number * size / 2


def test_fault_50_fresh_change_before_the_backlog(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    number, begun = 100, 10
    for each in range(number):
        namespace.source(f"site-{each}", f"{each}")
    fresh: list[Object] = []

    def rule(_request: Request) -> Fault | None:
        if not fresh and len(_served(proxy)) >= begun:
            fresh.append(namespace.source("fresh"))
        return None

    with proxy.rule(rule):
        start()
        until("all are served", lambda: len(_served(proxy)) == number + 1, 300)

    # Only sites that a worker had in hand came before it, and some until the watch showed it.
    assert _served(proxy).index("fresh") < begun + 50
    assert deviations(namespace, proxy) == []
