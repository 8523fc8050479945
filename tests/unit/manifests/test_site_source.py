"""From a ConfigMap to its site."""

import json
from dataclasses import replace
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests.meta import Meta
from kubia.manifests.nginx_site import objects
from kubia.manifests.site_source import MANAGED_BY, SiteOptions, Source, desired, read


def _config_map(data: Any = None, **metadata: Any) -> dict[str, Any]:
    fixed = {
        "name": "hello",
        "namespace": "web",
        "uid": "u-1",
        "resourceVersion": "7",
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    return {"metadata": {**fixed, **metadata}, "data": data or {"index.html": "hi", "a.txt": "a"}}


def _source(live: dict[str, Any]) -> Source:
    return read(live)[0]


def test_order_of_keys_and_metadata_do_not_matter() -> None:
    one = _source(_config_map({"a": "1", "b": "2"}))
    other = _source(_config_map({"b": "2", "a": "1"}, labels={"x": "y"}, resourceVersion="7"))

    assert one == other


def test_content_gives_its_config_map_the_name_and_the_deployment_its_volume() -> None:
    live = _config_map()
    source, content = read(live)
    site = desired(source, SiteOptions())
    assert content is not None
    name = content["metadata"]["name"]

    volumes = site.deployment["spec"]["template"]["spec"]["volumes"]
    assert site.config_map["metadata"]["name"] == name
    assert {"name": "content", "configMap": {"name": name}} in volumes


def test_every_object_is_owned_without_blocking() -> None:
    for each in desired(_source(_config_map()), SiteOptions()):
        assert each["metadata"]["ownerReferences"] == [
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "name": "hello",
                "uid": "u-1",
                "controller": True,
                "blockOwnerDeletion": False,
            }
        ]


def test_too_much_content_is_refused() -> None:
    refused, content = read(_config_map({"a": "x" * (2**20 + 1)}))

    assert content is None
    assert refused.content_name == ""
    with pytest.raises(InvalidError, match=r"content\.a: has 1048577 bytes"):
        desired(refused, SiteOptions())


def test_nothing_changes_from_one_time_to_the_next() -> None:
    source = _source(_config_map())

    assert desired(source, SiteOptions()) == desired(source, SiteOptions())


def test_a_site_is_the_same_whoever_keeps_it_but_for_who_that_is() -> None:
    live = _config_map()
    spec = replace(SiteOptions().spec, content=live["data"])
    site = objects(Meta(name="hello", namespace="web", component="site"), spec)
    declared = (*site.config_maps, site.deployment, site.service)
    for ours, kept in zip(declared, desired(_source(live), SiteOptions()), strict=True):
        writer = ours["metadata"]["annotations"].pop("pulumi.com/patchFieldManager")
        assert writer == ours["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "kubia"
        assert "patchFieldManager" not in json.dumps(kept)
        kept["metadata"].pop("ownerReferences")
        kept["metadata"].setdefault("annotations", {})
        ours.pop("data", None)  # the operator adds the content when it writes
        assert json.loads(json.dumps(kept).replace(MANAGED_BY, "kubia")) == ours
