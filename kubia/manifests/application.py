"""What every application is made of that has pods with a main container: services and tasks."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from kubia.errors import Problem, refuse
from kubia.manifests.containers import Process
from kubia.manifests.environment import EnvFrom
from kubia.manifests.names import label_problems, secret_env_problems
from kubia.manifests.pod_security import Level
from kubia.manifests.pods import Container, Resources
from kubia.manifests.values import Leaf
from kubia.manifests.web_pod import Pod, all_files, all_secret_files, pod_problems


@dataclass(frozen=True, kw_only=True)
class Application(Process):
    """A main container, which the fields of a container are of, and the pods around it."""

    image: Leaf
    """Image reference."""
    container_name: str = "main"
    """Name of the main container, among those of its pods."""
    secret_env: Mapping[str, Leaf] = field(default_factory=dict)
    """Environment variables kept in a Secret."""
    resources: Resources = field(default_factory=Resources)
    """Requests and limits of each pod."""
    pod: Pod = field(default_factory=Pod)
    """What its pods are beside the main container."""
    pod_security: Level = "restricted"
    """Level of Pod Security that its pods must pass; the namespace must allow a lower one."""
    raw: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Fields of Kubernetes' own, merged into the objects of a kind as `kubectl patch` does."""

    objects: ClassVar[Collection[str]] = ()
    """The objects that `raw` can add to; the first has the pods."""

    def __post_init__(self) -> None:
        """Check what one field alone, and several together, must hold."""
        refuse(self._problems())
        main = self.container(self.image)
        refuse(pod_problems(main, self.pod, self.pod_security, self.raw, self.objects))

    def _problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the fields; a kind of application says in which order."""
        raise NotImplementedError

    def _name_problems(self) -> Iterator[Problem]:
        yield from label_problems("containerName", self.container_name)

    def _secret_problems(self) -> Iterator[Problem]:
        yield from secret_env_problems("secretEnv", self.secret_env)
        text = "is in secretEnv too; keep one of them"
        for key, given in (("env", self.env), ("envValueFrom", self.env_value_from)):
            for name in sorted(given.keys() & self.secret_env.keys()):
                yield Problem((key, name), text, ("secretEnv",))

    def container(self, image: Leaf, secret: Leaf | None = None) -> Container:
        """Return the main container; `secret` names the Secret of its `secretEnv`."""
        given = {each.name: getattr(self, each.name) for each in fields(Process)}
        own = [EnvFrom.secret(secret)] if secret else []
        return Container(
            **{**given, "env_from": [*self.env_from, *own]},
            name=self.container_name,
            image=image,
            resources=self.resources,
        )

    def _optional(self) -> Mapping[str, tuple[str, object]]:
        """Return what is made only if it is declared, by kind of object: where, and as what."""
        secrets = {**self.secret_env, **all_secret_files(self.containers)}
        return {
            "configMap": ("files", all_files(self.containers)),
            "secret": ("secretEnv or secretFiles", secrets),
            "serviceAccount": ("pod.serviceAccount", self.pod.service_account),
            "persistentVolumeClaim": ("a claim in pod.volumes", self.pod.claimed),
        }

    def undeclared_problems(self, *, has_secrets: bool = False) -> Iterator[Problem]:
        """Yield what `raw` adds to objects that are not made.

        They are asked for apart: only who reads the whole input knows whether secrets stand
        elsewhere in it (`has_secrets`), and whether what is added is meant for many.
        """
        optional = self._optional() if self.raw else {}
        for kind, (where, given) in optional.items():
            if kind in self.raw and not given and not (has_secrets and kind == "secret"):
                text = f"adds to an object that is not declared; declare {where}, or leave it out"
                yield Problem(("raw", kind), text)

    @property
    def containers(self) -> list[Container]:
        """All containers of its pods, the main one first."""
        return [self.container(self.image), *self.pod.init_containers, *self.pod.containers]
