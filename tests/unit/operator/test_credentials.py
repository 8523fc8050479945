"""kubia.operator.credentials: tokens, certificates and plugins, as they come and go."""

import asyncio
import json
import ssl
from pathlib import Path
from typing import Any

import pytest

from kubia.errors import KubiaError
from kubia.kubeconfig import Access, Plugin
from kubia.local import certificates
from kubia.operator import credentials
from kubia.operator.credentials import Credentials

V1 = "client.authentication.k8s.io/v1"


def access(**more: Any) -> Access:
    return Access(context="c", file=Path("kc"), server="https://gate.example", **more)


def plugin(script: str, version: str = V1) -> Plugin:
    """Return a plugin that is this shell script."""
    return Plugin(
        command="/bin/sh",
        args=("-c", script),
        env={"WORD": "token-1"},
        api_version=version,
        install_hint="install it",
        provide_cluster_info=True,
    )


def printing(**status: Any) -> str:
    return f"cat <<END\n{json.dumps({'status': status})}\nEND"


def headers(given: Access, times: int = 1, *, refused: bool = False) -> list[dict[str, str]]:
    async def ask() -> list[dict[str, str]]:
        current = Credentials(given)
        answers = []
        for _ in range(times):
            answers.append(dict(await current.headers()))
            if refused:
                assert current.refused()
        return answers

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, {}),
        ({"token": "t"}, {"Authorization": "Bearer t"}),
        ({"username": "ann", "password": "pw"}, {"Authorization": "Basic YW5uOnB3"}),
        (
            {"impersonate": "bob", "groups": ("g",)},
            {"Impersonate-User": "bob", "Impersonate-Group": "g"},
        ),
        ({"plugin": plugin(printing(token="p"))}, {"Authorization": "Bearer p"}),
        (
            {"plugin": plugin(printing(token="$WORD"), "client.authentication.k8s.io/v1beta1")},
            {"Authorization": "Bearer token-1"},
        ),
        ({"token": "t", "plugin": plugin("exit 1")}, {"Authorization": "Bearer t"}),
    ],
)
def test_what_is_sent(given: dict[str, Any], sent: dict[str, str]) -> None:
    assert headers(access(**given)) == [sent]


def test_a_token_file_is_read_again_once_it_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one\n")

    async def ask() -> list[dict[str, str]]:
        current = Credentials(access(token_file=file))
        answers = [dict(await current.headers())]
        for text in ("two", "", None, b"\xff", "three"):
            if text is None:
                file.unlink()
            else:
                file.write_bytes(text.encode() if isinstance(text, str) else text)
            answers.append(dict(await current.headers()))
            assert current.refused()
            answers.append(dict(await current.headers()))
        return answers

    tokens = [answer["Authorization"].removeprefix("Bearer ") for answer in asyncio.run(ask())]

    assert tokens == ["one", "one", "two", *["two"] * 7, "three"]


def test_a_plugin_runs_once_until_it_is_refused_or_over(tmp_path: Path) -> None:
    count = f"echo x >> {tmp_path}/runs; "
    headers(access(plugin=plugin(count + printing(token="t"))), 3)
    assert (tmp_path / "runs").read_text() == "x\n"
    headers(access(plugin=plugin(count + printing(token="t"))), 2, refused=True)
    assert (tmp_path / "runs").read_text() == "x\n" * 3
    over = {"token": "t", "expirationTimestamp": "2020-01-01T00:00:00Z"}
    headers(access(plugin=plugin(count + printing(**over))), 2)
    assert (tmp_path / "runs").read_text() == "x\n" * 5


@pytest.mark.parametrize(("year", "runs"), [(2020, 3), (9000, 1)])
def test_a_plugins_time_without_a_zone_is_utc(tmp_path: Path, year: int, runs: int) -> None:
    status = {"token": "t", "expirationTimestamp": f"{year}-01-01T00:00:00"}
    headers(access(plugin=plugin(f"echo x >> {tmp_path}/runs; " + printing(**status))), 3)

    assert (tmp_path / "runs").read_text() == "x\n" * runs


def test_a_plugin_learns_for_which_cluster_it_is(tmp_path: Path) -> None:
    script = f'printf %s "$KUBERNETES_EXEC_INFO" > {tmp_path}/info; ' + printing(token="t")
    headers(access(plugin=plugin(script), ca=b""))

    assert json.loads((tmp_path / "info").read_text()) == {
        "apiVersion": V1,
        "kind": "ExecCredential",
        "spec": {"interactive": False, "cluster": {"server": "https://gate.example"}},
    }


def test_a_plugins_words_reach_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    headers(access(plugin=plugin("echo 'open https://login' >&2; " + printing(token="t"))))

    assert capfd.readouterr().err == "open https://login\n"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (plugin("exit 3"), "gave none (exit code 3): run it by hand"),
        (plugin("echo no"), "gave none (exit code 0): run it by hand"),
        (plugin("echo '{\"status\": {}}'"), "gave none (exit code 0): run it by hand"),
        (plugin("", "client.authentication.k8s.io/v1alpha1"), "is of API 'client.authentication"),
        (plugin("sleep 9"), "did not answer within 0.2 s: run it by hand"),
    ],
)
def test_a_plugin_without_credentials_is_named(
    given: Plugin, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "PATIENCE", 0.2 if "sleep" in given.args[1] else 60.0)

    with pytest.raises(KubiaError) as caught:
        headers(access(plugin=given))

    where = "the credential plugin '/bin/sh' for https://gate.example (context 'c' of kc) "
    assert str(caught.value).startswith(where + problem)


@pytest.mark.parametrize("given", [{"ca": b"no"}, {"certificate": b"no"}, {"ca": b"\xff"}])
def test_a_certificate_that_is_none_is_named(given: dict[str, bytes]) -> None:
    with pytest.raises(KubiaError) as caught:
        Credentials(access(**given))
    assert str(caught.value).startswith("the certificates for https://gate.example (context 'c'")


def test_another_authority_is_trusted_once_its_file_says_so(tmp_path: Path) -> None:
    file, old, new = (tmp_path / name for name in ("ca.crt", "old", "new"))
    for folder in (old, new):
        certificates.make(folder, [])
    file.write_bytes((old / "ca.crt").read_bytes())
    current = Credentials(access(ca=file.read_bytes(), ca_file=file))
    (before,) = current.tls.get_ca_certs()

    assert not current.distrusted()
    file.write_text("half of a certi")
    assert not current.distrusted()
    file.write_bytes((new / "ca.crt").read_bytes())
    assert current.distrusted()
    (after,) = current.tls.get_ca_certs()
    assert after != before
    assert not current.distrusted()


def test_an_insecure_cluster_is_not_verified() -> None:
    assert Credentials(access(insecure=True)).tls.verify_mode == ssl.CERT_NONE
    assert Credentials(access()).tls.verify_mode == ssl.CERT_REQUIRED


@pytest.mark.parametrize(
    ("server", "proxy"),
    [
        ("https://gate.example", "http://p:1"),
        ("https://127.0.0.1:6443", None),
        ("https://[::1]:6443", None),
        ("https://localhost:6443", None),
        ("https://10.1.2.3", None),
        ("http://gate.example", None),
    ],
)
def test_the_environments_proxy_is_for_remote_servers(
    server: str, proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://p:1")
    monkeypatch.setenv("NO_PROXY", "10.1.2.3")

    assert credentials.proxy(Access("c", None, server)) == proxy


def test_the_kubeconfigs_proxy_counts_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://p:1")

    assert credentials.proxy(access(proxy_url="http://q:2")) == "http://q:2"
    with pytest.raises(KubiaError, match="goes through http ones alone"):
        credentials.proxy(access(proxy_url="socks5://q:2"))
