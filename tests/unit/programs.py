"""Runs a program on Pulumi's mocks and gives back its whole resource graph.

    graph = record(lambda: WebService("kubia", {...}))
    deployment = graph.one("Deployment")
    assert graph.parent(deployment) == graph.one("kubia:index:WebService")

Each run has an event loop of its own, so that nothing is left over for the next test.
"""

import copy
import functools
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pulumi
import pulumi_kubernetes as k8s
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from kubia.errors import refuse
from kubia.manifests.names import digest
from kubia.manifests.values import Object
from kubia.program import run
from kubia.program import values as plain_values
from kubia.program.monitor import Registered
from kubia.program.objects import CLUSTER_SCOPED
from kubia.project import stackfile

ROOT = Path(__file__).resolve().parent.parent.parent
STACKS = ("dev", "staging", "prod")
DISABLED = "pulumi:disable-default-providers"

_STATUS: Mapping[str, Object] = {
    "Deployment": {"observedGeneration": 1, "replicas": 1, "availableReplicas": 1},
    "Service": {"loadBalancer": {}},
    "Namespace": {"phase": "Active"},
}


class Server(Mocks):
    """Fills in what an API server and Pulumi's Kubernetes provider would.

    A preview knows names and namespaces; uid, clusterIP, status and ids only an update does.
    """

    def __init__(self, *, preview: bool) -> None:
        """Answer as in a preview or as in an update."""
        self.preview = preview

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Return the resource's id and state."""
        state = copy.deepcopy(args.inputs)
        if not args.custom:
            return None, state
        if not args.typ.startswith("kubernetes:"):
            return None if self.preview else f"{args.name}-id", {**state, **self._computed(args)}
        kind = args.typ.rpartition(":")[2]
        metadata = state.setdefault("metadata", {})
        metadata.setdefault("name", f"{args.name}-{digest(args.name)[:8]}")
        if kind not in CLUSTER_SCOPED:
            metadata.setdefault("namespace", "default")
        if self.preview:
            return None, state
        metadata |= {"uid": f"uid-of-{args.name}", "resourceVersion": "1", "generation": 1}
        if kind == "Service":
            state["spec"].setdefault("clusterIP", "10.96.0.10")
        if kind in _STATUS:
            state["status"] = copy.deepcopy(_STATUS[kind])
        return f"{metadata.get('namespace', '')}/{metadata['name']}".strip("/"), state

    def _computed(self, args: MockResourceArgs) -> dict[str, Any]:
        """Return what a resource of no cluster makes, once it exists: see `computed`."""
        if "makes" not in args.inputs or self.preview:
            return {}
        return {"result": args.inputs["makes"]}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], None]:
        """Refuse: no program of ours asks a provider."""
        raise NotImplementedError(args.token)


@dataclass(frozen=True)
class Graph:
    """Everything that a program declared, and how it hangs together."""

    declared: run.Program

    def __iter__(self) -> Iterator[Registered]:
        """Go through all resources in the order of their registration."""
        return iter(self.declared.resources)

    def all(self, kind: str = "", name: str | None = None) -> list[Registered]:
        """Return the resources of a type (`kubia:index:WebService`) or kind (`Service`)."""
        return [
            resource
            for resource in self
            if (not kind or resource.type == kind or resource.type.endswith(f":{kind}"))
            and name in {None, resource.name}
        ]

    def one(self, kind: str, name: str | None = None) -> Registered:
        """Return the only resource of this type or kind and logical name."""
        resources = self.all(kind, name)
        if len(resources) != 1:
            present = ", ".join(map(str, self))
            msg = f"{len(resources)} resources are {kind} {name or ''}; there are: {present}"
            raise LookupError(msg)
        return resources[0]

    def at(self, urn: str) -> Registered:
        """Return the resource with this URN."""
        return next(resource for resource in self if resource.urn == urn)

    def parent(self, of: Registered) -> Registered | None:
        """Return the component that a resource belongs to; None at the top."""
        return self.at(of.parent) if of.parent else None

    def children(self, of: Registered) -> list[Registered]:
        """Return the resources that belong to a component."""
        return [resource for resource in self if resource.parent == of.urn]

    def provider(self, of: Registered) -> Registered | None:
        """Return the explicit provider of a resource; None for a default one."""
        return self.at(of.provider) if of.provider else None

    def dependencies(self, of: Registered) -> list[Registered]:
        """Return the resources that must exist before this one."""
        return [self.at(urn) for urn in of.dependencies]

    @property
    def kubernetes(self) -> list[Registered]:
        """Every Kubernetes object's resource."""
        return [resource for resource in self if resource.type.startswith("kubernetes:")]

    @property
    def manifests(self) -> list[Mapping[str, Any]]:
        """Every Kubernetes object as it is sent."""
        return [resource.inputs for resource in self.kubernetes]

    @property
    def exports(self) -> Mapping[str, Any]:
        """The stack's outputs."""
        return self.declared.outputs

    @property
    def secret_exports(self) -> frozenset[str]:
        """Names of the stack's outputs that are secret."""
        return self.declared.secret_outputs

    def registered_outputs(self, of: Registered) -> Mapping[str, Any]:
        """Return what a component registered as its outputs."""
        registered: Mapping[str, Any] = self.declared.component_outputs[of.urn].value
        return registered

    def in_plain_sight(self, text: str) -> list[str]:
        """Return every place in inputs, outputs and exports where `text` is not a secret."""
        outputs = self.declared.component_outputs  # the stack's exports among them
        everything = [
            *((str(resource), resource.inputs, resource.secrets) for resource in self),
            *((urn, plain.value, tuple(plain.secrets)) for urn, plain in outputs.items()),
        ]
        return [
            f"{place}: {plain_values.show(path)}"
            for place, value, secrets in everything
            for path, string in plain_values.strings(value)
            if text in string and not any(path[: len(secret)] == secret for secret in secrets)
        ]


@dataclass(frozen=True)
class Recorder:
    """Runs programs, all as a preview or all as an update."""

    preview: bool

    def __call__(
        self,
        declare: Callable[[], object],
        *,
        settings: Mapping[str, Any] | None = None,
        secret_keys: Collection[str] = (),
        stack: str = "test",
    ) -> Graph:
        """Run `declare` as a program; no resource may have a default provider."""
        values = {DISABLED: ["kubernetes"], **(settings or {})}
        declared = run.run(
            declare,
            "kubia",
            stack,
            config=values,
            secret_keys=secret_keys,
            preview=self.preview,
            mocks=Server(preview=self.preview),
        )
        return _checked(Graph(declared), values[DISABLED])

    def under_provider(self, declare: Callable[[pulumi.ResourceOptions], object]) -> Graph:
        """Run `declare` with options that name an explicit provider, `cluster`.

        The same callable is run only once: a graph never changes.
        """
        return _under_provider(self.preview, declare)

    def stack(
        self,
        name: str,
        change: Callable[[dict[str, Any]], object] | None = None,
        secret_keys: Collection[str] = (),
    ) -> Graph:
        """Run the project's program for a stack, its configuration changed in place by `change`.

        A stack as it is in its file is run only once: a graph never changes.
        """
        if change is None and not secret_keys:
            return _unchanged(self.preview, name)
        values = stack_config(name)
        if change is not None:
            change(values)
        return _run_file(self.preview, name, values, secret_keys)

    def file(
        self, name: str, values: Mapping[str, Any], secret_keys: Collection[str] = ()
    ) -> Graph:
        """Run the project's program for a stack with this configuration."""
        return _run_file(self.preview, name, values, secret_keys)


@functools.lru_cache
def _under_provider(
    preview: bool,  # noqa: FBT001 - a key of the cache
    declare: Callable[[pulumi.ResourceOptions], object],
) -> Graph:
    def program_() -> None:
        declare(pulumi.ResourceOptions(provider=k8s.Provider("cluster", context="test")))

    return Recorder(preview=preview)(program_)


@functools.lru_cache
def _unchanged(preview: bool, name: str) -> Graph:  # noqa: FBT001 - a key of the cache
    return _run_file(preview, name, stack_config(name), ())


def _run_file(
    preview: bool,  # noqa: FBT001 - only called here
    name: str,
    values: Mapping[str, Any],
    secret_keys: Collection[str],
) -> Graph:
    context = stack_config(name)["kubia:contexts"][0]
    with mock.patch.dict(os.environ, {"KUBIA_CONTEXT": context}):
        declared = run.run_file(
            ROOT,
            "kubia",
            name,
            config=values,
            secret_keys=secret_keys,
            preview=preview,
            mocks=Server(preview=preview),
        )
    return _checked(Graph(declared), values[DISABLED])


def _checked(graph: Graph, disabled: Collection[str]) -> Graph:
    """Return the graph; refuse default providers that are disabled, in the engine's own words."""
    refuse(
        f"Default provider for '{package}' disabled. "
        f"'{resource.urn}' must use an explicit provider."
        for resource in graph
        for package in [resource.type.partition(":")[0]]
        if resource.custom and not resource.provider and {"*", package} & set(disabled)
    )
    return graph


def differing(before: Graph, after: Graph) -> set[tuple[str, str]]:
    """Return kind and logical name of all that differs, the names of content without its hash."""
    inputs = [{r.urn: r.inputs for r in graph} for graph in (before, after)]
    return {
        (urn.split("::")[2].rpartition(":")[2], re.sub("-[0-9a-f]{10}$", "", urn.split("::")[3]))
        for urn in inputs[0].keys() | inputs[1].keys()
        if inputs[0].get(urn) != inputs[1].get(urn)
    }


def stack_config(name: str) -> dict[str, Any]:
    """Return a stack file's configuration by full key, with plain values."""
    return copy.deepcopy(dict(_stack_file(name).config))


@functools.cache
def _stack_file(name: str) -> stackfile.Stack:
    return stackfile.stack(stackfile.project(ROOT), name)


def computed(result: str) -> pulumi.Output[str]:
    """Return an Output that is unknown in a preview: what another resource makes."""
    resource = _Maker(f"maker-{digest(result)}", {"makes": result, "result": None})
    return resource.result


class _Maker(pulumi.CustomResource):
    """A resource of no cluster that makes a text, such as a password."""

    result: pulumi.Output[str]

    def __init__(self, name: str, props: dict[str, Any]) -> None:
        super().__init__("test:index:Maker", name, props)
