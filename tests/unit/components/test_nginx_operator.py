"""NginxOperator: what it makes, and that it may do no more than the operator does."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests.meta import Meta
from kubia.manifests.nginx_operator import NginxOperator
from kubia.manifests.pods import Resources
from kubia.manifests.site_source import SiteOptions
from kubia.operator import settings
from tests.unit import samples
from tests.unit.objects import pod_labels, pod_of, selects
from tests.unit.programs import Graph, Recorder, computed

META = Meta(name="nginx-operator", namespace="team", component="operator")
KEEP = ["get", "list", "watch", "create", "patch", "delete"]
SITES = [
    {"apiGroups": [""], "resources": ["configmaps", "services"], "verbs": KEEP},
    {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": KEEP},
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]},
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
]
LEASE = [
    {
        "apiGroups": ["coordination.k8s.io"],
        "resources": ["leases"],
        "verbs": ["get", "update"],
        "resourceNames": ["nginx-operator"],
    },
    {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["create"]},
]
SUBJECT = {"kind": "ServiceAccount", "name": "nginx-operator", "namespace": "team"}


def operator(record: Recorder, **changes: Any) -> Graph:
    return record.under_provider(samples.operator("nginx-operator", **changes))


def named(graph: Graph) -> set[tuple[str, str, str]]:
    return {
        (m["kind"], m["metadata"].get("namespace", ""), m["metadata"]["name"])
        for m in graph.manifests
    }


def environment(graph: Graph) -> Mapping[str, str]:
    (container,) = pod_of(graph.one("Deployment").inputs)["containers"]
    return {variable["name"]: variable["value"] for variable in container["env"]}


ALWAYS = {
    ("ServiceAccount", "team", "nginx-operator"),
    ("Role", "team", "nginx-operator-lease"),
    ("RoleBinding", "team", "nginx-operator-lease"),
    ("NetworkPolicy", "team", "nginx-operator"),
    ("PodDisruptionBudget", "team", "nginx-operator"),
    ("Deployment", "team", "nginx-operator"),
}


def test_an_operator_keeps_its_own_namespace_and_needs_no_right_beyond_it(record: Recorder) -> None:
    assert named(operator(record)) == ALWAYS | {
        ("Role", "team", "nginx-operator"),
        ("RoleBinding", "team", "nginx-operator"),
    }


def test_in_other_namespaces_its_rights_carry_its_full_name(record: Recorder) -> None:
    graph = operator(record, namespaces=["shop", "team"])
    assert named(graph) == ALWAYS | {
        (kind, kept, "nginx-operator.team")
        for kind in ("Role", "RoleBinding")
        for kept in ("shop", "team")
    }
    for kept in ("shop", "team"):
        binding = graph.one("RoleBinding", f"nginx-operator-in-{kept}").inputs
        assert binding["roleRef"]["name"] == "nginx-operator.team"
        assert binding["subjects"] == [SUBJECT]


def test_in_every_namespace_it_works_only_where_that_is_said(record: Recorder) -> None:
    graph = operator(record, cluster_wide=True)
    assert named(graph) == ALWAYS | {
        ("ClusterRole", "", "nginx-operator.team"),
        ("ClusterRoleBinding", "", "nginx-operator.team"),
    }
    assert graph.one("ClusterRole").inputs["rules"] == SITES
    assert graph.one("ClusterRoleBinding").inputs["subjects"] == [SUBJECT]
    assert "KUBIA_OPERATOR_NAMESPACES" not in environment(graph)


def test_its_rights_are_those_that_it_uses(record: Recorder) -> None:
    graph = operator(record)
    rules = {role.name: role.inputs["rules"] for role in graph.all("Role")}
    assert rules == {"nginx-operator": SITES, "nginx-operator-lease": LEASE}


@pytest.mark.parametrize(
    "changes", [{}, {"namespaces": ["shop"]}, {"cluster_wide": True}], ids=["own", "named", "all"]
)
def test_it_may_never_read_secrets_write_pods_or_do_everything(
    record: Recorder, changes: Mapping[str, Any]
) -> None:
    graph = operator(record, **changes)
    rules = [rule for m in graph.manifests for rule in m.get("rules", ())]
    assert len(rules) == 6
    for rule in rules:
        words = {*rule["apiGroups"], *rule["resources"], *rule["verbs"]}
        assert not words & {"*", "secrets", "deletecollection", "escalate", "bind", "impersonate"}
        assert "pods" not in rule["resources"] or rule["verbs"] == ["list"]
        assert not any("/" in resource for resource in rule["resources"])


@pytest.mark.parametrize("kind", ["RoleBinding", "ClusterRoleBinding"])
def test_each_binding_gives_one_role_to_its_own_account(record: Recorder, kind: str) -> None:
    graph = operator(record, cluster_wide=kind == "ClusterRoleBinding")
    for binding in graph.all(kind):
        role = graph.one(kind.removesuffix("Binding"), binding.name).inputs
        assert binding.inputs["roleRef"] == {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": role["kind"],
            "name": role["metadata"]["name"],
        }
        assert binding.inputs["subjects"] == [SUBJECT]


def test_its_pods_have_the_accounts_token_and_nobody_else_gets_it_unasked(
    record: Recorder,
) -> None:
    graph = operator(record)
    pod = pod_of(graph.one("Deployment").inputs)
    account = graph.one("ServiceAccount").inputs
    assert pod["serviceAccountName"] == account["metadata"]["name"]
    assert pod["automountServiceAccountToken"] is True
    assert account["automountServiceAccountToken"] is False


def test_its_pods_start_only_when_they_may_work(record: Recorder) -> None:
    graph = operator(record)
    before = {r.type.rpartition(":")[2] for r in graph.dependencies(graph.one("Deployment"))}
    assert {"ServiceAccount", "Role", "RoleBinding"} <= before


def test_two_pods_on_different_nodes_of_which_a_roll_takes_none_away(record: Recorder) -> None:
    manifest = operator(record).one("Deployment").inputs
    assert manifest["spec"]["replicas"] == 2
    bounds = manifest["spec"]["strategy"]["rollingUpdate"]
    assert bounds == {"maxSurge": 1, "maxUnavailable": 0}
    (spread,) = pod_of(manifest)["topologySpreadConstraints"]
    assert spread["topologyKey"] == "kubernetes.io/hostname"
    assert spread["whenUnsatisfiable"] == "ScheduleAnyway"
    assert selects(spread["labelSelector"]["matchLabels"], pod_labels(manifest))


def test_its_probes_and_its_metrics_are_on_its_port(record: Recorder) -> None:
    manifest = operator(record).one("Deployment").inputs
    (container,) = pod_of(manifest)["containers"]
    assert container["ports"] == [{"name": "http", "containerPort": 8081}]
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": 8081}
    assert container["livenessProbe"]["httpGet"] == {"path": "/livez", "port": 8081}
    assert manifest["spec"]["template"]["metadata"]["annotations"] == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "8081",
        "prometheus.io/path": "/metrics",
    }


def test_the_selectors_match_its_pods(record: Recorder) -> None:
    graph = operator(record)
    labels = pod_labels(graph.one("Deployment").inputs)
    for kind, field in (
        ("Deployment", "selector"),
        ("PodDisruptionBudget", "selector"),
        ("NetworkPolicy", "podSelector"),
    ):
        selector = graph.one(kind).inputs["spec"][field]["matchLabels"]
        assert selects(selector, labels), kind
        assert selector.keys() <= {"app", "app.kubernetes.io/instance"}


def test_a_drain_takes_one_pod_at_a_time(record: Recorder) -> None:
    assert operator(record).one("PodDisruptionBudget").inputs["spec"]["maxUnavailable"] == 1


def test_it_reaches_api_server_and_dns_and_is_scraped_and_nothing_else(record: Recorder) -> None:
    policy = operator(record, api_server_ports=[8443]).one("NetworkPolicy").inputs["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["egress"] == [
        {"ports": [{"protocol": "TCP", "port": 8443}]},
        {
            "to": [{"namespaceSelector": {}}],
            "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
        },
    ]
    assert policy["ingress"] == [
        {"from": [{"namespaceSelector": {}}], "ports": [{"protocol": "TCP", "port": 8081}]}
    ]


def test_the_operator_understands_its_environment_as_it_is_meant() -> None:
    spec = NginxOperator(
        namespaces=["shop", "team"],
        selector="example.org/page=yes",
        site_image="nginx:2",
        site_replicas=3,
        site_resources=Resources(requests={"cpu": "5m", "memory": "1Mi"}, limits={"cpu": "2"}),
        sites_per_namespace=7,
        log_level="debug",
    )

    read = settings.load("", spec.environment(META), {})

    assert read.namespaces == ("shop", "team")
    assert read.selector == "example.org/page=yes"
    keeper = "team/nginx-operator example.org/page=yes"
    resources = spec.site_resources
    options = SiteOptions(image="nginx:2", replicas=3, resources=resources, keeper=keeper)
    assert read.options() == options
    assert read.sites_per_namespace == 7
    assert read.log_level == "debug"
    assert (read.lease_namespace, read.lease_name) == ("team", "nginx-operator")


def test_with_nothing_said_the_operator_does_as_it_does_outside_of_the_cluster() -> None:
    given = NginxOperator().environment(META)
    assert settings.load("", given, {}) == settings.load(
        "",
        {},
        {"namespaces": "team", "lease-namespace": "team", "lease-name": "nginx-operator"},
    )


def test_everywhere_means_no_namespace_to_the_operator() -> None:
    given = NginxOperator(cluster_wide=True).environment(META)
    assert settings.load("", given, {}).namespaces == ()


def test_a_namespace_and_images_of_other_resources_reach_every_object(record: Recorder) -> None:
    graph = record.under_provider(
        samples.later(
            samples.operator,
            namespace=lambda: computed("team"),
            image=lambda: computed("operator:2"),
            site_image=lambda: computed("nginx:2"),
            cluster_wide=lambda: True,
        )
    )
    if record.preview:
        assert ("metadata", "name") in graph.one("ClusterRole").unknowns
        assert ("subjects", 0, "namespace") in graph.one("ClusterRoleBinding").unknowns
        return
    assert graph.one("ClusterRole").inputs["metadata"]["name"] == "operator.team"
    (container,) = pod_of(graph.one("Deployment").inputs)["containers"]
    assert container["image"] == "operator:2"
    given = environment(graph)
    assert given["KUBIA_OPERATOR_IMAGE"] == "nginx:2"
    assert given["KUBIA_OPERATOR_LEASE_NAMESPACE"] == "team"


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "some namespaces and all": (
        {"cluster_wide": True, "namespaces": ["shop", "team"]},
        "namespaces: is shop, team, but clusterWide is true; leave one of them out",
    ),
    "a namespace in capitals": (
        {"namespaces": ["Shop"]},
        (
            "namespaces: 'Shop' is not a namespace's name; use lower-case letters, digits and '-', "
            "and begin and end with a letter or digit"
        ),
    ),
    "a selector of no value": (
        {"selector": "kubia.io/site"},
        "selector: is 'kubia.io/site'; must be LABEL=VALUE, such as kubia.io/site=true",
    ),
    "a selector of two labels": (
        {"selector": "a=b,c=d"},
        (
            "selector.a: 'b,c=d' is not a label value; use letters, digits, '-', '_' and '.', "
            "and begin and end with a letter or digit"
        ),
    ),
    "numbers below nothing": (
        {"replicas": -1, "site_replicas": -2, "sites_per_namespace": -3},
        (
            "replicas: is -1; must be at least 0\n"
            "siteReplicas: is -2; must be at least 0\n"
            "sitesPerNamespace: is -3; must be at least 0"
        ),
    ),
    "no way to the API server": (
        {"api_server_ports": []},
        "apiServerPorts: is empty; name the ports of the API server's endpoints",
    ),
    "a port above all": (
        {"api_server_ports": [443, 65536]},
        "apiServerPorts: is 65536; must be from 1 to 65535",
    ),
}


@pytest.mark.parametrize(("fields", "text"), REFUSED.values(), ids=REFUSED)
def test_an_operator_refuses(fields: Mapping[str, Any], text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        NginxOperator(**fields)
    assert str(caught.value) == text


def test_its_name_is_its_output(record: Recorder) -> None:
    graph = operator(record)
    component = graph.one("kubia:index:NginxOperator")
    assert graph.registered_outputs(component) == {"name": "nginx-operator"}
