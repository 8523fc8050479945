"""kubia.manifests.raw_route: what is added to a route's rule leaves where it leads."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests.meta import Meta
from kubia.manifests.parse import parse
from kubia.manifests.raw_route import applied
from kubia.manifests.route import http_route
from kubia.manifests.web_service import WebService

META = Meta(name="web", namespace="team", component="web")
ROUTE = {
    "parentRefs": [{"name": "gw"}],
    "matches": [{"method": "GET"}],
    "timeouts": {"request": "10s"},
}
CANARY = {"type": "Canary", "canaryImage": "kubia:v2", "canaryWeight": 10}
FILTERS = [{"type": "URLRewrite", "urlRewrite": {"hostname": "shop"}}]
OTHER = [{"name": "other", "port": 80}]


def web(rules: Any, **fields: Any) -> WebService:
    added = {"httpRoute": {"metadata": {"labels": {"team": "shop"}}, "spec": {"rules": rules}}}
    return parse(WebService, {"image": "kubia:v1", "route": ROUTE, "raw": added, **fields})


def rules_of(spec: WebService) -> tuple[Any, Any]:
    """Return the rules of the route before and after it is added to."""
    assert spec.route
    route = http_route(META, spec.route, 80, spec.strategy.canary_weight)
    changed = applied(route, spec.raw)
    assert changed["metadata"]["labels"]["team"] == "shop"
    assert changed["spec"]["parentRefs"] == route["spec"]["parentRefs"]
    return route["spec"]["rules"], changed["spec"]["rules"]


@pytest.mark.parametrize("strategy", [{}, CANARY], ids=["plain", "weighted"])
def test_a_rule_is_merged_into_the_one_that_there_is(strategy: Mapping[str, Any]) -> None:
    added = {"filters": FILTERS, "timeouts": {"backendRequest": "1s"}}
    (before,), after = rules_of(web([added], strategy=strategy))
    timeouts = {"request": "10s", "backendRequest": "1s"}
    assert after == [{**before, "filters": FILTERS, "timeouts": timeouts}]
    assert len(after[0]["backendRefs"]) == (2 if strategy else 1)


@pytest.mark.parametrize(
    ("added", "changed"),
    [
        ({"backendRefs": OTHER}, {"backendRefs": OTHER}),
        ({"matches": [{"method": "PUT"}]}, {"matches": [{"method": "PUT"}]}),
        ({"backendRefs": []}, {"backendRefs": []}),
    ],
)
def test_what_the_rule_gives_itself_is_taken(added: Any, changed: Any) -> None:
    (before,), after = rules_of(web([added]))
    assert after == [{**before, **changed}]


def test_null_takes_away_where_it_leads_for_a_redirect() -> None:
    (before,), (after,) = rules_of(web([{"backendRefs": None}]))
    assert {**after, "backendRefs": before["backendRefs"]} == before
    assert "backendRefs" not in after


def test_several_rules_replace_it() -> None:
    several = [{"backendRefs": OTHER}, {"backendRefs": [], "filters": FILTERS}]
    assert rules_of(web(several))[1] == several


def test_without_rules_it_stays() -> None:
    added = {"httpRoute": {"spec": {"hostnames": ["shop.example.org"]}}}
    spec = parse(WebService, {"image": "kubia:v1", "route": ROUTE, "raw": added})
    assert spec.route
    route = http_route(META, spec.route, 80)
    assert applied(route, added)["spec"] == {**route["spec"], "hostnames": ["shop.example.org"]}


PLACE = "raw.httpRoute.spec.rules"
REFUSED: Mapping[str, tuple[Any, Mapping[str, Any], str]] = {
    "none": (None, {}, f"{PLACE}: is None; must be a list of mappings, at least one"),
    "an empty list": ([], {}, f"{PLACE}: is []; must be a list of mappings, at least one"),
    "a mapping": (
        {"filters": []},
        {},
        f"{PLACE}: is {{'filters': []}}; must be a list of mappings, at least one",
    ),
    "a text among them": (
        [{}, "a"],
        {},
        f"{PLACE}: is [{{}}, 'a']; must be a list of mappings, at least one",
    ),
    "several of which one leads nowhere": (
        [{"backendRefs": OTHER}, {"filters": FILTERS}],
        {},
        (
            f"{PLACE}[1]: has no backendRefs, but is one of several; name them, [] if a filter "
            "answers"
        ),
    ),
    "several under a weight": (
        [{"backendRefs": OTHER}, {"backendRefs": OTHER}],
        CANARY,
        f"{PLACE}: has 2 items, but only one rule has strategy.canaryWeight; keep one",
    ),
    "one that leads elsewhere under a weight": (
        [{"backendRefs": OTHER}],
        CANARY,
        (
            f"{PLACE}[0].backendRefs: would take the place of strategy.canaryWeight's; leave one "
            "of them out"
        ),
    ),
}


@pytest.mark.parametrize(("rules", "strategy", "text"), REFUSED.values(), ids=REFUSED)
def test_rules_that_lead_nowhere_or_past_a_weight_are_refused(
    rules: Any, strategy: Mapping[str, Any], text: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        web(rules, strategy=strategy)
    assert str(caught.value) == text
