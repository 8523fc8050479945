"""A cluster that refuses what it is told to: at any resource an `up` can be made to fail."""

import json

from tests.e2e.harness import Cluster
from tests.sequences import TAKEN

WRITES = (
    "namespaces/",
    "configmaps/hello",
    "configmaps/other",
    "secrets/kubia",
    "services/kubia",
    "services/hello",
    "deployments/kubia",
    "deployments/hello",
    "deployments/other",
    "daemonsets/ssd-monitor",
)
"""What can be refused: a resource, and how the names of such objects begin."""
_NAME = "refused"
_WHO = (
    "request.namespace + '/' + request.resource.resource + '/' + "
    "(oldObject == null ? object.metadata.name : oldObject.metadata.name)"
)


def prepare(cluster: Cluster) -> None:
    """Let the cluster refuse what a ConfigMap names; give somebody else a node port."""
    rules = [
        {"apiGroups": [group], "apiVersions": ["v1"], "resources": kinds, "operations": ["*"]}
        for group, kinds in (
            ("", ["namespaces", "configmaps", "secrets", "services"]),
            ("apps", ["deployments", "daemonsets"]),
        )
    ]
    policy = {
        "failurePolicy": "Fail",
        "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
        "matchConstraints": {"resourceRules": rules},
        "matchConditions": [
            {"name": "people", "expression": "!request.userInfo.username.startsWith('system:')"}
        ],
        "variables": [{"name": "who", "expression": _WHO}],
        "validations": [
            {
                "expression": "!has(params.data) || "
                "!params.data.exists(key, variables.who.startsWith(params.data[key]))",
                "message": "refused, for this is a test",
            }
        ],
    }
    params = {"name": _NAME, "namespace": "default", "parameterNotFoundAction": "Allow"}
    binding = {"policyName": _NAME, "paramRef": params, "validationActions": ["Deny"]}
    admission = "admissionregistration.k8s.io/v1"
    for kind, spec in (
        ("ValidatingAdmissionPolicy", policy),
        ("ValidatingAdmissionPolicyBinding", binding),
    ):
        _apply(cluster, admission, kind, {"name": _NAME}, spec=spec)
    allow(cluster)
    port = {"port": 80, "nodePort": TAKEN}
    spec = {"type": "NodePort", "ports": [port], "selector": {"app": "first"}}
    _apply(cluster, "v1", "Service", {"name": "first", "namespace": "default"}, spec=spec)


def refuse(cluster: Cluster, prefix: str, moment: float) -> None:
    """Refuse one kind of write in the namespaces that begin with `prefix`."""
    what = WRITES[int(moment * len(WRITES))]
    _forbid(cluster, {f"in-{name}": f"{prefix}-{name}/{what}" for name in ("one", "two")})


def allow(cluster: Cluster) -> None:
    """Refuse nothing."""
    _forbid(cluster, {})


def _forbid(cluster: Cluster, data: dict[str, str]) -> None:
    _apply(cluster, "v1", "ConfigMap", {"name": _NAME, "namespace": "default"}, data=data)


def _apply(
    cluster: Cluster, version: str, kind: str, metadata: dict[str, str], **rest: object
) -> None:
    item = {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}
    cluster.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(item))
