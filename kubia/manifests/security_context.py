"""Whose processes a pod's and its containers' are, and what they may do: hardened, all of them.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kubia.errors import Problem, refuse
from kubia.manifests.values import Bool, Int, Object, Spec, at_least, without_none

USER_ID = 10101
"""UID and GID of every container, as our images have it: above 10000, so that it is no user of a
node. Pods say it again, for an image of somebody else's may run as any user."""


@dataclass(frozen=True, kw_only=True)
class SecurityContext(Spec):
    """What a container may do, where that differs from its pod; the rest is for `raw`."""

    read_only_root_filesystem: Bool = True
    """Whether it can write nowhere but in volumes, of which /tmp is one."""
    run_as_user: Int | None = None
    """User ID of its processes; the pod's if unset."""
    run_as_group: Int | None = None
    """Group ID of its processes; the pod's if unset."""

    def __post_init__(self) -> None:
        """Check the IDs."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from at_least("runAsUser", self.run_as_user or 0, 0)
        yield from at_least("runAsGroup", self.run_as_group or 0, 0)

    def manifest(self) -> Object:
        """Return it as a container holds it, hardened."""
        return {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": self.read_only_root_filesystem,
            **without_none(
                {
                    # The kubelet starts no root where its pod says that there is none.
                    "runAsNonRoot": False if self.run_as_user == 0 else None,
                    "runAsUser": self.run_as_user,
                    "runAsGroup": self.run_as_group,
                }
            ),
        }


@dataclass(frozen=True, kw_only=True)
class PodSecurityContext(Spec):
    """Whose processes a pod's are."""

    run_as_user: Int = USER_ID
    """User ID of its processes."""
    run_as_group: Int = USER_ID
    """Group ID of its processes."""
    fs_group: Int = USER_ID
    """Group ID of the files in its volumes."""
    supplemental_groups: Sequence[Int] = ()
    """Further group IDs of its processes."""
    cluster_assigns: Bool = False
    """Whether the three IDs are left to the cluster, as OpenShift wants it."""

    def __post_init__(self) -> None:
        """Check the IDs."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        for name, value in self._ids.items():
            yield from at_least(name, value, 0)
            if self.cluster_assigns and value != USER_ID:
                text = f"is {value}, but clusterAssigns is true; leave one of them out"
                yield Problem((name,), text, ("clusterAssigns",))

    @property
    def _ids(self) -> dict[str, int]:
        return {
            "runAsUser": self.run_as_user,
            "runAsGroup": self.run_as_group,
            "fsGroup": self.fs_group,
        }

    def manifest(self) -> Object:
        """Return it as a pod holds it, hardened."""
        return {
            "runAsNonRoot": self.run_as_user != 0,
            **({} if self.cluster_assigns else self._ids),
            **without_none({"supplementalGroups": list(self.supplemental_groups) or None}),
            "seccompProfile": {"type": "RuntimeDefault"},
        }
