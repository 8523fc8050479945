"""Content of stack files as it was written once: releases hold it as long as they are kept."""

from collections.abc import Mapping
from typing import Any

from kubia.project import contract


def translated(
    document: Mapping[str, Any], present: Mapping[str, Any], project: str
) -> dict[str, Any]:
    """Return a stack file's content as it is written now, if the content `present` is.

    Once a stack had a single web service, `web`, which was called as the project is, and secrets of
    this one alone. `project` is the project's name.
    """
    if not _has(present, project, "services") or _has(present, project, "web"):
        return dict(document)
    if _has(document, project, "services") or not _has(document, project, "web"):
        return dict(document)
    config = {}
    for key, value in document["config"].items():
        if key in {f"{project}:web", "web"}:
            config[f"{key.removesuffix('web')}services"] = {project: value}
        elif key in contract.secrets_keys(project) and value:
            config[key] = {project: value}
        else:
            config[key] = value
    return {**document, "config": config}


def _has(document: Mapping[str, Any], project: str, key: str) -> bool:
    return contract.section_of(document, project, key) is not None
