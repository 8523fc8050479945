"""kubia.drift.text: drift in words."""

from kubia.drift import text


def test_without_findings_there_is_no_drift() -> None:
    assert list(text.lines([])) == ["no drift"]
