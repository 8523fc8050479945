"""Why workloads do not go on, and whether waiting may help: asks the cluster."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kubia.apply.api import Api, parallel, selector
from kubia.errors import KubiaError
from kubia.live import nodes, reasons, replica_sets, rollout
from kubia.live.reasons import REFUSED, Reason
from kubia.live.rollout import RolloutStatus
from kubia.program.objects import ObjectRef

Live = Mapping[str, Any]

MANY = 8
"""Workloads beyond which a namespace's pods are asked for at once, instead of each one's."""
AUTOSCALER = ObjectRef("", "ConfigMap", "kube-system", "cluster-autoscaler-status")
"""What cluster-autoscaler writes."""
PROVISIONER = ("karpenter.sh", "NodePool")
"""What Karpenter is told by."""


@dataclass(frozen=True)
class Findings:
    """What a look around a workload tells."""

    reasons: tuple[Reason, ...] = ()
    end: str = ""
    """Why waiting for it does not help, if it does not."""
    status: RolloutStatus | None = None
    """How far it is if nodes that are away are not waited for."""


def of_workloads(api: Api, live: Mapping[ObjectRef, Live]) -> dict[ObjectRef, Findings]:
    """Return what is known of each live workload; nothing of what we may not ask for."""
    pods = _selected(api, ("", "Pod"), live)
    deployments = {key: item for key, item in live.items() if key.kind == "Deployment"}
    sets = _selected(api, ("apps", "ReplicaSet"), deployments)
    agents = any(key.kind == "DaemonSet" for key in live)
    unusable = nodes.unusable(_listed(api, ("", "Node"))) if agents else {}

    def one(key: ObjectRef) -> Findings:
        item = live[key]
        if key.kind == "Deployment":
            every = reasons.once(_of_deployment(item, sets, pods))
            return Findings(every, _end(api, item, every))
        own = _owned(item, pods)
        every = reasons.once(_of_other(api, item, own))
        status = nodes.without_unusable(rollout.progress(item), item, own, unusable)
        return Findings(every, _end(api, item, every), status if key.kind == "DaemonSet" else None)

    return dict(zip(live, parallel(one, live), strict=True))


def _end(api: Api, live: Live, every: Sequence[Reason]) -> str:
    return next((str(reason) for reason in every if _is_final(api, live, reason)), "")


def _is_final(api: Api, live: Live, reason: Reason) -> bool:
    ends = reason.rule.ends
    if ends == "never":
        return False
    if ends == "if no node is large enough":
        return _is_too_large(api, live)
    if ends == "unless pods are going" and _makes_room(api, live["metadata"]["namespace"]):
        return False
    return reason.word != REFUSED or not _would_be_taken(api, live)


def _of_deployment(item: Live, sets: Sequence[Live], pods: Sequence[Live]) -> Iterator[Reason]:
    yield from reasons.of_pause(item)
    current = replica_sets.current(sets, item)
    yield from reasons.of_deployment(item, current)
    if current is not None:
        yield from reasons.of_pods(_owned(current, pods))


def _of_other(api: Api, item: Live, own: Sequence[Live]) -> Iterator[Reason]:
    if rollout.is_observed(item):
        yield from reasons.of_events(api.events(item))
    yield from reasons.of_pods(pod for pod in own if nodes.is_current(item, pod))


def _owned(owner: Live, items: Sequence[Live]) -> list[Live]:
    uid = owner["metadata"]["uid"]
    return [
        item
        for item in items
        if any(of["uid"] == uid for of in item["metadata"].get("ownerReferences", ()))
    ]


def _selected(api: Api, kind: tuple[str, str], live: Mapping[ObjectRef, Live]) -> list[Live]:
    """Return the pods, or the ReplicaSets, that the workloads select, and maybe others."""
    groups = {
        (key.namespace, _selector(item) if len(live) <= MANY else "") for key, item in live.items()
    }
    pages = parallel(lambda group: _listed(api, kind, *group), sorted(groups))
    return [item for page in pages for item in page]


def _selector(item: Live) -> str:
    return selector(item["spec"].get("selector", {}).get("matchLabels", {}))


def _listed(
    api: Api, kind: tuple[str, str], namespace: str = "", labels: str = ""
) -> Sequence[Live]:
    try:
        return api.list(api.kind(*kind), namespace, labels)
    except KubiaError:  # who may release need not be allowed to look at all that
        return []


def _makes_room(api: Api, namespace: str) -> bool:
    """Whether pods of the namespace are going: a quota counts them until they are gone."""
    pods = _listed(api, ("", "Pod"), namespace)
    return any("deletionTimestamp" in pod["metadata"] for pod in pods)


def _would_be_taken(api: Api, live: Live) -> bool:
    """Whether the API server takes a pod of the workload by now, and its controller is late.

    What a ReplicaSet says of a refusal stays until it tries again, after minutes at last.
    """
    metadata, template = live["metadata"], live["spec"]["template"]
    name = f"{metadata['name']}-dry-run"
    own = {**template.get("metadata", {}), "name": name, "namespace": metadata["namespace"]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": own, "spec": template["spec"]}
    try:
        api.create(pod, dry_run=True)
    except KubiaError:
        return False
    return True


def _is_too_large(api: Api, live: Live) -> bool:
    """Whether no node could hold a pod of the workload, and nobody adds nodes."""
    every = _listed(api, ("", "Node"))
    spec = live["spec"]["template"]["spec"]
    fits = any(nodes.could_hold(node, spec) for node in every)
    return bool(every) and not fits and not _adds_nodes(api)


def _adds_nodes(api: Api) -> bool:
    try:
        return PROVISIONER in api.kinds or api.get(AUTOSCALER) is not None
    except KubiaError:
        return False
