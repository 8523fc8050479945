"""The options that commands share."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from kubia.cli import completion


class EngineChoice(str, Enum):
    """Who brings the program into the cluster."""

    AUTO = "auto"
    PULUMI = "pulumi"
    KUBECTL = "kubectl"


Stack = Annotated[
    str,
    typer.Option(
        "--stack",
        "-s",
        help="The stack: dev, staging, prod…; default: $KUBIA_STACK, else dev.",
        show_default=False,
        autocompletion=completion.stacks,
    ),
]


def _nonempty(name: str | None) -> str | None:
    """Refuse an empty context: it is a script's variable without a value, not the local cluster.

    Raises:
        BadParameter: it is empty.

    """
    if name == "":
        problem = "is empty; name a kubeconfig context, or leave the option out."
        raise typer.BadParameter(problem)
    return name


Context = Annotated[
    str | None,
    typer.Option(
        "--context",
        callback=_nonempty,
        help="The kubeconfig context; default: $KUBIA_CONTEXT, else the local cluster.",
        show_default=False,
    ),
]
Engine = Annotated[
    EngineChoice,
    typer.Option(
        "--engine",
        help="auto takes kubectl for what kubectl brought up, else pulumi if its CLI is on PATH.",
    ),
]
Cwd = Annotated[Path, typer.Option("--cwd", "-C", help="The project's folder.", file_okay=False)]
MaxErrors = Annotated[
    str | None,
    typer.Option(
        "--max-errors",
        "--error-bound",
        help="With --probe-url: the highest share of errors; default 1%.",
        metavar="PERCENT",
        show_default=False,
    ),
]
Service = Annotated[
    str,
    typer.Argument(
        help="The name of a service, site, agent, operator or Job.",
        metavar="NAME",
        autocompletion=completion.services,
    ),
]
WebService = Annotated[
    str | None,
    typer.Argument(
        help="The web service; default: the stack's only one.",
        metavar="[SERVICE]",
        show_default=False,
        autocompletion=completion.web_services,
    ),
]
SecretsOf = Annotated[
    str | None,
    typer.Option(
        "--service",
        help="Whose secret it is, a service's or a task's; default: the only one's.",
        metavar="SERVICE",
        show_default=False,
        autocompletion=completion.secret_owners,
    ),
]


def _as_utf8(is_json: bool) -> bool:  # noqa: FBT001 - typer's callback
    if is_json:
        from kubia import console

        console.as_utf8()
    return is_json


Json = Annotated[bool, typer.Option("--json", callback=_as_utf8, help="Print JSON, for scripts.")]
Force = Annotated[
    bool,
    typer.Option(
        "--force-conflicts", help="Take over objects and fields that somebody else manages."
    ),
]
Cause = Annotated[
    str | None,
    typer.Option(
        "--cause",
        help="Why, for the history; default: the changed images, or Pulumi's: Git's last commit.",
        metavar="TEXT",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
ShowSecrets = Annotated[bool, typer.Option("--show-secrets", help="Print secrets in plain text.")]

AUTO = EngineChoice.AUTO
HERE = Path()
