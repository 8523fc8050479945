"""Configuration values as Pulumi's CLI hands them to programs: all of them as text."""

import json
from typing import Any


def encoded(value: Any) -> str:
    """Return a stack file's value as a program gets it: text as it is, anything else as JSON.

    Nothing at all is an empty text.
    """
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def unsealed(place: str, name: str, stack: str) -> str:
    """Return what is said of a secret that stands at a place of a stack file in plain text."""
    return (
        f"{place}.{name}: stands there in plain text; "
        f"seal it by `kubia secret set {name} --stack {stack}`, which asks for it"
    )


def decoded(text: str) -> object:
    """Return a value as the stack file has it, from the text that the program got.

    Mappings and lists come as JSON, true and false as words, strings as they are.
    """
    if text[:1] not in {"{", "["} and text not in {"true", "false"}:
        return text
    try:
        return json.loads(text)
    except ValueError:  # a text that begins as JSON does
        return text
