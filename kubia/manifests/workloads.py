"""The objects that several kinds of application share."""

import json
from collections.abc import Mapping

from kubia.manifests.meta import Meta
from kubia.manifests.values import Leaf, Object, without_none

SKIP_AWAIT = {"pulumi.com/skipAwait": "true"}
"""For Services: Pulumi waits a flat 10 s after their endpoints change, and that proves nothing that
the Deployment's own wait has not; a LoadBalancer's address is worth the wait, so it keeps it."""


def await_at_most(seconds: int, pods: int | None = None) -> dict[str, str]:
    """Return the annotations by which Pulumi knows what to wait for, and both engines how long.

    Of a Deployment with a fixed number of `pods`, all have to be new and available, and no old one
    left. Pulumi's own wait would be over at once where a rollout goes back to an earlier template:
    it takes that one's ReplicaSet, still at 0 pods, for done.
    """
    longest = {"pulumi.com/timeoutSeconds": str(seconds)}
    if not pods:
        return longest
    counts = ("updatedReplicas", "availableReplicas", "replicas")
    each = [f"jsonpath={{.status.{count}}}={pods}" for count in counts]
    return {**longest, "pulumi.com/waitFor": json.dumps(each)}


def deployment(
    meta: Meta,
    *,
    replicas: int | None,
    rollout: Object,
    pod: Object,
    annotations: Mapping[str, Leaf],
    pod_labels: Mapping[str, str] | None = None,
    pod_annotations: Mapping[str, Leaf] | None = None,
) -> Object:
    """Return a Deployment; `replicas` None leaves the number to whoever scales it."""
    labelled = {"labels": pod_labels or meta.all_labels(), "annotations": pod_annotations}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta.metadata(annotations=annotations),
        "spec": without_none(
            {
                "replicas": replicas,
                "selector": {"matchLabels": meta.selector},
                **rollout,
                "template": {"metadata": without_none(labelled), "spec": pod},
            }
        ),
    }


def service(
    meta: Meta,
    *,
    selector: Mapping[str, str],
    port: int = 80,
    type_: str = "ClusterIP",
    node_port: int | None = None,
    annotations: Mapping[str, Leaf] | None = None,
) -> Object:
    """Return a Service from `port` to the pods' port named `http`."""
    http = {"name": "http", "port": port, "targetPort": "http", "protocol": "TCP"}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta.metadata(annotations=annotations),
        "spec": {
            "type": type_,
            "selector": dict(selector),
            "ports": [without_none({**http, "nodePort": node_port})],
        },
    }
