"""The cluster's programs, built once from the pinned Go modules in cluster/ into the cache.

Every program appears under its name only when it is complete, so an interrupted build goes on
where it stopped; the Go build cache keeps what a half-built program had compiled.
"""

import hashlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from kubia.local import files, golang, paths, shell
from kubia.local.report import Report

_SOURCES = Path(__file__).with_name("cluster")
_KUBERNETES = "k8s.io/kubernetes/cmd"
_CONTAINERD = "github.com/containerd/containerd/v2/cmd"
_TAGS = "no_btrfs,no_zfs,no_devmapper"
_STAGES_FILE = "kwok-stages.yaml"
_STAGES = ("node/fast", "node/heartbeat-with-lease", "pod/fast")


@dataclass(frozen=True)
class Tool:
    """A program: its name, its Go package, the folder whose go.mod pins it."""

    name: str
    package: str
    module: Path = _SOURCES


_CONTROL_PLANE = (
    Tool("etcd", "go.etcd.io/etcd/server/v3"),
    Tool("kube-apiserver", f"{_KUBERNETES}/kube-apiserver"),
    Tool("kube-controller-manager", f"{_KUBERNETES}/kube-controller-manager"),
    Tool("kube-scheduler", f"{_KUBERNETES}/kube-scheduler"),
)
_REAL = (
    Tool("kubelet", f"{_KUBERNETES}/kubelet"),
    Tool("kube-proxy", f"{_KUBERNETES}/kube-proxy"),
    Tool("containerd", f"{_CONTAINERD}/containerd", _SOURCES / "containerd"),
    Tool(
        "containerd-shim-runc-v2",
        f"{_CONTAINERD}/containerd-shim-runc-v2",
        _SOURCES / "containerd",
    ),
    Tool("ctr", f"{_CONTAINERD}/ctr", _SOURCES / "containerd"),
    Tool("coredns", "./coredns"),
    Tool("metrics-server", "sigs.k8s.io/metrics-server/cmd/metrics-server"),
    Tool("pause", "./pause"),
)
_SIMULATED = (Tool("kwok", "sigs.k8s.io/kwok/cmd/kwok"),)


def folder() -> Path:
    """Return where the programs are; the folder's name changes with what pins them."""
    pins = hashlib.sha256(sys.platform.encode())
    for path in sorted(_SOURCES.rglob("*")):
        if path.name in ("go.mod", "go.sum") or path.suffix == ".go":
            pins.update(path.relative_to(_SOURCES).as_posix().encode() + path.read_bytes())
    return paths.cache() / "tools" / pins.hexdigest()[:12]


def build(nodes: str, report: Report) -> Path:
    """Build the programs for `nodes` that are missing; return the folder of all."""
    target = folder()
    if _is_complete(target, nodes):
        return target
    with files.locked(target / ".lock"):
        _build_missing(target, nodes, report)
    return target


def are_built(nodes: str) -> bool:
    """Return whether nothing is to be built any more for `nodes`."""
    return _is_complete(folder(), nodes)


def _needed(nodes: str) -> tuple[Tool, ...]:
    return _CONTROL_PLANE + (_REAL if nodes == "real" else _SIMULATED)


def _is_complete(target: Path, nodes: str) -> bool:
    names = [tool.name for tool in _needed(nodes)]
    if nodes == "simulated":
        names.append(_STAGES_FILE)
    return all((target / name).exists() for name in names)


def _build_missing(target: Path, nodes: str, report: Report) -> None:
    missing = [tool for tool in _needed(nodes) if not (target / tool.name).exists()]
    go = golang.find(_pinned(_SOURCES, r"^go (\S+)"), report)
    for number, tool in enumerate(missing, 1):
        with report.step(f"building {tool.name} ({number} of {len(missing)})"):
            _build(go, tool, target)
    if nodes == "simulated":
        _copy_stages(go, target / _STAGES_FILE)


def _build(go: Path, tool: Tool, target: Path) -> None:
    draft = target / f".{tool.name}.new"
    kubernetes = _pinned(_SOURCES, r"k8s\.io/kubernetes (v\S+)")
    containerd = _pinned(_SOURCES / "containerd", r"containerd/containerd/v2 v(\S+)")
    stamps = (
        f"-X k8s.io/component-base/version.gitVersion={kubernetes}"
        f" -X k8s.io/client-go/pkg/version.gitVersion={kubernetes}"
        f" -X github.com/containerd/containerd/v2/version.Version={containerd}"
    )
    # What the linker would strip again is not compiled: an eighth of the time.
    debugging = ["-gcflags=all=-dwarf=false", "-ldflags", f"-s -w {stamps}"]
    flags = ["-trimpath", "-tags", _TAGS, *debugging]
    _go(go, tool.module, "build", *flags, "-o", str(draft), tool.package)
    draft.rename(target / tool.name)


def _copy_stages(go: Path, target: Path) -> None:
    """Write how KWOK plays nodes and pods, from the pinned module's own files."""
    module = Path(_go(go, _SOURCES, "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kwok").strip())
    files = [
        file
        for stage in _STAGES
        for file in sorted((module / "kustomize/stage" / stage).glob("*.yaml"))
        if file.name != "kustomization.yaml"
    ]
    draft = target.with_suffix(".new")
    draft.write_text("\n---\n".join(file.read_text() for file in files))
    draft.rename(target)


def _go(go: Path, module: Path, *words: str) -> str:
    env = {
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=readonly",
        # A compiler ends before its garbage matters: to collect less takes a fifth off the time.
        "GOGC": "800",
        "GOMEMLIMIT": "1GiB",
    }
    return shell.run([go, *words], env=env, cwd=module)


def _pinned(module: Path, pattern: str) -> str:
    match = re.search(pattern, (module / "go.mod").read_text(), re.MULTILINE)
    if match is None:
        message = f"no {pattern!r} in {module / 'go.mod'}"
        raise ValueError(message)
    return match[1]
