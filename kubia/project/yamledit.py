"""Edits YAML files: what differs is replaced, comments and everything else stay as they are."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from kubia.errors import KubiaError
from kubia.project import stackfile

WIDEST = 10_000
"""Characters: no line is folded."""


def edited(file: Path, content: Mapping[str, Any]) -> str:
    """Return the file's text, changed to hold `content`.

    Raises:
        KubiaError: the file is written in a way that cannot be edited.

    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = WIDEST
    text = file.read_text(encoding="utf-8")
    tree = yaml.load(text) or {}
    _merge(tree, stackfile.parsed(text, file), content)
    out = io.StringIO()
    yaml.dump(tree, out)
    if stackfile.parsed(out.getvalue(), file) != content:
        message = f"{file}: cannot be edited so that it declares what it should: edit it by hand."
        raise KubiaError(message)
    return out.getvalue()


def _merge(tree: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Change `tree`, which holds `old`, to hold `new`; equal parts are not touched."""
    for key in [key for key in old if key not in new]:
        del tree[key]
    for key, value in new.items():
        if key in old and old[key] == value and type(old[key]) is type(value):
            continue
        if isinstance(value, dict) and value and isinstance(old.get(key), dict):
            _merge(tree[key], old[key], value)
        else:
            tree[key] = _quoted(value)


def _quoted(value: Any) -> Any:
    """Return the value; text that other versions of YAML take for something else is quoted."""
    if isinstance(value, dict):
        return {key: _quoted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_quoted(item) for item in value]
    if isinstance(value, str) and stackfile.meaning(value) != value:
        return DoubleQuotedScalarString(value)
    return value
