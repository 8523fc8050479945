"""kubia.manifests.route: hosts and paths of a Gateway that lead to the Service."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests.meta import Meta
from kubia.manifests.parse import parse
from kubia.manifests.route import Route, http_route

META = Meta(name="web", namespace="team", component="web")
GATEWAY = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "gw"}
BACKEND = {"group": "", "kind": "Service", "name": "web", "port": 8000}


def of(**fields: Any) -> dict[str, Any]:
    manifest = http_route(META, parse(Route, {"parentRefs": [{"name": "gw"}], **fields}), 8000)
    assert (manifest["apiVersion"], manifest["kind"]) == (
        "gateway.networking.k8s.io/v1",
        "HTTPRoute",
    )
    spec: dict[str, Any] = manifest["spec"]
    return spec


def test_the_least_leads_all_requests_of_a_gateway_to_the_service() -> None:
    assert of() == {"parentRefs": [GATEWAY], "rules": [{"backendRefs": [BACKEND]}]}


def test_all_that_is_given_is_said() -> None:
    parent = {"name": "gw", "namespace": "infra", "sectionName": "https", "port": 443}
    header = {"name": "X-Version", "value": "2.*", "type": "RegularExpression"}
    matches = [{"path": {"value": "/api"}, "headers": [header], "method": "GET"}, {}]
    assert of(
        parentRefs=[parent],
        hostnames=["*.example.org"],
        matches=matches,
        timeouts={"request": "10s", "backendRequest": "1m30s"},
    ) == {
        "parentRefs": [{**GATEWAY, **parent}],
        "hostnames": ["*.example.org"],
        "rules": [
            {
                "matches": [
                    {
                        "path": {"type": "PathPrefix", "value": "/api"},
                        "headers": [header],
                        "method": "GET",
                    },
                    {"path": {"type": "PathPrefix", "value": "/"}},
                ],
                "backendRefs": [BACKEND],
                "timeouts": {"request": "10s", "backendRequest": "1m30s"},
            }
        ],
    }


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "no gateway": ({"parentRefs": []}, "parentRefs: is empty; name a Gateway"),
    "a gateway in capitals": (
        {"parentRefs": [{"name": "GW", "namespace": "A", "sectionName": "B", "port": 0}]},
        (
            "parentRefs[0].name: 'GW' is not a DNS subdomain; use lower-case letters, digits, "
            "'-' and '.', and begin and end each part with a letter or digit\n"
            "parentRefs[0].namespace: 'A' is not a namespace's name; use lower-case letters, "
            "digits and '-', and begin and end with a letter or digit\n"
            "parentRefs[0].sectionName: 'B' is not a DNS subdomain; use lower-case letters, "
            "digits, '-' and '.', and begin and end each part with a letter or digit\n"
            "parentRefs[0].port: is 0; must be from 1 to 65535"
        ),
    ),
    "a host that is none": (
        {"hostnames": ["*"]},
        (
            "hostnames[0]: '*' is not a DNS subdomain; use lower-case letters, digits, '-' and "
            "'.', and begin and end each part with a letter or digit"
        ),
    ),
    "a path that begins nowhere": (
        {"matches": [{"path": {"value": "api"}}]},
        "matches[0].path.value: is 'api'; must begin with '/'",
    ),
    "a header that is none": (
        {"matches": [{"headers": [{"name": "a b", "value": ""}]}]},
        "matches[0].headers[0].name: is 'a b'; must be the name of a header, such as X-Version",
    ),
    "a method that is none": (
        {"matches": [{"method": "get"}]},
        (
            "matches[0].method: is 'get'; must be 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', "
            "'CONNECT', 'OPTIONS', 'TRACE' or 'PATCH'"
        ),
    ),
    "times that are none": (
        {"timeouts": {"request": "10", "backendRequest": "1.5s"}},
        (
            "timeouts.request: is '10'; must be a duration such as 10s, 1m30s or 500ms\n"
            "timeouts.backendRequest: is '1.5s'; must be a duration such as 10s, 1m30s or 500ms"
        ),
    ),
}


@pytest.mark.parametrize(("fields", "text"), REFUSED.values(), ids=REFUSED)
def test_a_route_refuses(fields: Mapping[str, Any], text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse(Route, {"parentRefs": [{"name": "gw"}], **fields})
    assert str(caught.value) == text


@pytest.mark.parametrize("weight", [0, 10, 100])
def test_a_canary_s_service_gets_its_weight_of_a_hundred(weight: int) -> None:
    spec = parse(Route, {"parentRefs": [{"name": "gw"}]})
    (rule,) = http_route(META, spec, 8000, weight)["spec"]["rules"]
    assert rule["backendRefs"] == [
        {**BACKEND, "weight": 100 - weight},
        {**BACKEND, "name": "web-canary", "weight": weight},
    ]


def test_an_expression_is_its_gateways_own() -> None:
    (rule,) = of(matches=[{"path": {"type": "RegularExpression", "value": "^a//"}}])["rules"]
    assert rule["matches"] == [{"path": {"type": "RegularExpression", "value": "^a//"}}]
