"""Kubeconfigs as kubectl reads them: several files, of which the first with a name has it.

https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
"""

import base64
import binascii
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kubia import yaml12
from kubia.errors import KubiaError, did_you_mean

Section = Mapping[str, Any]
Content = tuple[Path, Section]
"""A kubeconfig, or a section of one, with its file."""
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod finds its token."""


@dataclass(frozen=True)
class Plugin:
    """A command that prints credentials, of client.authentication.k8s.io."""

    command: str
    args: tuple[str, ...]
    env: Mapping[str, str]
    api_version: str
    install_hint: str
    provide_cluster_info: bool


@dataclass(frozen=True)
class Access:
    """How a context's API server is reached, and as whom. Certificates and keys are PEM."""

    context: str
    file: Path | None
    server: str
    ca: bytes = b""
    ca_file: Path | None = None
    """Where `ca` was read, which changes when the cluster gets another authority."""
    insecure: bool = False
    tls_server_name: str = ""
    proxy_url: str = ""
    certificate: bytes = b""
    key: bytes = field(default=b"", repr=False)
    token: str = field(default="", repr=False)
    token_file: Path | None = None
    username: str = ""
    password: str = field(default="", repr=False)
    impersonate: str = ""
    groups: tuple[str, ...] = ()
    plugin: Plugin | None = None

    def __str__(self) -> str:
        """Return which server it is, and who says so."""
        if self.file is None:
            return f"{self.server} (the pod's service account)"
        return f"{self.server} (context {self.context!r} of {self.file})"


def files() -> tuple[Path, ...]:
    """Return the files that $KUBECONFIG names, which need not be there; else the one at home."""
    named = os.environ.get("KUBECONFIG")
    if not named:
        return (Path.home() / ".kube" / "config",)
    return tuple(Path(file) for file in named.split(os.pathsep) if file)


def current(paths: Sequence[Path]) -> str | None:
    """Return the current context: of the first file that has one.

    Raises:
        KubiaError: a file cannot be read.

    """
    return _current(_read(paths))


def contexts(paths: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of all contexts.

    Raises:
        KubiaError: a file cannot be read.

    """
    return tuple(_entries(_read(paths), "context"))


def refuse_unknown(paths: Sequence[Path], context: str) -> None:
    """Refuse a context that there is not.

    Raises:
        KubiaError: there is none of this name, or a file cannot be read.

    """
    _refuse_unknown(context, contexts(paths), paths)


def servers(paths: Sequence[Path]) -> tuple[str, ...]:
    """Return the addresses of all clusters.

    Raises:
        KubiaError: a file cannot be read.

    """
    return tuple(
        _text(cluster, "server") for _, cluster in _entries(_read(paths), "cluster").values()
    )


def access(paths: Sequence[Path], context: str | None = None) -> Access:
    """Return how to reach the cluster of a context, or of the current one.

    Raises:
        KubiaError: there is no such context, or something of it cannot be used.

    """
    contents = list(_read(paths))
    name = context or _current(contents)
    if not name:
        where = ", ".join(map(str, paths))
        message = f"no current context in {where}: name one, or set it by kubectl config."
        raise KubiaError(message)
    every = _entries(contents, "context")
    _refuse_unknown(name, every, paths)
    file, chosen = every[name]
    cluster_file, cluster = _entry(contents, "cluster", chosen, file)
    user_file, user = _entry(contents, "user", chosen, file)
    server = _text(cluster, "server")
    if not server.startswith(("http://", "https://")):
        message = f"{cluster_file}: the cluster of context {name!r} has no http(s) server."
        raise KubiaError(message)
    return Access(
        context=name,
        file=file,
        server=server.rstrip("/"),
        ca=_pem(cluster, "certificate-authority", cluster_file),
        ca_file=_file(cluster, "certificate-authority", cluster_file),
        insecure=_text(cluster, "insecure-skip-tls-verify").lower() == "true",
        tls_server_name=_text(cluster, "tls-server-name"),
        proxy_url=_text(cluster, "proxy-url"),
        certificate=_pem(user, "client-certificate", user_file),
        key=_pem(user, "client-key", user_file),
        token=_text(user, "token"),
        token_file=_file(user, "tokenFile", user_file),
        username=_text(user, "username"),
        password=_text(user, "password"),
        impersonate=_text(user, "as"),
        groups=tuple(map(str, _list(user, "as-groups"))),
        plugin=_plugin(user, user_file),
    )


def service_account(folder: Path = ACCOUNT) -> Access | None:
    """Return how a pod reaches its own cluster; None outside of one."""
    host, port = (os.environ.get(f"KUBERNETES_SERVICE_{part}", "") for part in ("HOST", "PORT"))
    token = folder / "token"
    if not (host and token.is_file()):
        return None
    address = f"[{host}]" if ":" in host else host
    ca = folder / "ca.crt"
    return Access(
        context="",
        file=None,
        server=f"https://{address}:{port}",
        ca=ca.read_bytes() if ca.is_file() else b"",
        ca_file=ca,
        token_file=token,
    )


def _plugin(user: Section, file: Path) -> Plugin | None:
    if _map(user, "auth-provider") and not _map(user, "exec"):
        message = f"{file}: auth-provider is gone from Kubernetes: use an exec plugin instead."
        raise KubiaError(message)
    given = _map(user, "exec")
    if not given:
        return None
    command = _text(given, "command")
    if not command:
        message = f"{file}: an exec plugin names no command: add it."
        raise KubiaError(message)
    if os.sep in command:
        command = str(file.parent.resolve() / command)
    return Plugin(
        command=command,
        args=tuple(map(str, _list(given, "args"))),
        env={_text(item, "name"): _text(item, "value") for item in _maps(given, "env")},
        api_version=_text(given, "apiVersion"),
        install_hint=_text(given, "installHint"),
        provide_cluster_info=_text(given, "provideClusterInfo").lower() == "true",
    )


def _current(contents: Iterable[Content]) -> str | None:
    named = (_text(content, "current-context") for _, content in contents)
    return next(filter(None, named), None)


def _refuse_unknown(name: str, every: Collection[str], paths: Sequence[Path]) -> None:
    if name in every:
        return
    where = ", ".join(map(str, paths))
    known = f"; known are {', '.join(every)}" if every else ""
    hint = did_you_mean(name, every)
    end = f"; {hint}" if hint else "."
    message = f"no context {name!r} in {where}{known}: name another one or set KUBECONFIG{end}"
    raise KubiaError(message)


def _entry(contents: Iterable[Content], kind: str, context: Section, file: Path) -> Content:
    """Return the cluster or the user that a context names, with its file; no user is nobody."""
    name = _text(context, kind)
    if not name and kind == "user":
        return file, {}
    every = _entries(contents, kind)
    if name not in every:
        message = f"{file}: a context names the {kind} {name!r}, which no kubeconfig has."
        raise KubiaError(message)
    return every[name]


def _entries(contents: Iterable[Content], kind: str) -> dict[str, Content]:
    """Return all contexts, clusters or users by name, each with its file."""
    every: dict[str, Content] = {}
    for path, content in contents:
        for item in _maps(content, f"{kind}s"):
            every.setdefault(_text(item, "name"), (path, _map(item, kind)))
    return every


def _read(paths: Sequence[Path]) -> Iterator[Content]:
    """Go through the files that are there; all values are text, as nobody has quoted names."""
    for path in paths:
        try:
            content = yaml12.strings(path.read_text(encoding="utf-8-sig"), f"kubeconfig {path}")
        except FileNotFoundError:
            continue
        except OSError as error:
            message = f"kubeconfig {path} cannot be read: {error.strerror}."
            raise KubiaError(message) from None
        except UnicodeDecodeError:
            message = f"kubeconfig {path} is not in UTF-8."
            raise KubiaError(message) from None
        if isinstance(content, dict):
            yield path, content
        elif content:
            message = f"kubeconfig {path} is no kubeconfig: it holds no map."
            raise KubiaError(message)


def _pem(section: Section, key: str, file: Path) -> bytes:
    """Return what a certificate or key is, given in the kubeconfig or in a file of its own."""
    try:
        if data := _text(section, f"{key}-data"):
            return base64.b64decode("".join(data.split()), validate=True)
        named = _file(section, key, file)
        return named.read_bytes() if named else b""
    except (OSError, binascii.Error) as error:
        message = f"{file}: {key} cannot be read: {error}."
        raise KubiaError(message) from None


def _file(section: Section, key: str, file: Path) -> Path | None:
    named = _text(section, key)
    return file.parent / named if named and not _text(section, f"{key}-data") else None


def _text(section: Section, key: str) -> str:
    value = section.get(key)
    return value if isinstance(value, str) else ""


def _map(section: Section, key: str) -> Section:
    value = section.get(key)
    return value if isinstance(value, dict) else {}


def _list(section: Section, key: str) -> list[Any]:
    value = section.get(key)
    return value if isinstance(value, list) else []


def _maps(section: Section, key: str) -> list[Section]:
    return [item for item in _list(section, key) if isinstance(item, dict)]
