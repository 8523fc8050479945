"""Rights that somebody else gave to a ServiceAccount of the stack, beside what it declares."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from kubia.apply.api import FIELD_MANAGER, Api, parallel
from kubia.drift.model import Finding
from kubia.live import managed_fields
from kubia.program.objects import ObjectRef

RBAC = "rbac.authorization.k8s.io"
BINDINGS = ("ClusterRoleBinding", "RoleBinding")
USER = "system:serviceaccount:"
EVERYBODY = frozenset({"system:serviceaccounts", "system:authenticated"})
SERVERS_OWN = frozenset(
    {
        "system:basic-user",
        "system:discovery",
        "system:public-info-viewer",
        "system:service-account-issuer-discovery",
    }
)
"""The bindings of whole groups that every API server keeps; their roles are called the same."""


def find(
    api: Api, accounts: Collection[ObjectRef], declared: Collection[ObjectRef]
) -> Mapping[ObjectRef, list[Finding]]:
    """Return the bindings of each account, in any namespace, that are not `declared`."""
    findings: dict[ObjectRef, list[Finding]] = defaultdict(list)
    if not accounts:
        return findings
    for items in parallel(lambda kind: api.list(api.kind(RBAC, kind)), BINDINGS):
        for binding in items:
            key = ObjectRef.of(binding)
            if key in declared or _is_servers_own(binding):
                continue
            for account in accounts:
                subject = _subject(binding, account)
                if subject is not None:
                    findings[account].append(_finding(key, binding, subject))
    return findings


def _finding(key: ObjectRef, binding: Mapping[str, Any], subject: str) -> Finding:
    role = binding["roleRef"]
    return Finding(
        f"{key} gives it the rights of {role['kind']} {role['name']}{subject}"
        " and belongs to nothing that the stack declares",
        owner=managed_fields.last_other(binding, FIELD_MANAGER),
    )


def _is_servers_own(binding: Mapping[str, Any]) -> bool:
    name = binding["metadata"]["name"]
    return name in SERVERS_OWN and binding["roleRef"]["name"] == name


def _subject(binding: Mapping[str, Any], account: ObjectRef) -> str | None:
    """Return as whom a binding binds the account, in words; None if it does not."""
    user = f"{USER}{account.namespace}:{account.name}"
    groups = {*EVERYBODY, f"system:serviceaccounts:{account.namespace}"}
    for subject in binding.get("subjects") or ():
        kind, name = subject["kind"], subject["name"]
        place = subject.get("namespace", binding["metadata"].get("namespace"))
        if (kind, name, place) == ("ServiceAccount", account.name, account.namespace):
            return ""
        if (kind == "User" and name == user) or (kind == "Group" and name in groups):
            return f", as {kind} {name},"
    return None
