"""The body of a server-side apply: JSON in such a form that reading it as YAML gives the same."""

import re

CONTENT_TYPE = "application/apply-patch+yaml"
"""As which the API server takes it: it reads JSON in it as YAML too."""
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON takes as it is and YAML takes for a line's end, or not at all."""
_ESCAPE = re.compile(rb"\\(?:u00([01][0-9a-f])|.)")
"""An escape of JSON's; of a control character with its number."""
_SHORT = {b"00": rb"\0", b"07": rb"\a", b"0b": rb"\v", b"1b": rb"\e"}
"""What YAML has a letter for, and JSON has not."""


def as_yaml(plain: bytes) -> bytes:
    """Return the JSON text `plain`, whose other characters than ASCII's are unescaped, for YAML.

    YAML knows no surrogates, so characters beyond U+FFFF have to stand in it as they are. Control
    characters are written as short as can be: a server reads 3 MiB, and JSON has six for each.
    """
    if rb"\u00" in plain:
        plain = _ESCAPE.sub(_shorter, plain)
    if plain.isascii() and b"\x7f" not in plain:
        return plain
    return _UNPRINTABLE.sub(_escaped, plain.decode()).encode()


def _shorter(escape: re.Match[bytes]) -> bytes:
    number = escape[1]
    return escape[0] if number is None else _SHORT.get(number, rb"\x" + number)


def _escaped(character: re.Match[str]) -> str:
    return character[0].encode("unicode_escape").decode()
