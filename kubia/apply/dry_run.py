"""What becomes of a declared object, as the API server itself answers to a dry run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kubia.apply import applyset, diff, errors, ignored, keeper, scaling, takeover
from kubia.apply.api import CONFLICT, FIELD_MANAGER, FORBIDDEN, NOT_FOUND, Api, if_allowed
from kubia.apply.connection import ApiError
from kubia.apply.model import Change, DesiredState, Refusal
from kubia.apply.scaling import Scaling
from kubia.live import managed_fields, rollout
from kubia.live.left_alone import Left
from kubia.program.objects import Manifest, ObjectRef

CHECKED_IN = "kube-node-lease"
"""A namespace of every cluster in which nobody keeps objects of their own: what goes into a
namespace that does not exist yet is checked here, by a dry run."""

Live = Mapping[str, Any]


@dataclass(frozen=True)
class DryRun:
    """Asks for the objects of a stack. `ids` are of its sets, `absent` namespaces come with it.

    `force` takes over what others manage; `joining` does not ask whose it is, if it is Pulumi's.
    """

    api: Api
    desired: DesiredState
    ids: set[str]
    absent: frozenset[str]
    scaled: Scaling
    force: bool
    joining: bool

    def change(self, manifest: Manifest, live: Live | None) -> Change | Refusal:
        """Return what becomes of the live object, or why it must not."""
        result = self._change(manifest, live)
        if live is None or isinstance(result, Refusal):
            return result
        if not rollout.is_tried_again(manifest.object, live):
            return result
        return replace(result, action="update", uid=live["metadata"]["uid"], again=True)

    def _change(self, manifest: Manifest, live: Live | None) -> Change | Refusal:
        key = manifest.key
        labelled = self.scaled.applied(self.desired.applied(manifest, live), manifest, live)
        if live is None:
            return self._applied(manifest, labelled, None)
        problem = self._stranger(manifest, live)
        if problem and not (self.force and _may_be_taken(manifest, live)):
            return Refusal(problem)
        is_back = key in self.scaled.taken_back
        # What is taken back is forced, so whether all else is ours is asked before.
        rest = scaling.held(labelled, live) if is_back else labelled
        result = self._applied(manifest, rest, live)
        is_conflict = isinstance(result, Refusal) and result.is_conflict
        if self.force and (problem or is_conflict):
            return self._taken_over(manifest, labelled, live)
        if is_back and isinstance(result, Change):
            result = self._applied(manifest, labelled, live, force=True)
            return replace(result, force=True) if isinstance(result, Change) else result
        return result

    def _stranger(self, manifest: Manifest, live: Live) -> str:
        """Why the live object is not the stack's, or ""."""
        if self.joining and keeper.is_pulumis(live):
            return ""
        return errors.stranger(manifest.key, live, self.ids)

    def _applied(
        self, manifest: Manifest, labelled: Live, live: Live | None, *, force: bool = False
    ) -> Change | Refusal:
        key, tried = manifest.key, labelled
        is_absent = key.namespace in self.absent
        if is_absent:
            tried = {**labelled, "metadata": {**labelled["metadata"], "namespace": CHECKED_IN}}
        try:
            result = self.api.apply(tried, dry_run=True, force=force)
        except ApiError as error:
            if is_absent and error.code in {FORBIDDEN, NOT_FOUND}:
                return Change("create", key, labelled)
            holder = self._leaving(labelled) if errors.is_port_taken(error) else None
            problem = errors.refusal(key, error, holder)
            return Refusal(problem, is_conflict=error.code == CONFLICT)
        if live is None:
            return Change("create", key, labelled)
        differing = diff.changes(live, result, manifest.resource.secrets)
        before, after = (managed_fields.applied(item, FIELD_MANAGER) for item in (live, result))
        if not differing and before == after:
            return Change("unchanged", key, labelled)
        return Change("update", key, labelled, live["metadata"]["uid"], differing)

    def _leaving(self, wanted: Live) -> ObjectRef | None:
        """Return the stack's own Service that has a node port which this one wants, and goes."""
        key, ports = ObjectRef.of(wanted), _node_ports(wanted)
        declared = {manifest.key for manifest in self.desired.manifests}
        live = if_allowed(lambda: self.api.list(self.api.kind("", "Service"), key.namespace), [])
        for item in live:
            is_own = applyset.part_of(item) in self.ids and applyset.is_ours(item)
            if is_own and ObjectRef.of(item) not in declared and ports & _node_ports(item):
                return ObjectRef.of(item)
        return None

    def _taken_over(self, manifest: Manifest, labelled: Live, live: Live) -> Change | Refusal:
        """Return what the object becomes once it is ours alone, and what of others' goes then."""
        key = manifest.key
        left: set[Left] = {*ignored.paths(manifest)}
        if key in self.scaled.scalers:
            left.add("autoscaled")
        try:
            current, result = takeover.outcome(self.api, labelled, live, left)
        except ApiError as error:
            return Refusal(errors.refusal(key, error))
        differing = diff.changes(current, result, manifest.resource.secrets)
        uid = live["metadata"]["uid"]
        return Change("update", key, labelled, uid, differing, takeover=frozenset(left))


def _node_ports(service: Live) -> set[int]:
    ports = (service.get("spec") or {}).get("ports") or ()
    return {port["nodePort"] for port in ports if port.get("nodePort")}


def _may_be_taken(manifest: Manifest, live: Live) -> bool:
    """Whether it may be taken over: any object, but of namespaces only what Pulumi made for us."""
    return manifest.key.kind != "Namespace" or keeper.is_our_pulumis(live)
