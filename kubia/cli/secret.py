"""`kubia secret`: what a stack keeps sealed in its file."""

import sys
from typing import Annotated

import typer

from kubia.cli import options
from kubia.errors import InvalidError

app = typer.Typer(help="Web services' secrets, sealed in a stack's file.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The secret's name, as API_TOKEN.", metavar="NAME")]


@app.command("set", context_settings={"allow_extra_args": True})
def set_(
    ctx: typer.Context,
    name: Name,
    *,
    service: options.SecretsOf = None,
    stack: options.Stack = "dev",
    cwd: options.Cwd = options.HERE,
) -> None:
    """Seal a value that is asked for, or piped in.

    The stack's passphrase is $PULUMI_CONFIG_PASSPHRASE. Pulumi's CLI reads the value as well.
    """
    from kubia.actions import secret

    if ctx.args:  # a value, which the parser's own refusal would show
        secret.refuse_value(name)
    secret.put(secret.of_service(cwd, stack, service), name, lambda: _value(name))


@app.command("list")
def list_(
    *,
    service: options.SecretsOf = None,
    stack: options.Stack = "dev",
    cwd: options.Cwd = options.HERE,
    as_json: options.Json = False,
) -> None:
    """Print the names of a service's secrets. Needs no passphrase."""
    from kubia.actions import secret

    secret.show(secret.of_service(cwd, stack, service), as_json=as_json)


@app.command()
def rm(
    name: Name,
    *,
    service: options.SecretsOf = None,
    stack: options.Stack = "dev",
    cwd: options.Cwd = options.HERE,
) -> None:
    """Take a secret out of the stack's file. Needs no passphrase."""
    from kubia.actions import secret

    secret.remove(secret.of_service(cwd, stack, service), name)


def _value(name: str) -> str:
    """Return the value as it is typed, or piped in but for one line end after it."""
    if sys.stdin.isatty():
        return str(typer.prompt(name, hide_input=True, err=True))
    try:
        value = sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise InvalidError([f"{name}: standard input is not text in UTF-8."]) from None
    value = value.removesuffix("\n").removesuffix("\r")
    if not value:
        raise InvalidError([f"{name}: there is no value on standard input."])
    return value
