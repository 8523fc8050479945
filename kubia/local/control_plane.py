"""The control plane: etcd, API server, controller manager and scheduler.

They are started one by one and not through kwokctl, which cannot do three things that matter
here: listen nowhere but on loopback and the pods' network (its etcd serves every address, without
a password), heal one process that died (it starts all or nothing), and never kill a process whose
id was recycled (its records hold the bare id).
"""

import ipaddress
from pathlib import Path

from kubia.local import (
    api,
    certificates,
    deadline,
    kubeconfig,
    metrics,
    processes,
)
from kubia.local.paths import Layout
from kubia.local.processes import Program
from kubia.local.settings import Settings

PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
_DEFAULT_ACCOUNT = "/api/v1/namespaces/default/serviceaccounts/default"
_FRONT_PROXY = "front-proxy"
_TIMEOUT = 90.0  # Seconds until the API server serves; it takes about 5.


def start(layout: Layout, settings: Settings, tools: Path) -> list[str]:
    """Start what does not run; return its names once the control plane works."""
    _configure(layout, settings)
    servers = (_etcd(layout, settings, tools), _api_server(layout, settings, tools))
    started = [each.name for each in servers if processes.ensure(layout.processes, each)]
    deadline.until(
        "the API server serves",
        lambda: api.ready(layout, settings),
        _TIMEOUT,
        lambda: processes.failure(layout.processes, PROGRAMS[:2]),
    )
    # The controllers give up if they come before the API server has made their roles.
    controllers = (
        _controller_manager(layout, settings, tools),
        _scheduler(layout, settings, tools),
    )
    started += [each.name for each in controllers if processes.ensure(layout.processes, each)]
    deadline.until(
        "pods can be made in the namespace default",
        lambda: api.exists(layout, settings, _DEFAULT_ACCOUNT),
        _TIMEOUT,
        lambda: processes.failure(layout.processes, PROGRAMS),
    )
    return started


def _configure(layout: Layout, settings: Settings) -> None:
    local = ("localhost", "127.0.0.1")
    kubernetes = str(ipaddress.ip_network(settings.services)[1])
    served = ("kubernetes", "kubernetes.default", "kubernetes.default.svc")
    cluster = "kubernetes.default.svc.cluster.local"
    subjects = (
        certificates.Subject(
            "kube-apiserver",
            "kube-apiserver",
            ("system:masters",),  # To the kubelet, whose logs and exec it asks for.
            (*local, settings.address, kubernetes, *served, cluster),
        ),
        certificates.Subject("etcd", "etcd", hosts=local),
        certificates.Subject("admin", "kubernetes-admin", ("system:masters",)),
        certificates.Subject("kube-controller-manager", "system:kube-controller-manager"),
        certificates.Subject("kube-scheduler", "system:kube-scheduler"),
        certificates.Subject("kube-proxy", "system:kube-proxy"),
        certificates.Subject("front-proxy", _FRONT_PROXY),
        certificates.Subject(
            "metrics-server", "metrics-server", hosts=(settings.address, metrics.HOST)
        ),
        certificates.Subject(
            "kubelet",
            f"system:node:{settings.node}",
            ("system:nodes",),
            (settings.node, settings.address),
        ),
    )
    certificates.make(layout.certificates, subjects)
    for identity in ("kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet"):
        kubeconfig.write(layout.config(f"{identity}.kubeconfig"), layout, settings, identity)
    kubeconfig.write(layout.kubeconfig, layout, settings, "admin")


def _etcd(layout: Layout, settings: Settings, tools: Path) -> Program:
    pki = layout.certificates
    clients = f"https://127.0.0.1:{settings.ports['etcd']}"
    peers = f"https://127.0.0.1:{settings.ports['etcd-peer']}"
    trust = [
        f"--{kind}{flag}"
        for kind in ("", "peer-")
        for flag in (
            f"cert-file={pki}/etcd.crt",
            f"key-file={pki}/etcd.key",
            f"trusted-ca-file={pki}/ca.crt",
            "client-cert-auth",
        )
    ]
    argv = (
        f"{tools}/etcd",
        "--name=local",
        f"--data-dir={layout.data('etcd')}",
        f"--listen-client-urls={clients}",
        f"--advertise-client-urls={clients}",
        f"--listen-peer-urls={peers}",
        f"--initial-advertise-peer-urls={peers}",
        f"--initial-cluster=local={peers}",
        *trust,
        "--auto-compaction-retention=1",
        "--unsafe-no-fsync",  # A crash of the machine may cost the cluster; it is a local one.
        "--log-level=warn",
    )
    return Program("etcd", argv)


def _api_server(layout: Layout, settings: Settings, tools: Path) -> Program:
    pki = layout.certificates
    address = [f"--bind-address={settings.address}", f"--advertise-address={settings.address}"]
    if settings.nodes == "simulated":
        # No pod really runs, so none asks for the Service "kubernetes"; loopback is no endpoint.
        address = [f"--bind-address={settings.address}", "--endpoint-reconciler-type=none"]
    argv = (
        f"{tools}/kube-apiserver",
        *address,
        f"--secure-port={settings.ports['api-server']}",
        f"--etcd-servers=https://127.0.0.1:{settings.ports['etcd']}",
        f"--etcd-cafile={pki}/ca.crt",
        f"--etcd-certfile={pki}/etcd.crt",
        f"--etcd-keyfile={pki}/etcd.key",
        f"--service-cluster-ip-range={settings.services}",
        f"--client-ca-file={pki}/ca.crt",
        f"--tls-cert-file={pki}/kube-apiserver.crt",
        f"--tls-private-key-file={pki}/kube-apiserver.key",
        f"--kubelet-client-certificate={pki}/kube-apiserver.crt",
        f"--kubelet-client-key={pki}/kube-apiserver.key",
        f"--kubelet-certificate-authority={pki}/ca.crt",
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={pki}/service-accounts.pub",
        f"--service-account-signing-key-file={pki}/service-accounts.key",
        # As whom it hands users on to an API behind it, which metrics-server is.
        f"--requestheader-client-ca-file={pki}/ca.crt",
        f"--requestheader-allowed-names={_FRONT_PROXY}",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={pki}/front-proxy.crt",
        f"--proxy-client-key-file={pki}/front-proxy.key",
        "--enable-aggregator-routing=true",  # Straight to it, whether kube-proxy is up or not.
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
    )
    return Program("kube-apiserver", argv)


def _controller_manager(layout: Layout, settings: Settings, tools: Path) -> Program:
    pki = layout.certificates
    argv = (
        f"{tools}/kube-controller-manager",
        *_controller(layout, "kube-controller-manager", settings.ports["controller-manager"]),
        f"--root-ca-file={pki}/ca.crt",
        f"--service-account-private-key-file={pki}/service-accounts.key",
        "--use-service-account-credentials=true",
        f"--flex-volume-plugin-dir={layout.data('plugins')}",  # By default, outside of our state.
    )
    return Program("kube-controller-manager", argv)


def _scheduler(layout: Layout, settings: Settings, tools: Path) -> Program:
    flags = _controller(layout, "kube-scheduler", settings.ports["scheduler"])
    return Program("kube-scheduler", (f"{tools}/kube-scheduler", *flags))


def _controller(layout: Layout, name: str, port: int) -> tuple[str, ...]:
    config = layout.config(f"{name}.kubeconfig")
    return (
        f"--kubeconfig={config}",
        f"--authentication-kubeconfig={config}",
        f"--authorization-kubeconfig={config}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        "--leader-elect=false",  # There is only one, and it need not wait for a lease.
    )
