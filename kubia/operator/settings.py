"""The operator's settings: from a file, the environment and flags, the latter before the former.

`dry_run` is `dryRun` in the file, KUBIA_OPERATOR_DRY_RUN in the environment and `--dry-run`
as a flag. All problems are reported at once.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

import yaml

from kubia.errors import InvalidError, Problem, did_you_mean, refuse
from kubia.manifests.images import image_problems
from kubia.manifests.names import namespace_problems, subdomain_problems
from kubia.manifests.pods import Resources
from kubia.manifests.site_source import NO_CONTENT, SiteOptions, selector_problems
from kubia.manifests.values import at_least, camel_case, within
from kubia.operator.ownership import Keeper

PREFIX = "KUBIA_OPERATOR_"
_LEVELS = ("debug", "info", "warning", "error")
_MOST = 2**31 - 1
"""Pods that a Deployment may ask for: its API counts them in 32 bits."""
_BOOLS = {"true": True, "false": False}


def _setting(default: Any, text: str) -> Any:
    """Return a field with its default and the text that the command line shows for it."""
    return field(default_factory=lambda: default, metadata={"help": text})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator keeps, and how; the texts are the documentation of each field."""

    context: str = _setting("", "context of the kubeconfig; by default the current one")
    kubeconfig: str = _setting("", "path of a kubeconfig; by default in-cluster, then as kubectl")
    selector: str = _setting("kubia.io/site=true", "label and value of ConfigMaps that are sites")
    namespaces: Sequence[str] = _setting((), "namespaces to keep, comma-separated; none: all")
    image: str = _setting(NO_CONTENT.image, "image of nginx, as kubia/local/images/nginx builds it")
    replicas: int = _setting(NO_CONTENT.replicas, "pods of each site")
    requests: Mapping[str, str] = _setting(
        Resources().requests, "what each pod asks for, by resource: cpu=25m,memory=48Mi"
    )
    limits: Mapping[str, str] = _setting(
        Resources().limits, "what each pod may use at most, by resource: memory=96Mi"
    )
    sites_per_namespace: int = _setting(0, "sites a namespace may have at most; 0: any")
    prune_orphans: bool = _setting(
        default=False, text="remove sites that were made for another selector"
    )
    dry_run: bool = _setting(default=False, text="log what would be written, write nothing")
    lease_namespace: str = _setting("default", "namespace of the Lease that elects the leader")
    lease_name: str = _setting("kubia-operator", "name of that Lease")
    host: str = _setting("127.0.0.1", "address that serves /livez, /readyz and /metrics")
    port: int = _setting(8081, "port that serves them; 0: any free one")
    log_level: str = _setting("info", "debug, info, warning or error")

    def __post_init__(self) -> None:
        """Check every value."""
        refuse(self._problems())

    def _problems(self) -> Iterator[str | Problem]:
        yield from within("replicas", self.replicas, 0, _MOST)
        yield from at_least("sitesPerNamespace", self.sites_per_namespace, 0)
        yield from within("port", self.port, 0, 65535)
        for namespace in self.namespaces:
            yield from namespace_problems("namespaces", namespace)
        yield from selector_problems(self.selector)
        yield from namespace_problems("leaseNamespace", self.lease_namespace)
        yield from subdomain_problems("leaseName", self.lease_name)
        if self.log_level not in _LEVELS:
            yield f"logLevel: is {self.log_level!r}; must be one of {', '.join(_LEVELS)}"
        yield from image_problems("image", self.image)
        try:
            Resources(requests=self.requests, limits=self.limits)
        except InvalidError as error:
            yield from error.problems

    def options(self) -> SiteOptions:
        """Return what concerns each site."""
        resources = Resources(requests=self.requests, limits=self.limits)
        return SiteOptions(
            image=self.image,
            replicas=self.replicas,
            resources=resources,
            keeper=self.keeper().mark,
        )

    def keeper(self) -> Keeper:
        """Return which operator this is."""
        instance = f"{self.lease_namespace}/{self.lease_name}"
        return Keeper(instance, self.selector, self.prune_orphans)


FIELDS = {each.name: each for each in dataclasses.fields(Settings)}
_TYPES: dict[str, Any] = get_type_hints(Settings)


def load(
    file: str, environ: Mapping[str, str], flags: Mapping[str, str], strays: Iterable[str] = ()
) -> Settings:
    """Return the settings that file, environment and flags give together.

    `strays` are the problems of what on the command line is no flag.

    Raises:
        InvalidError: with every problem of every source.

    """
    problems: list[str] = list(strays)
    values: dict[str, Any] = {}
    variables = {k[len(PREFIX) :]: v for k, v in environ.items() if k.startswith(PREFIX)}
    sources = (
        (file, _read(file, problems), {camel_case(name): name for name in FIELDS}, ""),
        ("environment", variables, {name.upper(): name for name in FIELDS}, PREFIX),
        ("flags", flags, {name.replace("_", "-"): name for name in FIELDS}, "--"),
    )
    for where, given, known, prefix in sources:
        for key, value in given.items():
            place = f"{where}: {prefix}{key}"
            if key not in known:
                problems.append(f"{place}: is not a known setting; {_advice(key, known, prefix)}")
                continue
            try:
                values[known[key]] = _parse(_TYPES[known[key]], value)
            except ValueError as error:
                problems.append(f"{place}: is {value!r}; must be {error}")
    try:
        settings = Settings(**values)
    except InvalidError as error:
        problems += error.problems
    refuse(problems)
    return settings


def _read(file: str, problems: list[str]) -> Mapping[str, Any]:
    if not file:
        return {}
    try:
        content = yaml.safe_load(Path(file).read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        problems.append(f"{file}: cannot be read: {error}")
        return {}
    if not isinstance(content, dict):
        problems.append(f"{file}: must be a mapping of settings to values")
        return {}
    return {str(key): value for key, value in content.items()}


def _advice(key: str, known: Mapping[str, str], prefix: str) -> str:
    # The prefix is added afterwards: with it, every name would be near to every other.
    if advice := did_you_mean(key, known):
        return advice.replace("'", f"'{prefix}", 1)
    return f"known are {', '.join(prefix + each for each in sorted(known))}"


def _parse(kind: Any, value: Any) -> Any:
    """Return a value as its type, be it already so (in a file) or text.

    Raises:
        ValueError: with what is allowed.

    """
    text = value if isinstance(value, str) else None
    if kind is str and text is not None:
        return text
    if kind is bool and (isinstance(value, bool) or text in _BOOLS):
        return _BOOLS[text] if text is not None else value
    if kind is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind is int and text is not None and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == Sequence[str]:
        items = [item.strip() for item in text.split(",")] if text is not None else value
        if isinstance(items, list) and items and all(i and isinstance(i, str) for i in items):
            return tuple(items)
    if kind == Mapping[str, str]:
        pairs = _pairs(text) if text is not None else value
        if isinstance(pairs, dict) and all(isinstance(v, str) for v in pairs.values()):
            return pairs
    raise ValueError(_ALLOWED[kind])


def _pairs(text: str) -> dict[str, str] | None:
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    whole = all(sign for _, sign, _ in pairs)
    return {key.strip(): value.strip() for key, _, value in pairs} if whole else None


_ALLOWED: dict[Any, str] = {
    str: "a string; put it in quotes",
    bool: "true or false",
    int: "a whole number",
    Sequence[str]: "a list, in one string separated by commas; leave it out for all",
    Mapping[str, str]: "quantities by resource, in one string cpu=25m,memory=48Mi",
}
