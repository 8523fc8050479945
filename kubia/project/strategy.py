"""Edits of the web service's strategy in a stack file's content."""

import copy
from collections.abc import Mapping
from typing import Any

from kubia.errors import InvalidError
from kubia.project.stackfile import Stack


def promoted(stack: Stack) -> tuple[dict[str, Any], str]:
    """Return the content with the canary's image for everyone, and that image."""
    document, web = _web(stack)
    image = _canary(stack, web)
    web["image"] = image
    del web["strategy"]["canaryImage"]
    return document, image


def aborted(stack: Stack) -> tuple[dict[str, Any], str]:
    """Return the content without the canary, and its image."""
    document, web = _web(stack)
    image = _canary(stack, web)
    del web["strategy"]["canaryImage"]
    return document, image


def paused(stack: Stack) -> dict[str, Any]:
    """Return the content with its rollouts standing still."""
    document, web = _web(stack)
    strategy = web.setdefault("strategy", {})
    if strategy.get("paused"):
        problem = f"{stack.file.name}: web.strategy.paused is true already."
        raise InvalidError((problem,))
    strategy["paused"] = True
    return document


def resumed(stack: Stack) -> dict[str, Any]:
    """Return the content with its rollouts going on."""
    document, web = _web(stack)
    if not (web.get("strategy") or {}).pop("paused", False):
        problem = f"{stack.file.name}: web.strategy.paused is not true: there is nothing to resume."
        raise InvalidError((problem,))
    return document


def _web(stack: Stack) -> tuple[dict[str, Any], dict[str, Any]]:
    document = copy.deepcopy(dict(stack.document))
    config: Mapping[str, Any] = document.get("config") or {}
    for key in (f"{stack.project.name}:web", "web"):
        if isinstance(config.get(key), dict):
            return document, config[key]
    problem = f"{stack.file.name}: has no {stack.project.name}:web, whose strategy could change."
    raise InvalidError((problem,))


def _canary(stack: Stack, web: Mapping[str, Any]) -> str:
    strategy = web.get("strategy") or {}
    image = strategy.get("canaryImage")
    if strategy.get("type") == "Canary" and isinstance(image, str):
        return image
    problem = (
        f"{stack.file.name}: web.strategy has no canaryImage (its type is "
        f"{strategy.get('type', 'RollingUpdate')}): there is no canary to promote or abort."
    )
    raise InvalidError((problem,))
