"""Well-known apps as entries of a stack file, beside what their charts declare by default."""

from typing import Any

import pytest

from tests.fidelity.apps import APPS, REASONS, App, all_rendered, objects, rendered
from tests.fidelity.comparing import differences
from tests.unit.programs import ROOT

DOCS = ROOT / "docs/services.md"
every_app = pytest.mark.parametrize("app", APPS.values(), ids=APPS)


def row(app: App) -> str:
    """Return an app's row of the table in the docs."""
    source, lines = app.content["source"], app.content["lines"]
    chart = f"[{source['chart']}]({source['address']}) {source['version']}"
    values = f"{lines['values']} ({lines['withoutComments']})"
    return f"| {chart} | {values} | {app.entry_lines} | {len(app.listed)} |"


@every_app
def test_an_app_differs_from_its_chart_in_exactly_what_is_justified(app: App) -> None:
    assert differences(app.reference, objects(all_rendered(), app.name)) == app.listed


@every_app
def test_every_difference_has_a_reason(app: App) -> None:
    whys = [each["why"] for each in app.content["differences"]]
    assert {why for why in whys if why not in REASONS and not why.endswith(".")} == set()


def test_every_reason_justifies_something() -> None:
    used = {each["why"] for app in APPS.values() for each in app.content["differences"]}
    assert REASONS.keys() - used == set()


@every_app
def test_the_docs_tell_how_long_an_entry_is_and_in_how_much_it_differs(app: App) -> None:
    assert row(app) in DOCS.read_text()


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "of the container": ({"args": ["--other"]}, "args"),
    "of a probe": ({"liveness": {"tcpSocket": {}, "periodSeconds": 10}}, "tcpSocket.port"),
    "of the Service": ({"servicePort": 9122}, "ports[9122].port"),
    "of the pod": ({"pod": {"serviceAccount": {}, "nodeSelector": {"a": "b"}}}, "nodeSelector.a"),
}


@pytest.mark.parametrize(("change", "place"), CHANGES.values(), ids=CHANGES)
def test_a_changed_field_is_a_difference(change: dict[str, Any], place: str) -> None:
    app = APPS["redis-exporter"]
    graph = rendered({app.name: {**app.service, **change}}, {})
    more = differences(app.reference, objects(graph, app.name)).keys() - app.listed.keys()
    assert any(path.endswith(place) for path in more)
