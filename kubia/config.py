"""Configuration values as Pulumi's CLI hands them to programs: all of them as text."""

import json
from collections.abc import Sequence
from typing import Any

SECRET_KINDS = ("services", "jobs", "cronJobs")
"""The keys of a stack file below which stands, by name, what may have secrets."""


def encoded(value: Any) -> str:
    """Return a stack file's value as a program gets it: text as it is, anything else as JSON.

    Nothing at all is an empty text.
    """
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def unsealed(place: str, service: str, name: str, stack: str) -> str:
    """Return what is said of a service's secret that stands below a place in plain text."""
    command = f"kubia secret set {name} --service {service} --stack {stack}"
    return (
        f"{place}.{service}.{name}: stands there in plain text; seal it by `{command}`, "
        "which asks for it"
    )


def of_no_service(key: str, name: str, services: Sequence[str]) -> str:
    """Return what is said of a secret, never shown, that stands right below a key: in no service.

    `name` is the secret's, or that of the service, one of `services`, whose only one it shall be.
    """
    if name in services:
        return (
            f"{key}.{name}: is no map of secrets; {name}'s stand there by name: "
            f"write {key}.{name}.NAME"
        )
    owner = services[0] if len(services) == 1 else "SERVICE"
    return (
        f"{key}.{name}: belongs to no service; secrets are by service: "
        f"move it to {key}.{owner}.{name}"
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
