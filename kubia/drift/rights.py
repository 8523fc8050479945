"""Rights that somebody else gave to a ServiceAccount of the stack, beside what it declares."""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from kubia.apply.api import FIELD_MANAGER, Api
from kubia.drift.model import Finding
from kubia.live import managed_fields
from kubia.program.objects import ObjectRef

RBAC = "rbac.authorization.k8s.io"
BINDINGS = ("ClusterRoleBinding", "RoleBinding")
SERVERS_OWN = "system:"
"""How the names of the bindings begin that the API server itself keeps, for whole groups."""


def find(api: Api, account: ObjectRef, declared: Container[ObjectRef]) -> Iterator[Finding]:
    """Bindings of the account, in any namespace, that are not `declared`."""
    for kind in BINDINGS:
        for binding in api.list(api.kind(RBAC, kind)):
            key = ObjectRef.of(binding)
            if key in declared or not _binds(binding, account):
                continue
            role = binding["roleRef"]
            yield Finding(
                f"{key} gives it the rights of {role['kind']} {role['name']} "
                "and belongs to nothing that the stack declares",
                owner=managed_fields.last_other(binding, FIELD_MANAGER),
            )


def _binds(binding: Mapping[str, Any], account: ObjectRef) -> bool:
    """Whether the account itself is bound, or all accounts that it is one of."""
    groups = {"system:serviceaccounts", f"system:serviceaccounts:{account.namespace}"}
    kept = binding["metadata"]["name"].startswith(SERVERS_OWN)
    for subject in binding.get("subjects") or ():
        if subject["kind"] == "ServiceAccount":
            place = subject.get("namespace", binding["metadata"].get("namespace"))
            if (subject["name"], place) == (account.name, account.namespace):
                return True
        elif subject["kind"] == "Group" and subject["name"] in groups and not kept:
            return True
    return False
