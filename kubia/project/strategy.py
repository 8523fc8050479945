"""Edits of the web service's strategy in a stack file's content."""

import copy
from typing import Any

from kubia.errors import InvalidError
from kubia.project import contract
from kubia.project.contract import Web
from kubia.project.stackfile import Stack


def promoted(stack: Stack) -> tuple[dict[str, Any], str]:
    """Return the content with the canary's image for everyone, and that image.

    Raises:
        InvalidError: there is no canary, or nobody would run its image once it is gone.

    """
    document, web = _web(stack)
    image = _canary(stack, web)
    _refuse_nobody(stack, web, image)
    web["image"] = image
    del web["strategy"]["canaryImage"]
    return document, image


def aborted(stack: Stack) -> tuple[dict[str, Any], str]:
    """Return the content without the canary, and its image.

    Raises:
        InvalidError: there is no canary.

    """
    document, web = _web(stack)
    image = _canary(stack, web)
    del web["strategy"]["canaryImage"]
    return document, image


def paused(stack: Stack) -> dict[str, Any]:
    """Return the content with its rollouts standing still.

    Raises:
        InvalidError: there is no web service, or it is paused already.

    """
    document, web = _web(stack)
    strategy = web.setdefault("strategy", {})
    if strategy.get("paused"):
        problem = f"{stack.file.name}: web.strategy.paused is true already."
        raise InvalidError([problem])
    strategy["paused"] = True
    return document


def resumed(stack: Stack) -> dict[str, Any]:
    """Return the content with its rollouts going on.

    Raises:
        InvalidError: there is no web service, or it is not paused.

    """
    document, web = _web(stack)
    if not (web.get("strategy") or {}).pop("paused", False):
        problem = f"{stack.file.name}: web.strategy.paused is not true: there is nothing to resume."
        raise InvalidError([problem])
    return document


def _refuse_nobody(stack: Stack, web: Web, image: str) -> None:
    if web["strategy"].get("paused"):
        problem = (
            f"{stack.file.name}: web.strategy.paused is true: the canary would go, and nobody run "
            f"{image}; `kubia resume` first."
        )
        raise InvalidError([problem])
    if web.get("replicas") == 0:
        problem = (
            f"{stack.file.name}: web.replicas is 0: the canary would go, and nobody serve; set it "
            "to at least 1 first."
        )
        raise InvalidError([problem])


def _web(stack: Stack) -> tuple[dict[str, Any], Web]:
    """Return a copy of the stack file's content, and the web service in that copy."""
    document = copy.deepcopy(dict(stack.document))
    web = contract.web(document, stack.project.name)
    if web is not None:
        return document, web
    problem = f"{stack.file.name}: has no {stack.project.name}:web, whose strategy could change."
    raise InvalidError([problem])


def _canary(stack: Stack, web: Web) -> str:
    strategy = web.get("strategy") or {}
    image = strategy.get("canaryImage")
    if strategy.get("type") == "Canary" and isinstance(image, str):
        return image
    problem = (
        f"{stack.file.name}: web.strategy has no canaryImage (its type is "
        f"{strategy.get('type', 'RollingUpdate')}): there is no canary to promote or abort."
    )
    raise InvalidError([problem])
