"""Opens and seals as Pulumi's passphrase secrets provider does: AES-256-GCM, PBKDF2-SHA256."""

import base64
import hashlib
import os
from pathlib import Path

from kubia.errors import InvalidError

ROUNDS = 1_000_000
"""Iterations of PBKDF2, as Pulumi has them."""
SALT = 8
"""Bytes, as Pulumi has them."""
NONCE = 12
"""Bytes, as AES-GCM has them."""
_CHECK = "pulumi"
"""The text that an `encryptionsalt` holds encrypted, to tell a wrong passphrase."""
VARIABLE = "PULUMI_CONFIG_PASSPHRASE"


class Passphrase:
    """Decrypts and encrypts the values of one stack file."""

    def __init__(self, phrase: str, encryption_salt: str, *, rounds: int = ROUNDS) -> None:
        """Derive the key, which takes half a second, and check it.

        Raises:
            InvalidError: the salt is malformed, or the passphrase is wrong.

        """
        version, text, check = [*encryption_salt.split(":", 2), "", ""][:3]
        salt = _bytes(text)
        if version != "v1" or salt is None or not check:
            problem = f"encryptionsalt is {encryption_salt!r}: allowed is v1:SALT:v1:NONCE:CIPHER."
            raise InvalidError([problem])
        self._key = _key(phrase, salt, rounds)
        if self._open(check) != _CHECK:
            problem = (
                "the passphrase does not open this stack's secrets: "
                f"set {VARIABLE} (or {VARIABLE}_FILE) to the stack's own."
            )
            raise InvalidError([problem])

    def decrypt(self, secure: str) -> str:
        """Return the text that a `secure:` value holds.

        Raises:
            InvalidError: the value is malformed or was encrypted with another key.

        """
        text = self._open(secure)
        if text is None:
            problem = (
                "a `secure:` value cannot be opened with this stack's passphrase: "
                "set it again by `kubia secret set`."
            )
            raise InvalidError([problem])
        return text

    def encrypt(self, text: str) -> str:
        """Return what `secure:` holds for a text."""
        return _sealed(self._key, text)

    def _open(self, sealed: str) -> str | None:
        # Only stacks with secrets pay for loading this.
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - see above
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

        version, nonce, cipher = [*sealed.split(":"), "", ""][:3]
        if version != "v1":
            return None
        try:
            opened = AESGCM(self._key).decrypt(
                base64.b64decode(nonce), base64.b64decode(cipher), None
            )
            return opened.decode()
        except (InvalidTag, ValueError):
            return None


def new_salt(phrase: str, *, rounds: int = ROUNDS) -> str:
    """Return an `encryptionsalt` for a stack that has no secret yet."""
    salt = os.urandom(SALT)
    check = _sealed(_key(phrase, salt, rounds), _CHECK)
    return f"v1:{base64.b64encode(salt).decode()}:{check}"


def _key(phrase: str, salt: bytes, rounds: int) -> bytes:
    # Pulumi takes the bytes as they are, also where they are no text.
    return hashlib.pbkdf2_hmac("sha256", os.fsencode(phrase), salt, rounds)


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text)
    except ValueError:
        return None


def _sealed(key: bytes, text: str) -> str:
    # As in Passphrase._open.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - see above

    nonce = os.urandom(NONCE)
    parts = (nonce, AESGCM(key).encrypt(nonce, text.encode(), None))
    return ":".join(("v1", *(base64.b64encode(part).decode() for part in parts)))


def from_environment() -> str:
    """Return the passphrase as Pulumi's CLI looks for it.

    Raises:
        InvalidError: neither variable is set, or the file cannot be read.

    """
    if VARIABLE in os.environ:
        return os.environ[VARIABLE]
    file = os.environ.get(f"{VARIABLE}_FILE")
    if not file:
        problem = (
            f"secrets are sealed by the stack's passphrase: set {VARIABLE} or {VARIABLE}_FILE."
        )
        raise InvalidError([problem])
    try:
        return os.fsdecode(Path(file).read_bytes()).strip()
    except OSError as error:
        problem = f"{VARIABLE}_FILE is {file!r}, which cannot be read: {error.strerror}."
        raise InvalidError([problem]) from None
