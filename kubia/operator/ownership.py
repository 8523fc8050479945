"""Whose an object is: what an operator may write over, and what it may remove.

It wrote what its field manager has applied, and it keeps what bears its mark: which operator
(instance, by its Lease) and for which selector. A label proves nothing: copied YAML has it, too.
"""

from typing import NamedTuple

from kubia.manifests.site_source import KEPT_BY, Source
from kubia.operator.model import Child, ChildId

_ADVICE = "--prune-orphans removes it"


class Keeper(NamedTuple):
    """An operator, as the objects that it keeps name it."""

    instance: str
    """Its Lease, NAMESPACE/NAME: replicas share one, no two operators do."""
    selector: str
    prune: bool = False
    """Whether it removes what it made for another selector, or before it marked what it makes."""

    @property
    def mark(self) -> str:
        """What its objects bear."""
        return f"{self.instance} {self.selector}"

    def is_foreign(self, child: Child) -> bool:
        """Whether another operator keeps the object."""
        return bool(child.mark) and child.mark.partition(" ")[0] != self.instance

    def may_apply(self, child: Child, source: Source) -> bool:
        """Whether an object under the name of one of the source's may be written over."""
        return not self.is_foreign(child) and (child.applied or child.owner == source.uid)

    def why_left(self, child: Child, source: Source | None) -> str:
        """Return why an object that is no longer desired stays; "" if it goes."""
        if not child.applied:
            return "the operator has not made it; delete it if nobody needs it"
        if not child.owner or (source and child.owner != source.uid):
            return "the ConfigMap does not own it"
        if source or self.prune or child.mark == self.mark:
            return ""
        if former := child.mark.partition(" ")[2]:
            return f"made for {former}, and the selector is {self.selector} now; {_ADVICE}"
        return f"it does not say for which selector it was made; {_ADVICE}"

    def not_ours(self, child_id: ChildId, child: Child, site: str) -> str:
        """Return what to do about an object that is in a site's way."""
        resource, namespace, name = child_id
        if not child.mark:
            return (
                f"{resource.kind} {name} exists and is not the operator's; it stays untouched: "
                "delete or rename it, or rename the ConfigMap"
            )
        if not self.is_foreign(child):
            return (
                f"{resource.kind} {name} bears the operator's mark, but somebody else has made "
                "it anew, as from a copy, or taken it over; it stays untouched: delete it, and "
                "the operator makes it, or rename the ConfigMap"
            )
        instance, _, selector = child.mark.partition(" ")
        return (
            f"{resource.kind} {name} is kept by operator {instance} for {selector}; it stays "
            "untouched: label the ConfigMap for one operator alone or, if that one is no more, "
            f"free its objects: kubectl annotate -n {namespace} "
            f"-l app.kubernetes.io/instance={site} deployments,services,configmaps {KEPT_BY}-"
        )
