"""kubia.actions.take_down: what `down` says of what it cannot delete."""

import pytest

from kubia.actions.take_down import take_down
from tests.unit.apiserver import Server
from tests.unit.applying import SPACE, WEB, api, desired, shop, up


def test_what_cannot_be_seen_is_named_as_left_over(capsys: pytest.CaptureFixture[str]) -> None:
    server = Server()
    up(server, shop())
    server.kinds = tuple(kind for kind in server.kinds if kind[0] != "apps")
    capsys.readouterr()

    take_down(api(server), desired(shop()), yes=True)

    assert (
        "  ! objects of kind Deployment.apps, of which the stack had some, are not seen: the "
        "cluster does not know the kind at present; what there is of them stays, and no later "
        "`down` finds it\n"
    ) in capsys.readouterr().err
    assert SPACE not in server.objects


def test_what_is_seen_is_deleted_without_such_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    server = Server()
    up(server, shop())
    capsys.readouterr()

    take_down(api(server), desired(shop()), yes=True)

    assert "not seen" not in capsys.readouterr().err
    assert WEB not in server.objects
