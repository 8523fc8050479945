"""NginxSite: immutable content, and what a change of it changes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from kubia.manifests.containers import TMP_MOUNT
from kubia.manifests.site_validators import KEY
from kubia.mistakes import MistakeError
from tests.unit import samples
from tests.unit.objects import pod_labels, pod_of, selects
from tests.unit.programs import Graph, Recorder, computed, differing

HELLO = {"index.html": "hello world"}
NAME = "hello-1dcdfc276c"


def files(content: Mapping[str, Any]) -> dict[str, str]:
    return {key: text for key, text in content["data"].items() if key != KEY}


def mounted(graph: Graph, name: str | None = None) -> str:
    volumes = pod_of(graph.one("Deployment", name).inputs)["volumes"]
    return str(next(v["configMap"]["name"] for v in volumes if "configMap" in v))


def test_a_site_is_a_config_map_a_deployment_and_a_service(record: Recorder) -> None:
    graph = record.under_provider(samples.site("hello", content=HELLO))
    kinds = sorted(m["kind"] for m in graph.manifests)
    assert kinds == ["ConfigMap", "Deployment", "Service"]


def test_the_content_is_immutable_and_named_by_its_hash(record: Recorder) -> None:
    graph = record.under_provider(samples.site("hello", content=HELLO))
    content = graph.one("ConfigMap").inputs
    assert content["immutable"] is True
    assert files(content) == HELLO
    assert content["metadata"]["name"] == NAME


def test_the_pods_mount_the_content_read_only_where_nginx_serves_it(record: Recorder) -> None:
    graph = record.under_provider(samples.site("hello", content=HELLO))
    assert mounted(graph) == graph.one("ConfigMap").inputs["metadata"]["name"]
    (container,) = pod_of(graph.one("Deployment").inputs)["containers"]
    mount = {"name": "content", "mountPath": "/usr/share/nginx/html", "readOnly": True}
    assert mount in container["volumeMounts"]


def test_an_images_files_are_served_in_place_of_config_maps(record: Recorder) -> None:
    image = {"reference": "handbook:v3", "sub_path": "public"}
    graph = record.under_provider(samples.site("hello", content={}, content_image=image))

    assert sorted(m["kind"] for m in graph.manifests) == ["Deployment", "Service"]
    pod = pod_of(graph.one("Deployment").inputs)
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert volumes.keys() == {"content", "tmp"}
    assert volumes["content"]["image"] == {"reference": "handbook:v3"}
    (container,) = pod["containers"]
    place = {"mountPath": "/usr/share/nginx/html", "readOnly": True, "subPath": "public"}
    assert container["volumeMounts"] == [{"name": "content", **place}, TMP_MOUNT]


@pytest.mark.parametrize(
    ("given", "which"), [({"content": HELLO}, "files"), ({"directory": "sites"}, "a directory")]
)
def test_files_beside_an_image_are_refused(
    record: Recorder,
    given: dict[str, Any],
    which: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sites").mkdir()
    args = {"content": {}, "content_image": {"reference": "handbook:v3"}, **given}
    with pytest.raises(MistakeError) as caught:
        record.under_provider(samples.site("hello", **args))
    assert str(caught.value).endswith(f"contentImage: is given, and {which} too; keep one of them")


def test_the_deployment_comes_after_its_content(record: Recorder) -> None:
    graph = record.under_provider(samples.site(content=HELLO))
    assert graph.one("ConfigMap") in graph.dependencies(graph.one("Deployment"))


def test_the_service_sends_requests_to_the_pods(record: Recorder) -> None:
    graph = record.under_provider(samples.site(content=HELLO))
    deployment, service = graph.one("Deployment").inputs, graph.one("Service").inputs
    assert selects(service["spec"]["selector"], pod_labels(deployment))
    assert selects(deployment["spec"]["selector"]["matchLabels"], pod_labels(deployment))
    (container,) = pod_of(deployment)["containers"]
    assert service["spec"]["ports"][0]["targetPort"] == container["ports"][0]["name"]
    assert service["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true"


def test_the_deployment_is_awaited_longer_than_its_progress_deadline(record: Recorder) -> None:
    graph = record.under_provider(samples.site(replicas=9, progress_deadline_seconds=40))
    deployment = graph.one("Deployment").inputs
    assert deployment["spec"]["progressDeadlineSeconds"] == 40
    assert int(deployment["metadata"]["annotations"]["pulumi.com/timeoutSeconds"]) > 40 + 9 * 30


CHANGES = {
    "another text": {"index.html": "hello, world"},
    "another key": {"index.htm": "hello world"},
    "one more file": {**HELLO, "about.html": ""},
    "none": {},
}


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES)
def test_changed_content_changes_only_that_sites_config_map_and_deployment(
    record: Recorder, changed: dict[str, str]
) -> None:
    def sites(content: dict[str, str]) -> Graph:
        def declare(opts: pulumi.ResourceOptions) -> None:
            samples.site("hello", content=content)(opts)
            samples.site("other", content=HELLO)(opts)

        return record.under_provider(declare)

    assert differing(sites(HELLO), sites(changed)) == {
        ("NginxSite", "hello"),
        ("ConfigMap", "hello-content"),
        ("Deployment", "hello"),
    }


def test_each_version_of_content_is_a_resource_of_its_own_that_was_once_one_of_all(
    record: Recorder,
) -> None:
    before, after = (
        record.under_provider(samples.site("hello", content=content)).one("ConfigMap")
        for content in (HELLO, {})
    )
    assert before.inputs["metadata"]["name"] == NAME
    assert before.name == f"hello-content{NAME.removeprefix('hello')}"
    assert after.name.startswith("hello-content-")
    assert before.urn != after.urn
    for version in (before, after):
        assert [alias["spec"]["name"] for alias in version.options.aliases] == ["hello-content"]
        assert not version.options.retain_on_delete


def test_the_order_of_files_changes_nothing(record: Recorder) -> None:
    files = {"a.html": "1", "b.html": "2"}
    turned = dict(reversed(files.items()))
    before = record.under_provider(samples.site(content=files))
    after = record.under_provider(samples.site(content=turned))
    assert before.manifests == after.manifests


def test_two_sites_of_one_content_have_config_maps_of_their_own(record: Recorder) -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        samples.site("one", content=HELLO)(opts)
        samples.site("two", content=HELLO)(opts)

    graph = record.under_provider(declare)
    names = {m["metadata"]["name"] for m in graph.manifests if m["kind"] == "ConfigMap"}
    assert len(names) == 2
    assert mounted(graph, "one") != mounted(graph, "two")


@pytest.mark.parametrize(
    ("args", "path"),
    [
        ({"content": HELLO}, "/"),
        ({"binary_content": {"index.html": "AAEC"}}, "/"),
        ({"content": {"about.html": ""}}, "/.healthz"),
        ({}, "/.healthz"),
    ],
    ids=["text index", "binary index", "no index", "no content"],
)
def test_a_site_is_ready_when_its_index_is_served_or_when_it_has_none_when_nginx_answers(
    record: Recorder, args: Any, path: str
) -> None:
    pod = pod_of(record.under_provider(samples.site(**args)).one("Deployment").inputs)
    assert pod["containers"][0]["readinessProbe"]["httpGet"] == {"path": path, "port": 8080}
    assert pod["containers"][0]["livenessProbe"]["httpGet"]["path"] == "/.healthz"


def test_a_folder_is_served_text_as_text_and_the_rest_as_bytes(
    record: Recorder, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_bytes("grüße\r\n".encode())
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\xff")
    content = record.under_provider(samples.site(directory=str(tmp_path))).one("ConfigMap").inputs
    assert files(content) == {"index.html": "grüße\r\n"}
    assert content["binaryData"] == {"logo.png": "iVBOR/8="}


def test_a_folder_and_the_same_content_given_directly_are_the_same_site(
    record: Recorder, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("hello world")
    from_folder = record.under_provider(samples.site(directory=str(tmp_path)))
    given = record.under_provider(samples.site(content=HELLO))
    assert from_folder.manifests == given.manifests


def test_content_given_directly_wins_over_a_folders_file(record: Recorder, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("from the folder")
    graph = record.under_provider(samples.site(directory=str(tmp_path), content=HELLO))
    assert files(graph.one("ConfigMap").inputs) == HELLO


def test_content_can_be_replaced_even_under_protection(record: Recorder) -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        opts.protect = True
        samples.site(content=HELLO)(opts)

    protected = [
        r.type.rpartition(":")[2] for r in record.under_provider(declare) if r.options.protect
    ]
    assert sorted(protected) == ["Deployment", "NginxSite", "Service"]


def test_a_namespace_that_another_resource_makes_reaches_every_object(record: Recorder) -> None:
    graph = record.under_provider(samples.later(samples.site, namespace=lambda: computed("team-a")))
    namespace = ("metadata", "namespace")
    unknown = [namespace in resource.unknowns for resource in graph.kubernetes]
    assert unknown == [record.preview] * 3
    outputs = graph.registered_outputs(graph.one("kubia:index:NginxSite"))
    if not record.preview:
        assert outputs["url"] == "http://site.team-a.svc.cluster.local"


def test_a_generators_folder_is_mounted_by_items_from_as_many_config_maps_as_it_needs(
    record: Recorder, tmp_path: Path
) -> None:
    (tmp_path / "css").mkdir()
    (tmp_path / "a.html").write_bytes(b"x" * 2**20)
    (tmp_path / "css" / "site@2 ä.css").write_text("a {}")
    graph = record.under_provider(samples.site("hello", directory=str(tmp_path)))
    contents = [r for r in graph.kubernetes if r.type.endswith(":ConfigMap")]
    (volume,) = pod_of(graph.one("Deployment").inputs)["volumes"][:1]
    items = {
        source["configMap"]["name"]: [item["path"] for item in source["configMap"]["items"]]
        for source in volume["projected"]["sources"]
    }
    assert list(items.values()) == [["a.html"], ["css/site@2 ä.css"]]
    assert [each.inputs["metadata"]["name"] for each in contents] == list(items)
    assert [each.name.rpartition("-")[0] for each in contents] == [
        "hello-content",
        "hello-content.2",
    ]
    after = graph.dependencies(graph.one("Deployment"))
    assert all(each in after for each in contents)


def test_a_folder_without_a_file_takes_no_site_away(record: Recorder, tmp_path: Path) -> None:
    (tmp_path / ".hidden").write_text("")
    (tmp_path / "css").mkdir()
    with pytest.raises(MistakeError) as caught:
        record.under_provider(samples.site("hello", directory=str(tmp_path)))
    assert str(caught.value) == (
        f"NginxSite 'hello': directory: is {str(tmp_path)!r}, which holds no file but hidden ones; "
        "is the site built yet?"
    )
    with pytest.raises(MistakeError, match="directory: is ''; there is no such folder"):
        record.under_provider(samples.site("hello", directory=""))


def test_a_site_is_opened_from_outside_as_a_service_is(record: Recorder) -> None:
    graph = record.under_provider(
        samples.site(
            "hello",
            service_type="NodePort",
            node_port=30090,
            service={
                "annotations": {"example.org/dns": "hello"},
                "external_traffic_policy": "Local",
            },
            ingress={"class_name": "traefik", "hosts": ["hello.example.org"]},
            route={"parent_refs": [{"name": "public"}]},
        )
    )
    service = graph.one("Service").inputs
    assert service["spec"]["type"] == "NodePort"
    assert service["spec"]["externalTrafficPolicy"] == "Local"
    assert service["spec"]["ports"][0]["nodePort"] == 30090
    assert service["metadata"]["annotations"]["example.org/dns"] == "hello"
    (rule,) = graph.one("Ingress").inputs["spec"]["rules"]
    backend = {"service": {"name": "hello", "port": {"name": "http"}}}
    assert rule["http"]["paths"][0]["backend"] == backend
    (rule,) = graph.one("HTTPRoute").inputs["spec"]["rules"]
    assert rule["backendRefs"] == [{"group": "", "kind": "Service", "name": "hello", "port": 80}]
    for kind in ("Ingress", "HTTPRoute"):
        assert graph.one("Service") in graph.dependencies(graph.one(kind))


def test_a_load_balancers_address_is_awaited(record: Recorder) -> None:
    graph = record.under_provider(samples.site(service_type="LoadBalancer"))
    assert "pulumi.com/skipAwait" not in graph.one("Service").inputs["metadata"]["annotations"]
