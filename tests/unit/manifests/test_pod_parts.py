"""The parts of a web service's pod that have to go together, and those that come to light late."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests.meta import Meta
from kubia.manifests.parse import parse
from kubia.manifests.web_pod import NOTHING
from kubia.manifests.web_service import WebService

CLAIM = {"volumes": {"data": {"claim": {"storage": "1Gi"}}}}
FIRST: Mapping[str, Any] = {"name": "first", "image": "first:1", "port": 80}
WHEN = "requiredDuringSchedulingIgnoredDuringExecution"


def web(**fields: Any) -> WebService:
    return parse(WebService, {"image": "kubia:v1", **fields})


def refusal(**fields: Any) -> str:
    with pytest.raises(InvalidError) as caught:
        web(**fields)
    return str(caught.value)


@pytest.mark.parametrize("path", ["/tmp", "/tmp/", "//tmp", "/./tmp"])
def test_a_volume_at_tmp_is_the_only_one_there(path: str) -> None:
    spec = web(volumeMounts=[{"name": "data", "mountPath": path}], pod=CLAIM)
    meta = Meta(name="web", namespace="shop", component="web")
    (main,) = spec.pod.manifest(spec.container("kubia:v1"), meta, NOTHING, 0)["containers"]
    assert main["volumeMounts"] == [{"name": "data", "mountPath": path}]


def test_two_ways_to_write_a_place_are_one() -> None:
    mounts = [{"name": "tmp", "mountPath": path} for path in ("/data", "//data/./")]
    assert refusal(volumeMounts=mounts) == (
        "volumeMounts[1].mountPath: is '//data/./', as in volumeMounts[0]; choose another place"
    )


def test_what_ends_by_itself_is_neither_asked_nor_awaited() -> None:
    lasting = {"readiness": {"httpGet": {}}, "preStopSeconds": 5}
    advice = "is given, but it ends by itself; leave it out, or set restartPolicy to Always"
    assert refusal(pod={"initContainers": [{**FIRST, **lasting}]}) == (
        f"pod.initContainers[0].readiness: {advice}\npod.initContainers[0].preStopSeconds: {advice}"
    )
    assert web(pod={"initContainers": [{**FIRST, **lasting, "restartPolicy": "Always"}]})


def test_a_slip_within_an_affinity_is_found() -> None:
    """Pulumi would leave it out, and its empty selector would fit every pod there is."""
    term = {"topologyKey": "zone", "labelSelector": {"matchLabel": {"app": "a"}}}
    assert refusal(pod={"affinity": {"podAntiAffinity": {WHEN: [term]}}}) == (
        f"pod.affinity.podAntiAffinity.{WHEN}[0].labelSelector.matchLabel: is no field of "
        "Kubernetes' LabelSelector; did you mean 'matchLabels'?"
    )
