"""The three stacks: what they share, and what each is for."""

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests.pods import Resources
from kubia.manifests.strategies import Strategy
from kubia.manifests.values import Spec, camel_case
from kubia.mistakes import MistakeError
from stacks import settings
from tests.unit import samples
from tests.unit.objects import pod_of
from tests.unit.programs import STACKS, Graph, Recorder, differing, stack_config

SECRET = "correct horse"

every_stack = pytest.mark.parametrize("stack", STACKS)


def replicas_of(graph: Graph, name: str) -> int:
    return int(graph.one("Deployment", name).inputs["spec"]["replicas"])


def image_of(graph: Graph, name: str) -> str:
    (container,) = pod_of(graph.one("Deployment", name).inputs)["containers"]
    return str(container["image"])


@every_stack
def test_a_stack_is_a_namespace_a_web_service_its_sites_agents_and_operators(
    record: Recorder, stack: str
) -> None:
    graph = record.stack(stack)
    top = sorted((r.type, r.name) for r in graph if not r.parent)
    assert top == [
        ("kubernetes:core/v1:Namespace", "namespace"),
        ("kubia:index:NginxOperator", "nginx-operator"),
        ("kubia:index:NginxSite", "hello"),
        ("kubia:index:NodeAgent", "ssd-monitor"),
        ("kubia:index:WebService", "kubia"),
        ("pulumi:providers:kubernetes", "cluster"),
        ("pulumi:providers:kubernetes", "cluster-namespace"),
    ]


@every_stack
def test_everything_is_under_the_stacks_own_providers(record: Recorder, stack: str) -> None:
    graph = record.stack(stack)
    cluster, outside = (
        graph.one("pulumi:providers:kubernetes", name) for name in ("cluster", "cluster-namespace")
    )
    namespace = graph.one("Namespace")
    assert graph.provider(namespace) == outside
    assert [r for r in graph.kubernetes if graph.provider(r) not in (cluster, outside)] == []
    for provider in (cluster, outside):
        assert provider.inputs["context"] == stack_config(stack)["kubia:contexts"][0]
        assert provider.inputs["clusterIdentifier"] == stack


@every_stack
def test_every_stack_disables_the_default_kubernetes_provider(stack: str) -> None:
    assert stack_config(stack)["pulumi:disable-default-providers"] == ["kubernetes"]


@every_stack
def test_everything_lies_in_the_stacks_namespace_and_comes_after_it(
    record: Recorder, stack: str
) -> None:
    graph = record.stack(stack)
    namespace = graph.one("Namespace")
    assert namespace.inputs["metadata"]["name"] == f"kubia-{stack}"
    others = [r for r in graph.kubernetes if r != namespace]
    assert {r.inputs["metadata"]["namespace"] for r in others} == {f"kubia-{stack}"}
    assert [r for r in others if namespace not in graph.dependencies(r)] == []


@every_stack
def test_the_namespace_lets_in_only_restricted_pods(record: Recorder, stack: str) -> None:
    labels = record.stack(stack).one("Namespace").inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


@every_stack
def test_every_object_says_which_environment_it_belongs_to(record: Recorder, stack: str) -> None:
    assert {m["metadata"]["labels"]["env"] for m in record.stack(stack).manifests} == {stack}


def test_the_stacks_have_the_same_keys() -> None:
    keys = [stack_config(stack).keys() for stack in STACKS]
    assert keys[0] == keys[1] == keys[2]
    assert "kubia:services" in keys[0]


def test_the_stacks_share_no_namespace() -> None:
    assert len({stack_config(stack)["kubia:namespace"] for stack in STACKS}) == len(STACKS)


def test_only_a_developers_stack_runs_on_a_developers_cluster() -> None:
    shared = {
        stack: set(stack_config(stack)["kubia:contexts"]) - {"kubia", "kubia-*"} for stack in STACKS
    }
    assert shared["staging"] == {"staging"}
    assert shared["prod"] == {"prod"}
    assert not shared["dev"] & {"staging", "prod"}


def test_dev_is_one_pod_of_v1(record: Recorder) -> None:
    graph = record.stack("dev")
    assert replicas_of(graph, "kubia") == replicas_of(graph, "hello") == 1
    assert image_of(graph, "kubia") == "kubia:v1"


def test_staging_rolls_v2_without_losing_a_pod(record: Recorder) -> None:
    graph = record.stack("staging")
    spec = graph.one("Deployment", "kubia").inputs["spec"]
    assert image_of(graph, "kubia") == "kubia:v2"
    assert spec["replicas"] == 2
    assert spec["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
    }


def test_prod_keeps_three_pods_and_holds_back_a_bad_version(record: Recorder) -> None:
    graph = record.stack("prod")
    spec = graph.one("Deployment", "kubia").inputs["spec"]
    assert image_of(graph, "kubia") == "kubia:v2"
    assert spec["replicas"] == 3
    assert graph.one("HorizontalPodAutoscaler", "kubia").inputs["spec"]["minReplicas"] == 3
    assert graph.one("PodDisruptionBudget", "kubia").inputs["spec"]["maxUnavailable"] == 1
    assert spec["minReadySeconds"] == 10
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    (container,) = pod_of({"spec": spec})["containers"]
    assert container["readinessProbe"]["periodSeconds"] == 1
    assert container["readinessProbe"]["httpGet"] == {"path": "/", "port": 8080}


@every_stack
def test_only_in_prod_the_namespace_and_what_serves_are_protected(
    record: Recorder, stack: str
) -> None:
    graph = record.stack(stack)
    protected = sorted((r.type.rpartition(":")[2], r.name) for r in graph if r.options.protect)
    kept = [("Namespace", "namespace"), ("Service", "kubia"), ("WebService", "kubia")]
    assert protected == (kept if stack == "prod" else [])


@pytest.mark.parametrize(("text", "means"), [("false", False), ("true", True)])
def test_a_truth_value_that_pulumi_has_rewritten_as_text_means_the_same(
    record: Recorder, text: str, *, means: bool
) -> None:
    graph = record.file("prod", {**stack_config("prod"), "kubia:protect": text})
    assert graph.one("Namespace").options.protect is means


@pytest.mark.parametrize(
    ("stack", "urls"),
    [("dev", ["http://127.0.0.1:30080"]), ("staging", ["http://127.0.0.1:30081"]), ("prod", [])],
)
def test_what_a_stack_exports(record: Recorder, stack: str, urls: list[str]) -> None:
    assert record.stack(stack).exports == {
        "services": ["kubia", "hello"],
        "urls": [
            f"http://kubia.kubia-{stack}.svc.cluster.local",
            f"http://hello.kubia-{stack}.svc.cluster.local",
        ],
        "nodePortUrls": urls,
        "sites": ["hello"],
        "agents": ["ssd-monitor"],
        "operators": ["nginx-operator"],
    }


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("2001:db8::10", "http://[2001:db8::10]:30080"),
        ("[2001:db8::10]", "http://[2001:db8::10]:30080"),
        ("node.example", "http://node.example:30080"),
    ],
)
def test_a_nodes_address_may_be_of_ipv6(address: str, url: str) -> None:
    config = {**stack_config("dev"), "kubia:nodeAddress": address}
    assert settings.node_port_urls(settings.parse("f", config)) == [url]


@every_stack
def test_two_runs_of_a_stack_declare_the_same(record: Recorder, stack: str) -> None:
    first, second = (record.stack(stack, lambda _: None) for _ in range(2))
    assert {r.urn: r for r in first} == {r.urn: r for r in second}
    assert first.exports == second.exports


def test_a_preview_and_an_update_declare_the_same_objects() -> None:
    preview, update = (Recorder(preview=preview).stack("prod") for preview in (True, False))
    assert {r.urn: r.inputs for r in preview} == {r.urn: r.inputs for r in update}


def test_changed_content_of_a_site_touches_nothing_else(record: Recorder) -> None:
    def change(config: dict[str, Any]) -> None:
        config["kubia:sites"]["hello"]["content"]["index.html"] = "changed"

    assert differing(record.stack("dev"), record.stack("dev", change)) == {
        ("NginxSite", "hello"),
        ("ConfigMap", "hello-content"),
        ("Deployment", "hello"),
    }


def test_what_has_no_resources_of_its_own_has_the_stacks(record: Recorder) -> None:
    own = {"requests": {"cpu": "1m", "memory": "8Mi"}, "limits": {"memory": "8Mi"}}

    def change(config: dict[str, Any]) -> None:
        config["kubia:agents"]["ssd-monitor"]["resources"] = own

    graph = record.stack("dev", change)
    shared = stack_config("dev")["kubia:resources"]
    given = {
        r.name: pod_of(r.inputs)["containers"][0]["resources"]
        for r in [*graph.all("Deployment"), *graph.all("DaemonSet")]
    }
    assert given.pop("nginx-operator")["limits"] == {"memory": "192Mi"}
    assert given == {"kubia": shared, "hello": shared, "ssd-monitor": own}


def checked(run: Callable[[], object]) -> list[Spec]:
    """Return the specs that check themselves during a run."""
    specs: list[Spec] = []

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        spec = frame.f_locals.get("self") if frame.f_code.co_name == "__post_init__" else None
        if event == "call" and isinstance(spec, Spec):
            specs.append(spec)

    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(None)
    return specs


def test_each_section_of_a_stack_file_is_checked_once_in_a_run(record: Recorder) -> None:
    shared = Resources(**stack_config("dev")["kubia:resources"])

    specs = checked(lambda: record.stack("dev", lambda _: None))

    counts = Counter(type(spec).__name__ for spec in specs)
    sections = ("Settings", "WebService", "Site", "NodeAgent", "NginxOperator", "Strategy")
    assert {name: counts[name] for name in sections} == {
        "Settings": 1,
        "WebService": 1,
        "Site": 1,
        "NodeAgent": 1,
        "NginxOperator": 1,
        "Strategy": 3,  # the web service's own, and a default one for the site and the operator
    }
    assert specs.count(shared) == 1


def test_the_resources_of_all_are_named_once_and_beside_all_other_mistakes() -> None:
    config = stack_config("dev")
    config["kubia:resources"] = {"requests": {"cpu": "much"}}
    config["kubia:services"]["kubia"]["replicas"] = -1
    with pytest.raises(InvalidError) as caught:
        settings.parse("dev.yaml", config)
    assert sorted(caught.value.problems) == [
        (
            "dev.yaml: kubia:resources.requests.cpu: is 'much'; "
            "must be a quantity such as 50m, 0.5, 64Mi or 1Gi"
        ),
        "dev.yaml: kubia:services.kubia.replicas: is -1; must be at least 0",
    ]


@pytest.mark.parametrize(
    ("one", "other", "role"),
    [
        ({"a": {}}, {"a-lease": {}}, "a-lease"),
        ({"a-lease": {}}, {"a": {"clusterWide": True}}, "a-lease"),
        ({"a": {"namespaces": ["b"]}}, {"a-in-b": {}}, "a-in-b"),
        ({"a": {"namespaces": ["in-b"]}}, {"a-in": {"namespaces": ["b"]}}, "a-in-in-b"),
    ],
)
def test_a_role_is_of_one_operator(
    one: Mapping[str, Any], other: Mapping[str, Any], role: str
) -> None:
    config = {**stack_config("dev"), "kubia:operators": {**one, **other}}
    (owner,), (name,) = one, other
    with pytest.raises(InvalidError) as caught:
        settings.parse("f", config)
    assert caught.value.problems == (
        f"f: kubia:operators.{name}: makes the Role {role}, as operators.{owner} does; rename one",
    )


def test_a_claim_is_of_one_application() -> None:
    config = stack_config("dev")
    for kind, name, volume in (("services", "shop-x", "data"), ("jobs", "shop", "x-data")):
        pod = {"volumes": {volume: {"claim": {"storage": "1Gi"}}}}
        config[f"kubia:{kind}"] = {name: {"image": "kubia:v1", "pod": pod}}
    with pytest.raises(InvalidError) as caught:
        settings.parse("f", config)
    assert caught.value.problems == (
        (
            "f: kubia:jobs.shop.pod.volumes.x-data: makes the claim shop-x-data, as "
            "services.shop-x does; rename one"
        ),
    )


def test_no_pod_asks_for_more_than_the_stacks_own_namespace_lets_in() -> None:
    config = stack_config("dev")
    config["kubia:agents"]["ssd-monitor"]["podSecurity"] = "privileged"
    config["kubia:services"]["kubia"]["podSecurity"] = "baseline"
    with pytest.raises(InvalidError) as caught:
        settings.parse("f", config)
    advice = (
        "but the stack makes its namespace, which lets only restricted pods in; set "
        "createNamespace to false, and label the namespace yourself"
    )
    assert caught.value.problems == (
        f"f: kubia:services.kubia.podSecurity: is baseline, {advice}",
        f"f: kubia:agents.ssd-monitor.podSecurity: is privileged, {advice}",
    )
    assert settings.parse("f", {**config, "kubia:createNamespace": False})


def test_keys_are_written_in_one_way_that_every_command_knows() -> None:
    config = stack_config("dev")
    config["kubia:operators"]["nginx-operator"]["site_resources"] = {}
    config["kubia:services"]["kubia"]["pre_stop_seconds"] = 5
    config["kubia:services"]["kubia"]["strategy"] = {"type": "Canary", "canary_image": "kubia:v2"}
    config["kubia:defaults"] = {"service_port": 81}
    config["kubia:cron_jobs"] = {}
    with pytest.raises(InvalidError) as caught:
        settings.parse("f", config)
    wrong = "f: kubia:defaults.service_port: is not a known key; did you mean 'servicePort'?"
    assert wrong in caught.value.problems
    del config["kubia:defaults"]
    with pytest.raises(InvalidError) as caught:
        settings.parse("f", config)
    assert {*caught.value.problems} == {
        f"f: kubia:{place}: is not a known key; did you mean {meant!r}?"
        for place, meant in (
            ("services.kubia.pre_stop_seconds", "preStopSeconds"),
            ("services.kubia.strategy.canary_image", "canaryImage"),
            ("operators.nginx-operator.site_resources", "siteResources"),
            ("cron_jobs", "cronJobs"),
        )
    }


def variables(graph: Graph) -> dict[str, str]:
    (container,) = pod_of(graph.one("Deployment", "nginx-operator").inputs)["containers"]
    return {variable["name"]: variable["value"] for variable in container["env"]}


def test_an_operators_sites_have_the_stacks_resources_or_their_own(record: Recorder) -> None:
    own = {"requests": {"cpu": "1m", "memory": "8Mi"}, "limits": {"memory": "9Mi"}}

    def change(config: dict[str, Any]) -> None:
        config["kubia:operators"]["nginx-operator"]["siteResources"] = own

    assert variables(record.stack("dev"))["KUBIA_OPERATOR_LIMITS"] == "memory=64Mi"
    assert variables(record.stack("dev", change))["KUBIA_OPERATOR_LIMITS"] == "memory=9Mi"


@every_stack
def test_the_operator_of_a_stack_keeps_that_stacks_namespace(record: Recorder, stack: str) -> None:
    graph = record.stack(stack)
    assert variables(graph)["KUBIA_OPERATOR_NAMESPACES"] == f"kubia-{stack}"
    assert graph.all("ClusterRole") == []


@every_stack
def test_where_others_depend_on_it_the_operator_can_lose_a_pod(
    record: Recorder, stack: str
) -> None:
    assert replicas_of(record.stack(stack), "nginx-operator") == (1 if stack == "dev" else 2)


# Secrets of a stack


def secret_stack(record: Recorder, stack: str, value: str = SECRET) -> Graph:
    def change(config: dict[str, Any]) -> None:
        config["kubia:secrets"] = {"kubia": {"TOKEN": value}}

    return record.stack(stack, change, secret_keys=["kubia:secrets"])


@every_stack
def test_a_stacks_secret_stands_nowhere_in_plain_sight(record: Recorder, stack: str) -> None:
    graph = secret_stack(record, stack)
    assert graph.one("Secret").inputs["stringData"] == {"TOKEN": SECRET}
    assert graph.in_plain_sight(SECRET) == []


@every_stack
def test_a_changed_secret_of_a_stack_rolls_the_web_service_alone(
    record: Recorder, stack: str
) -> None:
    before, after = secret_stack(record, stack), secret_stack(record, stack, "battery staple")
    assert differing(before, after) == {
        ("WebService", "kubia"),
        ("Secret", "kubia-env"),
        ("Deployment", "kubia"),
    }


def test_without_secrets_there_is_no_secret(record: Recorder) -> None:
    assert record.stack("dev").all("Secret") == []


def test_secrets_in_plain_text_are_refused(record: Recorder) -> None:
    with pytest.raises(MistakeError) as caught:
        record.stack(
            "dev", lambda config: config.update({"kubia:secrets": {"kubia": {"TOKEN": SECRET}}})
        )
    assert str(caught.value) == (
        "stacks/Pulumi.dev.yaml: kubia:secrets.kubia.TOKEN: stands there in plain text; "
        "seal it by `kubia secret set TOKEN --service kubia --stack dev`, which asks for it"
    )


@pytest.mark.parametrize("key", ["kubia:services", "kubia:sites", "kubia:namespace"])
def test_a_secret_anywhere_else_is_refused(record: Recorder, key: str) -> None:
    with pytest.raises(MistakeError) as caught:
        record.stack("dev", secret_keys=[key])
    assert str(caught.value) == (
        f"stacks/Pulumi.dev.yaml: {key}: holds a secret; only kubia:secrets may: move it there"
    )


def test_a_mistake_in_a_stack_file_is_shown_without_a_traceback(record: Recorder) -> None:
    with pytest.raises(MistakeError) as caught:
        record.stack("dev", lambda config: config["kubia:services"]["kubia"].pop("image"))
    assert str(caught.value) == (
        "stacks/Pulumi.dev.yaml: kubia:services.kubia.image: is missing; give it a value"
    )


@every_stack
def test_each_revision_of_a_stack_carries_its_change_cause(record: Recorder, stack: str) -> None:
    graph = record.stack(stack)
    annotations = graph.one("Deployment", "kubia").inputs["metadata"]["annotations"]
    assert annotations["kubernetes.io/change-cause"] == f"image {image_of(graph, 'kubia')}"


def test_a_stack_may_use_a_namespace_that_exists(record: Recorder) -> None:
    config = {**stack_config("dev"), "kubia:createNamespace": False}

    graph = record.file("dev", config)

    assert {m["kind"] for m in graph.manifests} >= {"Deployment", "Service"}
    assert "Namespace" not in {m["kind"] for m in graph.manifests}
    assert {m["metadata"]["namespace"] for m in graph.manifests} == {"kubia-dev"}


# Several services, and what they share


def several(record: Recorder, *, secret: str = SECRET, defaults: object = None) -> Graph:
    """Return stack dev with a second service, and the secret of that."""
    config = stack_config("dev")
    config["kubia:services"]["shop"] = {
        "image": "shop:v3",
        "serviceType": "NodePort",
        "nodePort": 30090,
    }
    config["kubia:secrets"] = {"shop": {"TOKEN": secret}}
    config |= {} if defaults is None else {"kubia:defaults": defaults}
    return record.file("dev", config, secret_keys=["kubia:secrets"])


def test_another_service_stands_beside_the_first_and_changes_nothing_of_it(
    record: Recorder,
) -> None:
    graph, alone = several(record), record.stack("dev")
    assert {r.urn: r for r in alone}.items() <= {r.urn: r for r in graph}.items()
    assert differing(alone, graph) == {
        ("WebService", "shop"),
        ("Secret", "shop-env"),
        ("Deployment", "shop"),
        ("Service", "shop"),
    }
    assert graph.exports["services"] == ["kubia", "shop", "hello"]
    assert graph.exports["urls"][1] == "http://shop.kubia-dev.svc.cluster.local"
    assert graph.exports["nodePortUrls"] == ["http://127.0.0.1:30080", "http://127.0.0.1:30090"]


def test_a_services_secret_is_of_that_service_alone(record: Recorder) -> None:
    before, after = several(record), several(record, secret="battery staple")
    assert before.in_plain_sight(SECRET) == []
    assert differing(before, after) == {
        ("WebService", "shop"),
        ("Secret", "shop-env"),
        ("Deployment", "shop"),
    }


def test_a_default_is_for_the_services_that_do_not_give_the_field_themselves() -> None:
    config = stack_config("dev")
    config["kubia:services"] = {
        "kubia": {"image": "kubia:v1", "strategy": {"maxSurge": 3}, "replicas": None},
        "shop": {"servicePort": 81},
    }
    own = {"requests": {"cpu": "1m", "memory": "8Mi"}, "limits": {"memory": "8Mi"}}
    config["kubia:defaults"] = {
        "image": "kubia:v9",
        "replicas": 4,
        "servicePort": 90,
        "resources": own,
        "strategy": {"maxUnavailable": 1, "minReadySeconds": 7},
    }
    kubia, shop = settings.parse("dev.yaml", config).services.values()
    assert (kubia.image, kubia.replicas, kubia.service_port) == ("kubia:v1", None, 90)
    assert (shop.image, shop.replicas, shop.service_port) == ("kubia:v9", 4, 81)
    # A field is taken whole: nothing of the default's strategy is left in one of a service's own.
    assert kubia.strategy == Strategy(max_surge=3)
    assert shop.strategy == Strategy(max_unavailable=1, min_ready_seconds=7)
    assert kubia.resources == shop.resources == Resources(**own)


def as_written(value: Any) -> Any:
    """Return what Args say with the keys of a stack file."""
    if isinstance(value, Mapping):
        return {camel_case(key): as_written(each) for key, each in value.items()}
    return [*map(as_written, value)] if isinstance(value, list) else value


ELSEWHERE = {"namespace", "labels", "secret_env", "secret_files"}
"""What a stack file gives elsewhere, or not at all."""


@pytest.mark.parametrize(
    "args",
    [samples.FULL_WEB, {**samples.POD_WEB, "pod": {}, "volume_mounts": []}],
    ids=["full", "pod"],
)
def test_a_default_of_any_field_is_as_if_the_service_gave_it(args: dict[str, Any]) -> None:
    given = as_written({key: value for key, value in args.items() if key not in ELSEWHERE})
    own, by_default = (
        settings.parse("f", {**stack_config("dev"), "kubia:services": services, **more}).services
        for services, more in (({"a": given}, {}), ({"a": {}}, {"kubia:defaults": given}))
    )
    assert own == by_default


LABELS = {"metadata": {"labels": {"team": "shop"}}}


def test_what_defaults_add_to_an_object_is_for_the_services_that_have_it() -> None:
    config = stack_config("dev")
    config["kubia:services"] = {"a": {"networkPolicy": {}}, "b": {}}
    config["kubia:defaults"] = {"image": "a:v1", "raw": {"networkPolicy": LABELS}}
    parsed = settings.parse("f", config)
    assert parsed.defaults
    assert {service.raw["networkPolicy"] == LABELS for service in parsed.services.values()} == {
        True
    }


def test_what_a_service_adds_itself_to_an_object_that_it_has_not_is_refused() -> None:
    config = stack_config("dev")
    config["kubia:services"] = {"a": {"raw": {"ingress": LABELS, "secret": LABELS}}}
    config["kubia:defaults"] = {"image": "a:v1", "raw": {"networkPolicy": LABELS}}
    with pytest.raises(InvalidError) as caught:
        settings.parse("f", config)
    assert str(caught.value) == (
        "f: kubia:services.a.raw.secret: adds to an object that is not declared; "
        "declare secretEnv or secretFiles, or leave it out\n"
        "f: kubia:services.a.raw.ingress: adds to an object that is not declared; "
        "declare ingress, or leave it out"
    )


def test_what_is_faulty_is_not_said_to_be_undeclared() -> None:
    config = stack_config("dev")
    config["kubia:services"] = {"a": {"image": "a:v1", "route": {}, "raw": {"httpRoute": LABELS}}}
    with pytest.raises(InvalidError) as caught:
        settings.parse("f", config)
    assert str(caught.value) == (
        "f: kubia:services.a.route.parentRefs: is missing; give it a value"
    )


def test_secrets_of_a_stack_file_declare_the_object_that_is_added_to() -> None:
    config = with_tasks()
    config["kubia:jobs"]["migrate"]["raw"] = {"secret": LABELS}
    assert settings.parse("f", config).jobs["migrate"].raw == {"secret": LABELS}


def test_defaults_are_checked_once_for_all_services(record: Recorder) -> None:
    specs = checked(lambda: several(record, defaults={"strategy": {"maxSurge": 3}}))
    counts = Counter(type(spec).__name__ for spec in specs)
    assert (counts["Defaults"], counts["WebService"]) == (1, 3)  # shop once more with its secrets
    assert specs.count(Strategy(max_surge=3)) == 1


def test_a_stack_may_have_no_service(record: Recorder) -> None:
    graph = record.file("dev", {**stack_config("dev"), "kubia:services": {}})
    assert graph.exports["services"] == ["hello"]


# Tasks


def with_tasks(**changes: Any) -> dict[str, Any]:
    """Return the configuration of dev with a job before the service kubia, and a cron job."""
    config = stack_config("dev")
    config["kubia:jobs"] = {"migrate": {"image": "kubia:v1", "before": ["kubia"]}}
    config["kubia:cronJobs"] = {"night": {"image": "kubia:v1", "schedule": "@daily"}}
    config["kubia:secrets"] = {"migrate": {"TOKEN": SECRET}}
    return {**config, **changes}


def test_a_service_waits_for_the_jobs_before_it_and_is_the_same_without_them(
    record: Recorder,
) -> None:
    graph = record.file("dev", with_tasks(), secret_keys=["kubia:secrets"])
    alone = record.stack("dev")
    job = graph.one("kubernetes:batch/v1:Job")
    # What belongs to a component comes after all that the component depends on.
    assert job in graph.dependencies(graph.one("kubia:index:WebService", "kubia"))
    assert job not in graph.dependencies(graph.one("kubia:index:NginxSite", "hello"))
    assert {name for kind, name in differing(alone, graph) if kind != "WebService"} == {
        "migrate",
        "migrate-env",
        "night",
    }
    assert [m for m in alone.manifests if m not in graph.manifests] == []
    assert graph.in_plain_sight(SECRET) == []


def test_what_a_stack_shares_is_its_tasks_too() -> None:
    shared = settings.parse("dev.yaml", with_tasks()).resources
    parsed = settings.parse("dev.yaml", with_tasks())
    assert [task.resources for task in (*parsed.jobs.values(), *parsed.cron_jobs.values())] == [
        shared,
        shared,
    ]


WRONG_TASKS = {
    "a service that there is not": (
        {"kubia:jobs": {"migrate": {"image": "a:1", "before": ["kubai"]}}},
        "kubia:jobs.migrate.before[0]: is 'kubai', the name of no service; did you mean 'kubia'?",
    ),
    "a name that is taken": (
        {"kubia:cronJobs": {"migrate": {"image": "a:1", "schedule": "@daily"}}},
        "kubia:cronJobs.migrate: is the name of jobs.migrate too; rename one",
    ),
    "a name that is too long": (
        {"kubia:cronJobs": {"n" * 53: {"image": "a:1", "schedule": "@daily"}}},
        f"kubia:cronJobs: {'n' * 53!r} has 53 characters; at most 52 are allowed for a task",
    ),
    "a secret in Git": (
        {
            "kubia:cronJobs": {
                "night": {"image": "a", "schedule": "@daily", "secretEnv": {"A": "b"}}
            }
        },
        "kubia:cronJobs.night.secretEnv: stack files are in Git; give secrets in kubia:secrets",
    ),
}


@pytest.mark.parametrize(("changes", "text"), WRONG_TASKS.values(), ids=WRONG_TASKS)
def test_what_is_wrong_with_a_task_is_told_with_its_place(
    changes: dict[str, Any], text: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        settings.parse("dev.yaml", with_tasks(**changes))
    assert text in [problem.removeprefix("dev.yaml: ") for problem in caught.value.problems]
