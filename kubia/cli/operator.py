"""`kubia operator run`: the NGINX operator, outside of the cluster."""

import os
import sys

import typer

from kubia.cli import options

app = typer.Typer(help="The NGINX operator: a site for every labelled ConfigMap.")

_PASSED_ON = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "help_option_names": [],  # The operator answers --help itself.
}
_CONTEXT = "KUBIA_OPERATOR_CONTEXT"
"""The operator's own variable: it knows nothing of what stands before its command."""


@app.callback()
def _group() -> None:
    """Keep `run` a command of its own, though it is the only one."""


@app.command(context_settings=_PASSED_ON)
def run(passed: typer.Context, *, context: options.Context = None) -> None:
    """Keep sites until told to stop; --help shows the settings.

    The operator takes this process's place, so that what the command line needs and it does not
    (Pulumi, typer, rich) stays out of its memory.
    """
    from kubia import cluster
    from kubia.context import named

    if given := context or os.environ.get(_CONTEXT) or named():
        cluster.add_kubeconfig(given)
        os.environ[_CONTEXT] = given
    argv = (sys.executable, "-m", "kubia.operator", *passed.args)
    os.execv(sys.executable, argv)  # noqa: S606 - no shell is wanted
