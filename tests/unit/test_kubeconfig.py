"""kubia.kubeconfig: what kubectl makes of kubeconfigs."""

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubia import kubeconfig
from kubia.errors import KubiaError
from kubia.kubeconfig import Access

SERVER = "https://gate.example:8443"
PLUGIN = {"command": "login", "apiVersion": "client.authentication.k8s.io/v1"}


def config(
    cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """Return a kubeconfig of one context."""
    return {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": {"server": SERVER, **(cluster or {})}}],
        "users": [{"name": "u", "user": user or {}}],
        **more,
    }


def read(folder: Path, *contents: Any, context: str | None = None) -> Access:
    """Return what is read of files with these contents; None is one that is not there."""
    files = [folder / f"{number}" for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        if content is not None:
            file.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return kubeconfig.access(files, context)


@pytest.mark.parametrize(
    ("cluster", "user", "attribute", "value"),
    [
        ({}, {}, "server", SERVER),
        ({"server": f"{SERVER}/k8s/clusters/c-1/"}, {}, "server", f"{SERVER}/k8s/clusters/c-1"),
        ({"server": "http://[::1]:8080"}, {}, "server", "http://[::1]:8080"),
        ({"insecure-skip-tls-verify": True}, {}, "insecure", True),
        ({"insecure-skip-tls-verify": "true"}, {}, "insecure", True),
        ({"insecure-skip-tls-verify": False}, {}, "insecure", False),
        ({"tls-server-name": "other"}, {}, "tls_server_name", "other"),
        ({"proxy-url": "http://p:3128"}, {}, "proxy_url", "http://p:3128"),
        ({"certificate-authority-data": "Q0E="}, {}, "ca", b"CA"),
        ({"certificate-authority": "pem/ca"}, {}, "ca", b"ca's"),
        (
            {"certificate-authority": "pem/ca", "certificate-authority-data": "Q0E="},
            {},
            "ca",
            b"CA",
        ),
        ({}, {"client-certificate": "pem/me"}, "certificate", b"me's"),
        ({}, {"client-key-data": "S0VZ"}, "key", b"KEY"),
        ({}, {"token": "t"}, "token", "t"),
        ({}, {"token": 123}, "token", "123"),
        ({}, {"username": "ann", "password": "0123"}, "password", "0123"),
        ({}, {"as": "bob", "as-groups": ["a", "b"]}, "groups", ("a", "b")),
        ({"extensions": [{"name": "x", "extension": {}}]}, {}, "server", SERVER),
        ({}, {"exec": None, "token": None}, "plugin", None),
    ],
)
def test_one_file(
    cluster: dict[str, Any], user: dict[str, Any], attribute: str, value: Any, tmp_path: Path
) -> None:
    (tmp_path / "pem").mkdir()
    for name in ("ca", "me"):
        (tmp_path / "pem" / name).write_text(f"{name}'s")

    assert getattr(read(tmp_path, config(cluster, user)), attribute) == value


def test_a_token_file_is_seen_from_the_kubeconfig(tmp_path: Path) -> None:
    access = read(tmp_path, config(user={"tokenFile": "../token"}))

    assert access.token_file == tmp_path / "../token"


@pytest.mark.parametrize(
    ("command", "path"), [("login", "login"), ("./bin/login", "{}/bin/login"), ("/b/l", "/b/l")]
)
def test_a_plugin_is_found_from_the_kubeconfig(command: str, path: str, tmp_path: Path) -> None:
    given = {
        **PLUGIN,
        "command": command,
        "args": ["get", 1],
        "env": [{"name": "A", "value": "b"}],
        "provideClusterInfo": True,
        "installHint": "get it",
    }

    plugin = read(tmp_path, config(user={"exec": given})).plugin

    assert plugin == kubeconfig.Plugin(
        command=path.format(tmp_path),
        args=("get", "1"),
        env={"A": "b"},
        api_version="client.authentication.k8s.io/v1",
        install_hint="get it",
        provide_cluster_info=True,
    )


def test_of_several_files_the_first_with_a_name_has_it(tmp_path: Path) -> None:
    first = {"clusters": [{"name": "k", "cluster": {"server": "https://first"}}]}
    second = config({"tls-server-name": "second"}, {"token": "two"})
    third = {**config(user={"token": "three"}), "current-context": "nobody's"}

    access = read(tmp_path, None, "", first, second, third)

    assert (access.server, access.token, access.tls_server_name) == ("https://first", "two", "")
    assert access.file == tmp_path / "3", "whose context it is"


def test_certificates_are_seen_from_the_file_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "ca").write_text("deep")
    (tmp_path / "deep" / "config").write_text(
        yaml.safe_dump(config({"certificate-authority": "ca"}))
    )

    assert kubeconfig.access([tmp_path / "missing", tmp_path / "deep" / "config"]).ca == b"deep"


def test_names_are_text_whatever_they_look_like(tmp_path: Path) -> None:
    text = (
        "current-context: 0123\ncontexts: [{name: 0123, context: {cluster: no, user: 1.0}}]\n"
        "clusters: [{name: no, cluster: {server: 'https://a'}}]\nusers: [{name: 1.0, user: {}}]\n"
    )

    assert read(tmp_path, text).context == "0123"


def test_a_context_without_a_user_is_nobody(tmp_path: Path) -> None:
    content = config(contexts=[{"name": "c", "context": {"cluster": "k"}}])

    assert read(tmp_path, content).token == ""


@pytest.mark.parametrize(
    ("contents", "context", "problem"),
    [
        ((None,), None, "no current context in {0}/0: name one, or set it by kubectl config."),
        (("users:\nclusters:\n",), "c", "no context 'c' in {0}/0: name another one or set"),
        ((config(),), "d", "no context 'd' in {0}/0; known are c: name another one or set"),
        ((config(users=None),), None, "{0}/0: a context names the user 'u', which no kubeconfig"),
        ((config(clusters=[]),), None, "{0}/0: a context names the cluster 'k', which no kube"),
        ((config({"server": ""}),), None, "{0}/0: the cluster of context 'c' has no http(s) serv"),
        (("a: [",), "c", "kubeconfig {0}/0:2: not YAML: "),
        (("[" * 5000,), "c", "kubeconfig {0}/0: is nested more than 100 deep."),
        (("? [a]\n: b\n",), "c", "kubeconfig {0}/0:1: not YAML: found unhashable key."),
        (("- a",), "c", "kubeconfig {0}/0 is no kubeconfig: it holds no map."),
        ((config({"certificate-authority": "no"}),), None, "{0}/0: certificate-authority cannot"),
        ((config(user={"client-key-data": "!"}),), None, "{0}/0: client-key cannot be read: "),
        ((config(user={"exec": {"args": []}}),), None, "{0}/0: an exec plugin names no command"),
        ((config(user={"auth-provider": {"name": "x"}}),), None, "{0}/0: auth-provider is gone"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    contents: tuple[Any, ...], context: str | None, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(KubiaError) as caught:
        read(tmp_path, *contents, context=context)

    assert str(caught.value).startswith(problem.format(tmp_path))
    assert "\n" not in str(caught.value)


def test_files_are_those_of_the_variable_or_the_one_at_home(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert kubeconfig.files() == (Path.home() / ".kube" / "config",)
    monkeypatch.setenv("KUBECONFIG", "a::/b/c")
    assert kubeconfig.files() == (Path("a"), Path("/b/c"))


def test_a_pod_reaches_its_own_cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert kubeconfig.service_account(tmp_path) is None
    (tmp_path / "token").write_text("t")
    (tmp_path / "ca.crt").write_text("CA")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")

    access = kubeconfig.service_account(tmp_path)

    assert access is not None
    assert (access.server, access.ca) == ("https://[fd00::1]:443", b"CA")
    assert access.token_file == tmp_path / "token"
    assert str(access) == "https://[fd00::1]:443 (the pod's service account)"


def test_no_credential_is_shown(tmp_path: Path) -> None:
    key = base64.b64encode(b"hunter2").decode()
    user = {"token": "hunter2", "password": "hunter2", "client-key-data": key}

    assert "hunter2" not in repr(read(tmp_path, config(user=user)))
