"""What a stack file may say, and how it is read and checked.

Stack file → `parse` (or, in a running program, `load`) → `Settings`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi
from pulumi.runtime import config as runtime

from components.common import ParsedArgs
from components.content import Site
from kubia.config import decoded, unsealed
from kubia.errors import InvalidError, Problem, refuse
from kubia.manifests.names import label_problems, namespace_problems, secret_env_problems
from kubia.manifests.nginx_operator import NginxOperator
from kubia.manifests.node_agent import NodeAgent
from kubia.manifests.parse import parse as parse_spec
from kubia.manifests.pods import Resources
from kubia.manifests.values import Bool, Leaf, Spec, camel_case
from kubia.manifests.web_service import WebService
from kubia.mistakes import mistakes

PREFIX = "kubia:"
SECRETS = f"{PREFIX}secrets"
_NO_VALUE = "secrets: a key has no value; write NAME: VALUE, with a space between"
"""Without the key's name: of `NAME:VALUE`, which YAML takes for a key, it is the secret."""


@dataclass(frozen=True, kw_only=True)
class Settings(Spec):
    """One environment."""

    contexts: Sequence[str]
    """Kubeconfig contexts that this stack may touch; `*` stands for any characters."""
    namespace: str
    """Namespace of everything in this stack."""
    create_namespace: Bool = True
    """Whether the stack makes its namespace, and deletes it with itself. With false it must be
    there, and stays, with its labels as they are."""
    node_address: str = "127.0.0.1"
    """Address at which NodePorts are reached from outside the cluster."""
    web: WebService
    """The web service `kubia`."""
    secrets: Mapping[str, Leaf] = field(default_factory=dict, repr=False)
    """Secret environment variables of the web service; written by `kubia secret set`."""
    sites: Mapping[str, Site] = field(default_factory=dict)
    """Sites by name."""
    agents: Mapping[str, NodeAgent] = field(default_factory=dict)
    """Per-node agents by name."""
    operators: Mapping[str, NginxOperator] = field(default_factory=dict)
    """Operators by name, which keep a site for every labelled ConfigMap."""
    resources: Resources = field(default_factory=Resources)
    """Requests and limits of whatever above has none of its own; an operator's are its sites'."""
    protect: Bool = False
    """Whether deleting the namespace, or the Service of the web service, is refused. Releases may
    remove all else: the other colour's Deployment, a canary, an autoscaler, old content."""

    def __post_init__(self) -> None:
        """Check names, and that no two things share one."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from namespace_problems("namespace", self.namespace)
        if not self.contexts:
            text = "is empty; name the kubeconfig contexts this stack may touch"
            yield Problem(("contexts",), text)
        yield from secret_env_problems("secrets", self.secrets)
        if self.web.secret_env:
            text = f"stack files are in Git; give secrets in {PREFIX}secrets"
            yield Problem(("web", "secretEnv"), text)
        for name in sorted(self.web.env.keys() & self.secrets.keys()):
            text = f"is in {PREFIX}secrets too; keep one of them"
            yield Problem(("web", "env", name), text, ("secrets",))
        yield from self._name_problems()

    def _name_problems(self) -> Iterator[Problem]:
        # A variant's Deployment may come with any release: nothing else may have its name then.
        variants = ("blue", "green", "canary")
        taken = {"kubia": "web", **{f"kubia-{it}": f"web's {it} Deployment" for it in variants}}
        for kind, parts in (
            ("sites", self.sites),
            ("agents", self.agents),
            ("operators", self.operators),
        ):
            for name in parts:
                yield from label_problems(kind, name)
                if name in taken:
                    yield Problem((kind, name), f"is the name of {taken[name]} too; rename one")
                taken.setdefault(name, f"{kind}.{name}")

    @property
    def web_with_secrets(self) -> WebService:
        """The web service as it runs; in the stack file its secrets stand apart."""
        return replace(self.web, secret_env=self.secrets) if self.secrets else self.web


def parse(file: str, config: Mapping[str, object]) -> Settings:
    """Return the settings in a stack file's decoded `config`; other projects' keys are ignored.

    Raises:
        InvalidError: every problem, each naming the file and the key.

    """
    own = {key.removeprefix(PREFIX): v for key, v in config.items() if key.startswith(PREFIX)}
    secrets = own.get("secrets")
    named = secrets if isinstance(secrets, Mapping) else {}
    problems = [_NO_VALUE] if None in named.values() else []
    if problems:
        own["secrets"] = {key: value for key, value in named.items() if value is not None}
    try:
        settings = parse_spec(Settings, _with_resources(own))
    except InvalidError as error:
        problems += error.problems
    refuse(f"{file}: {PREFIX}{problem}" for problem in problems)
    return settings


def load() -> Settings:
    """Return the settings of the running stack, from the configuration Pulumi hands over.

    Raises:
        MistakeError: every problem, each naming the file and the key.

    """
    given = {**runtime.get_config_env(), **runtime.CONFIG.get()}
    hidden = {*runtime.get_config_secret_keys_env(), *filter(runtime.is_config_secret, given)}
    file = f"stacks/Pulumi.{pulumi.get_stack()}.yaml"
    misplaced = sorted(key for key in hidden - {SECRETS} if key.startswith(PREFIX))
    with mistakes():
        refuse(
            f"{file}: {key}: holds a secret; only {SECRETS} may: move it there" for key in misplaced
        )
        settings = parse(file, {key: decoded(text) for key, text in given.items()})
        plain = [] if SECRETS in hidden else settings.secrets
        refuse(unsealed(f"{file}: {SECRETS}", name, pulumi.get_stack()) for name in plain)
        return settings


def node_port_urls(settings: Settings) -> list[str]:
    """Return the addresses at which the web service is reached from outside the cluster."""
    port, address = settings.web.node_port, settings.node_address
    if address.count(":") > 1 and not address.startswith("["):
        address = f"[{address}]"  # of IPv6
    return [f"http://{address}:{port}"] if port else []


def arguments(spec: WebService | Site | NodeAgent | NginxOperator, **identity: object) -> Any:
    """Return a part of the settings as the Args of its component; `identity` says who that is."""
    return ParsedArgs(spec, **identity)


def _with_resources(own: Mapping[str, object]) -> Mapping[str, object]:
    """Return the configuration with the stack's resources wherever none of their own are given.

    They are parsed here, once for all. Faulty ones go nowhere, so that what is wrong with them is
    said once, at `resources`.
    """
    try:
        shared = parse_spec(Resources, own.get("resources", {}))
    except InvalidError:
        return own

    def part(given: object, key: str) -> object:
        if not isinstance(given, Mapping) or key in {camel_case(str(name)) for name in given}:
            return given
        return {**given, key: shared}

    def parts(given: object, key: str) -> object:
        if not isinstance(given, Mapping):
            return given
        return {name: part(each, key) for name, each in given.items()}

    filled = {
        "web": part(own.get("web"), "resources"),
        "sites": parts(own.get("sites"), "resources"),
        "agents": parts(own.get("agents"), "resources"),
        "operators": parts(own.get("operators"), "siteResources"),
    }
    return {**own, "resources": shared, **{key: filled[key] for key in own.keys() & filled.keys()}}
