"""`kubia outputs`: what a stack exports."""

from kubia.cli import options


def outputs(
    *,
    stack: options.Stack = "dev",
    engine: options.Engine = options.AUTO,
    cwd: options.Cwd = options.HERE,
    as_json: options.Json = False,
    show_secrets: options.ShowSecrets = False,
) -> None:
    """Print the stack's outputs. The kubectl engine needs no cluster for it."""
    from kubia import console
    from kubia.actions import engine as engines
    from kubia.actions import outputs as action
    from kubia.session import without_cluster

    session = without_cluster(cwd, stack, engine.value)
    keeper = engines.keeping(session) if engine is options.AUTO else engines.of(session)
    if keeper.name == "kubectl":
        console.err("as the program declares them; `kubia status` says what runs")
    exported = keeper.outputs(show_secrets=show_secrets)
    action.show(exported, as_json=as_json)
