"""`kubia drift`: where what runs differs from what is declared, and who did it."""

import json
from dataclasses import replace

from kubia import console
from kubia.actions import engine as engines
from kubia.actions.kubectl import KubectlEngine
from kubia.apply import plan
from kubia.apply.api import Api, if_allowed
from kubia.apply.model import DesiredState
from kubia.drift import detect, text
from kubia.drift.repair import repair as put_back
from kubia.project import contract
from kubia.releases import record, release, store
from kubia.releases.lease import Lease


def drift(
    engine: KubectlEngine, *, repair: bool, strict: bool, as_json: bool, yes: bool = False
) -> bool:
    """Print what differs, after repairing it if that is asked for; return whether anything does.

    Whichever engine keeps the stack, it is compared by dry runs of the kubectl engine, with what
    that engine writes: Pulumi marks no object as a member of a set.

    Raises:
        KubiaError: a repair would bring what no release has, or not all could be repaired.

    """
    asks = contract.is_protected(engine.session.stack) and repair and not yes
    if asks:
        console.refuse_unasked()
    desired = replace(engine.desired, has_set=engines.of(engine.session).marks_members)
    with engine.connect(engine.session.cluster) as connection:
        api = Api(connection)
        drifted = detect.find(api, desired, strict=strict)
        if repair and any(item.counted for item in drifted):
            for line in text.lines(drifted):
                console.err(console.coloured(line))
            _refuse_unreleased(api, desired)
            if asks:
                console.confirm(f"Change the protected stack {desired.stack}?")
            with Lease(api, desired, "drift --repair", engine.pace) as lease:
                lease.wait()
                if lease.take():
                    _refuse_unreleased(api, desired)
                    drifted = detect.find(api, desired, strict=strict)
                with console.progress() as progress:
                    put_back(lease.guarded, drifted, progress, strict=strict, timing=engine.timing)
            drifted = detect.find(api, desired, strict=strict)
    if as_json:
        summary = text.as_json(desired.stack, drifted)
        console.out(json.dumps(summary, indent=2, ensure_ascii=False))
    else:
        for line in text.lines(drifted):
            console.out(console.coloured(line))
    return any(item.counted for item in drifted)


def _refuse_unreleased(api: Api, desired: DesiredState) -> None:
    """Refuse to repair what is not declared as it serves, where the kubectl engine's ledger tells.

    Not to whoever may not see the releases; and Pulumi's stacks may have some of former times.
    """
    if desired.has_set and plan.find_parents(api, desired):
        before = if_allowed(lambda: store.load(api, desired), [])
        digest = release.digest(plan.scoped(api, manifest) for manifest in desired.manifests)
        record.refuse_unreleased(before, digest, desired.stack)
