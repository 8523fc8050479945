"""kubia.manifests.exposure: what a Service may say."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests import web_service
from kubia.manifests.meta import Meta
from kubia.manifests.parse import parse
from kubia.manifests.web_service import WebService
from tests.unit.objects import schema_problems

META = Meta(name="web", namespace="team", component="web")
FULL: Mapping[str, Any] = {
    "annotations": {"example.org/lb": "internal"},
    "appProtocol": "http",
    "externalTrafficPolicy": "Local",
    "internalTrafficPolicy": "Cluster",
    "sessionAffinity": "ClientIP",
    "sessionAffinityTimeoutSeconds": 60,
    "loadBalancerClass": "example.org/lb",
    "loadBalancerSourceRanges": ["10.0.0.0/8", "2001:db8::/32"],
    "allocateLoadBalancerNodePorts": False,
    "ipFamilyPolicy": "RequireDualStack",
    "ipFamilies": ["IPv6", "IPv4"],
}


def web(**fields: Any) -> WebService:
    return parse(WebService, {"image": "kubia:v1", **fields})


def test_a_service_says_what_is_given_and_nothing_else() -> None:
    plain = web_service.service(META, web())
    assert plain["spec"].keys() == {"type", "selector", "ports"}

    full = web_service.service(META, web(serviceType="LoadBalancer", service=FULL))
    assert schema_problems(full) == []
    assert full["metadata"]["annotations"]["example.org/lb"] == "internal"
    assert full["spec"]["ports"][0]["appProtocol"] == "http"
    given = {key: FULL[key] for key in FULL.keys() & full["spec"].keys()}
    assert {key: full["spec"][key] for key in given} == given
    assert full["spec"].keys() - given.keys() == {
        "type",
        "selector",
        "ports",
        "sessionAffinityConfig",
    }
    assert full["spec"]["sessionAffinityConfig"] == {"clientIP": {"timeoutSeconds": 60}}


def test_annotations_stand_beside_those_that_kubia_needs() -> None:
    annotations = web_service.service(META, web(service=FULL_OF_ANNOTATIONS))["metadata"]
    assert annotations["annotations"] == {
        "pulumi.com/patchFieldManager": "kubia",
        "pulumi.com/skipAwait": "false",
        "note": "any text: ünïcode\n",
    }


FULL_OF_ANNOTATIONS = {
    "annotations": {"pulumi.com/skipAwait": "false", "note": "any text: ünïcode\n"}
}


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "an annotation of no name": (
        {"service": {"annotations": {"a b": "x"}}},
        (
            "service.annotations: 'a b' is not an annotation's key; use at most 63 letters, "
            "digits, '-', '_' and '.', and begin and end with a letter or digit"
        ),
    ),
    "the annotation of the writer": (
        {"service": {"annotations": {"pulumi.com/patchFieldManager": "me"}}},
        ("service.annotations: 'pulumi.com/patchFieldManager' is set by kubia; choose another key"),
    ),
    "an annotation that is no text": (
        {"service": {"annotations": {"a": True}}},
        "service.annotations.a: is True; must be a string; put it in quotes",
    ),
    "a protocol of no name": (
        {"service": {"appProtocol": "-"}},
        (
            "service.appProtocol: '-' is not such a name; use at most 63 letters, digits, '-', "
            "'_' and '.', and begin and end with a letter or digit"
        ),
    ),
    "an outside policy of a ClusterIP": (
        {"service": {"externalTrafficPolicy": "Local"}},
        (
            "service.externalTrafficPolicy: is Local, but serviceType is ClusterIP; "
            "use NodePort or LoadBalancer"
        ),
    ),
    "what only a load balancer has": (
        {
            "serviceType": "NodePort",
            "service": {
                "loadBalancerClass": "example.org/lb",
                "loadBalancerSourceRanges": ["10.0.0.0/8"],
                "allocateLoadBalancerNodePorts": True,
            },
        },
        (
            "service.loadBalancerClass: is given, but serviceType is NodePort; use LoadBalancer\n"
            "service.loadBalancerSourceRanges: is given, but serviceType is NodePort; "
            "use LoadBalancer\n"
            "service.allocateLoadBalancerNodePorts: is given, but serviceType is NodePort; "
            "use LoadBalancer"
        ),
    ),
    "networks that are none": (
        {
            "serviceType": "LoadBalancer",
            "service": {"loadBalancerSourceRanges": ["10.0.0.1", "10.0.0.0/33"]},
        },
        (
            "service.loadBalancerSourceRanges[0]: is '10.0.0.1'; must be a network such as "
            "10.0.0.0/8 or 2001:db8::/32\n"
            "service.loadBalancerSourceRanges[1]: is '10.0.0.0/33'; must be a network such as "
            "10.0.0.0/8 or 2001:db8::/32"
        ),
    ),
    "an affinity without its time": (
        {"service": {"sessionAffinityTimeoutSeconds": 86401}},
        (
            "service.sessionAffinityTimeoutSeconds: is 86401; must be from 1 to 86400\n"
            "service.sessionAffinityTimeoutSeconds: is 86401 s, but sessionAffinity is not "
            "ClientIP; set that"
        ),
    ),
    "a family twice": (
        {"service": {"ipFamilies": ["IPv4", "IPv4"]}},
        "service.ipFamilies: names a family twice; name each once",
    ),
    "two families for one": (
        {"service": {"ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv4", "IPv6"]}},
        (
            "service.ipFamilies: has two families, but ipFamilyPolicy is SingleStack; "
            "use PreferDualStack"
        ),
    ),
    "a policy that is none": (
        {"service": {"ipFamilyPolicy": "DualStack"}},
        (
            "service.ipFamilyPolicy: is 'DualStack'; must be 'SingleStack', 'PreferDualStack' "
            "or 'RequireDualStack'"
        ),
    ),
    "a family that is none": (
        {"service": {"ipFamilies": ["IPv5"]}},
        "service.ipFamilies[0]: is 'IPv5'; must be 'IPv4' or 'IPv6'",
    ),
}


@pytest.mark.parametrize(("fields", "text"), REFUSED.values(), ids=REFUSED)
def test_a_web_service_refuses(fields: Mapping[str, Any], text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        web(**fields)
    assert str(caught.value) == text
