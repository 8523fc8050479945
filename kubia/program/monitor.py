"""A monitor on Pulumi's mocks that records everything a program registers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import empty_pb2, json_format  # type: ignore[import-untyped]
from pulumi.runtime.mocks import MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import resource_pb2

from kubia.errors import InvalidError
from kubia.program import values
from kubia.program.values import Path, Plain

STACK = "pulumi:pulumi:Stack"
PROVIDER = "pulumi:providers:"
NAMESPACE = "kubernetes:core/v1:Namespace"
COMPONENT = "kubia:index:"
"""How the types of kubia's components begin."""


@dataclass(frozen=True)
class Options:
    """The resource options that a registration carries to Pulumi's engine."""

    protect: bool = False
    aliases: tuple[Mapping[str, Any], ...] = ()
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    delete_before_replace: bool | None = None
    retain_on_delete: bool = False
    deleted_with: str = ""
    version: str = ""


@dataclass(frozen=True)
class Registered:
    """One registered resource. `parent`, `dependencies` and `provider` are URNs ("": none)."""

    urn: str
    type: str
    name: str
    custom: bool
    inputs: Mapping[str, Any]
    secrets: tuple[Path, ...] = ()
    unknowns: tuple[Path, ...] = ()
    assets: tuple[Path, ...] = ()
    parent: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    provider: str = ""
    options: Options = field(default_factory=Options)

    @property
    def is_provider(self) -> bool:
        """Whether it is how others reach their cluster, and no object of its own."""
        return self.type.startswith(PROVIDER)

    def __str__(self) -> str:
        """Return the resource as error messages name it."""
        return f"resource {self.name!r} ({self.type})"


class RecordingMonitor(MockMonitor):
    """Answers registrations by means of `mocks` and remembers them.

    Unlike its base it builds URNs of any depth, refuses a URN that is registered twice, keeps
    secrets and unknowns apart from the inputs (which `mocks` gets plain), and records the outputs
    of components. With `strict` it refuses what only Pulumi's own engine can do.
    """

    def __init__(self, mocks: Mocks, *, strict: bool) -> None:
        """Record what `mocks` answers."""
        super().__init__(mocks)
        self.strict = strict
        self.registered: dict[str, Registered] = {}
        self.component_outputs: dict[str, Plain] = {}
        self.outputs = Plain(value={})

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """Return the URN as Pulumi's engine builds it: with all parents' types but the stack's."""
        fresh = super().make_urn("", type_, name)
        parent_type = _types(parent) or STACK
        if parent_type == STACK:
            return fresh
        prefix, _, rest = fresh.partition(f"::{type_}::")
        return f"{prefix}::{parent_type}${type_}::{rest}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        """Record the resource and answer with the state that the mocks give it."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        if urn in self.registered:
            problem = (
                f"resource {request.name!r} ({request.type}) is registered twice (URN {urn}): "
                "give each its own name."
            )
            raise InvalidError([problem])
        if self.strict:
            _refuse(request)
        plain = values.from_struct(request.object)
        self.registered[urn] = _record(urn, request, plain)
        args = MockResourceArgs(
            typ=request.type,
            name=request.name,
            inputs=dict(plain.value),
            provider=request.provider,
            resource_id=request.importId,
            custom=request.custom,
        )
        identifier, state = self.mocks.new_resource(args)
        self.resources[urn] = MockMonitor.ResourceRegistration(urn, identifier or "", state)
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=identifier or "", object=values.to_struct(state, plain.secrets)
        )

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        """Record the outputs of a component, or of the stack itself."""
        outputs = values.from_struct(request.outputs)
        self.component_outputs[request.urn] = outputs
        if _is_stack(request.urn):
            self.outputs = outputs
        return empty_pb2.Empty()

    def ReadResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        """Answer with a namespace's name; refuse other reads, or let the mocks answer."""
        if request.type == NAMESPACE:
            return resource_pb2.ReadResourceResponse(
                urn=self.make_urn(request.parent, request.type, request.name),
                properties=values.to_struct({"metadata": {"name": request.id}}, []),
            )
        if self.strict:
            problem = _needs_pulumi(request.name, request.type, "is read from the cluster (get)")
            raise InvalidError([problem])
        return super().ReadResource(request)  # type: ignore[no-untyped-call]

    def Invoke(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        """Refuse to call a provider's function, or let the mocks answer."""
        if self.strict:
            problem = (
                f"the program calls the provider function {request.tok!r}: "
                "only the pulumi engine can do this (--engine pulumi)."
            )
            raise InvalidError([problem])
        return super().Invoke(request)  # type: ignore[no-untyped-call]

    def RegisterStackTransform(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        """Refuse a transform of the whole stack: mocks would leave it out without a word."""
        if self.strict:
            problem = (
                "the program registers a transform for the whole stack: "
                "only the pulumi engine runs transforms (--engine pulumi)."
            )
            raise InvalidError([problem])
        return super().RegisterStackTransform(request)  # type: ignore[no-untyped-call]


def _types(urn: str) -> str:
    """Return the types of a resource and its parents, as its URN has them; "" of none."""
    return urn.split("::")[2] if urn else ""


def _is_stack(urn: str) -> bool:
    return f"::{STACK}::" in urn


def _refuse(request: Any) -> None:
    items = [text for text in request.ignoreChanges if re.search(r"\[(\d|\*)", text)]
    for present, what in (
        (items, f"ignores changes of an item of a list ({', '.join(items)})"),
        (request.importId, "is imported (the option import_)"),
        (request.remote, "is a component of a package"),
        (request.transforms, "has transforms"),
        (_is_retained(request), "is to stay when it is deleted (retain_on_delete)"),
    ):
        if present:
            raise InvalidError([_needs_pulumi(request.name, request.type, what)])


def _is_retained(request: Any) -> bool:
    """Whether the object is to outlive its declaration.

    The components' own claims and Jobs are, for Pulumi does not know who needs them; the kubectl
    engine does.
    """
    is_ours = COMPONENT in _types(request.parent)
    return bool(request.custom and request.retainOnDelete and not is_ours)


def _needs_pulumi(name: str, type_: str, what: str) -> str:
    return (
        f"resource {name!r} ({type_}) {what}: only the pulumi engine can do this (--engine pulumi)."
    )


def _record(urn: str, request: Any, plain: Plain) -> Registered:
    return Registered(
        urn=urn,
        type=request.type,
        name=request.name,
        custom=request.custom,
        inputs=plain.value,
        secrets=tuple(plain.secrets),
        unknowns=tuple(plain.unknowns),
        assets=tuple(plain.assets),
        parent="" if _is_stack(request.parent) else request.parent,
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies={
            key: tuple(sorted(request.propertyDependencies[key].urns))
            for key in sorted(request.propertyDependencies)
        },
        # A provider reference is its URN and its id; the id means nothing here.
        provider=request.provider.rpartition("::")[0],
        options=_options(request),
    )


def _options(request: Any) -> Options:
    defined = request.deleteBeforeReplaceDefined
    return Options(
        protect=request.protect,
        aliases=tuple(json_format.MessageToDict(alias) for alias in request.aliases),
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        delete_before_replace=request.deleteBeforeReplace if defined else None,
        retain_on_delete=request.retainOnDelete,
        deleted_with=request.deletedWith,
        version=request.version,
    )
