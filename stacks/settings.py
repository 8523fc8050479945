"""What a stack file may say, and how it is read and checked.

Stack file → `parse` (or, in a running program, `load`) → `Settings`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeVar

import pulumi
from pulumi.runtime import config as runtime

from kubia.config import decoded
from kubia.errors import InvalidError, refuse
from kubia.manifests.names import env_problems, label_problems, namespace_problems
from kubia.manifests.nginx_operator import NginxOperator
from kubia.manifests.nginx_site import NginxSite
from kubia.manifests.node_agent import NodeAgent
from kubia.manifests.parse import parse as parse_spec
from kubia.manifests.pods import Resources
from kubia.manifests.values import Bool, Leaf, Spec
from kubia.manifests.web_service import WebService
from kubia.mistakes import mistakes

PREFIX = "kubia:"

S = TypeVar("S", WebService, "Site", NodeAgent)


@dataclass(frozen=True, kw_only=True)
class Site(NginxSite):
    """A site, its files given here or in a folder."""

    directory: str | None = None
    """Folder whose files are served too; relative to the project's folder."""


@dataclass(frozen=True, kw_only=True)
class Settings(Spec):
    """One environment."""

    contexts: Sequence[str]
    """Kubeconfig contexts that this stack may touch; ``*`` stands for any characters."""
    namespace: str
    """Namespace of everything in this stack; the stack makes it."""
    node_address: str = "127.0.0.1"
    """Address at which NodePorts are reached from outside the cluster."""
    web: WebService
    """The web service ``kubia``."""
    secrets: Mapping[str, Leaf] = field(default_factory=dict, repr=False)
    """Secret environment variables of the web service; written by `pulumi config set --secret`."""
    sites: Mapping[str, Site] = field(default_factory=dict)
    """Sites by name."""
    agents: Mapping[str, NodeAgent] = field(default_factory=dict)
    """Per-node agents by name."""
    operators: Mapping[str, NginxOperator] = field(default_factory=dict)
    """Operators by name, which keep a site for every labelled ConfigMap."""
    resources: Resources = field(default_factory=Resources)
    """Requests and limits of whatever above has none of its own; an operator's are its sites'."""
    protect: Bool = False
    """Whether deleting the namespace or the web service is refused."""

    def __post_init__(self) -> None:
        """Check names, and that no two things share one."""
        problems = [*namespace_problems("namespace", self.namespace)]
        if not self.contexts:
            problems.append("contexts: is empty; name the kubeconfig contexts this stack may touch")
        problems += env_problems("secrets", self.secrets)
        if self.web.secret_env:
            problems.append("web.secretEnv: stack files are in Git; give secrets in kubia:secrets")
        taken = {"kubia": "web"}
        for kind, named in (
            ("sites", self.sites),
            ("agents", self.agents),
            ("operators", self.operators),
        ):
            for name in named:
                problems += label_problems(kind, name)
                if name in taken:
                    problems.append(f"{kind}.{name}: is the name of {taken[name]} too; rename one")
                taken.setdefault(name, f"{kind}.{name}")
        refuse(problems)


def parse(file: str, config: Mapping[str, object]) -> Settings:
    """Return the settings in a stack file's decoded ``config``; other projects' keys are ignored.

    Raises `InvalidError` with every problem, each naming the file and the key.
    """
    own = {key.removeprefix(PREFIX): v for key, v in config.items() if key.startswith(PREFIX)}
    try:
        return _with_resources(parse_spec(Settings, own), own)
    except InvalidError as err:
        raise InvalidError(f"{file}: {PREFIX}{problem}" for problem in err.problems) from None


def load() -> Settings:
    """Return the settings of the running stack, from the configuration Pulumi hands over."""
    given = {**runtime.get_config_env(), **runtime.CONFIG.get()}
    hidden = {*runtime.get_config_secret_keys_env(), *filter(runtime.is_config_secret, given)}
    file = f"stacks/Pulumi.{pulumi.get_stack()}.yaml"
    misplaced = sorted(key for key in hidden - {f"{PREFIX}secrets"} if key.startswith(PREFIX))
    with mistakes():
        refuse(
            f"{file}: {key}: holds a secret; only {PREFIX}secrets may: move it there"
            for key in misplaced
        )
        return parse(file, {key: decoded(text) for key, text in given.items()})


def node_port_urls(settings: Settings) -> list[str]:
    """Return the addresses at which the web service is reached from outside the cluster."""
    port = settings.web.node_port
    return [f"http://{settings.node_address}:{port}"] if port else []


def arguments(spec: WebService | Site | NodeAgent | NginxOperator, **more: object) -> Any:
    """Return a part of the settings, and ``more``, as the Args of the component that it is for."""
    return {**asdict(spec), **more}


def _with_resources(settings: Settings, own: Mapping[str, Any]) -> Settings:
    """Return the settings with the stack's resources wherever none of their own are given."""

    def filled(named: Mapping[str, S], given: Mapping[str, Any]) -> dict[str, S]:
        return {
            name: part if "resources" in given[name] else replace(part, resources=shared)
            for name, part in named.items()
        }

    shared = settings.resources
    return replace(
        settings,
        web=filled({"web": settings.web}, own)["web"],
        sites=filled(settings.sites, own.get("sites", {})),
        agents=filled(settings.agents, own.get("agents", {})),
        operators={
            name: part
            if "siteResources" in own["operators"][name]
            else replace(part, site_resources=shared)
            for name, part in settings.operators.items()
        },
    )
