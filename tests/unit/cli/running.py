"""Runs the command line in this process, as its script does."""

import runpy
import sys

import pytest


def kubia(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run it; the exit code."""
    monkeypatch.setattr(sys, "argv", ["kubia", *arguments])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("kubia.cli.main", run_name="__main__")
    return int(ended.value.code or 0)
