"""kubia.program.values: plain values, and where the secret and the unknown ones are."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from kubia.program import run as program_run
from kubia.program import values
from kubia.program.run import Program


def run(main: Callable[[], Any]) -> Program:
    return program_run.run(main, "shop", "dev")


def config_map(name: str, **data: Any) -> k8s.core.v1.ConfigMap:
    return k8s.core.v1.ConfigMap(name, metadata={"name": name, "namespace": "shop"}, data=data)


def test_secrets_are_unwrapped_and_their_paths_kept() -> None:
    def main() -> None:
        word = pulumi.Output.secret("hunter2")
        pulumi.export("word", word)
        config_map("a", word=word, plain="x")

    done = run(main)

    assert done.resources[0].inputs["data"] == {"plain": "x", "word": "hunter2"}
    assert done.resources[0].secrets == (("data", "word"),)
    assert done.secret_outputs == {"word"}


def test_an_output_of_a_secret_stays_secret() -> None:
    def main() -> None:
        first = config_map("a", word=pulumi.Output.secret("hunter2"))
        config_map("b", word=first.data["word"])

    _, second = run(main).resources

    assert second.secrets


def test_a_value_is_the_same_after_its_journey_to_the_wire_and_back() -> None:
    value = {"a": {"word": "hunter2", "size": 2, "share": 0.5, "on": True}, "b": ["x", None]}
    secrets: list[values.Path] = [("a", "word"), ("b", 0)]

    plain = values.from_struct(values.to_struct(value, secrets))

    assert plain.value == value
    assert isinstance(plain.value["a"]["size"], int)
    assert plain.secrets == secrets
    assert (plain.unknowns, plain.assets) == ([], [])


def test_a_path_is_shown_as_kubernetes_writes_it() -> None:
    assert values.show(("spec", "ports", 0, "name")) == "spec.ports[0].name"
    assert values.show(("data", "index.html")) == 'data["index.html"]'
