"""Which of a stack's web services a command means."""

from collections.abc import Mapping
from typing import Any

from kubia.errors import InvalidError, did_you_mean
from kubia.project import contract


def chosen(document: Mapping[str, Any], project: str, file: str, name: str | None) -> str:
    """Return the name of the service that is meant by `name`: by None the only one.

    `document` is the content of the stack's `file`, `project` the project's name.

    Raises:
        InvalidError: there is none of this name, or there are several and none is named.

    """
    return _chosen([*contract.services(document, project)], document, project, file, name)


def chosen_owner(document: Mapping[str, Any], project: str, file: str, name: str | None) -> str:
    """Return the name of the service or task whose secrets are meant, as `chosen` does.

    Raises:
        InvalidError: there is none of this name, or there are several and none is named.

    """
    return _chosen(contract.secret_owners(document, project), document, project, file, name)


def _chosen(
    names: list[str], document: Mapping[str, Any], project: str, file: str, name: str | None
) -> str:
    place = f"{file}: {project}:services"
    if not names:
        raise InvalidError([f"{place}: there is no service here.{_renamed(document, project)}"])
    if name is None and len(names) > 1:
        raise InvalidError([f"{place}: are {', '.join(names)}; name the one that is meant."])
    if name is None or name in names:
        return name or names[0]
    hint = did_you_mean(name, names)
    problem = (
        f"{place}: none is called {name!r}, {', '.join(names)} is{f'; {hint}' if hint else '.'}"
    )
    raise InvalidError([problem])


def _renamed(document: Mapping[str, Any], project: str) -> str:
    """Return what else is said where the file has a service as it was written once."""
    if contract.section_of(document, project, "web") is None:
        return ""
    return f" {project}:web is {project}:services.NAME now: write it so."
