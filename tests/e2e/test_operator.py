"""The operator as the stacks run it: in the cluster, with its own rights, on real containers."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubia.local.cluster import LocalCluster
from kubia.manifests import nginx_site
from kubia.manifests.meta import Meta
from kubia.manifests.nginx_site import NginxSite
from tests.e2e.harness import Cluster, eventually, page
from tests.e2e.load import Load
from tests.e2e.sites import NAMESPACE, OPERATOR, Sites, brought_up

pytestmark = pytest.mark.e2e

ACCOUNT = f"system:serviceaccount:{NAMESPACE}:{OPERATOR}"
NODE_PORT = 30095
URL = f"http://127.0.0.1:{NODE_PORT}"
CHANGES = 20


@pytest.fixture(scope="module", name="sites")
def _sites(cluster: LocalCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Bring up a stack of the tests' own, with two operator pods."""
    kube = Cluster(cluster.name, cluster.kubeconfig)
    folder = tmp_path_factory.mktemp("operator") / "kubia"
    with brought_up(kube, folder, {"replicas": 2}) as (_, sites):
        yield sites


def pid(uid: str) -> int:
    """Return the operator's process in a pod: the node is this machine."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            inside = uid in (folder / "cgroup").read_text().replace("_", "-")
            if inside and b"kubia.operator" in (folder / "cmdline").read_bytes():
                return int(folder.name)
        except OSError:  # It has ended meanwhile.
            continue
    pytest.fail(f"no operator runs in the pod with UID {uid}")


def memory(uid: str) -> float:
    """Return the resident memory of a pod's operator, in MiB."""
    status = Path(f"/proc/{pid(uid)}/status").read_text()
    resident = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert resident
    return int(resident[1]) / 1024


def test_a_labelled_config_map_is_served_and_its_deletion_removes_its_objects_alone(
    sites: Sites,
) -> None:
    before = sites.all()
    sites.create("hello", "hello world")
    took = sites.served("hello", "hello world")
    print(f"\nserved {took:.1f} s after the label")  # noqa: T201 - measured
    assert took < 15

    text = sites.kubectl("describe", "configmap", "hello")
    assert re.search(rf"Normal +Applied .*http://hello\.{NAMESPACE}", text), text
    new = sites.all() - before - {"configmap/hello"}
    kinds = sorted(name.partition("/")[0] for name in new)
    assert kinds == ["configmap", "deployment.apps", "service"]

    sites.kubectl("delete", "configmap", "hello")
    eventually(lambda: sites.all() == before, "all that was made goes")
    eventually(lambda: not sites.kube.pods(NAMESPACE, "hello"), "its pods go")


def test_taking_the_label_off_removes_the_site_and_leaves_the_config_map(sites: Sites) -> None:
    sites.create("unlabelled", "for a while")
    sites.served("unlabelled", "for a while")

    sites.kubectl("label", "configmap", "unlabelled", "kubia.io/site-")

    eventually(lambda: sites.names("deployment", "unlabelled") == set(), "the site goes")
    assert sites.kube.get("configmap", NAMESPACE, "unlabelled")["data"] == {
        "index.html": "for a while"
    }
    sites.kubectl("delete", "configmap", "unlabelled")


MAY = [
    *(
        f"{verb} {kind}"
        for kind in ("configmaps", "services", "deployments.apps")
        for verb in ("get", "list", "watch", "create", "patch", "delete")
    ),
    "list pods",
    "create events",
    "patch events",
    "create leases.coordination.k8s.io",
    f"get leases.coordination.k8s.io/{OPERATOR}",
    f"update leases.coordination.k8s.io/{OPERATOR}",
]
MAY_NOT = [
    *(f"{verb} secrets" for verb in ("get", "list", "watch", "create", "patch", "delete")),
    *(f"{verb} pods" for verb in ("get", "create", "patch", "delete", "deletecollection")),
    "create pods/exec",
    "create pods/eviction",
    "update configmaps",
    "deletecollection configmaps",
    "update configmaps/finalizers",
    "list events",
    "get leases.coordination.k8s.io/other",
    "update leases.coordination.k8s.io/other",
    "delete leases.coordination.k8s.io",
    "create serviceaccounts/token",
    "create roles.rbac.authorization.k8s.io",
    "create daemonsets.apps",
    "list nodes",
    "list namespaces",
]


def can(sites: Sites, what: str, namespace: str = NAMESPACE) -> bool:
    verb, _, resource = what.partition(" ")
    answer = sites.kube.kubectl(
        "auth", "can-i", verb, resource, "-n", namespace, f"--as={ACCOUNT}", check=False
    )
    return answer.strip() == "yes"


def test_the_operators_account_may_do_what_it_must_and_no_more(sites: Sites) -> None:
    assert {what: can(sites, what) for what in MAY} == dict.fromkeys(MAY, True)
    assert {what: can(sites, what) for what in MAY_NOT} == dict.fromkeys(MAY_NOT, False)


def test_the_operators_account_may_do_nothing_in_other_namespaces(sites: Sites) -> None:
    assert {what: can(sites, what, "default") for what in MAY} == dict.fromkeys(MAY, False)


def test_it_is_refused_nothing_that_it_asks_for_and_needs_little_memory(sites: Sites) -> None:
    pods = sites.kube.pods(NAMESPACE, OPERATOR)
    logs = "".join(sites.kubectl("logs", pod) for pod in pods)
    assert '"message": "synced"' in logs
    assert "Forbidden" not in logs

    used = {name: memory(uid) for name, uid in pods.items()}
    print(f"\nresident memory: {', '.join(f'{mib:.0f} MiB' for mib in used.values())}")  # noqa: T201 - measured
    assert all(mib < 60 for mib in used.values())


def test_the_other_pod_takes_over_from_a_killed_leader(sites: Sites) -> None:
    sites.create("survivor", "before")
    sites.served("survivor", "before")
    old = sites.holder
    uid = sites.kube.pods(NAMESPACE, OPERATOR)[sites.leader]

    began = time.monotonic()
    os.kill(pid(uid), signal.SIGKILL)
    sites.edit("survivor", "after")
    eventually(lambda: sites.holder not in {"", old}, "another leader", 30)
    took = time.monotonic() - began
    print(f"\nanother leads {took:.1f} s after the kill")  # noqa: T201 - measured
    assert took < 20  # The lease runs out after 15 s.

    sites.served("survivor", "after")
    sites.delete("survivor")


def test_a_rolling_restart_of_the_operator_hands_over(sites: Sites) -> None:
    old = set(sites.kube.pods(NAMESPACE, OPERATOR))
    sites.kubectl("rollout", "restart", f"deployment/{OPERATOR}")
    sites.create("meanwhile", "made during the roll")
    took = sites.served("meanwhile", "made during the roll")
    print(f"\nserved {took:.1f} s after the restart began")  # noqa: T201 - measured
    sites.kubectl("rollout", "status", f"deployment/{OPERATOR}", "--timeout=90s")

    leader = eventually(lambda: sites.leader not in {"", *old} and sites.leader, "a new leader", 10)
    assert leader in sites.kube.pods(NAMESPACE, OPERATOR)
    sites.edit("meanwhile", "changed after it")
    sites.served("meanwhile", "changed after it")
    sites.delete("meanwhile")


def evict(sites: Sites, pod: str) -> str:
    """Evict a pod as a drain does; return what the API server says."""
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod}}
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}/eviction"
    return sites.kube.try_kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(body)).text


def test_fault_48_a_drain_takes_one_operator_at_a_time_and_a_site_survives_it(
    sites: Sites,
) -> None:
    sites.create("drained", "still here")
    sites.served("drained", "still here")
    first, second = sites.kube.pods(NAMESPACE, OPERATOR)

    assert "Success" in evict(sites, first)
    assert "Cannot evict pod as it would violate the pod's disruption budget" in evict(
        sites, second
    )
    (pod,) = sites.kube.pods(NAMESPACE, "drained")
    assert "Success" in evict(sites, pod)
    eventually(lambda: sites.kube.pods(NAMESPACE, "drained").keys() - {pod}, "another pod")
    sites.served("drained", "still here")
    sites.edit("drained", "and changed")
    sites.served("drained", "and changed")
    sites.kubectl("rollout", "status", f"deployment/{OPERATOR}", "--timeout=90s")
    sites.delete("drained")


def pods_of(sites: Sites, app: str) -> list[str]:
    """Return an application's pods, those too that are about to go."""
    return sites.kubectl("get", "pods", "-l", f"app={app}", "-o", "name").split()


def content(number: int) -> str:
    """Return a page of many parts, each of which names its version."""
    return f"This is v{number} running\n" * 300


def answered(load: Load, number: int) -> None:
    """Wait until some answer is of this version."""
    version = f"v{number}"
    eventually(lambda: version in {a.version for a in load.answers[-50:]}, f"{version} answers")


def test_twenty_changes_of_content_lose_no_request_and_mix_no_versions(sites: Sites) -> None:
    sites.create("busy", content(0))
    sites.kubectl("wait", "--for=create", "deployment/busy", "--timeout=30s")
    sites.kubectl("rollout", "status", "deployment/busy", "--timeout=60s")
    sites.expose("busy", NODE_PORT)
    eventually(lambda: page(URL) == content(0), "the first version from outside")
    try:
        with Load(URL) as load:
            for number in range(1, CHANGES + 1):
                sites.edit("busy", content(number))
                answered(load, number)
            last = f"v{CHANGES}"
            eventually(lambda: {a.version for a in load.since(1)} == {last}, f"only {last} answers")
            eventually(lambda: len(pods_of(sites, "busy")) == 1, "the last old pod goes")
    finally:
        sites.kubectl("delete", "service", "load")
        sites.delete("busy")

    print(f"\n{len(load.answers)} requests, failed: {dict(load.failures)}")  # noqa: T201 - measured
    assert not load.failures
    assert set(load.versions) == {f"v{number}" for number in range(CHANGES + 1)}


def test_without_pre_stop_a_change_of_content_loses_requests(sites: Sites) -> None:
    """The same site but for preStop; rolled by hand, for the operator would mend it."""
    meta = Meta(name="control", namespace=NAMESPACE, component="site")

    def roll(number: int) -> None:
        site = nginx_site.objects(meta, NginxSite(content={"index.html": content(number)}))
        del site.deployment["spec"]["template"]["spec"]["containers"][0]["lifecycle"]
        for manifest in (*site.config_maps, site.deployment, site.service):
            sites.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(manifest))
        sites.kubectl("rollout", "status", "deployment/control", "--timeout=60s")

    roll(0)
    sites.expose("control", NODE_PORT)
    eventually(lambda: page(URL) == content(0), "the first version from outside")
    try:
        with Load(URL, new=8, pause=0) as load:
            for number in range(1, CHANGES + 1):
                roll(number)
                if load.failures:
                    break
    finally:
        sites.kubectl("delete", "service", "load")
        sites.kubectl("delete", "deployment,service,configmap", "-l", "app=control")

    print(f"\n{len(load.answers)} requests, failed: {dict(load.failures)}")  # noqa: T201 - measured
    assert load.failures
