"""Compares every declared object with the live one, by what the API server would make of it.

That is the object as it would be if nobody else had ever written to it: a dry run says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from kubia.apply import applyset, errors, ignored, keeper, plan, scaling, takeover
from kubia.apply.api import FIELD_MANAGER, Api, if_allowed, parallel
from kubia.apply.connection import ApiError
from kubia.apply.model import DesiredState
from kubia.apply.scaling import Scalers
from kubia.apply.takeover import ImmutableError
from kubia.drift import autoscaled, fields, misuse
from kubia.drift.model import Drifted, Finding
from kubia.errors import KubiaError
from kubia.live import content, managed_fields
from kubia.live.left_alone import Left
from kubia.live.rollout import WORKLOADS
from kubia.program.objects import Manifest

REFUSALS = frozenset({400, 403, 409, 422})
"""Answers about one object (a policy's is 403), and not about the server."""

Pair = tuple[Manifest, dict[str, Any] | None]


def find(api: Api, desired: DesiredState, *, strict: bool = False) -> list[Drifted]:
    """Return the objects about which there are findings. Writes nothing.

    Where nothing that is live bears a set's label and there is no record of a set, Pulumi keeps the
    stack, whoever asks: none of it is compared as a member. `strict` counts containers that others
    added. They are warnings otherwise.
    """
    api.refuse_unknown((it.key.group, it.key.kind) for it in desired.manifests)
    manifests = [plan.scoped(api, manifest) for manifest in desired.manifests]
    lives = parallel(lambda manifest: api.get(manifest.key), manifests)
    is_unmarked = {applyset.part_of(live) for live in lives if live} == {""}
    if desired.has_set and is_unmarked and not _has_record(api, desired):
        desired = replace(desired, has_set=False)
    pairs = list(zip(manifests, lives, strict=True))
    ids = _ids(api, desired, lives)
    scalers = scaling.find(api, manifests)
    using = misuse.find(api, pairs)

    def one(pair: Pair) -> Drifted:
        manifest, live = pair
        if live and (whose := _whose(manifest, live, ids)):
            finding = Finding(f"cannot be compared: {whose}")
            return Drifted(manifest.key, (finding,), manifest.object, live, refusal=whose)
        drifted = _compare(api, desired, pair, scalers, strict=strict)
        number = autoscaled.find(api, manifest, live, scalers, manifests) if live else ()
        more = (*using.get(drifted.key, ()), *number)
        return replace(drifted, findings=(*_ending(drifted.live), *drifted.findings, *more))

    compared = _with_users(parallel(one, pairs))
    members = misuse.members(api, desired) if desired.has_set else ()
    return [item for item in (*compared, *members) if item.findings]


def _has_record(api: Api, desired: DesiredState) -> bool:
    """Whether the stack has a record of the kubectl engine's, which it does not leave to Pulumi.

    Not if we may not see it.
    """
    parents = if_allowed(lambda: plan.find_parents(api, desired), ())
    return bool(parents) and keeper.destination(parents) != "pulumi"


def _ids(api: Api, desired: DesiredState, lives: Iterable[dict[str, Any] | None]) -> set[str]:
    """Return the IDs of the stack's sets: of one that it had in another namespace, if need be."""
    own = desired.parent.id
    if all(live is None or applyset.part_of(live) in {"", own} for live in lives):
        return {own}
    parents = if_allowed(lambda: plan.find_parents(api, desired), ())
    return {own, *(parent.id for parent in parents)}


def _whose(manifest: Manifest, live: Mapping[str, Any], ids: set[str]) -> str:
    """Why the live object is not the stack's, whatever is declared, or "".

    It is another's if we have made it a member of another set, and not somebody by an edit. All
    else that is called so may stand where the stack's own did; but a namespace holds others'.
    """
    is_anothers = applyset.part_of(live) not in {"", *ids} and applyset.is_ours(live)
    is_found = manifest.key.kind == "Namespace" and not (
        keeper.is_pulumis(live) or managed_fields.applied(live, FIELD_MANAGER) is not None
    )
    if not (is_anothers or is_found):
        return ""
    why = errors.stranger(manifest.key, live, ids).removeprefix(f"{manifest.key} ")
    return f"it {why.removesuffix('.')}"


def _compare(
    api: Api, desired: DesiredState, pair: Pair, scalers: Scalers, *, strict: bool
) -> Drifted:
    manifest, live = pair
    key, secrets = manifest.key, manifest.resource.secrets
    if live is None:
        return Drifted(key, (Finding("is missing"),), desired.applied(manifest))
    labelled = desired.applied(manifest, live)
    left: set[Left] = {*ignored.paths(manifest)}
    if key in scalers:
        labelled = scaling.held(labelled, live)
        left.add("autoscaled")
    try:
        current, outcome = takeover.outcome(api, labelled, live, left)
    except ImmutableError as error:
        return Drifted(
            key,
            tuple(fields.of_immutable(live, labelled, secrets)),
            desired.applied(manifest),
            live,
            refusal=str(error),
            must_replace=True,
            is_protected=manifest.resource.options.protect or applyset.is_protected(live),
        )
    except ApiError as error:
        if error.code not in REFUSALS:
            raise KubiaError(errors.refusal(key, error)) from error
        finding = Finding(f"cannot be compared: {error}")
        return Drifted(key, (finding,), labelled, live, refusal=str(error))
    findings = tuple(fields.of_outcome(current, outcome, secrets, strict=strict))
    return Drifted(key, findings, labelled, current, left=frozenset(left))


def _ending(live: Mapping[str, Any] | None) -> Iterator[Finding]:
    """Say that the object will not be there for long, and what holds it until then."""
    since = (live or {"metadata": {}})["metadata"].get("deletionTimestamp")
    if live and since:
        # A namespace is held by its spec, all else by its metadata.
        holder = live.get("spec", {}) if live["kind"] == "Namespace" else live["metadata"]
        held = ", ".join(holder.get("finalizers") or ())
        yield Finding(f"is being deleted (since {since}{held and f', held by {held}'})")


def _with_users(drifted: list[Drifted]) -> list[Drifted]:
    """Return the objects, content with the workloads whose pods refer to it and can be rolled.

    A Job's cannot: its template never changes, and what it did is done.
    """
    workloads = [item for item in drifted if item.key.kind in WORKLOADS - {"Job"}]

    def users(item: Drifted) -> tuple[Drifted, ...]:
        name = (item.key.kind, item.key.name)
        return tuple(
            user
            for user in workloads
            if user.key.namespace == item.key.namespace
            and name in content.needed(user.manifest["spec"])
        )

    return [replace(item, users=users(item)) if item.is_stale else item for item in drifted]
