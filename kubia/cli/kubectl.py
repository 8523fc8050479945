"""`kubia kubectl`: kubectl, for the cluster that is meant."""

import typer

from kubia.cli import options

PASSED_ON = {
    "allow_extra_args": True,
    "allow_interspersed_args": False,
    "ignore_unknown_options": True,
    "help_option_names": [],  # kubectl answers --help itself.
}


def kubectl(passed: typer.Context, *, context: options.Context = None) -> None:
    """Run kubectl on the cluster that is meant.

    The local one, if neither --context nor $KUBIA_CONTEXT names another one.
    """
    from kubia.actions import reach

    reach.pass_on(context, passed.args)
