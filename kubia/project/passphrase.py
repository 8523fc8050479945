"""Reads what Pulumi's passphrase secrets provider has encrypted: AES-256-GCM, PBKDF2-SHA256."""

import base64
import hashlib
import os
from pathlib import Path

from kubia.errors import InvalidError

ROUNDS = 1_000_000
"""Iterations of PBKDF2, as Pulumi has them."""
_CHECK = "pulumi"
"""The text that an `encryptionsalt` holds encrypted, to tell a wrong passphrase."""
VARIABLE = "PULUMI_CONFIG_PASSPHRASE"


class Passphrase:
    """Decrypts the values of one stack file."""

    def __init__(self, phrase: str, encryption_salt: str, *, rounds: int = ROUNDS) -> None:
        """Derive the key, which takes half a second, and check it.

        Raises:
            InvalidError: the salt is malformed, or the passphrase is wrong.

        """
        version, salt, check = [*encryption_salt.split(":", 2), "", ""][:3]
        if version != "v1" or not check:
            problem = f"encryptionsalt is {encryption_salt!r}: allowed is v1:SALT:v1:NONCE:CIPHER."
            raise InvalidError([problem])
        self._key = hashlib.pbkdf2_hmac("sha256", phrase.encode(), base64.b64decode(salt), rounds)
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
                "set it again with `pulumi config set --secret`."
            )
            raise InvalidError([problem])
        return text

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
        except (InvalidTag, ValueError):
            return None
        return opened.decode()


def from_environment() -> str:
    """Return the passphrase as Pulumi's CLI looks for it.

    Raises:
        InvalidError: neither variable is set, or the file cannot be read.

    """
    if VARIABLE in os.environ:
        return os.environ[VARIABLE]
    file = os.environ.get(f"{VARIABLE}_FILE")
    if not file:
        problem = f"the stack has secrets: set {VARIABLE} or {VARIABLE}_FILE to open them."
        raise InvalidError([problem])
    try:
        return Path(file).read_text().strip()
    except OSError as error:
        problem = f"{VARIABLE}_FILE is {file!r}, which cannot be read: {error.strerror}."
        raise InvalidError([problem]) from None
