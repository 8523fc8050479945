"""What components share: Args that several take, and the way from Args to specs.

Args are TypedDicts of plain JSON types, because Pulumi's analyzer makes the package's schema of
them: no unions but Input, no types of other packages, no postponed annotations. Enums name their
members as Kubernetes does (NodePort), of which Pulumi's SDKs make what is usual in each language;
of NODE_PORT the one for Python makes NOD_E_PORT.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, NotRequired, TypedDict, TypeVar

import pulumi

from kubia.errors import InvalidError, Problem, refuse
from kubia.manifests.application import Application
from kubia.manifests.meta import LANE, Meta
from kubia.manifests.parse import parse
from kubia.manifests.values import PLAIN, Spec
from kubia.mistakes import mistakes

S = TypeVar("S", bound=Spec)


class ResourcesArgs(TypedDict):
    """What a container asks for and what it may use at most."""

    requests: NotRequired[dict[str, str]]
    """Quantities the scheduler sets aside, by resource. Default: 25m CPU, 48Mi memory."""
    limits: NotRequired[dict[str, str]]
    """Quantities the container may not exceed, by resource. Default: 96Mi memory, CPU unlimited."""


def versioned(
    parent: pulumi.Resource, name: str, object_name: str
) -> tuple[str, pulumi.ResourceOptions]:
    """Return the logical name and the options of an object that is named by its content's hash.

    The hash is in the logical name too, so that each version is a resource of its own: the new one
    is made before what depends on it, and the old one, no longer declared, deleted at the end of an
    update that succeeded. Under one logical name it would be replaced; going back after a release
    that failed then makes the very object that waits for its deletion, and loses it.

    `name` alone is what all versions were called once. No release may be kept from deleting one.
    """
    logical = f"{name}-{object_name.rpartition('-')[2]}"
    before = [pulumi.Alias(name=name)]
    return logical, pulumi.ResourceOptions(parent=parent, protect=False, aliases=before)


def is_plain(value: Any) -> bool:
    """Whether a value, and all in it, is known without Pulumi."""
    if isinstance(value, Mapping):
        return all(map(is_plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(is_plain, value))
    return isinstance(value, (str, *PLAIN))


class ParsedArgs(dict[str, Any]):
    """Args that were parsed already: a component takes the spec as it is and parses none of it."""

    def __init__(self, spec: Any, **identity: object) -> None:
        """Write `spec`, a dataclass, as Args; `identity` is the rest: namespace and labels."""
        super().__init__({**asdict(spec), **identity})
        self.spec = spec


def specified(
    kind: str, name: str, args: Mapping[str, Any], spec: type[S], component: str
) -> tuple[Meta, S]:
    """Return who the component is and what it should be, from its Args.

    Raises:
        MistakeError: every problem, each beginning with the component's kind and name.

    """
    given = {key: value for key, value in args.items() if value is not None}
    own = {field.name for field in fields(Meta)} & given.keys()
    identity = {"name": name, "component": component, **{key: given.pop(key) for key in own}}
    problems: list[Problem] = []
    parts: list[Any] = []
    labels = identity.get("labels")
    if isinstance(labels, Mapping) and LANE in labels:
        text = f"{LANE!r} is set by kubia, to whom requests go by it; choose another key"
        problems.append(Problem(("labels",), text))
    rest = args.spec if isinstance(args, ParsedArgs) else given
    for part, data in ((Meta, identity), (spec, rest)):
        try:
            parsed = parse(part, data)
            parts.append(parsed)
            # What a stack file says is checked by who knows all of it.
            if isinstance(parsed, Application) and data is given:
                problems += parsed.undeclared_problems()
        except InvalidError as error:
            problems += error.details
    with mistakes(f"{kind} {name!r}: "):
        refuse(problems)
    return parts[0], parts[1]
