"""kubia.manifests.raw: what is added is of the shape of what it is merged into."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests import raw
from kubia.manifests.parse import parse
from kubia.manifests.web_service import WebService

REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "null above an annotation of kubia's": (
        {"persistentVolumeClaim": {"metadata": {"annotations": None}}},
        (
            "raw.persistentVolumeClaim.metadata.annotations: is null, and with it would go what is "
            "kubia's to set; leave it out"
        ),
    ),
    "null above labels of kubia's": (
        {"deployment": {"spec": {"template": {"metadata": {"labels": None}}}}},
        (
            "raw.deployment.spec.template.metadata.labels: is null, and with it would go what is "
            "kubia's to set; leave it out"
        ),
    ),
    "null for whole parts": (
        {"deployment": {"metadata": None, "spec": None}},
        (
            "raw.deployment.metadata: is null, and with it would go what is kubia's to set; "
            "leave it out\n"
            "raw.deployment.spec: is null, and with it would go what is kubia's to set; "
            "leave it out"
        ),
    ),
    "null for all containers": (
        {"deployment": {"spec": {"template": {"spec": {"containers": None}}}}},
        (
            "raw.deployment.spec.template.spec.containers: is null, and with it would go what is "
            "kubia's to set; leave it out"
        ),
    ),
    "null in a list": (
        {"service": {"spec": {"externalIPs": [None]}}},
        "raw.service.spec.externalIPs[0]: is null, which is no item of a list; leave it out",
    ),
    "a mapping for a list": (
        {"deployment": {"spec": {"template": {"spec": {"containers": {"name": "nodejs"}}}}}},
        (
            "raw.deployment.spec.template.spec.containers: is {'name': 'nodejs'}; must be a list"
        ),
    ),
    "a list for a mapping": (
        {"service": {"metadata": {"labels": ["app"]}}},
        "raw.service.metadata.labels: is ['app']; must be a mapping of keys to values",
    ),
    "one in an object of another vendor's": (
        {"httpRoute": {"spec": ["rules"]}},
        "raw.httpRoute.spec: is ['rules']; must be a mapping of keys to values",
    ),
    "a text for a number": (
        {"deployment": {"spec": {"revisionHistoryLimit": "three"}}},
        "raw.deployment.spec.revisionHistoryLimit: is 'three'; must be a whole number",
    ),
    "a truth value for a number": (
        {"deployment": {"spec": {"revisionHistoryLimit": True}}},
        "raw.deployment.spec.revisionHistoryLimit: is True; must be a whole number",
    ),
    "a number for a text": (
        {"deployment": {"spec": {"template": {"spec": {"containers": [
            {"name": "nodejs", "env": [{"name": "A", "value": 5}]}
        ]}}}}},
        (
            "raw.deployment.spec.template.spec.containers[0].env[0].value: is 5; must be a string; "
            "put it in quotes"
        ),
    ),
    "a text for a truth value": (
        {"deployment": {"spec": {"template": {"spec": {"hostUsers": "no"}}}}},
        "raw.deployment.spec.template.spec.hostUsers: is 'no'; must be true or false",
    ),
    "a list for a number or a text": (
        {"podDisruptionBudget": {"spec": {"minAvailable": [1]}}},
        (
            "raw.podDisruptionBudget.spec.minAvailable: is [1]; must be a whole number or a string"
        ),
    ),
    "what only an engine resolves, for what it is merged into": (
        {"service": {"metadata": {"labels": object()}}},
        (
            "raw.service.metadata.labels: is of type object, which would replace what is kubia's "
            "to set; write it out, with such values in it"
        ),
    ),
    "a key that is no text": (
        {"service": {"metadata": {"annotations": {5: "a"}}}},
        "raw.service.metadata.annotations: has the key 5; must be a string; put it in quotes",
    ),
    "two variables of one name": (
        {"deployment": {"spec": {"template": {"spec": {"containers": [
            {"name": "nodejs", "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}
        ]}}}}},
        (
            "raw.deployment.spec.template.spec.containers[0].env[1]: has the name of item 0; "
            "keep one"
        ),
    ),
    "two ports of one number and protocol": (
        {"service": {"spec": {"ports": [{"port": 53}, {"port": 53, "protocol": "TCP"}]}}},
        "raw.service.spec.ports[1]: has the containerPort or port of item 0; keep one",
    ),
    "$patch in a mapping": (
        {"deployment": {"spec": {"template": {"$patch": "replace"}}}},
        (
            "raw.deployment.spec.template.$patch: is in no item of a list that is merged by a key; "
            "leave it out, null removes a field"
        ),
    ),
    "$patch among labels": (
        {"service": {"metadata": {"labels": {"$patch": "delete"}}}},
        (
            "raw.service.metadata.labels.$patch: is in no item of a list that is merged by a key; "
            "leave it out, null removes a field"
        ),
    ),
    "$patch in an item of a list without a key": (
        {"deployment": {"spec": {"template": {"spec": {"tolerations": [
            {"key": "gpu", "$patch": "delete"}
        ]}}}}},
        (
            "raw.deployment.spec.template.spec.tolerations[0].$patch: is in no item of a list that "
            "is merged by a key; leave it out, null removes a field"
        ),
    ),
    "$patch below such a list": (
        {"networkPolicy": {"spec": {"ingress": [{"ports": [{"port": 1, "$patch": "delete"}]}]}}},
        (
            "raw.networkPolicy.spec.ingress[0].ports[0].$patch: is in no item of a list that is "
            "merged by a key; leave it out, null removes a field"
        ),
    ),
    "another $patch than delete": (
        {"deployment": {"spec": {"template": {"spec": {"volumes": [
            {"name": "tmp", "$patch": "replace"}
        ]}}}}},
        (
            "raw.deployment.spec.template.spec.volumes[0].$patch: is 'replace'; must be delete"
        ),
    ),
    "an item whose key is null": (
        {"deployment": {"spec": {"template": {"spec": {"volumes": [{"name": None}]}}}}},
        (
            "raw.deployment.spec.template.spec.volumes[0]: has no name, by which it is merged; "
            "give it one"
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "text"), REFUSED.values(), ids=REFUSED)
def test_refuses(given: Mapping[str, Any], text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse(WebService, {"image": "kubia:v1", "raw": given})
    assert str(caught.value) == text


WORKLOADS = {
    "cronJob": ("spec", "jobTemplate", "spec", "template"),
    "daemonSet": ("spec", "template"),
    "deployment": ("spec", "template"),
    "job": ("spec", "template"),
}


@pytest.mark.parametrize(("kind", "template"), WORKLOADS.items())
def test_null_is_no_part_of_what_has_pods(kind: str, template: tuple[str, ...]) -> None:
    paths = [template[:end] for end in range(1, len(template) + 1)]
    for path in [*paths, (*template, "spec"), (*template, "metadata")]:
        value: Any = None
        for step in reversed(path):
            value = {step: value}
        (problem,) = raw.problems({kind: value}, "main", [kind])
        assert str(problem) == (
            f"raw.{kind}.{'.'.join(path)}: is null, and with it would go what is kubia's to set; "
            "leave it out"
        )


def test_a_number_of_pulumis_wire_and_what_its_engine_resolves_are_taken() -> None:
    pod = {"hostname": object(), "containers": [{"name": "nodejs", "env": object()}]}
    template = {"metadata": {"labels": {"team": object()}}, "spec": pod}
    added = {"deployment": {"spec": {"revisionHistoryLimit": 3.0, "template": template}}}
    assert parse(WebService, {"image": "kubia:v1", "raw": added}).raw == added
