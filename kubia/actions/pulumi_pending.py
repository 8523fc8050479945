"""What a run that was killed was making: Pulumi does not know whether it did.

Its state keeps the object as a create that is pending, and no update clears that. What was made is
nobody's then: not deleted once it is no longer declared, or (a namespace) refused as a stranger's.
`pulumi refresh` asks for each of them in a terminal; here the cluster is asked.

Of an object that was being changed, a refresh reads no fields but those that the state knows. What
the killed run had added would stay, and what it names would be deleted: so the state is told of it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from kubia.actions import pulumi_state
from kubia.apply import applyset
from kubia.apply.api import FIELD_MANAGER, Api
from kubia.apply.keeper import PULUMI
from kubia.program.mocks import KUBERNETES
from kubia.program.objects import ObjectRef

_WRITERS = (FIELD_MANAGER, PULUMI)
"""How the field managers begin that Pulumi's provider writes as; it makes namespaces as its own."""
SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key by which Pulumi marks a map as a value of its own kind, such as a secret."""


class Resolved(NamedTuple):
    """A deployment, as Pulumi exports it, in which no create is pending any more."""

    deployment: dict[str, Any]
    objects: list[ObjectRef]
    """What was made and is in the state now."""


def creates(deployment: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the Kubernetes resources of whose creation the end is not known."""
    return _pending(deployment, "creating")


def updates(deployment: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the Kubernetes resources of whose change the end is not known, as they were to be."""
    return _pending(deployment, "updating")


def resolved(deployment: Mapping[str, Any], api: Api) -> Resolved:
    """Return the deployment with what was made and may have been changed, and no create pending."""
    intended = {it["urn"]: it for it in updates(deployment)}
    resources = [
        _either(it, intended[it["urn"]]) if it["urn"] in intended and not it.get("delete") else it
        for it in pulumi_state.resources(deployment)
    ]
    urns = {resource["urn"] for resource in resources}
    made = [it for it in creates(deployment) if it["urn"] not in urns and _is_made(api, it)]
    for resource in made:
        resources.append(_recorded(resource, urns))
        urns.add(resource["urn"])
    rest = [it for it in deployment["pending_operations"] if not _is(it, "creating")]
    changed = {**deployment, "resources": resources, "pending_operations": rest}
    return Resolved(changed, [ObjectRef.of(resource["inputs"]) for resource in made])


def _is_made(api: Api, resource: Mapping[str, Any]) -> bool:
    """Whether the cluster has the object as Pulumi makes it, and not another of its name.

    What the kubectl engine makes may look the same, but for the label of a stack's set.
    """
    inputs = resource["inputs"]
    live = api.get(ObjectRef.of(inputs))
    if live is None or applyset.part_of(live):
        return False
    metadata = live["metadata"]
    labels = inputs["metadata"].get("labels") or {}
    writers = [str(entry.get("manager")) for entry in metadata.get("managedFields") or ()]
    has_labels = labels.items() <= (metadata.get("labels") or {}).items()
    return has_labels and any(writer.startswith(_WRITERS) for writer in writers)


def _pending(deployment: Mapping[str, Any], type_: str) -> list[Mapping[str, Any]]:
    pending = deployment.get("pending_operations") or ()
    return [operation["resource"] for operation in pending if _is(operation, type_)]


def _is(operation: Mapping[str, Any], type_: str) -> bool:
    is_kubernetes = str(operation["resource"]["type"]).startswith(KUBERNETES)
    return operation["type"] == type_ and is_kubernetes


def _either(resource: Mapping[str, Any], intended: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource with all inputs that it had or was to have: a refresh reads these."""
    return {**resource, "inputs": _union(resource["inputs"], intended["inputs"])}


def _union(one: Any, other: Any) -> Any:
    """Return all that two values hold, of two that cannot be put together the second."""
    if isinstance(one, Mapping) and isinstance(other, Mapping) and SIGNATURE not in {*one, *other}:
        both = {key: _union(one[key], other[key]) for key in one.keys() & other.keys()}
        return {**one, **other, **both}
    if isinstance(one, list) and isinstance(other, list):
        shared = [_union(*pair) for pair in zip(one, other, strict=False)]
        return [*shared, *one[len(shared) :], *other[len(shared) :]]
    return other


def _recorded(resource: Mapping[str, Any], urns: set[str]) -> dict[str, Any]:
    """Return a resource as the state keeps it; what it names and is gone since, it names no more.

    A refresh reads the rest of its outputs.
    """
    inputs = resource["inputs"]
    metadata = inputs["metadata"]
    known = [urn for urn in resource.get("dependencies") or () if urn in urns]
    by_property = {
        name: [urn for urn in named or () if urn in urns]
        for name, named in (resource.get("propertyDependencies") or {}).items()
    }
    kept = {key: value for key, value in resource.items() if key != "parent"}
    if resource.get("parent") in urns:
        kept["parent"] = resource["parent"]
    namespace = metadata.get("namespace")
    return {
        **kept,
        "id": f"{namespace}/{metadata['name']}" if namespace else metadata["name"],
        "outputs": inputs,
        "dependencies": known,
        "propertyDependencies": by_property,
    }
