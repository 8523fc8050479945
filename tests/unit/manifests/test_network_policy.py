"""kubia.manifests.network_policy: what is open, and that the rest is closed."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests.meta import Meta
from kubia.manifests.network_policy import network_policy
from kubia.manifests.parse import parse
from kubia.manifests.releases import deployment, releases
from kubia.manifests.web_service import WebService
from tests.unit.objects import pod_labels, schema_problems, selects

META = Meta(name="web", namespace="team", component="web")
DNS = {"dns": {"port": 53, "protocol": "UDP"}}


def web(policy: Any, **fields: Any) -> WebService:
    return parse(WebService, {"image": "kubia:v1", "networkPolicy": policy, **fields})


def of(policy: Any) -> dict[str, Any]:
    spec = web(policy, ports=DNS)
    assert spec.network_policy is not None
    manifest = network_policy(META, spec.network_policy, spec.ports)
    assert schema_problems(manifest) == []
    rules: dict[str, Any] = manifest["spec"]
    return rules


def test_an_empty_policy_lets_nobody_in_and_everything_out() -> None:
    assert of({}) == {
        "podSelector": {"matchLabels": {"app": "web"}},
        "policyTypes": ["Ingress"],
    }


def test_an_empty_way_out_lets_nothing_out() -> None:
    assert of({"egress": []})["policyTypes"] == ["Ingress", "Egress"]
    assert "egress" not in of({"egress": []})


@pytest.mark.parametrize(
    "strategy",
    [
        {"type": "BlueGreen", "active": "blue", "idleImage": "kubia:v2"},
        {"type": "Canary", "canaryImage": "kubia:v2"},
    ],
    ids=["colours", "canary"],
)
def test_it_is_of_every_version(strategy: Any) -> None:
    spec = web({}, strategy=strategy)
    versions = [deployment(release, spec) for release in releases(META, spec)]
    selector = of({})["podSelector"]["matchLabels"]
    assert [selects(selector, pod_labels(version)) for version in versions] == [True, True]


def test_a_rule_opens_ports_to_peers() -> None:
    prometheus = {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}
    network = {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}
    peers = [
        {"namespaceSelector": prometheus},
        {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "shop"}}},
        {"ipBlock": network},
    ]
    assert of({"ingress": [{"from": peers}, {}]})["ingress"] == [{"from": peers}, {}]
    assert of({"egress": [{"to": peers}]})["egress"] == [{"to": peers}]


def test_a_named_port_has_its_own_protocol() -> None:
    ports = [{"port": "http"}, {"port": "dns"}, {"port": 9000, "endPort": 9010}, {"port": "53"}]
    assert of({"ingress": [{"ports": ports}]})["ingress"][0]["ports"] == [
        {"protocol": "TCP", "port": "http"},
        {"protocol": "UDP", "port": "dns"},
        {"protocol": "TCP", "port": 9000, "endPort": 9010},
        {"protocol": "TCP", "port": 53},
    ]


def test_a_way_out_may_name_ports_that_are_the_others() -> None:
    ports = [{"port": "pgsql"}, {"port": 53, "protocol": "UDP"}]
    assert of({"egress": [{"ports": ports}]})["egress"][0]["ports"] == [
        {"protocol": "TCP", "port": "pgsql"},
        {"protocol": "UDP", "port": 53},
    ]


REFUSED: Mapping[str, tuple[Any, str]] = {
    "a peer of nothing": (
        {"ingress": [{"from": [{}]}]},
        ("ingress[0].from[0]: has none; give namespaceSelector and podSelector, or ipBlock alone"),
    ),
    "a peer of both": (
        {"egress": [{"to": [{"podSelector": {}, "ipBlock": {"cidr": "10.0.0.0/8"}}]}]},
        "egress[0].to[0]: has both; give namespaceSelector and podSelector, or ipBlock alone",
    ),
    "networks that are none": (
        {"ingress": [{"from": [{"ipBlock": {"cidr": "10", "except": ["x"]}}]}]},
        (
            "ingress[0].from[0].ipBlock.cidr: is '10'; must be a network such as 10.0.0.0/8 or "
            "2001:db8::/32\n"
            "ingress[0].from[0].ipBlock.except[0]: is 'x'; must be a network such as 10.0.0.0/8 or "
            "2001:db8::/32"
        ),
    ),
    "a label with a space": (
        {"ingress": [{"from": [{"podSelector": {"matchLabels": {"a": "b c"}}}]}]},
        (
            "ingress[0].from[0].podSelector.matchLabels.a: 'b c' is not a label value; use "
            "letters, digits, '-', '_' and '.', and begin and end with a letter or digit"
        ),
    ),
    "a port of nobody": (
        {"ingress": [{"ports": [{"port": "metrics"}]}]},
        "ingress[0].ports[0].port: is 'metrics'; must be the name of a port: http, dns",
    ),
    "another protocol than the port's": (
        {"ingress": [{"ports": [{"port": "dns", "protocol": "TCP"}]}]},
        "ingress[0].ports[0].protocol: is TCP, but port dns is of UDP; leave it out",
    ),
    "a row that begins with a name": (
        {"ingress": [{"ports": [{"port": "http", "endPort": 99}]}]},
        ("ingress[0].ports[0].endPort: is 99, but port is the name 'http'; give that as a number"),
    ),
    "a row that ends before it begins": (
        {"ingress": [{"ports": [{"port": 99, "endPort": 9}]}]},
        "ingress[0].ports[0].endPort: is 9; must be from 99 to 65535",
    ),
    "a port that is none": (
        {"egress": [{"ports": [{"port": True}]}]},
        "egress[0].ports[0].port: is True; must be a port's number or name",
    ),
    "an unknown key": (
        {"egress": [{"form": []}]},
        "egress[0].form: is not a known key; known are ports, to",
    ),
}


@pytest.mark.parametrize(("policy", "text"), REFUSED.values(), ids=REFUSED)
def test_a_policy_refuses(policy: Any, text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        web(policy, ports=DNS)
    assert str(caught.value) == "\n".join(f"networkPolicy.{line}" for line in text.split("\n"))
