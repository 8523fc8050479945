"""kubia.actions.render: a program's objects as YAML."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
import yaml

from kubia.actions import render
from kubia.errors import KubiaError
from kubia.program import objects, run
from kubia.program.objects import Manifest


def declared(main: Callable[[], None]) -> tuple[Manifest, ...]:
    return objects.of_program(run.run(main, "shop", "dev"))


def shop() -> None:
    cluster = k8s.Provider("cluster", namespace="shop", context="kubia")
    opts = pulumi.ResourceOptions(provider=cluster)
    k8s.core.v1.Secret(
        "secret",
        metadata={"name": "word"},
        string_data={"word": pulumi.Output.secret("hunter2")},
        opts=opts,
    )
    spec: Any = {"replicas": 2}
    k8s.apps.v1.Deployment("web", metadata={"name": "web"}, spec=spec, opts=opts)
    k8s.core.v1.ConfigMap(
        "text",
        metadata={"labels": {"a": "b"}, "name": "text", "namespace": "other"},
        data={"lines": "one\ntwo\n"},
        opts=opts,
    )
    k8s.core.v1.Namespace("space", metadata={"name": "shop"}, opts=opts)


def test_text_is_the_same_every_time_and_reads_well() -> None:
    first, second = (render.text(declared(shop)) for _ in range(2))

    assert first == second
    assert first.startswith("---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n---\n")
    assert "  lines: |\n    one\n    two\n" in first
    assert [item["kind"] for item in yaml.safe_load_all(first)] == [
        "Namespace",
        "Secret",
        "ConfigMap",
        "Deployment",
    ]


def test_secrets_are_masked_unless_shown() -> None:
    objects = declared(shop)

    assert "hunter2" not in render.text(objects)
    assert "word: '[secret]'" in render.text(objects)
    assert "word: hunter2" in render.text(objects, show_secrets=True)


def test_masked_data_of_a_secret_is_still_base64() -> None:
    def main() -> None:
        k8s.core.v1.Secret("s", metadata={"name": "s"}, data={"word": "aHVudGVyMg=="})

    assert "  word: W3NlY3JldF0=\n" in render.text(declared(main))


def test_one_file_per_object(tmp_path: Path) -> None:
    assert render.write(tmp_path / "out", declared(shop)) == 4
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "namespace.shop.yaml",
        "other.configmap.text.yaml",
        "shop.deployment.web.yaml",
        "shop.secret.word.yaml",
    ]


def test_a_folder_with_files_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").touch()

    with pytest.raises(KubiaError) as caught:
        render.write(tmp_path, declared(shop))

    assert str(caught.value) == (
        f"--out {tmp_path}: holds files of something else or of an earlier rendering: old.yaml; "
        "delete them or name another folder."
    )
