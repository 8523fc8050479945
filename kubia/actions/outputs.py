"""`kubia outputs`: what a stack exports, secrets masked, what only a server knows left open."""

import json
from collections.abc import Mapping
from typing import Any

from kubia import console
from kubia.errors import MASK
from kubia.program.run import Program


def of_program(program: Program, *, show_secrets: bool = False) -> dict[str, Any]:
    """Return the outputs by name; None stands for what only a server knows."""
    hidden = frozenset() if show_secrets else program.secret_outputs
    return {
        name: None if name in program.unknown_outputs else MASK if name in hidden else value
        for name, value in sorted(program.outputs.items())
    }


def show(outputs: Mapping[str, Any], *, as_json: bool = False) -> None:
    """Print the outputs, one a line, or as one JSON object."""
    if as_json:
        console.out(json.dumps(outputs, indent=2, ensure_ascii=False))
        return
    width = max(map(len, outputs), default=0)
    for name, value in outputs.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        console.out(
            f"  {name.ljust(width)}  {'(only the cluster knows)' if value is None else text}"
        )
