"""Content that takes the place of older content: same name but for the hash at its end."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kubia.apply import diff
from kubia.apply.model import Change
from kubia.program.objects import ObjectRef

KINDS = frozenset({"ConfigMap", "Secret"})
_HASHED = re.compile(r"(.+)-[0-9a-f]{10}")


def pair(changes: Sequence[Change], gone: Mapping[ObjectRef, Mapping[str, Any]]) -> list[Change]:
    """Return the changes; whatever replaces one of the objects `gone` says which, and its diff."""
    old = {stem: key for key in gone if (stem := _stem(key))}
    return [
        _replacing(change, old[stem], gone)
        if change.action == "create" and (stem := _stem(change.key)) in old and stem
        else change
        for change in changes
    ]


def _stem(key: ObjectRef) -> tuple[str, str, str] | None:
    matched = _HASHED.fullmatch(key.name)
    if matched is None or key.group or key.kind not in KINDS:
        return None
    return key.kind, key.namespace, matched[1]


def _replacing(
    change: Change, old: ObjectRef, gone: Mapping[ObjectRef, Mapping[str, Any]]
) -> Change:
    differing = diff.changes(content(gone[old]), content(change.manifest))
    return replace(change, replaces=old, fields=differing)


def content(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a manifest or a live object alone, as the API server keeps it."""
    plain = manifest.get("stringData") or {}
    encoded = {key: base64.b64encode(str(text).encode()).decode() for key, text in plain.items()}
    data = {**(manifest.get("data") or {}), **encoded}
    return {"kind": manifest["kind"], "data": data, "binaryData": manifest.get("binaryData") or {}}
