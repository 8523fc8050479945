"""What a stack's state holds, as Pulumi exports it: read here alone."""

from collections.abc import Mapping
from typing import Any

from kubia.actions.pulumi_errors import STACK
from kubia.apply import applyset, leftovers
from kubia.apply.api import Api
from kubia.apply.model import Change, DesiredState
from kubia.errors import KubiaError
from kubia.program.mocks import KUBERNETES
from kubia.program.objects import ObjectRef
from kubia.project import contract
from kubia.project.stackfile import Stack
from kubia.session import Session

Deployment = Mapping[str, Any]
Resource = Mapping[str, Any]

NAMESPACE = "kubernetes:core/v1:Namespace"
CORE = "core"
"""What Pulumi's types call the API group that has no name."""


def resources(deployment: Deployment) -> list[Resource]:
    """Return the resources."""
    return list(deployment.get("resources") or ())


def objects(deployment: Deployment) -> Mapping[ObjectRef, Resource]:
    """Return the resources that are Kubernetes objects, without those that are only read.

    Their ids are NAMESPACE/NAME, or NAME; the rest of what identifies them is in their types.
    """
    return {
        _object(resource["type"], resource["id"]): resource
        for resource in resources(deployment)
        if resource["type"].startswith(KUBERNETES)
        and resource.get("id")
        and not resource.get("external")
    }


def refuse_return(deployment: Deployment, session: Session) -> None:
    """Refuse to go back to a namespace that an update which did not end has left.

    Pulumi keeps it as replaced, to be deleted at the end of the next update that succeeds: were its
    objects declared anew, that would delete them.

    Raises:
        KubiaError: the stack declares such a namespace.

    """
    spaces = _namespaces(deployment)
    left = {it["id"] for it in spaces if it.get("delete")}
    if not left or session.namespace not in left:
        return
    ahead = next((it["id"] for it in spaces if not it.get("delete")), "the other one")
    name = session.namespace
    message = (
        f"nothing was changed: stack {session.stack.name} is on its way from namespace {name} to "
        f"{ahead}, and Pulumi is still to delete {name}; go on to {ahead} by `kubia up`, and then "
        "back."
    )
    raise KubiaError(message)


def leaves(deployment: Deployment, session: Session) -> str | None:
    """Return the one namespace that the stack has made, if it goes to another."""
    made = [it["id"] for it in _namespaces(deployment) if not it.get("external")]
    is_alone = len(made) == 1 and contract.namespace(session.stack) is not None
    return made[0] if is_alone and made[0] != session.namespace else None


def refuse_loss(space: str, session: Session, api: Api) -> None:
    """Refuse to leave a namespace, which Pulumi then deletes, while claims hold data there.

    Raises:
        KubiaError: there is one.

    """
    claims = api.list(api.kind("", "PersistentVolumeClaim"), space)
    held = [str(ObjectRef.of(item)) for item in claims if applyset.is_retained(item)]
    if held:
        message = (
            f"nothing was changed: stack {session.stack.name} goes to namespace "
            f"{session.namespace}, and Namespace {space} would be deleted with "
            f"{', '.join(held)}; stay there, or copy the data and delete that first."
        )
        raise KubiaError(message)


def protected(deployment: Deployment) -> list[ObjectRef]:
    """Return the objects that are protected; else the protected components."""
    shielded = [key for key, item in objects(deployment).items() if item.get("protect")]
    return shielded or [
        ObjectRef("", item["type"], "", item["urn"].rpartition("::")[2])
        for item in resources(deployment)
        if item.get("protect") and item["type"] != STACK
    ]


def refuse_shared(deployment: Deployment, stack: Stack, api: Api) -> None:
    """Refuse to delete a namespace in which others have objects.

    Raises:
        KubiaError: there is one.

    """
    deletions = [
        Change(
            "delete", key, uid=((item.get("outputs") or {}).get("metadata") or {}).get("uid", "")
        )
        for key, item in objects(deployment).items()
        if not applyset.is_retained({"metadata": {}, **(item.get("inputs") or {})})
    ]
    parent = applyset.parent(stack.project.name, stack.name, "")
    desired = DesiredState(stack.project.name, stack.name, parent, (), has_set=False)
    for space, names in leftovers.of(api, desired, deletions).items():
        message = (
            f"nothing was deleted: {leftovers.sentence(space, names, 'holds')}; move that "
            "away, or delete all of it by --delete-namespace."
        )
        raise KubiaError(message)


def _namespaces(deployment: Deployment) -> list[Resource]:
    return [it for it in resources(deployment) if it["type"] == NAMESPACE and it.get("id")]


def _object(type_: str, identifier: str) -> ObjectRef:
    _, version, kind = type_.split(":")
    group = version.partition("/")[0]
    namespace, _, name = identifier.rpartition("/")
    return ObjectRef("" if group == CORE else group, kind, namespace, name)
