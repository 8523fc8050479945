"""`kubia outputs`: what a stack exports."""

import json

from kubia import console
from kubia.actions import outputs, pulumi
from kubia.cli import options
from kubia.project import stackfile
from kubia.session import Engine, choose, rendered


def show(
    stack: options.Stack = "dev",
    engine: options.EngineOption = Engine.AUTO,
    cwd: options.Cwd = options.HERE,
    as_json: options.Json = False,  # noqa: FBT002 (typer's way to write a flag)
    show_secrets: options.ShowSecrets = False,  # noqa: FBT002
) -> None:
    """Print the stack's outputs. The kubectl engine needs no cluster for it."""
    found = stackfile.stack(stackfile.project(cwd), stack)
    if choose(engine) == "pulumi":
        told = pulumi.outputs(found, show_secrets=show_secrets)
    else:
        told = outputs.of_program(rendered(found, None), show_secrets=show_secrets)
    if as_json:
        console.out(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        outputs.tell(told)
