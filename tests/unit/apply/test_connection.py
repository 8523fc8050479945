"""kubia.apply.connection: what is refused before it is sent."""

from pathlib import Path

import pytest

from kubia.apply.connection import LARGEST, Connection
from kubia.errors import InvalidError


def refused(text: str) -> str:
    with pytest.raises(InvalidError) as caught:
        Connection("kind", Path("nowhere")).request("PUT", "/api", None, {"data": text})
    return str(caught.value)


def test_half_a_character_is_refused() -> None:
    assert refused("a\ud83d") == (
        "a text holds '\\ud83d', half a character: write the whole one, or none."
    )


def test_what_a_server_would_hang_up_on_is_refused() -> None:
    assert refused("a" * LARGEST) == (
        "an object takes 3145740 bytes to send; an API server reads 3145728 at most."
    )
