"""kubia.manifests.ingress: hosts and paths that lead to the Service."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests.ingress import Ingress, ingress
from kubia.manifests.meta import Meta
from kubia.manifests.parse import parse
from tests.unit.objects import schema_problems

META = Meta(name="web", namespace="team", component="web")


def of(**fields: Any) -> dict[str, Any]:
    manifest = ingress(META, parse(Ingress, fields))
    assert schema_problems(manifest) == []
    return manifest


def backend(port: str) -> dict[str, Any]:
    return {"service": {"name": "web", "port": {"name": port}}}


ROOT = {"path": "/", "pathType": "Prefix", "backend": backend("http")}


def test_the_least_leads_all_requests_to_http() -> None:
    assert of()["spec"] == {"rules": [{"http": {"paths": [ROOT]}}]}


def test_each_host_has_all_paths() -> None:
    exact = {"path": "/m", "pathType": "Exact", "port": "metrics"}
    spec = of(
        className="nginx",
        hosts=["shop.example.org", "*.example.com"],
        paths=[{}, exact],
        tls=[{"secretName": "tls"}, {"hosts": ["shop.example.org"]}],
    )["spec"]
    paths = [ROOT, {"path": "/m", "pathType": "Exact", "backend": backend("metrics")}]
    assert spec == {
        "ingressClassName": "nginx",
        "rules": [
            {"host": "shop.example.org", "http": {"paths": paths}},
            {"host": "*.example.com", "http": {"paths": paths}},
        ],
        "tls": [
            {"hosts": ["shop.example.org", "*.example.com"], "secretName": "tls"},
            {"hosts": ["shop.example.org"]},
        ],
    }


def test_nobody_waits_for_its_address() -> None:
    annotations = of(annotations={"nginx.ingress.kubernetes.io/rewrite-target": "/"})["metadata"]
    assert annotations["annotations"] == {
        "pulumi.com/patchFieldManager": "kubia",
        "pulumi.com/skipAwait": "true",
        "nginx.ingress.kubernetes.io/rewrite-target": "/",
    }


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "a class in capitals": (
        {"className": "Nginx"},
        (
            "className: 'Nginx' is not a DNS subdomain; use lower-case letters, digits, '-' and "
            "'.', and begin and end each part with a letter or digit"
        ),
    ),
    "an address as host": (
        {"hosts": ["10.0.0.1"]},
        "hosts[0]: is '10.0.0.1', an address; must be a DNS name",
    ),
    "a host with a port": (
        {"hosts": ["example.org:80"]},
        (
            "hosts[0]: 'example.org:80' is not a DNS subdomain; use lower-case letters, digits, "
            "'-' and '.', and begin and end each part with a letter or digit"
        ),
    ),
    "a path that begins nowhere": (
        {"paths": [{"path": "shop"}]},
        "paths[0].path: is 'shop'; must begin with '/'",
    ),
    "a path with steps": (
        {"paths": [{"path": "/a/../b"}]},
        "paths[0].path: is '/a/../b'; must have no '//', no step '.' or '..' and no '%2F'",
    ),
    "no path": ({"paths": []}, "paths: is empty; leave it out for '/', or name one"),
    "a way to match that is none": (
        {"paths": [{"pathType": "prefix"}]},
        ("paths[0].pathType: is 'prefix'; must be 'Prefix', 'Exact' or 'ImplementationSpecific'"),
    ),
    "a secret in capitals": (
        {"tls": [{"secretName": "TLS"}]},
        (
            "tls[0].secretName: 'TLS' is not a DNS subdomain; use lower-case letters, digits, '-' "
            "and '.', and begin and end each part with a letter or digit"
        ),
    ),
    "a certificate for another's host": (
        {"hosts": ["a.org"], "tls": [{"hosts": ["b.org"]}]},
        "tls[0].hosts: has 'b.org', which is none of the ingress' hosts; add it there",
    ),
    "an unknown key": ({"host": "a.org"}, "host: is not a known key; did you mean 'hosts'?"),
}


def test_a_certificate_may_be_for_all_hosts_beside_one() -> None:
    assert parse(Ingress, {"hosts": ["a.b.org"], "tls": [{"hosts": ["*.b.org"]}]}).tls


@pytest.mark.parametrize(("fields", "text"), REFUSED.values(), ids=REFUSED)
def test_an_ingress_refuses(fields: Mapping[str, Any], text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse(Ingress, fields)
    assert str(caught.value) == text
