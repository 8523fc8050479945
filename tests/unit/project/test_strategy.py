"""kubia.project.strategy: edits of a stack file's web service."""

from pathlib import Path
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.project import stackfile, strategy
from kubia.project.stackfile import Project, Stack

PROJECT = Project(Path("/shop"), "shop", Path("/shop"))


def stack(key: str = "shop:web", *, replicas: int | None = None, **options: Any) -> Stack:
    web: dict[str, Any] = {"image": "web:v1", "strategy": {"type": "Canary", **options}}
    web |= {} if replicas is None else {"replicas": replicas}
    file = PROJECT.stacks / "Pulumi.dev.yaml"
    return stackfile.of_document(PROJECT, "dev", file, {"config": {key: web}})


@pytest.mark.parametrize("key", ["shop:web", "web"])
def test_the_steps_of_a_canary(key: str) -> None:
    canary = stack(key, canaryImage="web:v2", canaryReplicas=2)

    promoted, image = strategy.promoted(canary)
    aborted, _ = strategy.aborted(canary)

    assert image == "web:v2"
    left = {"type": "Canary", "canaryReplicas": 2}
    assert promoted["config"][key] == {"image": "web:v2", "strategy": left}
    assert aborted["config"][key] == {"image": "web:v1", "strategy": left}
    assert canary.document["config"][key]["image"] == "web:v1"


def test_a_canary_is_not_promoted_while_nobody_would_run_its_image() -> None:
    with pytest.raises(InvalidError) as caught:
        strategy.promoted(stack(canaryImage="web:v2", paused=True))
    assert str(caught.value) == (
        "Pulumi.dev.yaml: web.strategy.paused is true: the canary would go, and nobody run web:v2; "
        "`kubia resume` first."
    )
    with pytest.raises(InvalidError) as caught:
        strategy.promoted(stack(canaryImage="web:v2", replicas=0))
    assert str(caught.value) == (
        "Pulumi.dev.yaml: web.replicas is 0: the canary would go, and nobody serve; set it to at "
        "least 1 first."
    )


def test_without_a_canary_there_is_nothing_to_promote() -> None:
    with pytest.raises(InvalidError) as caught:
        strategy.promoted(stack())

    assert str(caught.value) == (
        "Pulumi.dev.yaml: web.strategy has no canaryImage (its type is Canary): there is no "
        "canary to promote or abort."
    )


def test_without_a_web_service_there_is_no_strategy_to_change() -> None:
    with pytest.raises(InvalidError) as caught:
        strategy.paused(stack("shop:api"))

    assert str(caught.value) == ("Pulumi.dev.yaml: has no shop:web, whose strategy could change.")


def test_pause_and_resume() -> None:
    running, standing = stack(), stack(paused=True)

    assert strategy.paused(running) == standing.document
    assert strategy.resumed(standing) == running.document
    with pytest.raises(InvalidError) as caught:
        strategy.resumed(running)
    assert str(caught.value) == (
        "Pulumi.dev.yaml: web.strategy.paused is not true: there is nothing to resume."
    )
    with pytest.raises(InvalidError) as caught:
        strategy.paused(standing)
    assert str(caught.value) == "Pulumi.dev.yaml: web.strategy.paused is true already."
