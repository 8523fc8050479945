"""kubia.local.machine: what this machine has, said with a remedy where it is too little."""

from pathlib import Path

import pytest

from kubia.local import machine


@pytest.mark.parametrize(
    ("environment", "state", "text"),
    [
        ({}, "ok", "none"),
        ({"HTTPS_PROXY": "http://x", "NO_PROXY": "a,127.0.0.1"}, "ok", "not for 127.0.0.1"),
        ({"https_proxy": "http://x", "no_proxy": "*"}, "ok", "HTTPS_PROXY"),
        ({"HTTPS_PROXY": "http://x"}, "note", "also for 127.0.0.1"),
    ],
)
def test_a_proxy_that_would_get_local_traffic_is_noted(
    environment: dict[str, str], state: str, text: str
) -> None:
    check = machine.proxies(environment)
    assert check.state == state
    assert text in check.text
    assert bool(check.remedy) == (state != "ok")


def test_too_little_memory_is_noted(tmp_path: Path) -> None:
    states = {}
    for available in (200, 8_000_000):
        file = tmp_path / "meminfo"
        file.write_text(f"MemTotal: 9000000 kB\nMemAvailable: {available} kB\n")
        states[available] = machine.memory(file).state
    assert states == {200: "note", 8_000_000: "ok"}
    assert machine.memory(tmp_path / "none").state == "note"


def test_whatever_machine_this_is_each_check_ends_in_a_word_and_every_flaw_has_a_remedy() -> None:
    checks = list(machine.checks({}))
    assert {check.name for check in checks} >= {"python", "go", "root", "disk", "memory", "proxies"}
    assert all(check.remedy for check in checks if check.state == "fails")
