"""What holds over all states of a stack, so that no way from one to another loses anything.

An update may fail or be killed anywhere, and the next one may go to any other state. Pulumi deletes
by URN and the API server knows identities: whatever an update deletes is nobody's but the URN's own
as long as no URN ever changes its identity, and no identity its URN.
"""

import functools
import itertools
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pulumi
import pytest

from components import DriftCheck, Job, WebService
from kubia.apply.api import FIELD_MANAGER
from kubia.manifests import releases
from kubia.program.monitor import Registered
from kubia.program.objects import ObjectRef
from tests.unit import samples
from tests.unit.objects import WORKLOADS, pod_of
from tests.unit.programs import Recorder, stack_config

STATES = 102
"""Each is run once and compared with each other, both ways: over 10,000 pairs."""
GUESTS = 10
SEED = 20
"""Any will do: which of all states they are."""
WRITER = "pulumi.com/patchFieldManager"
SERVICE = "kubia:index:WebService"
"""Type of a web service."""
SCALER = {"minReplicas": 2, "maxReplicas": 5}
OUTSIDE: Mapping[str, Any] = {
    "ports": {"metrics": {"port": 9090}},
    "service": {"sessionAffinity": "ClientIP"},
    "ingress": {"hosts": ["shop.example.org"]},
    "route": {"parentRefs": [{"name": "gateway"}]},
    "monitor": {},
    "networkPolicy": {"ingress": [{}]},
}
CONTENT: tuple[Mapping[str, str], ...] = (
    {"index.html": "hello"},
    {"index.html": "hello, world"},
    {"about.html": ""},
    {"index.html": "hello", "css/a b.css": "a {}"},
    {},
)
OPENED: tuple[Mapping[str, Any], ...] = (
    {},
    {"serviceType": "NodePort"},
    {"ingress": {"hosts": ["docs.example.org"]}, "route": {"parentRefs": [{"name": "public"}]}},
)
STRATEGIES: tuple[Mapping[str, Any], ...] = (
    {},
    {"type": "Recreate"},
    {"paused": True},
    {"type": "Canary"},
    {"type": "Canary", "canaryImage": "kubia:v2"},
    {"type": "Canary", "canaryImage": "kubia:v2", "canaryWeight": 10},
    *(
        {"type": "BlueGreen", "active": active, **idle}
        for active in ("blue", "green")
        for idle in ({}, {"idleImage": "kubia:v0"})
    ),
)
KEPT: tuple[Mapping[str, Any], ...] = ({}, {"namespaces": ["shop", "team"]}, {"clusterWide": True})

PODS: Mapping[str, Any] = {
    "volumes": {"data": {"claim": {"storage": "1Gi"}}},
    "serviceAccount": {},
    "containers": [{"name": "side", "image": "side:v1", "files": {"/etc/a": "c"}}],
}
"""What the pods of a web service may need beside it."""

NEEDED = {"ConfigMap", "PersistentVolumeClaim", "Secret", "ServiceAccount"}
"""Kinds without which a pod cannot start."""


@dataclass(frozen=True)
class State:
    """What the program declares for one state of the stack."""

    resources: tuple[Registered, ...]

    @functools.cached_property
    def objects(self) -> Mapping[str, Registered]:
        """The Kubernetes objects by URN."""
        return {r.urn: r for r in self.resources if r.type.startswith("kubernetes:")}

    @functools.cached_property
    def identities(self) -> Mapping[str, ObjectRef]:
        """What each URN is to the API server."""
        return {urn: ObjectRef.of(r.inputs) for urn, r in self.objects.items()}

    @functools.cached_property
    def owners(self) -> Mapping[ObjectRef, str]:
        """Which URN an object is declared by."""
        return {identity: urn for urn, identity in self.identities.items()}

    @functools.cached_property
    def urns(self) -> frozenset[str]:
        """All URNs."""
        return frozenset(r.urn for r in self.resources)

    @functools.cached_property
    def protected(self) -> frozenset[str]:
        """The URNs that must not be deleted."""
        return frozenset(r.urn for r in self.resources if r.options.protect)

    @functools.cached_property
    def retained(self) -> frozenset[str]:
        """The URNs whose objects Pulumi leaves when it lets go of them."""
        return frozenset(r.urn for r in self.resources if r.options.retain_on_delete)

    @property
    def used(self) -> Iterator[tuple[Registered, ObjectRef]]:
        """Each object that a pod needs to start, with the workload of that pod."""
        for resource in self.objects.values():
            if resource.inputs["kind"] not in WORKLOADS:
                continue
            pod, space = pod_of(resource.inputs), resource.inputs["metadata"]["namespace"]
            for volume in pod["volumes"]:
                for source in [volume, *volume.get("projected", {}).get("sources", [])]:
                    if held := source.get("configMap"):
                        yield resource, ObjectRef("", "ConfigMap", space, held["name"])
                if claim := volume.get("persistentVolumeClaim"):
                    yield (
                        resource,
                        ObjectRef("", "PersistentVolumeClaim", space, claim["claimName"]),
                    )
            if resource.type.endswith((":Deployment", ":Job")) and "serviceAccountName" in pod:
                account = pod["serviceAccountName"]
                yield resource, ObjectRef("", "ServiceAccount", space, account)
            for source in pod["containers"][0].get("envFrom", []):
                yield resource, ObjectRef("", "Secret", space, source["secretRef"]["name"])


# What holds for two states, one after the other


def changed_identities(before: State, after: State) -> list[str]:
    """Return the URNs that are another object than before; versions that are kept may be."""
    kept = before.retained & after.retained
    return [
        urn
        for urn in before.identities.keys() & after.identities.keys() - kept
        if before.identities[urn] != after.identities[urn]
    ]


def moved_identities(before: State, after: State) -> list[str]:
    """Return the objects that another URN declares than before."""
    shared = before.owners.keys() & after.owners.keys()
    return [str(key) for key in shared if before.owners[key] != after.owners[key]]


def unseen(before: State, after: State) -> list[str]:
    """Return the workloads of which no refresh tells what their pods name, if `after` was killed.

    The state has `before` then, the cluster `after`: what pods name would be deleted unnoticed.
    """
    needed = [{(r.urn, key) for r, key in state.used} for state in (before, after)]
    return sorted(
        urn
        for urn in {urn for urn, _ in needed[0] ^ needed[1]} & before.objects.keys()
        if urn in after.objects
        and refreshed(after.objects[urn].inputs, known := before.objects[urn].inputs) == known
    )


def refreshed(live: Any, known: Any) -> Any:
    """Return what a refresh reads: no field that the state does not know.

    Source: pruneMap and pruneSlice, provider/pkg/provider/util.go, pulumi-kubernetes 4.
    """
    if isinstance(live, Mapping) and isinstance(known, Mapping):
        return {key: refreshed(live[key], known[key]) for key in live.keys() & known.keys()}
    if isinstance(live, list) and isinstance(known, list):
        return [refreshed(*pair) for pair in zip(live, known, strict=False)]
    return live


def held_back(before: State, after: State) -> list[str]:
    """Return the URNs whose protection keeps the stack from going on.

    A web service that is taken away as a whole is not meant: to keep it is what protection is for.
    """
    gone = {name(urn) for urn in before.urns - after.urns if SERVICE in urn.split("::")[2:3]}
    return sorted(urn for urn in before.protected - after.urns if name(urn) not in gone)


def name(urn: str) -> str:
    return urn.rpartition("::")[2]


# What holds for each


def other_writers(state: State) -> list[str]:
    """Return the objects that are not written by the one field manager."""
    return [
        urn
        for urn, r in state.objects.items()
        if r.inputs["metadata"].get("annotations", {}).get(WRITER) != FIELD_MANAGER
    ]


def takes_of_others(state: State) -> list[str]:
    """Return the objects that are taken over if they exist though they may be somebody else's.

    What lies in the stack's own namespace is not, nor what bears the name of that.
    """
    upserting = {
        r.urn
        for r in state.resources
        if str(r.inputs.get("upsertExistingObjects", "")).lower() == "true"
    }
    own = {key.name for key in state.owners if key.kind == "Namespace"}
    return [
        urn
        for urn, key in state.identities.items()
        if state.objects[urn].provider in upserting
        and key.namespace not in own
        and not any(key.name.endswith(f".{name}") for name in own)
    ]


def undeclared_content(state: State) -> list[str]:
    """Return the content that pods take and nothing declares."""
    return [str(key) for _, key in state.used if key not in state.owners]


def content_too_late(state: State) -> list[str]:
    """Return the content that could come after what takes it."""
    return [
        str(key)
        for workload, key in state.used
        if state.owners.get(key) not in workload.dependencies
    ]


def awaited_too_briefly(state: State) -> list[str]:
    """Return the Deployments that Pulumi may take for rolled out before they are.

    Its own wait is over at once where a rollout goes back to an earlier template. All pods have to
    be counted, where their number is fixed.
    """
    scaled = {
        r.inputs["spec"]["scaleTargetRef"]["name"]
        for r in state.objects.values()
        if r.inputs["kind"] == "HorizontalPodAutoscaler"
    }
    return [
        urn
        for urn, r in state.objects.items()
        if r.inputs["kind"] == "Deployment" and r.inputs["metadata"]["name"] not in scaled
        if not counts_all_pods(r.inputs["metadata"]["annotations"], r.inputs["spec"]["replicas"])
    ]


def counts_all_pods(annotations: Mapping[str, str], replicas: int) -> bool:
    if annotations.get("pulumi.com/skipAwait") == "true" or not replicas:
        return True
    paths = json.loads(annotations.get("pulumi.com/waitFor", "[]"))
    counts = ("updatedReplicas", "availableReplicas", "replicas")
    return {f"jsonpath={{.status.{count}}}={replicas}" for count in counts} <= set(paths)


PAIRWISE = (changed_identities, moved_identities, held_back, unseen)
EACH = (other_writers, takes_of_others, undeclared_content, content_too_late)


# The states


def some(chance: random.Random, *names: str) -> list[str]:
    return [name for name in names if chance.random() < 0.4]


def task(chance: random.Random) -> dict[str, Any]:
    """Return any job, or what is made of it again and again."""
    return {
        "image": chance.choice(("kubia:v1", "kubia:v2")),
        "backoffLimit": chance.choice((0, 3)),
        **chance.choice(({}, {"files": {"/etc/a": "a"}}, {"files": {"/etc/a": "b"}})),
        "pod": {key: PODS[key] for key in some(chance, *PODS)},
    }


def configuration(chance: random.Random) -> dict[str, Any]:
    """Return the configuration of any state of the stack, in its one namespace."""
    strategy, tasks = chance.choice(STRATEGIES), {*some(chance, "migrate", "night")}
    count = chance.choice(({"replicas": 0}, {"replicas": 3}, {}, {"autoscaler": SCALER}))
    if strategy.get("type") == "BlueGreen" and "autoscaler" in count:
        count = {}
    led = {}
    if "canaryWeight" in strategy:
        led = {"route": OUTSIDE["route"]}
        count = count if count != {"replicas": 0} else {}
    web = {
        "image": chance.choice(("kubia:v1", "kubia:v2")),
        "strategy": strategy,
        **count,
        **chance.choice(({}, {"disruptionBudget": {}})),
        **chance.choice(({}, {"serviceType": "NodePort", "nodePort": 30080})),
        **{key: OUTSIDE[key] for key in some(chance, *OUTSIDE)},
        **led,
        **chance.choice(({}, {"files": {"/etc/a": "a"}}, {"files": {"/etc/a": "b"}})),
        "pod": {key: PODS[key] for key in some(chance, *PODS)},
    }
    return {
        **stack_config("dev"),
        # Always both: what protects a service keeps it from being taken away.
        "kubia:services": {"kubia": web, "shop": {"image": chance.choice(("shop:v1", "shop:v2"))}},
        "kubia:jobs": {
            name: {**task(chance), "before": some(chance, "kubia", "shop")}
            for name in tasks & {"migrate"}
        },
        "kubia:cronJobs": {
            name: {**task(chance), "schedule": chance.choice(("@daily", "@hourly"))}
            for name in tasks & {"night"}
        },
        "kubia:secrets": {
            name: chance.choice(({}, {"TOKEN": "a"}, {"TOKEN": "b"}, {"A": "a", "B": "b"}))
            for name in ("kubia", *sorted(tasks))
        },
        "kubia:sites": {
            name: {"content": chance.choice(CONTENT), **chance.choice(OPENED)}
            for name in some(chance, "hello", "docs")
        },
        "kubia:agents": {
            name: {"image": "agent:v1", "nodeSelector": {}} for name in some(chance, "ssd", "log")
        },
        "kubia:operators": {name: chance.choice(KEPT) for name in some(chance, "keeper")},
        "kubia:protect": chance.random() < 0.5,
    }


@functools.cache
def states() -> tuple[State, ...]:
    """Return what the program declares in each of the states."""
    chance = random.Random(SEED)
    record, known = Recorder(preview=False), dict[str, State]()
    while len(known) < STATES:
        values = configuration(chance)
        key = json.dumps(values, sort_keys=True)
        if key not in known:
            graph = record.file("dev", values, secret_keys=["kubia:secrets"])
            known[key] = State(graph.declared.resources)
    return tuple(known.values())


@functools.cache
def guests() -> tuple[State, ...]:
    """Return what the program declares in a namespace that is others', in some of the states."""
    chance, record = random.Random(SEED), Recorder(preview=False)
    configurations = [
        {**configuration(chance), "kubia:createNamespace": False} for _ in range(GUESTS)
    ]
    graphs = [
        record.file("dev", values, secret_keys=["kubia:secrets"]) for values in configurations
    ]
    return tuple(State(graph.declared.resources) for graph in graphs)


def other_program(secret: Callable[[], Any] | None, context: str) -> State:
    """Return what a program of somebody else's declares: secrets in any form, a drift check."""

    def declare(opts: pulumi.ResourceOptions) -> None:
        given = {} if secret is None else {"secret_env": {"TOKEN": secret()}}
        WebService("web", {**samples.LEAST_WEB, **given}, opts)  # type: ignore[typeddict-item]
        Job("migrate", {**samples.LEAST_JOB, **given}, opts)  # type: ignore[typeddict-item]
        DriftCheck("check", {**samples.LEAST_CHECK, "context": context}, opts)  # type: ignore[typeddict-item]

    return State(Recorder(preview=False).under_provider(declare).declared.resources)


@functools.cache
def others() -> tuple[State, ...]:
    """Return the states of somebody else's program."""
    texts = ("a", "b")
    plain = [lambda text=text: text for text in texts]
    computed = [lambda text=text: pulumi.Output.secret(text) for text in texts]
    return tuple(
        other_program(secret, context)
        for secret in (None, *plain, *computed)
        for context in ("in-cluster", "prod")
    )


def test_no_way_from_one_state_to_another_loses_or_takes_anything() -> None:
    pairs = [pair for family in (states(), others()) for pair in itertools.permutations(family, 2)]
    print(f"{len(pairs)} pairs of {len(states()) + len(others())} states")  # noqa: T201 - with -s
    assert len(pairs) >= 10_000
    for holds in PAIRWISE:
        assert [problem for pair in pairs for problem in holds(*pair)] == [], holds.__name__


@pytest.mark.parametrize("holds", [*EACH, awaited_too_briefly], ids=lambda holds: holds.__name__)
def test_in_each_state(holds: Callable[[State], list[str]]) -> None:
    every = (*states(), *guests(), *others())
    assert [problem for state in every for problem in holds(state)] == []


def test_the_states_are_as_different_as_a_stack_can_be() -> None:
    kinds = {key.kind for state in states() for key in state.owners}
    assert {"HorizontalPodAutoscaler", "PodDisruptionBudget", "Secret", "ClusterRole"} <= kinds
    assert {"CronJob", "Job", "PersistentVolumeClaim", "ServiceAccount"} <= kinds
    assert {"HTTPRoute", "Ingress", "NetworkPolicy", "ServiceMonitor"} <= kinds
    names = {key.name for state in states() for key in state.owners if key.kind == "Deployment"}
    assert {"kubia", "kubia-blue", "kubia-green", "kubia-canary", "hello", "keeper"} <= names
    names = {key.name for state in states() for key in state.owners if key.kind == "Service"}
    assert {"kubia", "kubia-canary"} <= names
    assert {bool(state.protected) for state in states()} == {True, False}
    assert all(state.retained for state in others()[-2:])


# Controls: programs that break a rule, which must be found out


def changed(state: State, change: Callable[[Registered], Registered | None]) -> State:
    return State(tuple(new for r in state.resources if (new := change(r)) is not None))


def unversioned(resource: Registered) -> Registered:
    """Give all versions of content one logical name, as they once had."""
    if resource.type.rpartition(":")[2] not in {"ConfigMap", "Secret"}:
        return resource
    return replace(resource, urn=resource.urn.rpartition("-")[0])


def renamed(resource: Registered) -> Registered:
    return replace(resource, urn=f"{resource.urn}-renamed")


def protected(resource: Registered) -> Registered:
    """Let all children inherit the protection of the web service, as they once did."""
    options = replace(resource.options, protect="WebService" in resource.urn)
    return replace(resource, options=options)


def unwritten(resource: Registered) -> Registered:
    metadata = {**resource.inputs.get("metadata", {}), "annotations": {}}
    return replace(resource, inputs={**resource.inputs, "metadata": metadata})


def unnoted(resource: Registered) -> Registered:
    """Do not note what pods name."""
    metadata = resource.inputs.get("metadata", {})
    annotations = {
        key: it for key, it in metadata.get("annotations", {}).items() if key != releases.CONTENT
    }
    noted = {**metadata, "annotations": annotations}
    return replace(resource, inputs={**resource.inputs, "metadata": noted})


def taken(resource: Registered) -> Registered:
    """Take the namespace over if it exists, as everything else."""
    return replace(resource, provider=resource.provider.replace("cluster-namespace", "cluster"))


def lost(resource: Registered) -> Registered | None:
    return None if resource.type.rpartition(":")[2] in NEEDED else resource


def hasty(resource: Registered) -> Registered:
    return replace(resource, dependencies=())


CONTROLS = (
    (changed_identities, unversioned, unversioned),
    (moved_identities, renamed, None),
    (held_back, protected, protected),
    (unseen, unnoted, unnoted),
)


@pytest.mark.parametrize(
    ("holds", "first", "second"), CONTROLS, ids=[holds.__name__ for holds, *_ in CONTROLS]
)
def test_a_program_that_breaks_a_rule_between_states_is_found_out(
    holds: Callable[[State, State], list[str]],
    first: Callable[[Registered], Registered | None],
    second: Callable[[Registered], Registered | None] | None,
) -> None:
    before = [changed(state, first) for state in states()]
    after = [changed(state, second) if second else state for state in states()]
    assert any(holds(*pair) for pair in itertools.product(before, after))


@pytest.mark.parametrize(
    ("holds", "change"),
    [*zip(EACH, (unwritten, taken, lost, hasty), strict=True)],
    ids=[holds.__name__ for holds in EACH],
)
def test_a_program_that_breaks_a_rule_in_a_state_is_found_out(
    holds: Callable[[State], list[str]], change: Callable[[Registered], Registered | None]
) -> None:
    assert all(holds(changed(state, change)) for state in states() if any(state.used))


def test_a_deployment_whose_pods_nobody_counts_is_found_out() -> None:
    assert any(awaited_too_briefly(changed(state, unwritten)) for state in states()[:20])
