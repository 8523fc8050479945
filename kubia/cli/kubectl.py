"""`kubia kubectl`: kubectl, for the cluster that is meant."""

import typer

PASSED_ON = {
    "allow_extra_args": True,
    "allow_interspersed_args": False,
    "ignore_unknown_options": True,
    "help_option_names": [],  # kubectl answers --help itself.
}


def kubectl(context: typer.Context) -> None:
    """Run kubectl on the cluster that is meant.

    The local one, if none is named: `kubia --context NAME kubectl …` names another one.
    """
    from kubia.actions import reach

    named = (context.default_map or {}).get("context")
    reach.kubectl(reach.context(named), *context.args)
