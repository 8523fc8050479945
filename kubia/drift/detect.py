"""Compares every declared object with the live one, by a forced dry run of its application."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from kubia.apply import applyset, diff, errors, hashed_content, plan
from kubia.apply.api import FIELD_MANAGER, Api, parallel
from kubia.apply.connection import ApiError
from kubia.apply.diff import Field
from kubia.apply.model import DesiredState
from kubia.drift import added, rights, traffic
from kubia.drift.model import Drifted, Finding
from kubia.errors import KubiaError
from kubia.live import managed_fields
from kubia.live.rollout import WORKLOADS
from kubia.program.objects import Manifest, ObjectRef


def find(api: Api, desired: DesiredState, *, strict: bool = False) -> list[Drifted]:
    """Return the objects about which there are findings. Writes nothing.

    Where nothing that is live bears a set's label, Pulumi keeps the stack, whoever asks: none of it
    is compared as a member. `strict` counts containers that others added. They are warnings
    otherwise.
    """
    manifests = [plan.scoped(api, manifest) for manifest in desired.manifests]
    lives = parallel(lambda manifest: api.get(manifest.key), manifests)
    if {applyset.part_of(live) for live in lives if live} == {""}:
        desired = replace(desired, has_set=False)
    workloads = frozenset(
        str(live["metadata"]["uid"]) for live in lives if live and live["kind"] in WORKLOADS
    )
    declared = frozenset(manifest.key for manifest in manifests)

    def one(pair: tuple[Manifest, dict[str, Any] | None]) -> Drifted:
        manifest, live = pair
        drifted = _compare(api, desired, manifest, live, strict=strict)
        misuse = _misuse(api, manifest, workloads, declared) if live else ()
        return replace(drifted, findings=(*drifted.findings, *misuse))

    compared = parallel(one, zip(manifests, lives, strict=True))
    return [item for item in compared if item.findings]


def _compare(
    api: Api,
    desired: DesiredState,
    manifest: Manifest,
    live: dict[str, Any] | None,
    *,
    strict: bool,
) -> Drifted:
    key, labelled = manifest.key, desired.applied(manifest, live)
    if live is None:
        return Drifted(key, (Finding("is missing"),), labelled)
    try:
        applied = api.apply(labelled, dry_run=True, force=True)
    except ApiError as error:
        if key.kind not in hashed_content.KINDS or "immutable" not in str(error):
            raise KubiaError(errors.refusal(key, error)) from error
        differing = diff.changes(hashed_content.content(live), hashed_content.content(labelled))
        changed = tuple(_changed(live, differing, must_replace=True))
        return Drifted(key, changed, labelled, live, must_replace=True)
    differing = diff.changes(live, applied, manifest.resource.secrets)
    findings = (*_changed(live, differing), *added.find(key, live, applied, strict=strict))
    return Drifted(key, findings, labelled, live)


def _misuse(
    api: Api, manifest: Manifest, workloads: frozenset[str], declared: frozenset[ObjectRef]
) -> Iterator[Finding]:
    """Return who makes use of the object that should not."""
    if manifest.key.kind == "Service":
        yield from traffic.find(api, manifest.key, manifest.object, workloads)
    if manifest.key.kind == "ServiceAccount":
        yield from rights.find(api, manifest.key, declared)


def _changed(
    live: Mapping[str, Any], differing: tuple[Field, ...], *, must_replace: bool = False
) -> Iterator[Finding]:
    for field in differing:
        owner = None
        if field.old is not None:
            owner = managed_fields.owner_of(live, field.steps, FIELD_MANAGER)
        if owner is None or (owner.is_applying(FIELD_MANAGER) and not must_replace):
            owner = managed_fields.last_other(live, FIELD_MANAGER) or owner
        yield Finding("changed", field.path, field.old, field.new, owner)
