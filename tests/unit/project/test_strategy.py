"""kubia.project.strategy: edits of a web service in a stack file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.project import stackfile, strategy
from kubia.project.stackfile import Project, Stack

PROJECT = Project(Path("/shop"), "shop", Path("/shop"))


def stack(
    key: str = "shop:services",
    *,
    replicas: int | None = None,
    defaults: Any = None,
    **options: Any,
) -> Stack:
    web: dict[str, Any] = {"image": "web:v1", "strategy": {"type": "Canary", **options}}
    web |= {} if replicas is None else {"replicas": replicas}
    web = web if options or defaults is None else {"image": "web:v1"}
    file = PROJECT.stacks / "Pulumi.dev.yaml"
    config = {key: {"web": web, "api": {"image": "api:v1"}}}
    config |= {} if defaults is None else {"shop:defaults": defaults}
    return stackfile.of_document(PROJECT, "dev", file, {"config": config})


@pytest.mark.parametrize("key", ["shop:services", "services"])
def test_the_steps_of_a_canary(key: str) -> None:
    canary = stack(key, canaryImage="web:v2", canaryReplicas=2)

    promoted, image = strategy.promoted(canary, "web")
    aborted, _ = strategy.aborted(canary, "web")

    assert image == "web:v2"
    left = {"type": "Canary", "canaryReplicas": 2}
    assert promoted["config"][key]["web"] == {"image": "web:v2", "strategy": left}
    assert aborted["config"][key]["web"] == {"image": "web:v1", "strategy": left}
    assert canary.document["config"][key]["web"]["image"] == "web:v1"


def test_the_weight_of_a_canary_goes_with_it() -> None:
    weighed = stack(canaryImage="web:v2", canaryWeight=50)

    for document, _ in (strategy.promoted(weighed, "web"), strategy.aborted(weighed, "web")):
        assert document["config"]["shop:services"]["web"]["strategy"] == {"type": "Canary"}


def test_a_canary_is_not_promoted_while_nobody_would_run_its_image() -> None:
    with pytest.raises(InvalidError) as caught:
        strategy.promoted(stack(canaryImage="web:v2", paused=True), "web")
    assert str(caught.value) == (
        "Pulumi.dev.yaml: services.web.strategy.paused is true: the canary would go, and nobody "
        "run web:v2; `kubia resume web -s dev` first."
    )
    with pytest.raises(InvalidError) as caught:
        strategy.promoted(stack(canaryImage="web:v2", replicas=0), "web")
    assert str(caught.value) == (
        "Pulumi.dev.yaml: services.web.replicas is 0: the canary would go, and nobody serve; set "
        "it to at least 1 first."
    )


def test_without_a_canary_there_is_nothing_to_promote() -> None:
    with pytest.raises(InvalidError) as caught:
        strategy.promoted(stack(), "web")

    assert str(caught.value) == (
        "Pulumi.dev.yaml: services.web.strategy has no canaryImage (its type is Canary): there is "
        "no canary to promote or abort."
    )


def test_pause_and_resume() -> None:
    running, standing = stack(), stack(paused=True)

    assert strategy.paused(running, "web") == standing.document
    assert strategy.resumed(standing, "web") == running.document
    with pytest.raises(InvalidError) as caught:
        strategy.resumed(running, "web")
    assert str(caught.value) == (
        "Pulumi.dev.yaml: services.web.strategy.paused is not true: there is nothing to resume."
    )
    with pytest.raises(InvalidError) as caught:
        strategy.paused(standing, "web")
    assert str(caught.value) == "Pulumi.dev.yaml: services.web.strategy.paused is true already."


def test_what_a_service_has_by_default_becomes_its_own_before_it_is_changed() -> None:
    shared = {"type": "Canary", "canaryImage": "web:v2"}
    default = stack(defaults={"strategy": shared})

    web = strategy.paused(default, "web")["config"]["shop:services"]["web"]
    assert web == {"image": "web:v1", "strategy": {**shared, "paused": True}}
    after, _ = strategy.promoted(default, "web")
    assert after["config"]["shop:services"] == {
        "web": {"image": "web:v2", "strategy": {"type": "Canary"}},
        "api": {"image": "api:v1"},
    }
    assert after["config"]["shop:defaults"] == {"strategy": shared}
    with pytest.raises(InvalidError, match=r"services\.web\.replicas is 0"):
        strategy.promoted(stack(defaults={"strategy": shared, "replicas": 0}), "web")


BAD: list[tuple[Any, str]] = [("fast", "'fast'"), (["fast"], "['fast']"), (3, "3"), (True, "True")]
MOVES = [strategy.promoted, strategy.aborted, strategy.paused, strategy.resumed]


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize(("given", "shown"), [*BAD, ({"secure": "v1:x"}, "sealed")])
def test_a_strategy_that_is_no_map_is_refused(
    move: Callable[[Stack, str], object], given: Any, shown: str
) -> None:
    own = {"config": {"shop:services": {"web": {"image": "web:v1", "strategy": given}}}}
    shared = {"config": {"shop:services": {"web": {}}, "shop:defaults": {"strategy": given}}}
    for document, place in ((own, "services.web"), (shared, "defaults")):
        file = PROJECT.stacks / "Pulumi.dev.yaml"
        with pytest.raises(InvalidError) as caught:
            move(Stack(PROJECT, "dev", file, {}, frozenset(), document), "web")
        assert str(caught.value) == (
            f"Pulumi.dev.yaml: {place}.strategy is {shown}: it must be a map, such as "
            "{type: RollingUpdate}."
        )


def test_a_default_strategy_of_nothing_is_none() -> None:
    default = stack(defaults={"strategy": None})

    web = strategy.paused(default, "web")["config"]["shop:services"]["web"]
    assert web == {"image": "web:v1", "strategy": {"paused": True}}
