"""Why pods do not come to be or do not start, what to do, and whether waiting may heal it.

The rule: what the cluster may put right without anybody's edit (a registry that comes back, a node
that an autoscaler adds, a Secret that a controller fills) is named and waited for. What only an
edit heals, of the stack or by an administrator, ends the wait.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

REFUSED = "FailedCreate"
"""The reason that controllers give when the API server takes no pod of theirs."""
CREATION = frozenset({REFUSED, "ReplicaSetCreateError"})
FAILURE = ("ReplicaFailure", "True")
UNSCHEDULABLE = "Unschedulable"
PAUSED = "Paused"

Ends = Literal["never", "at once", "unless pods are going", "if no node is large enough"]


@dataclass(frozen=True)
class Rule:
    """A kind of reason: `pattern` finds it in "REASON: MESSAGE"."""

    name: str
    pattern: str
    ends: Ends
    """Whether it ends the wait."""
    advice: str


RULES = (
    Rule(
        "paused",
        rf"^{PAUSED}: ",
        "at once",  # who paused it will not resume it for us
        "resume it, then run `kubia up` again",
    ),
    Rule(
        "quota",
        rf"^{REFUSED}: .*exceeded quota",
        "unless pods are going",  # those that stop make room
        "ask for less (replicas, resources), or have the ResourceQuota raised",
    ),
    Rule(
        "quota",
        rf"^{REFUSED}: .*failed quota.*must specify",
        "at once",
        "give the container these requests or limits under resources",
    ),
    Rule(
        "LimitRange",
        rf"^{REFUSED}: .*(maximum|minimum) \S+ usage per|^{REFUSED}: .*limit to request ratio per",
        "at once",
        "change resources so that they fit the namespace's LimitRange",
    ),
    Rule(
        "Pod Security",
        rf"^{REFUSED}: .*violates PodSecurity|"
        rf"^{REFUSED}: .*unable to validate against any security context constraint",
        "at once",
        "make the pods meet that level, or have the namespace's level changed",
    ),
    Rule(
        "admission",
        rf"^{REFUSED}: .*(admission webhook .* denied the request|"
        r"ValidatingAdmissionPolicy .* denied request)",
        "at once",
        "change what it objects to, or ask whoever runs it",
    ),
    Rule(
        "admission",
        rf"^{REFUSED}: .*failed calling webhook",
        "never",  # a webhook that is down comes back
        "see whether the webhook's own pods run",
    ),
    Rule(
        "namespace",
        rf"^{REFUSED}: .*because it is being terminated",
        "at once",
        "wait until the namespace is gone, then run `kubia up` again",
    ),
    Rule(
        "invalid",
        rf"^{REFUSED}: .*is invalid: ",
        "at once",
        "change the field that is named",
    ),
    Rule(
        "refused",
        rf"^{REFUSED}: ",
        "never",  # a ServiceAccount or an API server that is late
        "the controller tries again",
    ),
    Rule(
        "scheduling",
        rf"^{UNSCHEDULABLE}: ",
        "if no node is large enough",  # others stop, autoscalers add nodes
        "ask for less (resources), free a node, or add one",
    ),
    Rule(
        "image",
        r"^InvalidImageName: ",
        "at once",
        "correct the image's reference",
    ),
    Rule(
        "image",
        r"^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|RegistryUnavailable|"
        r"ImageInspectError|SignatureValidationFailed): ",
        "never",  # registries come back, and images are pushed a moment later
        "see that the image exists under this name and that the node may pull it "
        "(registry, imagePullSecrets)",
    ),
    Rule(
        "configuration",
        r"^CreateContainerConfigError: .*runAsNonRoot",
        "at once",
        "set runAsUser to a number above 0, or take an image that does not run as root",
    ),
    Rule(
        "configuration",
        r"^CreateContainerConfigError: ",
        "never",  # controllers fill Secrets and ConfigMaps
        "see that the Secret or ConfigMap and its key exist",
    ),
    Rule(
        "start",
        r"^(CreateContainerError|RunContainerError|StartError): ",
        "never",
        "see that the image has the command",
    ),
    Rule(
        "crash",
        r"^CrashLoopBackOff: ",
        "never",  # what it needs may come up later
        "read its log: kubectl logs --previous",
    ),
)
"""The first that matches counts; what none matches is no reason, such as ContainerCreating."""


@dataclass(frozen=True)
class Reason:
    """Why a workload does not go on."""

    rule: Rule
    word: str
    """The reason as the cluster calls it."""
    message: str

    def __str__(self) -> str:
        """Return what a user reads: what is wrong and what to do."""
        return f"{self.message.removesuffix('.')}: {self.rule.advice}"


def of_text(reason: str, message: str) -> Reason | None:
    """Return the reason that a controller, the scheduler or a kubelet gives in these words."""
    message = " ".join(message.split()) or reason
    text = f"{reason}: {message}"
    rule = next((rule for rule in RULES if re.search(rule.pattern, text)), None)
    return Reason(rule, reason, message) if rule else None


def of_pods(pods: Iterable[Mapping[str, Any]]) -> Iterator[Reason]:
    """Yield why the pods do not start."""
    for pod in pods:
        status = pod.get("status") or {}
        for condition in status.get("conditions") or ():
            if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
                yield from _given(condition)
        for kind in ("initContainerStatuses", "containerStatuses"):
            for container in status.get(kind) or ():
                yield from _given((container.get("state") or {}).get("waiting") or {})


def of_deployment(live: Mapping[str, Any], current: Mapping[str, Any] | None) -> Iterator[Reason]:
    """Yield why a Deployment gets no ReplicaSet, or its `current` one no pods.

    The Deployment's own ReplicaFailure may be that of a ReplicaSet which it leaves.
    """
    for owner, kind, status in ((live, "Progressing", "False"), (current, *FAILURE)):
        for condition in ((owner or {}).get("status") or {}).get("conditions") or ():
            known = (condition.get("type"), condition.get("status"))
            if known == (kind, status) and condition.get("reason") in CREATION:
                yield from _given({**condition, "reason": REFUSED})


def of_events(events: Iterable[Mapping[str, Any]]) -> Iterator[Reason]:
    """Yield why a workload that has no such condition gets no pods: its newest event says so."""
    every = sorted(events, key=_time)
    newest = [event for event in every if _time(event) == _time(every[-1])]
    if newest and all(event.get("reason") == REFUSED for event in newest):
        yield from _given(newest[-1])


def of_pause(live: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield that a live Deployment, which is declared otherwise, is paused."""
    if live["kind"] == "Deployment" and live["spec"].get("paused"):
        metadata = live["metadata"]
        command = f"kubectl rollout resume deployment/{metadata['name']} -n {metadata['namespace']}"
        yield from _given({"reason": PAUSED, "message": f"paused by hand ({command})"})


def once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return one reason of each rule: many pods have the same."""
    first: dict[Rule, Reason] = {}
    for reason in reasons:
        first.setdefault(reason.rule, reason)
    return tuple(first.values())


def _given(status: Mapping[str, Any]) -> Iterator[Reason]:
    reason = of_text(str(status.get("reason")), str(status.get("message") or ""))
    if reason:
        yield reason


def _time(event: Mapping[str, Any]) -> str:
    series = (event.get("series") or {}).get("lastObservedTime")
    return str(series or event.get("lastTimestamp") or event.get("eventTime") or "")
