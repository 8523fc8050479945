"""kubia.drift.misuse: what could not be looked at is said."""

from typing import Any

import pytest

from kubia.apply.connection import ApiError
from kubia.drift import detect
from tests.unit.apiserver import Server
from tests.unit.applying import api, desired, shop, up


class Veiled(Server):
    """A server that lets nobody list Secrets or CronJobs."""

    def request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
        if path.rpartition("/")[2] in {"secrets", "cronjobs"}:
            raise ApiError(403, {"message": "not yours to see"})
        return super().request(method, path, *rest, **more)


def test_kinds_that_may_not_be_listed_are_said_not_to_be_looked_at(
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = Veiled()
    up(server, shop())
    capsys.readouterr()

    assert detect.find(api(server), desired(shop())) == []

    printed = capsys.readouterr()
    assert printed.err == "not looked at: cronjobs, secrets (no right to list them)\n"
    assert printed.out == ""
