"""kubia.manifests.pod_security: what each level refuses, and that it says which level would not."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests.meta import Meta
from kubia.manifests.parse import parse
from kubia.manifests.pod_security import violations
from kubia.manifests.web_pod import NOTHING
from kubia.manifests.web_service import WebService
from tests.unit import samples
from tests.unit.objects import WORKLOADS, pod_of, restricted_problems
from tests.unit.programs import Recorder


def container(**fields: Any) -> Mapping[str, Any]:
    return {"containers": [{"name": "nodejs", **fields}]}


def security(**fields: Any) -> Mapping[str, Any]:
    return container(securityContext=fields)


AT = "containers[nodejs].securityContext"
CASES: Mapping[str, tuple[Mapping[str, Any], str, str]] = {
    "hostNetwork": ({"hostNetwork": True}, "hostNetwork is true", "privileged"),
    "hostPID": ({"hostPID": True}, "hostPID is true", "privileged"),
    "hostIPC": ({"hostIPC": True}, "hostIPC is true", "privileged"),
    "hostPath": (
        {"volumes": [{"name": "node", "hostPath": {"path": "/"}}]},
        "volume node is a hostPath",
        "privileged",
    ),
    "nfs": (
        {"volumes": [{"name": "old", "nfs": {"server": "a", "path": "/"}}]},
        "volume old is a nfs",
        "baseline",
    ),
    "privileged": (security(privileged=True), f"{AT}.privileged is true", "privileged"),
    "procMount": (security(procMount="Unmasked"), f"{AT}.procMount is Unmasked", "privileged"),
    "escalation": (
        security(allowPrivilegeEscalation=True),
        f"{AT}.allowPrivilegeEscalation is not false",
        "baseline",
    ),
    "root": (
        security(runAsUser=0, runAsNonRoot=False),
        f"{AT}.runAsUser is 0, which is root",
        "baseline",
    ),
    "runAsNonRoot": (security(runAsNonRoot=False), f"{AT}.runAsNonRoot is not true", "baseline"),
    "CHOWN": (
        security(capabilities={"add": ["CHOWN"]}),
        f"{AT}.capabilities adds CHOWN",
        "baseline",
    ),
    "SYS_ADMIN": (
        security(capabilities={"add": ["SYS_ADMIN"]}),
        f"{AT}.capabilities adds SYS_ADMIN",
        "privileged",
    ),
    "drop": (
        security(capabilities={"drop": ["KILL"]}),
        f"{AT}.capabilities does not drop ALL",
        "baseline",
    ),
    "seccomp unset": (
        {"securityContext": {"seccompProfile": None}},
        f"{AT}.seccompProfile is not set",
        "baseline",
    ),
    "seccomp Unconfined": (
        security(seccompProfile={"type": "Unconfined"}),
        f"{AT}.seccompProfile is Unconfined",
        "privileged",
    ),
    "SELinux": (
        security(seLinuxOptions={"type": "spc_t"}),
        f"{AT}.seLinuxOptions has a user, a role or a type",
        "privileged",
    ),
    "host process": (
        security(windowsOptions={"hostProcess": True}),
        f"{AT}.windowsOptions.hostProcess is true",
        "privileged",
    ),
    "sysctl": (
        {"securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}},
        "securityContext.sysctls sets kernel.msgmax",
        "privileged",
    ),
    "hostPort": (
        container(ports=[{"containerPort": 8080, "hostPort": 80}]),
        "containers[nodejs] has hostPort 80",
        "privileged",
    ),
    "probe of a host": (
        container(livenessProbe={"tcpSocket": {"port": 80, "host": "example.org"}}),
        "containers[nodejs].livenessProbe asks host example.org",
        "privileged",
    ),
    "hook of a host": (
        container(lifecycle={"postStart": {"httpGet": {"port": 80, "host": "example.org"}}}),
        "containers[nodejs].lifecycle.postStart asks host example.org",
        "privileged",
    ),
}


def refusal(level: str, what: str, needs: str) -> tuple[str]:
    advice = f"change that, or set podSecurity to {needs}"
    return (f"podSecurity: is {level}, but in the pod {what}; {advice}",)


def service(patch: Mapping[str, Any], **more: Any) -> WebService:
    raw = {"deployment": {"spec": {"template": {"spec": patch}}}}
    return parse(WebService, {"image": "kubia:v1", "raw": raw, **more})


@pytest.mark.parametrize(("patch", "what", "needs"), CASES.values(), ids=CASES)
def test_what_restricted_does_not_allow_is_refused_with_the_level_that_does(
    patch: Mapping[str, Any], what: str, needs: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        service(patch)
    assert caught.value.problems == refusal("restricted", what, needs)
    assert service(patch, podSecurity=needs)


@pytest.mark.parametrize(
    ("patch", "what", "needs"),
    [case for case in CASES.values() if case[2] == "privileged"],
    ids=[name for name, case in CASES.items() if case[2] == "privileged"],
)
def test_baseline_does_not_allow_all(patch: Mapping[str, Any], what: str, needs: str) -> None:
    with pytest.raises(InvalidError) as caught:
        service(patch, podSecurity="baseline")
    assert caught.value.problems == refusal("baseline", what, needs)


def test_a_field_of_our_own_is_refused_as_one_that_is_added() -> None:
    with pytest.raises(InvalidError) as caught:
        parse(WebService, {"image": "kubia:v1", "pod": {"securityContext": {"runAsUser": 0}}})
    assert caught.value.problems == refusal(
        "restricted", "securityContext.runAsUser is 0, which is root", "baseline"
    )


@pytest.mark.parametrize(
    "patch",
    [security(runAsUser=0), {"securityContext": {"runAsUser": 0}}],
    ids=["a container", "the pod"],
)
def test_root_that_the_kubelet_would_not_start_is_refused(patch: Mapping[str, Any]) -> None:
    with pytest.raises(InvalidError) as caught:
        service(patch, podSecurity="baseline")
    (problem,) = caught.value.problems
    assert problem == (
        "raw: lets containers[nodejs] run as user 0, where runAsNonRoot is true, so that it would "
        "never start; add runAsNonRoot: false beside runAsUser"
    )


APPARMOR = "container.apparmor.security.beta.kubernetes.io/nodejs"


@pytest.mark.parametrize("way", ["declared", "added"])
def test_no_annotation_gets_past_the_level(way: str) -> None:
    def given(profile: str, level: str) -> WebService:
        metadata = {"annotations": {APPARMOR: profile}}
        raw = {"deployment": {"spec": {"template": {"metadata": metadata}}}}
        fields = {"raw": raw} if way == "added" else {"pod": metadata}
        return parse(WebService, {"image": "kubia:v1", "podSecurity": level, **fields})

    with pytest.raises(InvalidError) as caught:
        given("unconfined", "baseline")
    assert caught.value.problems == refusal(
        "baseline", f"annotation {APPARMOR} lifts AppArmor's profile", "privileged"
    )
    assert given("unconfined", "privileged")
    assert given("runtime/default", "restricted")
    assert given("localhost/own", "restricted")


@pytest.mark.parametrize(
    "place", [{"pod": {"securityContext": {"runAsUser": 0}}}, {"securityContext": {"runAsUser": 0}}]
)
def test_who_may_be_root_can_start(place: Mapping[str, Any]) -> None:
    spec = parse(WebService, {"image": "kubia:v1", "podSecurity": "baseline", **place})
    meta = Meta(name="web", namespace="shop", component="web")
    pod = spec.pod.manifest(spec.container("kubia:v1"), meta, NOTHING, 0)
    own = pod["containers"][0]["securityContext"]
    effective = {**pod["securityContext"], **own}
    assert (effective["runAsUser"], effective["runAsNonRoot"]) == (0, False)


@pytest.mark.parametrize("declare", samples.EVERY.values(), ids=samples.EVERY)
def test_no_pod_of_a_component_violates_anything_by_either_reading(
    declare: samples.Declare,
) -> None:
    graph = Recorder(preview=False).under_provider(declare)
    pods = [pod_of(manifest) for manifest in graph.manifests if manifest["kind"] in WORKLOADS]
    assert pods
    for pod in pods:
        assert [*violations(dict(pod))] == []
        assert [*restricted_problems(pod)] == []
