"""What `raw` adds to a web service's route, whose one rule leads to the Service.

A list of rules has no key to merge them by. A single one is merged into that one, so that what it
does not name stays: matches, timeouts, and where the requests go. Several replace it.
"""

import reprlib
from collections.abc import Iterator, Mapping
from typing import Any

from kubia.errors import Problem
from kubia.manifests import raw as raws
from kubia.manifests.values import Object

_SPEC = ("httpRoute", "spec")
_BACKENDS = "backendRefs"


def problems(raw: Mapping[str, Any], canary_weight: int | None) -> Iterator[Problem]:
    """Yield which rules would lead nowhere, or past a canary's weight."""
    spec = raws.inside(raw, *_SPEC)
    if "rules" not in spec:
        return
    place = ("raw", *_SPEC, "rules")
    rules = raws.items(spec, "rules")
    if not rules or len(rules) != len(spec["rules"]):
        text = f"is {reprlib.repr(spec['rules'])}; must be a list of mappings, at least one"
        yield Problem(place, text)
    elif canary_weight is None:
        for index, rule in enumerate(rules if len(rules) > 1 else ()):
            if not isinstance(rule.get(_BACKENDS), list | tuple):
                text = (
                    "has no backendRefs, but is one of several; name them, [] if a filter answers"
                )
                yield Problem((*place, index), text)
    elif len(rules) > 1:
        text = f"has {len(rules)} items, but only one rule has strategy.canaryWeight; keep one"
        yield Problem(place, text, ("strategy",))
    elif _BACKENDS in rules[0]:
        text = "would take the place of strategy.canaryWeight's; leave one of them out"
        yield Problem((*place, 0, _BACKENDS), text, ("strategy",))


def applied(route: Object, raw: Mapping[str, Any]) -> Object:
    """Return a route with what is added to it."""
    rules = raws.items(raws.inside(raw, *_SPEC), "rules")
    if len(rules) == 1:
        (own,) = route["spec"]["rules"]
        added = {"spec": {"rules": [raws.merged(own, rules[0])]}}
        raw = {**raw, "httpRoute": raws.merged(raw["httpRoute"], added)}
    return raws.applied(route, raw)
