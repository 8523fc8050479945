"""`kubia operator run`: the NGINX operator, outside of the cluster."""

import os
import sys

import typer

app = typer.Typer(help="The NGINX operator: a site for every labelled ConfigMap.")

_PASSED_ON = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "help_option_names": [],  # The operator answers --help itself.
}


@app.callback()
def _group() -> None:
    """Keep `run` a command of its own, though it is the only one."""


@app.command(context_settings=_PASSED_ON)
def run(context: typer.Context) -> None:
    """Keep sites until told to stop; --help shows the settings.

    The operator takes this process's place, so that what the command line needs and it does not
    (Pulumi, typer, rich) stays out of its memory.
    """
    argv = (sys.executable, "-m", "kubia.operator", *context.args)
    os.execv(sys.executable, argv)  # noqa: S606 - no shell is wanted
