"""kubia.project.earlier: stack files as they were written once."""

from typing import Any

import pytest

from kubia.project import earlier

WEB = {"image": "shop:v1"}
SEALED = {"TOKEN": {"secure": "v1:abc"}}
NOW: Any = {"config": {"shop:services": {"shop": {}, "till": {}}, "shop:secrets": {}}}


def test_the_only_web_service_was_called_as_the_project_is_and_had_all_secrets() -> None:
    once = {"encryptionsalt": "v1", "config": {"a:b": 1, "web": WEB, "shop:secrets": SEALED}}
    assert earlier.translated(once, NOW, "shop") == {
        "encryptionsalt": "v1",
        "config": {"a:b": 1, "services": {"shop": WEB}, "shop:secrets": {"shop": SEALED}},
    }
    without = {"config": {"shop:web": WEB, "shop:secrets": {}}}
    assert earlier.translated(without, NOW, "shop")["config"] == {
        "shop:services": {"shop": WEB},
        "shop:secrets": {},
    }


@pytest.mark.parametrize(
    ("document", "present"),
    [
        (NOW, NOW),
        ({"config": {"shop:web": WEB}}, {"config": {"shop:web": WEB}}),
        ({"config": {"shop:web": WEB}}, {"config": {**NOW["config"], "shop:web": WEB}}),
        ({"config": {**NOW["config"], "web": WEB}}, NOW),
        ({"config": {"shop:sites": {}}}, NOW),
        ({}, NOW),
    ],
)
def test_what_is_written_as_it_is_now_stays_as_it_is(document: Any, present: Any) -> None:
    assert earlier.translated(document, present, "shop") == document
