"""Unit tests reach no network and see nothing of the environment they are run in."""

import itertools
import os
import socket
from typing import Any, NoReturn

import pytest

from tests.unit import programs

_OURS = ("KUBIA_", "PULUMI_", "KUBECONFIG", "XDG_")
_homes = itertools.count()
_NETWORKS = {socket.AF_INET, socket.AF_INET6}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def refuse(family: int) -> None:
        if family in _NETWORKS:
            raise AssertionError("Must not be called!")  # noqa: EM101, TRY003 - found by its text

    def connect_locally(self: socket.socket, address: Any) -> None:
        refuse(self.family)
        connect(self, address)

    def no_names(*_args: object, **_more: object) -> NoReturn:
        raise AssertionError("Must not be called!")  # noqa: EM101, TRY003 - found by its text

    monkeypatch.setattr(socket.socket, "connect", connect_locally)
    monkeypatch.setattr(socket.socket, "connect_ex", connect_locally)
    monkeypatch.setattr(socket, "getaddrinfo", no_names)


@pytest.fixture(autouse=True)
def _clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # A home that nobody has made: a `tmp_path` for each test would take seconds of all of them.
    home = tmp_path_factory.getbasetemp() / f"home-{next(_homes)}"
    for name in list(os.environ):
        if name.startswith(_OURS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))


@pytest.fixture(params=[True, False], ids=["preview", "update"])
def preview(request: pytest.FixtureRequest) -> bool:
    """Run the test twice: with what only a server knows unknown, and with all of it known."""
    return bool(request.param)


@pytest.fixture
def record(preview: bool) -> programs.Recorder:  # noqa: FBT001 - a fixture
    """Return what runs a program and returns its resource graph."""
    return programs.Recorder(preview=preview)
