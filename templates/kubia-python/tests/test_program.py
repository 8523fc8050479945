"""The program on Pulumi's mocks: each stack, without a cluster."""

import json
import runpy
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PROJECT = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["name"]


class Mocks(pulumi.runtime.Mocks):
    """Answers as a cluster would, and keeps what was declared, by type and name."""

    def __init__(self) -> None:
        """Nothing is declared yet."""
        self.declared: dict[tuple[str, str], Any] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Take what it is to be as what it is."""
        self.declared[args.typ, args.name] = args.inputs
        return f"{args.name}-id", args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        """Answer a function of a provider: none is called."""
        return {}


def declared(
    stack: str, context: str, monkeypatch: pytest.MonkeyPatch
) -> dict[tuple[str, str], Any]:
    """Return what the program declares for a stack."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("KUBIA_CONTEXT", context)
    settings = yaml.safe_load((ROOT / "stacks" / f"Pulumi.{stack}.yaml").read_text())["config"]
    text = {f"{PROJECT}:{key}": json.dumps(value) for key, value in settings.items()}
    mocks = Mocks()
    pulumi.runtime.set_mocks(mocks, PROJECT, stack, preview=False)
    pulumi.runtime.set_all_config(text)

    @pulumi.runtime.test
    def run() -> None:
        runpy.run_path(str(ROOT / "__main__.py"))

    run()
    return mocks.declared


@pytest.mark.parametrize(
    ("stack", "context", "replicas"), [("dev", "kubia", 1), ("prod", "prod", 3)]
)
def test_a_stack_has_its_web_service_and_its_site(
    stack: str, context: str, replicas: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = declared(stack, context, monkeypatch)

    deployment = every["kubernetes:apps/v1:Deployment", "web"]
    assert deployment["metadata"]["namespace"] == f"{PROJECT}-{stack}"
    assert deployment["spec"]["replicas"] == replicas
    assert ("kubernetes:core/v1:Service", "web") in every
    assert ("kubernetes:apps/v1:Deployment", "docs") in every


def test_no_other_cluster_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Exception, match="the context is 'prod', but this stack may only touch"):
        declared("dev", "prod", monkeypatch)
