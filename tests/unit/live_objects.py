"""Objects as a cluster has them: who owns which field, which pods a ReplicaSet has."""

from typing import Any

from kubia.live import replica_sets


def entry(manager: str, time: str, fields: dict[str, Any], operation: str = "Update") -> Any:
    return {"manager": manager, "operation": operation, "time": time, "fieldsV1": fields}


def in_template(fields: dict[str, Any]) -> dict[str, Any]:
    return {"f:spec": {"f:template": {"f:spec": {"f:containers": fields}}}}


OURS = in_template({'k:{"name":"web"}': {".": {}, "f:name": {}, "f:image": {}}})
EDITED: dict[str, Any] = {
    "kind": "Deployment",
    "metadata": {
        "name": "web",
        "managedFields": [
            entry("kubia", "2026-01-01T00:00:00Z", OURS, "Apply"),
            entry(
                "kubectl-edit",
                "2026-01-02T00:00:00Z",
                in_template(
                    {
                        'k:{"name":"web"}': {
                            "f:image": {},
                            "f:command": {},
                            "f:env": {".": {}, 'k:{"name":"EVIL"}': {".": {}, "f:name": {}}},
                        },
                        'k:{"name":"mesh"}': {".": {}, "f:name": {}, "f:image": {}},
                    }
                ),
            ),
            entry("scaler", "2026-01-03T00:00:00Z", {"f:spec": {"f:replicas": {}}}),
            entry(
                "kubectl-rollout",
                "2026-01-03T00:00:00Z",
                {"f:spec": {"f:template": {"f:metadata": {"f:annotations": {"f:at": {}}}}}},
            ),
            {
                **entry("controller", "2026-01-04T00:00:00Z", {"f:status": {}}),
                "subresource": "status",
            },
        ],
    },
    "spec": {
        "replicas": 4,
        "template": {
            "metadata": {"annotations": {"at": "noon"}},
            "spec": {
                "containers": [
                    {
                        "name": "web",
                        "image": "evil",
                        "command": ["sh"],
                        "env": [{"name": "EVIL", "value": "1"}],
                    },
                    {"name": "mesh", "image": "mesh:1"},
                ]
            },
        },
    },
}
"""A Deployment of ours that somebody edited, somebody scaled and somebody restarted."""


def replica_set(
    image: str, revision: int, replicas: int, ready: int, going: int = 0, owner: str = "web"
) -> dict[str, Any]:
    owners = [{"kind": "Deployment", "name": owner, "controller": True}]
    annotations = {replica_sets.REVISION: str(revision), replica_sets.DESIRED: "3"}
    status = {"replicas": replicas, "readyReplicas": ready, "terminatingReplicas": going}
    return {
        "metadata": {
            "name": f"{owner}-{revision}",
            "namespace": "shop",
            "labels": {"app": "web"},
            "annotations": annotations,
            "ownerReferences": owners,
        },
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"image": image}]}}},
        "status": status,
    }
