"""What a rendered program may not hold, each problem with its resource and field."""

from collections.abc import Iterator, Sequence

from kubia.errors import InvalidError
from kubia.program import values
from kubia.program.mocks import KUBERNETES, OUTPUT_AS_TEXT, SERVER_MARK
from kubia.program.monitor import PROVIDER, Registered
from kubia.program.values import Plain

# Kinds of the Kubernetes package whose objects Pulumi's provider makes, not the program.
INDIRECT = ("kubernetes:yaml", "kubernetes:helm.sh", "kubernetes:kustomize")


def refuse_unrenderable(
    resources: Sequence[Registered], outputs: Plain, barred: frozenset[str] = frozenset()
) -> None:
    """Refuse what cannot be applied without Pulumi's engine.

    `barred` are the packages whose default provider the stack disables ("*": all).

    Raises:
        InvalidError: every reason, each with its resource and field or its output.

    """
    problems = [problem for resource in resources for problem in _problems(resource)]
    problems += [
        f"{resource} names no provider, and the stack disables the default one "
        "(pulumi:disable-default-providers): pass it, or its parent, a provider."
        for resource in resources
        if resource.custom
        and not resource.provider
        and not resource.type.startswith(PROVIDER)
        and barred & {"*", resource.type.partition(":")[0]}
    ]
    problems += [
        f"output {values.show(path)!r} of the stack is an Output put into a string: "
        "use pulumi.Output.concat or pulumi.Output.format."
        for path, text in values.strings(outputs.value)
        if OUTPUT_AS_TEXT in text
    ]
    if problems:
        raise InvalidError(problems)


def unknown_outputs(outputs: Plain) -> frozenset[str]:
    """Return the names of the stack's outputs that only a server could fill in."""
    marked = {str(path[0]) for path, text in values.strings(outputs.value) if SERVER_MARK in text}
    return frozenset({str(path[0]) for path in outputs.unknowns} | marked)


def _problems(resource: Registered) -> Iterator[str]:
    if not resource.custom:
        return
    if resource.type.startswith(PROVIDER):
        return
    if resource.type.startswith(INDIRECT) or resource.type.endswith("Patch"):
        yield (
            f"{resource} is expanded by Pulumi's provider: declare its objects one by one, "
            "or use the pulumi engine (--engine pulumi)."
        )
        return
    if not resource.type.startswith(KUBERNETES):
        yield (
            f"{resource} is no Kubernetes object: "
            "only the pulumi engine can make it (--engine pulumi)."
        )
        return
    yield from _values(resource)


def _values(resource: Registered) -> Iterator[str]:
    for path in resource.unknowns:
        yield (
            f"{resource}: {values.show(path)} takes a value that is only known once another "
            "resource exists: give it a declared value, or use the pulumi engine (--engine pulumi)."
        )
    for path in resource.assets:
        yield f"{resource}: {values.show(path)} is a Pulumi asset: give it a plain string."
    for path, text in values.strings(resource.inputs):
        if OUTPUT_AS_TEXT in text:
            yield (
                f"{resource}: {values.show(path)} is an Output put into a string: "
                "use pulumi.Output.concat or pulumi.Output.format."
            )
        elif SERVER_MARK in text:
            field = text.partition(SERVER_MARK)[2].partition("\u00bb")[0]
            yield (
                f"{resource}: {values.show(path)} takes {field}, which only the API server "
                "knows: give it a declared value, or use the pulumi engine (--engine pulumi)."
            )
