"""What a stack file may say, and how it is read and checked.

Stack file → `parse` (or, in a running program, `load`) → `Settings`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pulumi
from pulumi.runtime import config as runtime

from components.common import ParsedArgs
from components.content import Site
from kubia.config import decoded, unsealed
from kubia.errors import InvalidError, Problem, refuse
from kubia.manifests.application import Application
from kubia.manifests.cron_job import CronJob
from kubia.manifests.names import label_problems, namespace_problems, secret_env_problems
from kubia.manifests.nginx_operator import NginxOperator
from kubia.manifests.nginx_site import SERVICE_PORT
from kubia.manifests.node_agent import NodeAgent
from kubia.manifests.parse import parse as parse_spec
from kubia.manifests.pods import Resources
from kubia.manifests.ports import Port
from kubia.manifests.task import name_problems
from kubia.manifests.values import Bool, Leaf, Spec
from kubia.manifests.volumes import claim_name
from kubia.manifests.web_service import WebService
from kubia.mistakes import mistakes
from stacks import forms
from stacks.shared import Defaults, filled, secrets_in_git
from stacks.tasks import ReleaseJob, before_problems

A = TypeVar("A", bound=Application)
J = TypeVar("J")

PREFIX = "kubia:"
SECRETS = f"{PREFIX}secrets"


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
    services: Mapping[str, WebService]
    """Web services by name."""
    defaults: Defaults | None = None
    """Fields of the services, for those that do not give them themselves: any field of a service,
    each taken whole, nothing inside of it is merged. Null in a service keeps the default away from
    a field that a service can be without."""
    jobs: Mapping[str, ReleaseJob] = field(default_factory=dict)
    """Tasks by name that run once, and anew when they are changed: `up` waits for them."""
    cron_jobs: Mapping[str, CronJob] = field(default_factory=dict)
    """Tasks by name that run again and again."""
    secrets: Mapping[str, Mapping[str, Leaf]] = field(default_factory=dict, repr=False)
    """Secret environment variables by service, job or cron job; written by `kubia secret set`."""
    sites: Mapping[str, Site] = field(default_factory=dict)
    """Sites by name."""
    agents: Mapping[str, NodeAgent] = field(default_factory=dict)
    """Per-node agents by name."""
    operators: Mapping[str, NginxOperator] = field(default_factory=dict)
    """Operators by name, which keep a site for every labelled ConfigMap."""
    resources: Resources = field(default_factory=Resources)
    """Requests and limits of whatever above has none of its own; an operator's are its sites'."""
    protect: Bool = False
    """Whether deleting the namespace, or the Service of a web service, is refused. Releases may
    remove all else: the other colour's Deployment, a canary, an autoscaler, old content."""

    def __post_init__(self) -> None:
        """Check names, and that no two things share one."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from namespace_problems("namespace", self.namespace)
        if not self.contexts:
            text = "is empty; name the kubeconfig contexts this stack may touch"
            yield Problem(("contexts",), text)
        for kind, parts in self._applications.items():
            for name, part in parts.items():
                yield from self._secret_problems(kind, name, part)
        yield from self._security_problems()
        yield from self._claim_problems()
        yield from before_problems(self.jobs, [*self.services])
        yield from self._node_port_problems()
        yield from self._name_problems()
        yield from self._role_problems()

    @property
    def _applications(self) -> Mapping[str, Mapping[str, Application]]:
        """What may have secrets, by kind and name."""
        return {"services": self.services, "jobs": self.jobs, "cronJobs": self.cron_jobs}

    def _secret_problems(self, kind: str, name: str, part: Application) -> Iterator[Problem]:
        secrets = self.secrets.get(name, {})
        for problem in secret_env_problems(name, secrets):
            yield problem.under(("secrets",))
        for problem in secrets_in_git(part):
            yield problem.under((kind, name))
        text = f"is in {SECRETS}.{name} too; keep one of them"
        for key, given in (("env", part.env), ("envValueFrom", part.env_value_from)):
            for variable in sorted(given.keys() & secrets.keys()):
                yield Problem((kind, name, key, variable), text, ("secrets",))

    def _security_problems(self) -> Iterator[Problem]:
        """Yield the levels of Pod Security that a namespace of the stack's own lets no pod have."""
        every: Mapping[str, Mapping[str, Application | NodeAgent]]
        every = {**self._applications, "agents": self.agents}
        for kind, parts in every.items():
            for name, part in parts.items() if self.create_namespace else ():
                if part.pod_security != "restricted":
                    text = (
                        f"is {part.pod_security}, but the stack makes its namespace, which lets "
                        "only restricted pods in; set createNamespace to false, and label the "
                        "namespace yourself"
                    )
                    yield Problem((kind, name, "podSecurity"), text, ("createNamespace",))

    def _claim_problems(self) -> Iterator[Problem]:
        """Yield the claims that two applications would share."""
        taken = dict[str, str]()
        for kind, parts in self._applications.items():
            for name, part in parts.items():
                for volume in part.pod.claimed:
                    claim = claim_name(name, volume)
                    owner = taken.setdefault(claim, f"{kind}.{name}")
                    if owner != f"{kind}.{name}":
                        text = f"makes the claim {claim}, as {owner} does; rename one"
                        yield Problem((kind, name, "pod", "volumes", volume), text)

    def undeclared_problems(self) -> Iterator[Problem]:
        """Yield what is added to objects that are not there; a default is for who has them.

        They are asked for when all else is right: what is faulty, and so set aside, is not missing.
        """
        for kind, parts in self._applications.items():
            shared = self.defaults.raw if self.defaults and kind == "services" else {}
            for name, part in parts.items():
                has_secrets = bool(self.secrets.get(name))
                if part.raw != shared:
                    for problem in part.undeclared_problems(has_secrets=has_secrets):
                        yield problem.under((kind, name))

    def _node_port_problems(self) -> Iterator[Problem]:
        taken = dict[tuple[int, str], str]()
        for (kind, name, *place), port in self._ports():
            if port.node_port is None:
                continue
            owner = taken.setdefault((port.node_port, port.protocol), f"{kind}.{name}")
            if owner != f"{kind}.{name}":
                text = f"is {port.node_port}, as {owner}'s is; give each its own"
                yield Problem((kind, name, *place, "nodePort"), text)

    def _ports(self) -> Iterator[tuple[tuple[str, ...], Port]]:
        """Yield the ports of all Services, and where they stand."""
        for name, service in self.services.items():
            yield ("services", name), Port(port=service.port, node_port=service.node_port)
            for key, port in service.ports.items():
                yield ("services", name, "ports", key), port
        for name, site in self.sites.items():
            yield ("sites", name), Port(port=SERVICE_PORT, node_port=site.node_port)

    def _name_problems(self) -> Iterator[Problem]:
        # A variant's Deployment may come with any release: nothing else may have its name then.
        taken = {
            f"{name}-{variant}": f"services.{name}'s {variant} Deployment"
            for name in self.services
            for variant in ("blue", "green", "canary")
        }
        for kind, parts in (
            ("services", self.services),
            ("jobs", self.jobs),
            ("cronJobs", self.cron_jobs),
            ("sites", self.sites),
            ("agents", self.agents),
            ("operators", self.operators),
        ):
            for name in parts:
                yield from label_problems(kind, name)
                if name in taken:
                    yield Problem((kind, name), f"is the name of {taken[name]} too; rename one")
                taken.setdefault(name, f"{kind}.{name}")
        for kind, tasks in (("jobs", self.jobs), ("cronJobs", self.cron_jobs)):
            for name in tasks:
                yield from name_problems(kind, name)

    def _role_problems(self) -> Iterator[Problem]:
        """Yield the operators of whose roles two would be called the same."""
        taken = dict[str, str]()
        for name, operator in self.operators.items():
            for role in operator.roles(name):
                owner = taken.setdefault(role, name)
                if owner != name:
                    text = f"makes the Role {role}, as operators.{owner} does; rename one"
                    yield Problem(("operators", name), text)

    def with_secrets(self, parts: Mapping[str, A]) -> dict[str, A]:
        """Return services or tasks as they run; in the stack file their secrets stand apart."""
        return {
            name: replace(part, secret_env=secrets) if secrets else part
            for name, part in parts.items()
            for secrets in [self.secrets.get(name)]
        }

    def services_after(self, jobs: Mapping[str, J]) -> Iterator[tuple[str, WebService, list[J]]]:
        """Yield the web services as they run, each with those of the `jobs` that it waits for."""
        for name, service in self.with_secrets(self.services).items():
            yield name, service, [jobs[it] for it, job in self.jobs.items() if name in job.before]


def parse(file: str, config: Mapping[str, object]) -> Settings:
    """Return the settings in a stack file's decoded `config`; other projects' keys are ignored.

    Raises:
        InvalidError: every problem, each naming the file and the key.

    """
    own = {key.removeprefix(PREFIX): v for key, v in config.items() if key.startswith(PREFIX)}
    own, problems = forms.read(own)
    try:
        settings = parse_spec(Settings, filled(own), by_name=False)
        refuse(settings.undeclared_problems())
    except InvalidError as error:
        problems += [f"{PREFIX}{problem}" for problem in error.problems]
    refuse(f"{file}: {problem}" for problem in problems)
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
        plain = {} if SECRETS in hidden else settings.secrets
        refuse(
            unsealed(f"{file}: {SECRETS}", service, name, pulumi.get_stack())
            for service, secrets in plain.items()
            for name in secrets
        )
        return settings


def node_port_urls(settings: Settings) -> list[str]:
    """Return the addresses at which services and sites are reached from outside the cluster."""
    address = settings.node_address
    if address.count(":") > 1 and not address.startswith("["):
        address = f"[{address}]"  # of IPv6
    ports = [service.node_port for service in settings.services.values()]
    ports += [site.node_port for site in settings.sites.values()]
    return [f"http://{address}:{port}" for port in ports if port]


def arguments(spec: Application | Site | NodeAgent | NginxOperator, **identity: object) -> Any:
    """Return a part of the settings as the Args of its component; `identity` says who that is."""
    return ParsedArgs(spec, **identity)
