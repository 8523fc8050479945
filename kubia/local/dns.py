"""The cluster's DNS: CoreDNS, a process beside the node that listens on the pods' network."""

from pathlib import Path

from kubia.local import files, processes
from kubia.local.paths import Layout
from kubia.local.processes import Program
from kubia.local.settings import Settings

_COREFILE = """\
.:53 {{
    bind {address}
    errors
    ready 127.0.0.1:{ready}
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        kubeconfig {kubeconfig}
        pods insecure
        ttl 5
    }}
    cache 5
}}
"""


def start(layout: Layout, settings: Settings, tools: Path) -> list[str]:
    """Start CoreDNS unless it runs; return the names of what was started."""
    corefile = layout.config("Corefile")
    text = _COREFILE.format(
        address=settings.address,
        ready=settings.ports["coredns-ready"],
        kubeconfig=layout.kubeconfig,
    )
    files.write(corefile, text)
    argv = (f"{tools}/coredns", "-conf", str(corefile))
    program = Program("coredns", argv, corefile)
    return ["coredns"] if processes.ensure(layout.processes, program) else []
