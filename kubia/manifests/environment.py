"""What a container's environment holds: values as they are declared, and what stands elsewhere."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from kubia.errors import Problem, refuse
from kubia.manifests.names import env_problems, subdomain_problems
from kubia.manifests.values import Bool, Leaf, Object, Spec, one_of, written

_EXPANDED = re.compile(r"\$(?=[$(])")


def escaped(value: Leaf) -> Leaf:
    """Return an environment variable's value so that it arrives as it is.

    Kubernetes takes `$(NAME)` for another variable's value, and `$$` for `$`. A value that the
    caller's engine resolves, as Pulumi's Outputs, is escaped when it is known.
    """
    if isinstance(value, str):
        return _EXPANDED.sub("$$", value)
    return value.apply(escaped) if hasattr(value, "apply") else value


@dataclass(frozen=True, kw_only=True)
class FieldRef(Spec):
    """A field of the pod."""

    field_path: str
    """Its path, such as `status.podIP`, `metadata.name` or `metadata.labels['rel']`."""


@dataclass(frozen=True, kw_only=True)
class ResourceFieldRef(Spec):
    """What the container asks for, or may use at most."""

    resource: str
    """Which, such as `limits.memory` or `requests.cpu`."""
    divisor: str | None = None
    """The unit in which it is given, such as `1Mi`; bytes or whole CPUs if unset."""


@dataclass(frozen=True, kw_only=True)
class KeyRef(Spec):
    """A key of a ConfigMap or Secret that exists."""

    name: Leaf
    """Name of the object."""
    key: str
    """The key in it."""
    optional: Bool = False
    """Whether the pod starts without it."""

    def __post_init__(self) -> None:
        """Check the name."""
        refuse(reference_problems("name", self.name))


@dataclass(frozen=True, kw_only=True)
class ValueFrom(Spec):
    """Where the value of an environment variable stands: one of four places."""

    field_ref: FieldRef | None = None
    """In a field of the pod."""
    resource_field_ref: ResourceFieldRef | None = None
    """In the container's requests or limits."""
    config_map_key_ref: KeyRef | None = None
    """In a ConfigMap that exists."""
    secret_key_ref: KeyRef | None = None
    """In a Secret that exists."""

    def __post_init__(self) -> None:
        """Check that exactly one place is given."""
        refuse(one_of(self))


@dataclass(frozen=True, kw_only=True)
class ObjectName(Spec):
    """A ConfigMap or Secret that exists."""

    name: Leaf
    """Its name."""
    optional: Bool = False
    """Whether the pod starts without it."""

    def __post_init__(self) -> None:
        """Check the name."""
        refuse(reference_problems("name", self.name))


@dataclass(frozen=True, kw_only=True)
class EnvFrom(Spec):
    """A ConfigMap or Secret that exists, each of whose keys becomes an environment variable."""

    config_map_ref: ObjectName | None = None
    """The ConfigMap."""
    secret_ref: ObjectName | None = None
    """The Secret."""
    prefix: str | None = None
    """What the variables' names begin with, before the key."""

    def __post_init__(self) -> None:
        """Check that exactly one of them is given."""
        refuse(one_of(self, "configMapRef", "secretRef"))

    @classmethod
    def secret(cls, name: Leaf) -> Self:
        """Return all keys of the Secret of this name."""
        return cls(secret_ref=ObjectName(name=name))


def reference_problems(field: str, name: Leaf) -> Iterator[Problem]:
    """Yield what keeps `name` from being that of an object that exists; nothing of an Output."""
    if isinstance(name, str):
        yield from subdomain_problems(field, name)


def environment_problems(
    env: Mapping[str, Leaf], value_from: Mapping[str, ValueFrom]
) -> Iterator[Problem]:
    """Yield what is wrong with the names of variables, which may not be given twice."""
    yield from env_problems("env", env)
    yield from env_problems("envValueFrom", value_from)
    for name in sorted(env.keys() & value_from.keys()):
        text = "is in envValueFrom too; keep one of them"
        yield Problem(("env", name), text, ("envValueFrom",))


def variables(env: Mapping[str, Leaf], value_from: Mapping[str, ValueFrom]) -> list[Object]:
    """Return the variables as a container holds them, by name."""
    values = {name: {"value": escaped(value)} for name, value in env.items()}
    sources = {name: {"valueFrom": written(source)} for name, source in value_from.items()}
    return [{"name": name, **given} for name, given in sorted({**values, **sources}.items())]
