"""Who the operator is to the API server: tokens that rotate, certificates, plugins with either."""

import asyncio
import base64
import datetime as dt
import json
import os
import signal
import ssl
import tempfile
from dataclasses import replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from kubia.errors import KubiaError
from kubia.kubeconfig import Access, Plugin

PATIENCE = 60.0
"""Seconds that a plugin may take."""
_GROUP = "client.authentication.k8s.io"
_VERSIONS = (f"{_GROUP}/v1", f"{_GROUP}/v1beta1")


class Credentials:
    """The credentials of one context, as of now."""

    def __init__(self, access: Access) -> None:
        """Read nothing yet but the certificates.

        Raises:
            KubiaError: they cannot be used.

        """
        self._access = access
        self._token = access.token
        self._expires: dt.datetime | None = None
        self._lock = asyncio.Lock()
        self._is_fresh = False
        self._pair = (access.certificate, access.key)
        self.tls = tls(access, *self._pair)

    async def headers(self) -> list[tuple[str, str]]:
        """Return what a request needs besides a certificate.

        Raises:
            KubiaError: a token cannot be had.

        """
        async with self._lock:
            is_over = self._expires is not None and self._expires <= dt.datetime.now(dt.UTC)
            if is_over or not self._is_fresh:
                await self._renew()
        access = self._access
        given = [("Impersonate-User", access.impersonate)] if access.impersonate else []
        given += [("Impersonate-Group", group) for group in access.groups]
        if self._token:
            given.append(("Authorization", f"Bearer {self._token}"))
        elif access.username:
            basic = base64.b64encode(f"{access.username}:{access.password}".encode()).decode()
            given.append(("Authorization", f"Basic {basic}"))
        return given

    def refused(self) -> bool:
        """Let the next request ask for new credentials; return whether there may be any."""
        self._is_fresh = False
        return self._access.token_file is not None or self._access.plugin is not None

    def distrusted(self) -> bool:
        """Read the authority's certificate again; return whether it is another one by now."""
        try:
            ca = self._access.ca_file.read_bytes() if self._access.ca_file else self._access.ca
            access = replace(self._access, ca=ca)
            if access == self._access:
                return False
            self.tls = tls(access, *self._pair)
        except (OSError, KubiaError):  # It is just being written.
            return False
        self._access = access
        return True

    async def _renew(self) -> None:
        access = self._access
        if access.token_file is not None:
            try:
                # One that is just being written keeps the token before it.
                self._token = access.token_file.read_text().strip() or self._token
            except (OSError, UnicodeDecodeError) as error:
                if not self._token:
                    message = f"token file {access.token_file} cannot be read: {error}"
                    raise KubiaError(message) from None
        elif access.plugin is not None and not access.token:
            status = await _status(access, access.plugin)
            self._token = str(status.get("token") or "")
            if status.get("clientCertificateData"):
                certificate, key = (status.get(f"client{it}Data") for it in ("Certificate", "Key"))
                self._pair = (str(certificate).encode(), str(key).encode())
                self.tls = tls(access, *self._pair)
            self._expires = _time(status.get("expirationTimestamp"))
        self._is_fresh = True


def tls(access: Access, certificate: bytes, key: bytes) -> ssl.SSLContext:
    """Return how connections to the server are encrypted and verified.

    Raises:
        KubiaError: a certificate or key is none.

    """
    try:
        context = ssl.create_default_context(cadata=access.ca.decode() if access.ca else None)
        if access.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if certificate:
            # The library reads files alone; this one is nobody else's.
            with tempfile.NamedTemporaryFile() as file:
                file.write(certificate + b"\n" + key)
                file.flush()
                context.load_cert_chain(file.name)
    except (ssl.SSLError, ValueError) as error:
        message = f"the certificates for {access} cannot be used: {error}"
        raise KubiaError(message) from None
    return context


def proxy(access: Access) -> str | None:
    """Return the proxy to go through: the kubeconfig's, or the environment's, but never to oneself.

    Raises:
        KubiaError: it is of a kind that cannot be used.

    """
    parts = urlsplit(access.server)
    host = parts.hostname or ""
    from_environment = None if _is_loopback(host) or proxy_bypass(host) else getproxies()
    url = access.proxy_url or (from_environment or {}).get(parts.scheme)
    if url and not url.startswith(("http://", "https://")):
        message = f"the proxy for {access} is {url!r}: the operator goes through http ones alone"
        raise KubiaError(message)
    return url or None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _status(access: Access, plugin: Plugin) -> dict[str, Any]:
    """Return what the plugin prints, whose words on standard error go where ours do.

    Raises:
        KubiaError: it gives no credentials.

    """
    named = f"the credential plugin {plugin.command!r} for {access}"
    if plugin.api_version not in _VERSIONS:
        message = f"{named} is of API {plugin.api_version!r}; allowed are {', '.join(_VERSIONS)}"
        raise KubiaError(message)
    environment = {**os.environ, **plugin.env, "KUBERNETES_EXEC_INFO": _info(access, plugin)}
    try:
        process = await asyncio.create_subprocess_exec(
            plugin.command,
            *plugin.args,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            process_group=0,
        )
    except OSError as error:
        hint = f"; {plugin.install_hint}" if plugin.install_hint else ""
        message = f"{named} cannot be run: {error.strerror}{hint}"
        raise KubiaError(message) from None
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        message = f"{named} did not answer within {PATIENCE:g} s: run it by hand"
        raise KubiaError(message) from None
    try:
        status = json.loads(printed)["status"] if process.returncode == 0 else None
    except (ValueError, KeyError, TypeError):
        status = None
    if not isinstance(status, dict) or not (status.keys() & {"token", "clientCertificateData"}):
        message = f"{named} gave none (exit code {process.returncode}): run it by hand"
        raise KubiaError(message)
    return status


def _info(access: Access, plugin: Plugin) -> str:
    spec: dict[str, Any] = {"interactive": False}
    if plugin.provide_cluster_info:
        cluster = {
            "server": access.server,
            "tls-server-name": access.tls_server_name,
            "insecure-skip-tls-verify": access.insecure,
            "certificate-authority-data": base64.b64encode(access.ca).decode(),
            "proxy-url": access.proxy_url,
        }
        spec["cluster"] = {key: value for key, value in cluster.items() if value}
    return json.dumps({"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec})


def _time(text: object) -> dt.datetime | None:
    try:
        time = dt.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)
