"""A drift check on a schedule: a CronJob whose account may compare, and can change nothing.

`kubia drift` asks the API server by dry runs of its declarations, and RBAC knows no right for dry
runs alone. So the account has the right to write, and a ValidatingAdmissionPolicy takes it away
again for everything that is no dry run.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kubia.errors import ExitCode, Problem, refuse
from kubia.manifests.environment import EnvFrom
from kubia.manifests.images import image_problems
from kubia.manifests.meta import Meta
from kubia.manifests.names import by_content
from kubia.manifests.pods import Container, Resources, pod_spec
from kubia.manifests.schedule import schedule_problems
from kubia.manifests.values import (
    Bool,
    Int,
    Leaf,
    Object,
    Spec,
    at_least,
)
from kubia.manifests.volumes import VolumeMount

FOLDER = "/etc/kubia"
TOKENS = "/var/run/secrets/kubernetes.io/serviceaccount"
RBAC = "rbac.authorization.k8s.io"
_RETRIES = 2
_STOP_SECONDS = 10
_COMPARE = ("get", "update")
_COMPARED: Mapping[str, Sequence[str]] = {
    "": (
        "configmaps",
        "limitranges",
        "persistentvolumeclaims",
        "resourcequotas",
        "serviceaccounts",
        "services",
    ),
    "apps": ("daemonsets", "deployments", "statefulsets"),
    "autoscaling": ("horizontalpodautoscalers",),
    "batch": ("cronjobs", "jobs"),
    "gateway.networking.k8s.io": ("httproutes",),
    "monitoring.coreos.com": ("servicemonitors",),
    "networking.k8s.io": ("ingresses", "networkpolicies"),
    "policy": ("poddisruptionbudgets",),
    RBAC: ("rolebindings", "roles"),
}


@dataclass(frozen=True, kw_only=True)
class DriftCheck(Spec):
    """What a drift check should be."""

    image: Leaf
    """Image with the project and `kubia`, as kubia/local/images/kubia-cli makes it."""
    stack: str
    """The stack that is checked."""
    context: str
    """What the job calls the cluster that it runs in: one of the stack's contexts."""
    schedule: str = "17 3 * * *"
    """When it runs, as cron writes it, in the cluster's time zone."""
    strict: Bool = True
    """Whether containers that others added are drift."""
    deadline_seconds: Int = 600
    """Seconds after which a check that has not ended has failed."""
    secret: Leaf | None = None
    """Name of a Secret whose keys become environment variables (PULUMI_CONFIG_PASSPHRASE)."""
    resources: Resources = field(
        default_factory=lambda: Resources(
            requests={"cpu": "50m", "memory": "192Mi"}, limits={"memory": "512Mi"}
        )
    )
    """Requests and limits of the job's pod."""

    def __post_init__(self) -> None:
        """Check the schedule and the numbers."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from image_problems("image", self.image)
        for name, given in (("stack", self.stack), ("context", self.context)):
            if not given:
                yield Problem((name,), "is empty; name one")
        yield from schedule_problems("schedule", self.schedule)
        yield from at_least("deadlineSeconds", self.deadline_seconds, 1, " s")


class Rights(NamedTuple):
    """The account, what it may compare, and what keeps it from changing anything."""

    account: Object
    role: Object
    role_binding: Object
    cluster_role: Object
    cluster_role_binding: Object
    policy: Object
    policy_binding: Object


def cluster_name(name: str, namespace: str) -> str:
    """Return the name of what lies in no namespace; a dot is in neither part."""
    return f"{name}.{namespace}"


def account_condition(name: str, namespace: str) -> str:
    """Return the expression (CEL) by which the policy knows the account."""
    return f'request.userInfo.username == "system:serviceaccount:{namespace}:{name}"'


def rights(meta: Meta, everywhere: Leaf, condition: Leaf) -> Rights:
    """Return the objects; `everywhere` is the `cluster_name`, `condition` the policy's."""
    here = meta.metadata()
    wide = {key: value for key, value in meta.metadata(everywhere).items() if key != "namespace"}
    subjects = [{"kind": "ServiceAccount", "name": meta.name, "namespace": meta.namespace}]
    return Rights(
        account=_object("v1", "ServiceAccount", here, automountServiceAccountToken=False),
        role=_object(f"{RBAC}/v1", "Role", here, rules=_rules()),
        role_binding=_object(
            f"{RBAC}/v1", "RoleBinding", here, roleRef=_role("Role", meta.name), subjects=subjects
        ),
        cluster_role=_object(
            f"{RBAC}/v1", "ClusterRole", wide, rules=_cluster_rules(meta, everywhere)
        ),
        cluster_role_binding=_object(
            f"{RBAC}/v1",
            "ClusterRoleBinding",
            wide,
            roleRef=_role("ClusterRole", everywhere),
            subjects=subjects,
        ),
        policy=_object(
            "admissionregistration.k8s.io/v1",
            "ValidatingAdmissionPolicy",
            wide,
            spec=_policy(condition),
        ),
        policy_binding=_object(
            "admissionregistration.k8s.io/v1",
            "ValidatingAdmissionPolicyBinding",
            wide,
            spec={"policyName": everywhere, "validationActions": ["Deny"]},
        ),
    )


def kubeconfig(meta: Meta, spec: DriftCheck) -> Object:
    """Return the immutable ConfigMap that tells the job how to reach its own cluster."""
    name = spec.context
    cluster = {
        "server": "https://kubernetes.default.svc.cluster.local",
        "certificate-authority": f"{TOKENS}/ca.crt",
    }
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": {"tokenFile": f"{TOKENS}/token"}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    data = {"config": json.dumps(config, indent=2)}
    metadata = meta.metadata(by_content(f"{meta.name}-kubeconfig", data))
    return _object("v1", "ConfigMap", metadata, immutable=True, data=data)


def cron_job(meta: Meta, spec: DriftCheck, config: Leaf) -> Object:
    """Return the CronJob; `config` names the ConfigMap of `kubeconfig`.

    Drift and misuse end a job at once as failed: trying again helps neither. What may pass (the API
    server is away) is tried again. Which of the two it was stands in the Job's condition Failed,
    whose message names a rule: "matching FailJob rule at index 0" is drift, at index 1 misuse.
    """
    container = Container(
        name="kubia",
        image=spec.image,
        command=["kubia", "drift", "--stack", spec.stack, *(["--strict"] if spec.strict else [])],
        env={"HOME": "/tmp", "KUBECONFIG": f"{FOLDER}/config", "KUBIA_CONTEXT": spec.context},  # noqa: S108 - in the container
        env_from=[EnvFrom.secret(spec.secret)] if spec.secret else [],
        resources=spec.resources,
        volume_mounts=[VolumeMount(name="kubeconfig", mount_path=FOLDER, read_only=True)],
    )
    pod = {
        **pod_spec(
            container,
            termination_grace_seconds=_STOP_SECONDS,
            service_account=meta.name,
            volumes=[{"name": "kubeconfig", "configMap": {"name": config}}],
        ),
        "restartPolicy": "Never",
    }
    job = {
        "backoffLimit": _RETRIES,
        "activeDeadlineSeconds": spec.deadline_seconds,
        "podFailurePolicy": {
            "rules": [_fail_on(code, container) for code in (ExitCode.DIFFERS, ExitCode.MISUSE)]
        },
        "template": {"metadata": {"labels": meta.all_labels()}, "spec": pod},
    }
    template = {"metadata": {"labels": meta.all_labels()}, "spec": job}
    return _object(
        "batch/v1",
        "CronJob",
        meta.metadata(),
        spec={
            "schedule": spec.schedule,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 3600,
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": template,
        },
    )


def _fail_on(code: ExitCode, container: Container) -> Object:
    codes = {"containerName": container.name, "operator": "In", "values": [code.value]}
    return {"action": "FailJob", "onExitCodes": codes}


def _rules() -> list[Object]:
    """Return what the account may compare in its namespace, and see of what joins in."""
    return [
        *(_rule(group, kinds, (*_COMPARE, "list")) for group, kinds in _COMPARED.items()),
        _rule("", ("secrets",), _COMPARE),
        # A dry run of a Role is refused to whoever has not all of its rights, without these.
        _rule(RBAC, ("roles",), ("bind", "escalate")),
        _rule("", ("pods",), ("list",)),
        _rule("apps", ("controllerrevisions", "replicasets"), ("list",)),
        _rule("discovery.k8s.io", ("endpointslices",), ("list",)),
    ]


def _cluster_rules(meta: Meta, everywhere: Leaf) -> list[Object]:
    """Return what it may compare outside: its namespace, its own policy, and who has which role."""
    policies = ("validatingadmissionpolicies", "validatingadmissionpolicybindings")
    return [
        {**_rule("", ("namespaces",), _COMPARE), "resourceNames": [meta.namespace]},
        {
            **_rule("admissionregistration.k8s.io", policies, _COMPARE),
            "resourceNames": [everywhere],
        },
        _rule(RBAC, ("clusterrolebindings", "clusterroles"), _COMPARE),
        _rule(RBAC, ("clusterroles",), ("bind", "escalate")),
        _rule(RBAC, ("clusterrolebindings", "rolebindings"), ("list",)),
    ]


def _policy(condition: Leaf) -> Object:
    everything = {
        "apiGroups": ["*"],
        "apiVersions": ["*"],
        "resources": ["*/*"],
        "operations": ["CREATE", "UPDATE", "DELETE"],
    }
    return {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [everything]},
        "matchConditions": [{"name": "its-account", "expression": condition}],
        "validations": [
            {
                "expression": "has(request.dryRun) && request.dryRun",
                "message": "a drift check compares: it may write by dry runs alone",
            }
        ],
    }


def _rule(group: str, kinds: Sequence[str], verbs: Sequence[str]) -> Object:
    return {"apiGroups": [group], "resources": list(kinds), "verbs": list(verbs)}


def _role(kind: str, name: Leaf) -> Object:
    return {"apiGroup": RBAC, "kind": kind, "name": name}


def _object(version: str, kind: str, metadata: Object, **rest: object) -> Object:
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}
