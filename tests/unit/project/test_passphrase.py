"""kubia.project.passphrase: what Pulumi's passphrase provider has sealed."""

import base64
import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kubia.errors import InvalidError
from kubia.project import passphrase
from kubia.project.passphrase import Passphrase
from tests.unit.sealing import Sealer

ROUNDS = 10
"""Pulumi's own million takes a second."""
SEALER = Sealer("correct horse", ROUNDS)


def test_the_passphrase_opens_what_was_sealed_with_it() -> None:
    opened = Passphrase("correct horse", SEALER.salt, rounds=ROUNDS)

    assert opened.decrypt(SEALER.seal("hunter2")) == "hunter2"


def test_what_is_sealed_under_a_new_salt_opens_again_and_never_looks_the_same() -> None:
    salt = passphrase.new_salt("correct horse", rounds=ROUNDS)
    opened = Passphrase("correct horse", salt, rounds=ROUNDS)

    texts = ("hunter2", "", "zwei\nZeilen \U0001f511")
    assert [opened.decrypt(opened.encrypt(text)) for text in texts] == list(texts)
    assert opened.encrypt("hunter2") != opened.encrypt("hunter2")
    assert salt != passphrase.new_salt("correct horse", rounds=ROUNDS)


def test_a_wrong_passphrase_is_refused() -> None:
    with pytest.raises(InvalidError) as caught:
        Passphrase("wrong", SEALER.salt, rounds=ROUNDS)

    assert str(caught.value) == (
        "the passphrase does not open this stack's secrets: set PULUMI_CONFIG_PASSPHRASE (or "
        "PULUMI_CONFIG_PASSPHRASE_FILE) to the stack's own."
    )


@pytest.mark.parametrize("salt", ["", "v1:c2FsdA==", "v2:c2FsdA==:v1:a:b", "v1:abc:v1:x:y"])
def test_a_malformed_salt_is_refused(salt: str) -> None:
    with pytest.raises(InvalidError) as caught:
        Passphrase("correct horse", salt, rounds=ROUNDS)

    assert str(caught.value) == (f"encryptionsalt is {salt!r}: allowed is v1:SALT:v1:NONCE:CIPHER.")


def test_what_was_sealed_with_another_passphrase_is_refused() -> None:
    opened = Passphrase("correct horse", SEALER.salt, rounds=ROUNDS)

    for sealed in (Sealer("another", ROUNDS).seal("hunter2"), "hunter2"):
        with pytest.raises(InvalidError) as caught:
            opened.decrypt(sealed)
        assert str(caught.value) == (
            "a `secure:` value cannot be opened with this stack's passphrase: set it again by "
            "`kubia secret set`."
        )


def test_the_passphrase_comes_from_a_variable_or_from_the_file_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "phrase"
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(file))
    with pytest.raises(InvalidError) as caught:
        passphrase.from_environment()
    assert str(caught.value) == (
        f"PULUMI_CONFIG_PASSPHRASE_FILE is '{file}', which cannot be read: No such file or "
        "directory."
    )

    file.write_text("correct horse\n")
    assert passphrase.from_environment() == "correct horse"
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    assert passphrase.from_environment() == ""


def test_a_passphrase_may_be_of_any_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "phrase"
    file.write_bytes(b"\xff\xfe\n")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(file))
    of_file = passphrase.from_environment()
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "\udcff\udcfe")  # as Python hands the bytes over

    assert passphrase.from_environment() == of_file
    salt = passphrase.new_salt(of_file, rounds=ROUNDS)
    seal = Passphrase(of_file, salt, rounds=ROUNDS)
    key = hashlib.pbkdf2_hmac("sha256", b"\xff\xfe", base64.b64decode(salt.split(":")[1]), ROUNDS)
    nonce, cipher = map(base64.b64decode, seal.encrypt("hunter2").split(":")[1:])
    assert AESGCM(key).decrypt(nonce, cipher, None) == b"hunter2"


def test_a_secret_that_is_no_text_is_refused() -> None:
    salt = passphrase.new_salt("correct horse", rounds=ROUNDS)
    key = hashlib.pbkdf2_hmac(
        "sha256", b"correct horse", base64.b64decode(salt.split(":")[1]), ROUNDS
    )
    parts = (bytes(12), AESGCM(key).encrypt(bytes(12), b"\xff", None))
    sealed = ":".join(("v1", *(base64.b64encode(part).decode() for part in parts)))

    with pytest.raises(InvalidError) as caught:
        Passphrase("correct horse", salt, rounds=ROUNDS).decrypt(sealed)

    assert str(caught.value) == (
        "a `secure:` value cannot be opened with this stack's passphrase: set it again by "
        "`kubia secret set`."
    )
