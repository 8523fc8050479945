"""References of images, as kubelets read them.

Grammar: https://github.com/distribution/reference/blob/main/reference.go
"""

import re
from collections.abc import Iterator

from kubia.errors import Problem

LONGEST = 255
"""Characters of the name, with its registry and without tag and digest."""
_HOST = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)"
_REGISTRY = rf"(?:{_HOST}(?:\.{_HOST})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_DIGEST = r"sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}"
_REFERENCE = re.compile(
    rf"(?P<name>(?:{_REGISTRY}/)?{_PART}(?:/{_PART})*)"
    rf"(?::[a-zA-Z0-9_][a-zA-Z0-9_.-]{{0,127}})?(?:@(?:{_DIGEST}))?"
)
_ID = re.compile("[a-f0-9]{64}")


def image_problems(field: str, image: object) -> Iterator[Problem]:
    """Yield what keeps `image` from being pulled by any node; nothing of an Output."""
    if not isinstance(image, str):
        return
    match = _REFERENCE.fullmatch(image)
    if match is None or _ID.fullmatch(match["name"]):
        yield Problem(
            (field,),
            f"is {image!r}; must be an image's reference, [REGISTRY/]NAME[:TAG][@DIGEST] such as "
            "kubia:v1: the name in lower-case letters and digits, with '.', '_', '-' or '/' "
            "between them",
        )
    elif len(match["name"]) > LONGEST:
        text = f"has a name of {len(match['name'])} characters; at most {LONGEST} are allowed"
        yield Problem((field,), text)
