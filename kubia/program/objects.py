"""The Kubernetes objects that a program declares, as plain manifests in the order of applying."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

from kubia.errors import InvalidError
from kubia.program.mocks import KUBERNETES
from kubia.program.monitor import PROVIDER, Registered
from kubia.program.run import Program

DEFAULT_NAMESPACE = "default"

# What others need comes first; what is not listed comes after these, before the workloads.
FIRST = (
    "Namespace",
    "CustomResourceDefinition",
    "PriorityClass",
    "StorageClass",
    "ResourceQuota",
    "LimitRange",
    "NetworkPolicy",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ServiceAccount",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "Secret",
    "ConfigMap",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Service",
)
LAST = (
    "DaemonSet",
    "Deployment",
    "StatefulSet",
    "Job",
    "CronJob",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
    "Ingress",
    "HTTPRoute",
)
# Built-in kinds without a namespace, for rendering without a cluster that could be asked.
CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "CustomResourceDefinition",
        "DeviceClass",
        "FlowSchema",
        "IPAddress",
        "IngressClass",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "ServiceCIDR",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    }
)


class ObjectRef(NamedTuple):
    """What identifies an object in a cluster, whatever version of its API is used."""

    group: str
    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Self:
        """Return the key of a manifest or of a live object."""
        metadata = manifest["metadata"]
        group, slash, _ = manifest["apiVersion"].partition("/")
        namespace = metadata.get("namespace", "")
        return cls(group if slash else "", manifest["kind"], namespace, metadata["name"])

    def __str__(self) -> str:
        """Return the object as messages name it: `Deployment shop/web`."""
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {where}{self.name}"


@dataclass(frozen=True)
class Manifest:
    """A declared object and the resource that declares it."""

    key: ObjectRef
    object: Mapping[str, Any]
    resource: Registered


def of_program(program: Program) -> tuple[Manifest, ...]:
    """Return the manifests of all Kubernetes objects of the program, in the order of applying.

    Raises:
        InvalidError: an object has no name, or two resources declare the same object.

    """
    spaces = {
        resource.urn: resource.inputs.get("namespace", DEFAULT_NAMESPACE)
        for resource in program.resources
        if resource.type.startswith(PROVIDER)
    }
    by_urn = {resource.urn: resource for resource in program.resources}
    problems: list[str] = []
    manifests: dict[ObjectRef, Manifest] = {}
    for resource in program.resources:
        if not (resource.custom and resource.type.startswith(KUBERNETES)):
            continue
        if "name" not in resource.inputs.get("metadata", {}):
            problems.append(
                f"{resource} has no metadata.name: without Pulumi's engine nobody makes names up; "
                "declare one."
            )
            continue
        needing = replace(resource, dependencies=tuple(sorted(_needed(resource, by_urn))))
        manifest = _manifest(needing, spaces.get(resource.provider, DEFAULT_NAMESPACE))
        if manifest.key in manifests:
            other = manifests[manifest.key].resource
            problems.append(f"{resource} and {other} both declare {manifest.key}: rename one.")
        manifests[manifest.key] = manifest
    if problems:
        raise InvalidError(problems)
    return tuple(sorted(manifests.values(), key=lambda manifest: order(manifest.key)))


def _needed(resource: Registered, by_urn: Mapping[str, Registered]) -> set[str]:
    """Return what must be there before the resource: what its parents need, it needs as well.

    Pulumi registers a component when all is done that it depends on, and its children after it.
    """
    parent = by_urn.get(resource.parent)
    return {*resource.dependencies, *(_needed(parent, by_urn) if parent else ())}


def contexts(program: Program) -> tuple[str, ...]:
    """Return the kubeconfig contexts that the program's Kubernetes providers name."""
    named = {
        str(resource.inputs["context"])
        for resource in program.resources
        if resource.type == f"{PROVIDER}kubernetes" and resource.inputs.get("context")
    }
    return tuple(sorted(named))


def home(program: Program) -> str:
    """Return the namespace that a program makes its home: its provider's, else its only one."""
    for resource in program.resources:
        if resource.type == f"{PROVIDER}kubernetes" and resource.inputs.get("namespace"):
            return str(resource.inputs["namespace"])
    declared = [m.key.name for m in of_program(program) if m.key.kind == "Namespace"]
    return declared[0] if len(declared) == 1 else DEFAULT_NAMESPACE


def order(key: ObjectRef) -> tuple[int, ObjectRef]:
    """Return what sorts keys into the order of applying; reversed, into that of deleting."""
    return rank(key.kind), key


def rank(kind: str) -> int:
    """Return how late a kind is applied; objects of one rank may be applied at the same time."""
    if kind in FIRST:
        return FIRST.index(kind)
    return len(FIRST) + 1 + LAST.index(kind) if kind in LAST else len(FIRST)


def by_rank(keys: Iterable[ObjectRef]) -> list[list[ObjectRef]]:
    """Return the keys grouped by rank, first rank first."""
    ranks: dict[int, list[ObjectRef]] = {}
    for key in sorted(keys, key=order):
        ranks.setdefault(rank(key.kind), []).append(key)
    return list(ranks.values())


def _manifest(resource: Registered, namespace: str) -> Manifest:
    value = copy.deepcopy(dict(resource.inputs))
    head = {"apiVersion": value.pop("apiVersion"), "kind": value.pop("kind")}
    metadata = value.pop("metadata")
    if head["kind"] not in CLUSTER_SCOPED:
        metadata.setdefault("namespace", namespace)
    value.pop("status", None)
    # People look for an object by its name: first what identifies it.
    naming = {key: metadata.pop(key) for key in ("name", "namespace") if key in metadata}
    manifest = {**head, "metadata": {**naming, **metadata}, **value}
    return Manifest(ObjectRef.of(manifest), manifest, resource)
