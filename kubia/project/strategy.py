"""Edits of a web service's strategy in a stack file's content."""

import copy
from typing import Any

from kubia.errors import InvalidError
from kubia.project import contract, stackfile
from kubia.project.contract import Service
from kubia.project.stackfile import Stack


def promoted(stack: Stack, name: str) -> tuple[dict[str, Any], str]:
    """Return the content with the image of a service's canary for everyone, and that image.

    Raises:
        InvalidError: there is no canary, or nobody would run its image once it is gone.

    """
    document, service = _service(stack, name)
    image = _canary(stack, name, service)
    _refuse_nobody(stack, name, service, image)
    service["image"] = image
    _remove_canary(service)
    return document, image


def aborted(stack: Stack, name: str) -> tuple[dict[str, Any], str]:
    """Return the content without a service's canary, and its image.

    Raises:
        InvalidError: there is no canary.

    """
    document, service = _service(stack, name)
    image = _canary(stack, name, service)
    _remove_canary(service)
    return document, image


def paused(stack: Stack, name: str) -> dict[str, Any]:
    """Return the content with a service's rollouts standing still.

    Raises:
        InvalidError: the service is paused already.

    """
    document, service = _service(stack, name)
    strategy = service["strategy"]
    if strategy.get("paused"):
        problem = f"{_place(stack, name)}.strategy.paused is true already."
        raise InvalidError([problem])
    strategy["paused"] = True
    return document


def resumed(stack: Stack, name: str) -> dict[str, Any]:
    """Return the content with a service's rollouts going on.

    Raises:
        InvalidError: the service is not paused.

    """
    document, service = _service(stack, name)
    if not service["strategy"].pop("paused", False):
        problem = f"{_place(stack, name)}.strategy.paused is not true: there is nothing to resume."
        raise InvalidError([problem])
    return document


def _refuse_nobody(stack: Stack, name: str, service: Service, image: str) -> None:
    if service["strategy"].get("paused"):
        problem = (
            f"{_place(stack, name)}.strategy.paused is true: the canary would go, and nobody run "
            f"{image}; `kubia resume {name} -s {stack.name}` first."
        )
        raise InvalidError([problem])
    if contract.whole_services(stack.document, stack.project.name)[name].get("replicas") == 0:
        problem = (
            f"{_place(stack, name)}.replicas is 0: the canary would go, and nobody serve; set it "
            "to at least 1 first."
        )
        raise InvalidError([problem])


def _service(stack: Stack, name: str) -> tuple[dict[str, Any], Service]:
    """Return a copy of the stack file's content, and the service in that copy.

    It has a strategy of its own there: what it does not give is the default's, which is others' too
    and taken whole.

    Raises:
        InvalidError: its strategy is no map.

    """
    document = copy.deepcopy(dict(stack.document))
    service = contract.services(document, stack.project.name)[name]
    place = _place(stack, name)
    if service.get("strategy") is None:
        shared = contract.defaults(document, stack.project.name)
        service["strategy"] = copy.deepcopy(shared.get("strategy")) or {}
        place = f"{stack.file.name}: defaults"
    given: object = service["strategy"]
    if not isinstance(given, dict) or stackfile.is_secure(given):
        shown = "sealed" if isinstance(given, dict) else repr(given)
        problem = f"{place}.strategy is {shown}: it must be a map, such as {{type: RollingUpdate}}."
        raise InvalidError([problem])
    return document, service


def _canary(stack: Stack, name: str, service: Service) -> str:
    strategy = service["strategy"]
    image = strategy.get("canaryImage")
    if strategy.get("type") == "Canary" and isinstance(image, str):
        return image
    problem = (
        f"{_place(stack, name)}.strategy has no canaryImage (its type is "
        f"{strategy.get('type', 'RollingUpdate')}): there is no canary to promote or abort."
    )
    raise InvalidError([problem])


def _remove_canary(service: Service) -> None:
    """Remove it with its weight, which is none of the next one's."""
    del service["strategy"]["canaryImage"]
    service["strategy"].pop("canaryWeight", None)


def _place(stack: Stack, name: str) -> str:
    return f"{stack.file.name}: services.{name}"
