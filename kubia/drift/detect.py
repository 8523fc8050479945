"""Compares every declared object with the live one, by a forced dry run of its application."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from kubia.apply import applyset, diff, errors, hashed_content, plan
from kubia.apply.api import Api, parallel
from kubia.apply.connection import ApiError
from kubia.apply.diff import Field
from kubia.apply.model import DesiredState
from kubia.drift import added, rights, traffic
from kubia.drift.report import Drifted, Finding
from kubia.errors import KubiaError
from kubia.live import managed_fields
from kubia.live.rollout import WORKLOADS
from kubia.program.objects import Manifest, ObjectRef


def find(api: Api, target: DesiredState, *, strict: bool = False) -> list[Drifted]:
    """Return the objects about which something was found. Writes nothing.

    `strict` counts containers that others added. They are warnings otherwise.
    """
    manifests = [plan.scoped(api, manifest) for manifest in target.manifests]
    lives = parallel(lambda manifest: api.get(manifest.key), manifests)
    workloads = frozenset(
        str(live["metadata"]["uid"]) for live in lives if live and live["kind"] in WORKLOADS
    )
    declared = frozenset(manifest.key for manifest in manifests)

    def one(pair: tuple[Manifest, dict[str, Any] | None]) -> Drifted:
        manifest, live = pair
        found = _compare(api, target, manifest, live, strict=strict)
        used = _misuse(api, manifest, workloads, declared) if live else ()
        return replace(found, findings=(*found.findings, *used))

    found = parallel(one, zip(manifests, lives, strict=True))
    return [item for item in found if item.findings]


def _compare(
    api: Api,
    target: DesiredState,
    manifest: Manifest,
    live: dict[str, Any] | None,
    *,
    strict: bool,
) -> Drifted:
    protect = manifest.resource.options.protect
    wanted = applyset.member(manifest.object, target.parent.id, protect=protect)
    key = manifest.key
    if live is None:
        return Drifted(key, (Finding("is missing"),), wanted)
    try:
        applied = api.apply(wanted, dry_run=True, force=True)
    except ApiError as error:
        if key.kind not in hashed_content.KINDS or "immutable" not in str(error):
            raise KubiaError(errors.refusal(key, error)) from error
        differing = diff.changes(hashed_content.content(live), hashed_content.content(wanted))
        changed = tuple(_changed(live, differing, anew=True))
        return Drifted(key, changed, wanted, live, anew=True)
    differing = diff.changes(live, applied, manifest.resource.secrets)
    findings = (*_changed(live, differing), *added.find(key, live, applied, strict=strict))
    return Drifted(key, findings, wanted, live)


def _misuse(
    api: Api, manifest: Manifest, workloads: frozenset[str], declared: frozenset[ObjectRef]
) -> Iterator[Finding]:
    """Return who makes use of the object that should not."""
    if manifest.key.kind == "Service":
        yield from traffic.find(api, manifest.key, manifest.object, workloads)
    if manifest.key.kind == "ServiceAccount":
        yield from rights.find(api, manifest.key, declared)


def _changed(
    live: Mapping[str, Any], differing: tuple[Field, ...], *, anew: bool = False
) -> Iterator[Finding]:
    for field in differing:
        owner = managed_fields.of_field(live, field.steps) if field.old is not None else None
        if owner is None or (managed_fields.is_ours(owner) and not anew):
            owner = (
                owner
                if owner and not managed_fields.last_other(live)
                else managed_fields.last_other(live)
            )
        yield Finding("changed", field.path, field.old, field.new, owner)
