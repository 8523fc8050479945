"""What a stack file says once for many: the services' defaults, and resources for all kinds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from kubia.errors import InvalidError, Problem
from kubia.manifests.application import Application
from kubia.manifests.containers import Process
from kubia.manifests.parse import parse
from kubia.manifests.pods import Resources
from kubia.manifests.values import Leaf, camel_case
from kubia.manifests.web_service import WebService

Config = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Defaults(WebService):
    """A web service, of which the others take whole fields that they do not give themselves."""

    image: Leaf = "none"
    """Image reference; where none is given here, each service gives its own."""

    def _problems(self) -> Iterator[Problem]:
        yield from super()._problems()
        yield from secrets_in_git(self)


def secrets_in_git(part: Application) -> Iterator[Problem]:
    """Yield what is secret of a service or task and would stand in a stack file for all to read."""
    if part.secret_env:
        yield Problem(("secretEnv",), "stack files are in Git; give secrets in kubia:secrets")
    processes: dict[tuple[str | int, ...], Process] = {(): part}
    for kind, each in (
        ("initContainers", part.pod.init_containers),
        ("containers", part.pod.containers),
    ):
        processes |= {("pod", kind, index): container for index, container in enumerate(each)}
    for place, process in processes.items():
        if process.secret_files:
            text = (
                "stack files are in Git, and kubia:secrets are variables; mount a Secret that "
                "exists, by pod.volumes"
            )
            yield Problem((*place, "secretFiles"), text)


def filled(own: Config) -> Config:
    """Return the configuration with what is said once wherever nothing else is said.

    It is parsed here, once for all. What is faulty goes nowhere, so that what is wrong with it is
    said once, where it stands.
    """
    return _with_resources(_with_defaults(own))


def _with_defaults(own: Config) -> Config:
    given = own.get("defaults")
    if not isinstance(given, Mapping):
        return own
    try:
        defaults = parse(Defaults, given, by_name=False)
    except InvalidError:
        # What the services lack, and what contradicts what, is not known before these are right.
        return {**own, "services": {}, "secrets": {}}
    values = {camel_case(field.name): getattr(defaults, field.name) for field in fields(defaults)}
    shared = {key: value for key, value in values.items() if key in given}
    return {**own, "defaults": defaults, "services": _parts(own.get("services"), shared)}


def _with_resources(own: Config) -> Config:
    try:
        resources = parse(Resources, own.get("resources", {}), by_name=False)
    except InvalidError:
        return own
    of_pods = {"resources": resources}
    shared = {
        "services": of_pods,
        "jobs": of_pods,
        "cronJobs": of_pods,
        "sites": of_pods,
        "agents": of_pods,
        "operators": {"siteResources": resources},
    }
    parts = {kind: _parts(own[kind], shared[kind]) for kind in own.keys() & shared.keys()}
    return {**own, **of_pods, **parts}


def _parts(given: object, shared: Config) -> object:
    """Return parts by name, each with what is shared; what are none, as they are."""
    if not isinstance(given, Mapping):
        return given
    return {name: _part(each, shared) for name, each in given.items()}


def _part(given: object, shared: Config) -> object:
    if not isinstance(given, Mapping):
        return given
    return {**given, **{key: value for key, value in shared.items() if key not in given}}
