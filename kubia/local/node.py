"""The real node: containerd, kubelet and kube-proxy on this machine, as root."""

import http.client
import socket
from pathlib import Path

from kubia.local import (
    api,
    cgroups,
    deadline,
    files,
    metrics,
    network,
    packages,
    processes,
)
from kubia.local.paths import Layout
from kubia.local.processes import Program
from kubia.local.settings import Settings

PROGRAMS = ("containerd", "kubelet", "kube-proxy", "coredns", "metrics-server")
PAUSE = "localhost/pause:1"
SOCKETS = Path("/run/kubia")  # Short, because containerd takes at most 42 characters.
_TIMEOUT = 90.0  # Seconds until the node is Ready; it takes about 5.
_HEALTH_TIMEOUT = 2.0  # Seconds for one program's word on its health.

_CONTAINERD = """\
version = 3
root = "{runtime}/images"
state = "{runtime}/containers"

[grpc]
  address = "{runtime}/containerd.sock"

[plugins.'io.containerd.nri.v1.nri']
  disable = true

[plugins.'io.containerd.shim.v1.manager']
  socket_dir = "{sockets}"

[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true

[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ["{plugins}"]
  conf_dir = "{cni}"

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
  runtime_path = "{tools}/containerd-shim-runc-v2"

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  Root = "{runtime}/runc"

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "{pause}"
"""


def endpoint(layout: Layout) -> Path:
    """Return containerd's socket."""
    return layout.runtime / "containerd.sock"


def start_runtime(layout: Layout, tools: Path, settings: Settings) -> list[str]:
    """Start containerd unless it runs; return the names of what was started."""
    _configure_runtime(layout, tools, settings)
    config = layout.config("containerd.toml")
    program = Program("containerd", (f"{tools}/containerd", "--config", str(config)), config)
    started = processes.ensure(layout.processes, program)
    deadline.until(
        "containerd serves",
        lambda: _answers(endpoint(layout)),
        _TIMEOUT,
        lambda: processes.failure(layout.processes, ["containerd"]),
    )
    return ["containerd"] if started else []


def start_agents(layout: Layout, settings: Settings, tools: Path) -> list[str]:
    """Start kubelet and kube-proxy unless they run; return the names of what was started."""
    cgroups.create(layout.name)
    kubelet_config = layout.config("kubelet.json")
    proxy_config = layout.config("kube-proxy.json")
    files.write_json(kubelet_config, _kubelet(layout, settings))
    files.write_json(proxy_config, _kube_proxy(layout, settings))
    kubelet = (
        f"{tools}/kubelet",
        f"--config={kubelet_config}",
        f"--kubeconfig={layout.config('kubelet.kubeconfig')}",
        f"--root-dir={layout.runtime}/kubelet",
        f"--cert-dir={layout.runtime}/kubelet/pki",
        f"--hostname-override={settings.node}",
        f"--node-ip={settings.address}",
    )
    kube_proxy = (f"{tools}/kube-proxy", f"--config={proxy_config}")
    programs = (
        Program("kubelet", kubelet, kubelet_config),
        Program("kube-proxy", kube_proxy, proxy_config),
    )
    return [each.name for each in programs if processes.ensure(layout.processes, each)]


def wait(layout: Layout, settings: Settings) -> None:
    """Return once the node works and is Ready."""
    deadline.until(
        "the node is ready",
        lambda: healthy(layout, settings) and api.nodes(layout, settings).get(settings.node, False),
        _TIMEOUT,
        lambda: processes.failure(layout.processes, PROGRAMS),
    )


def healthy(layout: Layout, settings: Settings) -> bool:
    """Whether the node's programs say that they are well.

    That the node is Ready does not tell: for a while that is what a dead kubelet said last.
    """
    ports = settings.ports
    return (
        _is_well(ports["kubelet-health"], "/healthz")
        and _is_well(ports["kube-proxy-health"], "/healthz")
        and _is_well(ports["coredns-ready"], "/ready")
        and metrics.available(layout, settings)
    )


def _is_well(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_HEALTH_TIMEOUT)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _answers(path: Path) -> bool:
    """Whether somebody listens at a socket; its file outlives a process that was killed."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _configure_runtime(layout: Layout, tools: Path, settings: Settings) -> None:
    cni = layout.config("cni")
    SOCKETS.mkdir(mode=0o700, exist_ok=True)
    text = _CONTAINERD.format(
        runtime=layout.runtime,
        tools=tools,
        cni=cni,
        plugins=packages.CNI,
        pause=PAUSE,
        sockets=SOCKETS,
    )
    files.write(layout.config("containerd.toml"), text)
    # Each pod has its own cable to the machine. On a bridge, the answer from one pod to another
    # that it called through a Service would take the short way and not be recognised.
    cable = {
        "type": "ptp",
        "ipam": {
            "type": "host-local",
            "dataDir": str(layout.data("addresses")),
            "ranges": [[{"subnet": settings.pods, "gateway": network.gateway(settings.pods)}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        },
    }
    content = {"cniVersion": "1.0.0", "name": "kubia", "plugins": [cable]}
    files.write_json(cni / "kubia.conflist", content)


def _kubelet(layout: Layout, settings: Settings) -> dict[str, object]:
    pki = layout.certificates
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": settings.address,
        "port": settings.ports["kubelet"],
        "healthzBindAddress": "127.0.0.1",
        "healthzPort": settings.ports["kubelet-health"],
        "authentication": {
            "anonymous": {"enabled": False},
            "x509": {"clientCAFile": str(pki / "ca.crt")},
        },
        "tlsCertFile": str(pki / "kubelet.crt"),
        "tlsPrivateKeyFile": str(pki / "kubelet.key"),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cgroups.name(layout.name)}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "oomScoreAdj": 0,  # Less would need a capability that root in a container lacks.
        "makeIPTablesUtilChains": False,  # kube-proxy makes those that it needs.
        "containerRuntimeEndpoint": f"unix://{endpoint(layout)}",
        "clusterDNS": [settings.address],
        "clusterDomain": "cluster.local",
        "podLogsDir": str(layout.runtime / "logs"),
        "volumePluginDir": str(layout.runtime / "plugins"),
        # A full disk is the user's business: no pod is evicted and no image removed for it.
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
    }


def _kube_proxy(layout: Layout, settings: Settings) -> dict[str, object]:
    ports = settings.ports
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(layout.config("kube-proxy.kubeconfig"))},
        "hostnameOverride": settings.node,
        "mode": "iptables",
        "iptables": {"localhostNodePorts": True},
        "nodePortAddresses": ["127.0.0.0/8"],
        "clusterCIDR": settings.pods,
        "healthzBindAddress": f"127.0.0.1:{ports['kube-proxy-health']}",
        "metricsBindAddress": f"127.0.0.1:{ports['kube-proxy-metrics']}",
        # The kernel's own settings of connection tracking are the machine's: 0 leaves them alone.
        "conntrack": {
            "maxPerCore": 0,
            "tcpEstablishedTimeout": "0s",
            "tcpCloseWaitTimeout": "0s",
        },
        "oomScoreAdj": 0,
    }
