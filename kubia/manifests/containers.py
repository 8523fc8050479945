"""What every container can be given: its process, environment, files, mounts."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kubia.errors import Problem
from kubia.manifests import files
from kubia.manifests.environment import EnvFrom, ValueFrom, environment_problems
from kubia.manifests.security_context import SecurityContext
from kubia.manifests.values import Leaf, Object, Spec, written
from kubia.manifests.volumes import VolumeMount, place

PullPolicy = Literal["IfNotPresent", "Always", "Never"]
TMP_MOUNT = {"name": "tmp", "mountPath": "/tmp"}  # noqa: S108 - in the container


@dataclass(frozen=True, kw_only=True)
class Process(Spec):
    """What runs in a container and what it sees: the same for all containers."""

    command: Sequence[str] = ()
    """Program in place of the image's entrypoint; no shell. `$(NAME)` is a variable's value."""
    args: Sequence[str] = ()
    """Its arguments, in place of the image's. `$(NAME)` is a variable's value."""
    working_dir: str | None = None
    """Folder it starts in; the image's if unset."""
    env: Mapping[str, Leaf] = field(default_factory=dict)
    """Environment variables; their values arrive as they are written, `$` too."""
    env_value_from: Mapping[str, ValueFrom] = field(default_factory=dict)
    """Environment variables whose values stand elsewhere: in fields of the pod, or in keys of
    ConfigMaps and Secrets that exist."""
    env_from: Sequence[EnvFrom] = ()
    """ConfigMaps and Secrets that exist, all of whose keys become environment variables."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Text files by path, read-only, from an immutable ConfigMap: a change rolls the pods."""
    secret_files: Mapping[str, Leaf] = field(default_factory=dict)
    """Text files by path, read-only, from an immutable Secret: a change rolls the pods."""
    volume_mounts: Sequence[VolumeMount] = ()
    """Where it sees the pod's volumes."""
    image_pull_policy: PullPolicy = "IfNotPresent"
    """When its image is pulled."""
    security_context: SecurityContext = field(default_factory=SecurityContext)
    """What it may do."""

    def _process_problems(self) -> Iterator[Problem]:
        yield from environment_problems(self.env, self.env_value_from)
        yield from files.path_problems("files", self.files)
        yield from files.path_problems("secretFiles", self.secret_files)
        yield from self._place_problems()
        if self.working_dir is not None and not self.working_dir.startswith("/"):
            yield Problem(("workingDir",), f"is {self.working_dir!r}; must begin with '/'")

    def _place_problems(self) -> Iterator[Problem]:
        """Yield what two volumes or files are mounted at."""
        taken: dict[str, str] = {}
        for index, mount in enumerate(self.volume_mounts):
            where = place(mount.mount_path)
            if where in taken:
                text = f"is {mount.mount_path!r}, as in {taken[where]}; choose another place"
                yield Problem(("volumeMounts", index, "mountPath"), text)
            taken.setdefault(where, f"volumeMounts[{index}]")
        for kind, given in (("files", self.files), ("secretFiles", self.secret_files)):
            for path in given:
                if path in taken:
                    text = f"{path!r} is in {taken[path]} too; keep one of them"
                    yield Problem((kind,), text)
                taken.setdefault(path, kind)
        for kind, given in (("files", self.files), ("secretFiles", self.secret_files)):
            for path, below in itertools.product(given, taken):
                if below.startswith(f"{path}/"):
                    text = f"{path!r} is a file, and {taken[below]} has {below!r} in it; move one"
                    yield Problem((kind,), text)

    def mounts(self, container: str) -> list[Object]:
        """Return the mounts of its volumes and files."""
        mounts: list[Object] = [
            *map(written, self.volume_mounts),
            *files.mounts("files", container, self.files),
            *files.mounts("secret-files", container, self.secret_files),
        ]
        return mounts
