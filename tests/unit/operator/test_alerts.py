"""The alerts that the documentation names are rules that Prometheus takes, and each was tried."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
RULES = ROOT / "docs/alerts.yaml"
TRIED = Path(__file__).with_name("alerts.yaml")


def _rules() -> list[dict[str, Any]]:
    content = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    (group,) = content["groups"]
    return list(group["rules"])


def test_the_table_and_the_rules_are_the_same() -> None:
    text = (ROOT / "docs/operator.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|[^|]*\| `(.*kubia_operator.*)` \| (\S+) \| (.*) \|$", text, re.MULTILINE)
    rules = [
        (rule["expr"], rule.get("for", "\N{EN DASH}"), rule["annotations"]["summary"])
        for rule in _rules()
    ]
    assert rows == rules


def test_each_alert_was_seen_to_fire_and_not_to() -> None:
    tests = yaml.safe_load(TRIED.read_text(encoding="utf-8"))["tests"]
    tried = {
        (each["alertname"], bool(each["exp_alerts"]))
        for test in tests
        for each in test["alert_rule_test"]
    }
    assert tried == {(rule["alert"], fires) for rule in _rules() for fires in (True, False)}


def test_prometheus_agrees(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool, of Prometheus, is not on PATH")
    content = yaml.safe_load(TRIED.read_text(encoding="utf-8"))
    content["rule_files"] = [str(RULES)]
    notes = {rule["alert"]: rule["annotations"] for rule in _rules()}
    for test in content["tests"]:
        for each in test["alert_rule_test"]:
            for alert in each["exp_alerts"]:
                alert["exp_annotations"] = notes[each["alertname"]]
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    command = [promtool, "test", "rules", str(tmp_path / "tests.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
