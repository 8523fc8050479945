"""`kubia history`: what was released when, by whom and why."""

import json
from collections.abc import Sequence

from kubia import console
from kubia.errors import InvalidError
from kubia.releases import ledger, text
from kubia.releases.release import Release


def show(history: Sequence[Release], number: int | None, *, as_json: bool) -> None:
    """Print all releases, oldest first, or the one with this number and its changes.

    Raises:
        InvalidError: there is no such release.

    """
    if number is None:
        _show_all(history, as_json=as_json)
        return
    one = chosen(history, number)
    if as_json:
        console.out(json.dumps(text.as_json(one), indent=2, ensure_ascii=False))
        return
    for line in text.details(one):
        console.out(console.coloured(line))


def chosen(history: Sequence[Release], number: int) -> Release:
    """Return the release with this number.

    Raises:
        InvalidError: there is none.

    """
    one = ledger.by_number(history, number)
    if one is None:
        kept = ", ".join(str(item.number) for item in history)
        problem = f"there is no release {number}: {f'kept are {kept}' if kept else 'none yet'}."
        raise InvalidError([problem])
    return one


def _show_all(history: Sequence[Release], *, as_json: bool) -> None:
    if as_json:
        summaries = [text.as_json(item) for item in history]
        console.out(json.dumps(summaries, indent=2, ensure_ascii=False))
        return
    for line in text.table(history):
        console.out(line)
