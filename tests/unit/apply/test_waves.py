"""What depends on a rollout is applied after it: the Service of BlueGreen switches last."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from kubia.apply import waves
from kubia.apply.wait import RolloutError
from kubia.live import rollout
from tests.unit.apiserver import Server
from tests.unit.applying import Main, desired, up

HOME = "default"
SPACE = f"/api/v1/namespaces/{HOME}"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{HOME}/deployments"


def web(
    name: str, image: str = "a", *, skip: bool = False, after: Any = None
) -> k8s.apps.v1.Deployment:
    annotations = {rollout.SKIP: "true"} if skip else {}
    metadata: Any = {"name": name, "namespace": HOME, "annotations": annotations}
    spec: Any = {"image": image, "replicas": 1, "selector": {}}
    opts = pulumi.ResourceOptions(depends_on=after)
    return k8s.apps.v1.Deployment(name, metadata=metadata, spec=spec, opts=opts)


def note(name: str, after: Any = None) -> k8s.core.v1.ConfigMap:
    metadata: Any = {"name": name, "namespace": HOME}
    opts = pulumi.ResourceOptions(depends_on=after)
    return k8s.core.v1.ConfigMap(name, metadata=metadata, data={"a": "b"}, opts=opts)


def chain(image: str = "a", *, skip: bool = False) -> Main:
    def main() -> None:
        note("before")
        first = web("first", image, skip=skip)
        switch = note("switch", [first])
        web("second", after=[switch])
        note("last", [switch])

    return main


def test_waves_follow_dependencies_through_other_objects() -> None:
    numbers = waves.numbers(desired(chain(), HOME).manifests)

    assert {key.name: number for key, number in numbers.items()} == {
        "before": 0,
        "first": 0,
        "switch": 1,
        "second": 1,
        "last": 1,
    }


def test_what_belongs_to_a_component_comes_after_what_that_depends_on() -> None:
    def main() -> None:
        job = web("migrate")
        part = pulumi.ComponentResource("a:b:C", "c", opts=pulumi.ResourceOptions(depends_on=[job]))
        own: Any = {"name": "inside", "namespace": HOME}
        k8s.core.v1.ConfigMap("inside", metadata=own, opts=pulumi.ResourceOptions(parent=part))

    numbers = waves.numbers(desired(main, HOME).manifests)
    assert {key.name: number for key, number in numbers.items()} == {"migrate": 0, "inside": 1}


def test_a_workload_that_nobody_waits_for_makes_no_wave() -> None:
    assert set(waves.numbers(desired(chain(skip=True), HOME).manifests).values()) == {0}


def test_what_depends_on_a_rollout_is_applied_after_it() -> None:
    server = Server()
    up(server, chain(), namespace=HOME)

    assert server.writes[1:3] == [
        f"apply {SPACE}/configmaps/before",
        f"apply {DEPLOYMENTS}/first",
    ]
    assert sorted(server.writes[3:5]) == [
        f"apply {SPACE}/configmaps/last",
        f"apply {SPACE}/configmaps/switch",
    ]
    assert server.writes[5:] == [f"apply {DEPLOYMENTS}/second"]


def test_an_unchanged_up_in_waves_writes_nothing() -> None:
    server = Server()
    up(server, chain(), namespace=HOME)
    up(server, chain(), namespace=HOME)

    assert server.writes == []


def test_what_depends_on_a_failed_rollout_is_not_touched() -> None:
    server = Server()
    server.broken.add("bad")

    with pytest.raises(RolloutError) as caught:
        up(server, chain("bad"), namespace=HOME)

    assert f"{SPACE}/configmaps/switch" not in server.objects
    assert str(caught.value).endswith(
        "not touched, for it depends on what failed: ConfigMap default/last, "
        "ConfigMap default/switch, Deployment default/second\n"
        "nothing was deleted; fix the program and run `kubia up` again."
    )


def test_what_depends_on_a_workload_that_nobody_waits_for_is_applied_after_it() -> None:
    server = Server()
    up(server, chain(skip=True), namespace=HOME)

    applied = [write.rpartition("/")[2] for write in server.writes if DEPLOYMENTS in write]
    assert applied == ["first", "second"]
