"""WebService: what its pods hold beside the web server, and the objects that back them."""

import json
from typing import Any

import pulumi
import pytest

from tests.unit import samples
from tests.unit.objects import pod_labels, pod_of, selects
from tests.unit.programs import Graph, Recorder, computed

SECRET = "correct horse"


def pod(graph: Graph) -> Any:
    return pod_of(graph.one("Deployment").inputs)


def container(graph: Graph, name: str = "nodejs") -> Any:
    every = [*pod(graph).get("initContainers", []), *pod(graph)["containers"]]
    return next(each for each in every if each["name"] == name)


def declared(record: Recorder, **args: Any) -> Graph:
    return record.under_provider(samples.web("web", **args))


@pytest.fixture
def full(record: Recorder) -> Graph:
    return record.under_provider(samples.web("web", **samples.POD_WEB))


def test_a_service_with_everything_in_its_pods_makes_each_object_once(full: Graph) -> None:
    assert sorted(manifest["kind"] for manifest in full.manifests) == [
        "ConfigMap",
        "Deployment",
        "PersistentVolumeClaim",
        "Secret",
        "Service",
        "ServiceAccount",
    ]


# The web server's container


def test_command_arguments_and_folder_are_the_web_servers(full: Graph) -> None:
    web = container(full)
    assert (web["command"], web["args"]) == (["serve"], ["--address=$(POD_IP)"])
    assert (web["workingDir"], web["imagePullPolicy"]) == ("/srv", "Always")


def test_variables_come_from_fields_keys_and_values(full: Graph) -> None:
    assert container(full)["env"] == [
        {
            "name": "MEMORY",
            "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}},
        },
        {
            "name": "MODE",
            "valueFrom": {"configMapKeyRef": {"name": "modes", "key": "web", "optional": True}},
        },
        {
            "name": "PASSWORD",
            "valueFrom": {"secretKeyRef": {"name": "database", "key": "password"}},
        },
        {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "PRICE", "value": "$$(5)"},
    ]


def test_whole_sets_of_variables_come_before_the_services_own_secret(record: Recorder) -> None:
    graph = declared(
        record,
        secret_env={"TOKEN": SECRET},
        env_from=[{"config_map_ref": {"name": "settings"}, "prefix": "SET_"}],
    )
    assert container(graph)["envFrom"] == [
        {"configMapRef": {"name": "settings"}, "prefix": "SET_"},
        {"secretRef": {"name": graph.one("Secret").inputs["metadata"]["name"]}},
    ]


def test_an_output_arrives_as_it_is_too(record: Recorder) -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        samples.web("web", env={"PRICE": computed("$(5)")})(opts)

    graph = record.under_provider(declare)
    if not record.preview:
        assert container(graph)["env"] == [{"name": "PRICE", "value": "$$(5)"}]
    else:
        assert graph.one("Deployment").unknowns


def test_a_startup_probe_gives_pods_the_time_it_may_take(record: Recorder) -> None:
    quick = declared(record, replicas=2)
    slow = declared(record, replicas=2, startup={"http_get": {}, "failure_threshold": 60})
    assert container(slow)["startupProbe"]["httpGet"] == {"path": "/", "port": 8080}
    seconds = [
        int(graph.one("Deployment").inputs["metadata"]["annotations"]["pulumi.com/timeoutSeconds"])
        for graph in (quick, slow)
    ]
    deadlines = [
        graph.one("Deployment").inputs["spec"]["progressDeadlineSeconds"] for graph in (quick, slow)
    ]
    # The first pod may take that long, and each of the two, before anything makes progress.
    assert deadlines == [120, 120 + 60 * 5]
    assert seconds[1] - seconds[0] == (1 + 2) * 60 * 5


def test_probes_ask_by_grpc_and_with_headers(full: Graph) -> None:
    assert container(full)["startupProbe"]["httpGet"] == {
        "path": "/started",
        "port": 8080,
        "scheme": "HTTPS",
        "httpHeaders": [{"name": "Host", "value": "example.org"}],
    }
    assert container(full, "fetcher")["startupProbe"]["grpc"] == {"port": 9000}


def test_a_container_may_write_to_its_image_where_it_says_so(record: Recorder) -> None:
    graph = declared(record, security_context={"read_only_root_filesystem": False})
    assert container(graph)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": False,
    }


# Other containers


def test_init_containers_keep_their_order_and_one_that_restarts_is_a_sidecar(full: Graph) -> None:
    init = pod(full)["initContainers"]
    assert [(each["name"], each.get("restartPolicy")) for each in init] == [
        ("fetcher", "Always"),
        ("migrate", None),
    ]
    assert [each["name"] for each in pod(full)["containers"]] == ["nodejs", "proxy"]


def test_only_the_web_servers_port_is_called_http(full: Graph) -> None:
    assert container(full)["ports"] == [{"name": "http", "containerPort": 8080}]
    assert container(full, "fetcher")["ports"] == [{"containerPort": 9000}]


def test_a_sidecar_fetches_into_the_folder_that_the_web_server_serves(full: Graph) -> None:
    into, out = (
        next(mount for mount in container(full, name)["volumeMounts"] if mount["name"] == "content")
        for name in ("fetcher", "nodejs")
    )
    assert into == {"name": "content", "mountPath": "/content"}
    assert out == {"name": "content", "mountPath": "/srv/content", "readOnly": True}


# Files


def test_each_container_has_its_files_from_one_immutable_config_map(full: Graph) -> None:
    config = full.one("ConfigMap").inputs
    assert config["immutable"] is True
    for name, text in (("nodejs", "listen 8080\n"), ("proxy", "of the proxy")):
        (mount,) = [
            each for each in container(full, name)["volumeMounts"] if each["name"] == "files"
        ]
        assert (mount["mountPath"], mount["readOnly"]) == ("/etc/web/web.conf", True)
        assert config["data"][mount["subPath"]] == text
    (volume,) = [each for each in pod(full)["volumes"] if each["name"] == "files"]
    assert volume["configMap"] == {"name": config["metadata"]["name"]}
    assert full.one("ConfigMap") in full.dependencies(full.one("Deployment"))


def test_each_container_has_its_secret_files_from_one_immutable_secret(full: Graph) -> None:
    secret = full.one("Secret").inputs
    assert secret["immutable"] is True
    for name, path in (("nodejs", "/etc/web/key.pem"), ("fetcher", "/etc/fetcher/token")):
        (mount,) = [
            each for each in container(full, name)["volumeMounts"] if each["name"] == "secret-files"
        ]
        assert mount["mountPath"] == path
        assert secret["stringData"][mount["subPath"]] == "s3cret"
    assert full.one("Secret") in full.dependencies(full.one("Deployment"))


def test_a_changed_file_is_a_new_object_and_rolls_the_pods(record: Recorder) -> None:
    before, after = (declared(record, files={"/etc/a": text}) for text in "ab")
    assert before.one("ConfigMap").urn != after.one("ConfigMap").urn
    assert pod(before) != pod(after)
    assert before.one("ConfigMap").options.protect is False


@pytest.mark.parametrize("secret_file", ["of the web server", "of a sidecar"])
def test_a_secret_file_stands_nowhere_in_plain_sight(record: Recorder, secret_file: str) -> None:
    files = {"secret_files": {"/etc/key": SECRET}}
    side = {"pod": {"containers": [{"name": "side", "image": "side:1", **files}]}}
    graph = declared(record, **(files if secret_file == "of the web server" else side))
    assert graph.in_plain_sight(SECRET) == []
    assert SECRET not in json.dumps(pod(graph))


def test_a_secret_file_may_be_an_output(record: Recorder) -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        samples.web("web", secret_files={"/etc/key": pulumi.Output.secret(SECRET)})(opts)

    graph = record.under_provider(declare)
    assert graph.one("Secret").inputs["stringData"] == {"nodejs_etc_key": SECRET}


# Volumes


def test_volumes_are_folders_claims_objects_and_images(full: Graph) -> None:
    assert [each for each in pod(full)["volumes"] if "files" not in each["name"]] == [
        {"name": "content", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}},
        {"name": "data", "persistentVolumeClaim": {"claimName": "web-data"}},
        {"name": "keys", "secret": {"secretName": "keys"}},
        {"name": "maps", "configMap": {"name": "maps", "optional": True}},
        {"name": "model", "image": {"reference": "model:1", "pullPolicy": "IfNotPresent"}},
        {"name": "old", "persistentVolumeClaim": {"claimName": "old-data", "readOnly": True}},
        {"name": "tmp", "emptyDir": {"sizeLimit": "16Mi"}},
    ]


def test_the_order_of_keys_changes_nothing(record: Recorder) -> None:
    """Over the wire of Pulumi's packages, mappings have no order."""

    def backwards(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: backwards(value[key]) for key in reversed(value)}
        return [backwards(each) for each in value] if isinstance(value, list) else value

    more = {"files": {"/b": "b", "/a": "a"}, "ports": {"b": {"port": 2}, "a": {"port": 1}}}
    args = {**samples.POD_WEB, **more}
    assert declared(record, **backwards(args)).manifests == declared(record, **args).manifests


def test_a_claim_is_what_is_asked_for_and_outlives_every_release(full: Graph) -> None:
    claim = full.one("PersistentVolumeClaim")
    assert claim.inputs["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
        "storageClassName": "fast",
    }
    assert claim.inputs["metadata"]["annotations"]["kubia.io/retain"] == "true"
    assert claim.options.retain_on_delete
    assert not claim.options.protect
    assert claim in full.dependencies(full.one("Deployment"))


def test_the_folder_for_temporary_files_can_be_larger(record: Recorder) -> None:
    large = {"empty_dir": {"size_limit": "1Gi"}}
    graph = declared(record, pod={"volumes": {"tmp": large}})
    assert pod(graph)["volumes"] == [{"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}]
    assert container(graph)["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]


def test_what_is_mounted_at_tmp_takes_its_place(record: Recorder) -> None:
    graph = declared(
        record,
        volume_mounts=[{"name": "scratch", "mount_path": "/tmp"}],
        pod={"volumes": {"scratch": {"empty_dir": {}}}},
    )
    assert container(graph)["volumeMounts"] == [{"name": "scratch", "mountPath": "/tmp"}]


# The pod


def test_an_account_of_the_services_own_bears_what_clouds_read(full: Graph) -> None:
    account = full.one("ServiceAccount")
    assert account.inputs["metadata"]["annotations"]["example.org/role"] == "web"
    assert account.inputs["automountServiceAccountToken"] is False
    assert pod(full)["serviceAccountName"] == account.inputs["metadata"]["name"] == "web"
    assert pod(full)["automountServiceAccountToken"] is True
    assert account in full.dependencies(full.one("Deployment"))


def test_an_account_that_exists_is_named_and_its_token_not_seen(record: Recorder) -> None:
    graph = declared(record, pod={"service_account_name": "theirs"})
    assert pod(graph)["serviceAccountName"] == "theirs"
    assert pod(graph)["automountServiceAccountToken"] is False
    assert len(graph.manifests) == 2


def test_a_pod_is_placed_and_told_names_as_it_is_said(full: Graph) -> None:
    given = pod(full)
    assert given["imagePullSecrets"] == [{"name": "registry"}]
    assert given["nodeSelector"] == {"disk": "ssd"}
    assert given["tolerations"] == [{"key": "gpu", "operator": "Equal", "value": "true"}]
    assert given["affinity"].keys() == {"podAntiAffinity"}
    assert given["priorityClassName"] == "important"
    assert given["hostAliases"] == [{"ip": "10.0.0.7", "hostnames": ["database"]}]
    assert given["dnsPolicy"] == "None"
    assert given["dnsConfig"] == {
        "nameservers": ["10.0.0.10"],
        "searches": ["example.org"],
        "options": [{"name": "ndots", "value": "2"}],
    }


def test_the_pods_of_one_version_spread(full: Graph) -> None:
    zones, nodes = pod(full)["topologySpreadConstraints"]
    assert (zones["topologyKey"], zones["whenUnsatisfiable"]) == (
        "topology.kubernetes.io/zone",
        "ScheduleAnyway",
    )
    assert (nodes["topologyKey"], nodes["whenUnsatisfiable"]) == (
        "kubernetes.io/hostname",
        "DoNotSchedule",
    )
    assert (nodes["minDomains"], nodes["nodeTaintsPolicy"]) == (2, "Honor")
    for constraint in (zones, nodes):
        selector = constraint["labelSelector"]["matchLabels"]
        assert selects(selector, pod_labels(full.one("Deployment").inputs))
        assert constraint["matchLabelKeys"] == ["pod-template-hash"]


def test_labels_and_annotations_of_the_pods_are_theirs_alone(full: Graph) -> None:
    deployment = full.one("Deployment").inputs
    template = deployment["spec"]["template"]["metadata"]
    assert template["labels"]["tier"] == "front"
    assert template["annotations"] == {"example.org/scrape": "true"}
    assert "tier" not in deployment["metadata"]["labels"]
    assert "tier" not in deployment["spec"]["selector"]["matchLabels"]


def test_the_cluster_may_choose_user_and_group(record: Recorder) -> None:
    graph = declared(record, pod={"security_context": {"cluster_assigns": True}})
    assert pod(graph)["securityContext"] == {
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


# Kubernetes' own fields

STRATEGIES: dict[str, Any] = {
    "RollingUpdate": {},
    "BlueGreen": {"type": "BlueGreen", "active": "green", "idle_image": "kubia:v0"},
    "Canary": {"type": "Canary", "canary_image": "kubia:v2"},
}


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_what_is_added_to_a_deployment_is_in_each(record: Recorder, strategy: Any) -> None:
    term = {"name": "nodejs", "tty": True}
    added = {"revisionHistoryLimit": 3, "template": {"spec": {"containers": [term]}}}
    graph = declared(record, strategy=strategy, raw={"deployment": {"spec": added}})
    deployments = [each for each in graph.manifests if each["kind"] == "Deployment"]
    assert len(deployments) == (2 if strategy else 1)
    for deployment in deployments:
        assert deployment["spec"]["revisionHistoryLimit"] == 3
        (web,) = pod_of(deployment)["containers"]
        assert (web["tty"], web["readinessProbe"]["periodSeconds"]) == (True, 1)


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("service", {}),
        ("horizontalPodAutoscaler", {"autoscaler": {"max_replicas": 3}}),
        ("podDisruptionBudget", {"disruption_budget": {}}),
        ("ingress", {"ingress": {"hosts": ["shop.example.org"]}}),
        ("networkPolicy", {"network_policy": {}}),
        ("httpRoute", {"route": {"parent_refs": [{"name": "gateway"}]}}),
        ("serviceMonitor", {"monitor": {}}),
        ("serviceAccount", {"pod": {"service_account": {}}}),
        ("persistentVolumeClaim", {"pod": {"volumes": {"a": {"claim": {"storage": "1Gi"}}}}}),
        ("configMap", {"files": {"/etc/a": "b"}}),
        ("secret", {"secret_env": {"TOKEN": "s3cret"}}),
    ],
)
def test_what_is_added_to_an_object_is_in_it(record: Recorder, kind: str, args: Any) -> None:
    added = {kind: {"metadata": {"annotations": {"example.org/a": "b"}}}}
    graph = declared(record, **args, raw=added)
    (manifest,) = [each for each in graph.manifests if each["kind"].lower() == kind.lower()]
    annotations = manifest["metadata"]["annotations"]
    assert annotations["example.org/a"] == "b"
    assert annotations["pulumi.com/patchFieldManager"] == "kubia"


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("configMap", {"files": {"/etc/a": "b"}}),
        ("secret", {"secret_env": {"TOKEN": "s3cret"}}),
        ("secret", {"secret_files": {"/etc/a": "s3cret"}}),
    ],
    ids=["files", "secretEnv", "secretFiles"],
)
def test_a_label_of_content_changes_neither_its_name_nor_the_pods(
    record: Recorder, kind: str, args: Any
) -> None:
    before = declared(record, **args)
    after = declared(record, **args, raw={kind: {"metadata": {"labels": {"team": "shop"}}}})
    changed = [
        (one.type.rpartition(":")[2], one.name == other.name)
        for one, other in zip(before.kubernetes, after.kubernetes, strict=True)
        if one.inputs != other.inputs
    ]
    assert changed == [(f"{kind[0].upper()}{kind[1:]}", True)]
