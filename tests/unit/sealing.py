"""Encrypts as Pulumi's passphrase provider does."""

import base64
import functools
import hashlib
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kubia.project import passphrase

SALT = b"saltsalt"


@functools.cache
def _key(phrase: str, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", phrase.encode(), SALT, rounds)


class Sealer:
    """Seals a stack's secrets with a passphrase."""

    def __init__(self, phrase: str, rounds: int = passphrase.ROUNDS) -> None:
        """Derive the key."""
        self._key = _key(phrase, rounds)

    def seal(self, text: str) -> str:
        """Return what `secure:` holds for a text."""
        nonce = os.urandom(12)
        cipher = AESGCM(self._key).encrypt(nonce, text.encode(), None)
        return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(cipher).decode()}"

    @property
    def salt(self) -> str:
        """What `encryptionsalt` holds."""
        return f"v1:{base64.b64encode(SALT).decode()}:{self.seal('pulumi')}"
