"""kubia.releases.text: releases as a user reads them, and as scripts do."""

import dataclasses
import json

from kubia.releases import text
from tests.unit.releasing import release as a_release


def test_the_table_and_the_details() -> None:
    one = dataclasses.replace(
        a_release(1, "failed"), rolled_back_to=0, diff=("  ~ x",), images={"web": "web:v1"}
    )

    assert list(text.table([one])) == [
        "RELEASE  TIME                  OUTCOME                   WHO  CAUSE",
        "1        2026-01-31T12:00:00Z  failed, rolled back to 0  me   why",
    ]
    assert list(text.table([])) == ["no releases yet"]
    assert list(text.details(one)) == [
        "release:  1",
        "time:     2026-01-31T12:00:00Z",
        "outcome:  failed, rolled back to 0",
        "who:      me",
        "cause:    why",
        "declared: 1",
        "image:    web web:v1",
        "changes from the release before:",
        "  ~ x",
    ]
    values = json.loads(json.dumps(text.as_json(one)))
    assert values["state"] == "failed, rolled back to 0"
    assert "document" not in values
