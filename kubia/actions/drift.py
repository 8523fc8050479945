"""`kubia drift`: where what runs differs from what is declared, and who did it."""

import json
from dataclasses import replace

from kubia import console
from kubia.actions import engine as engines
from kubia.actions.kubectl import KubectlEngine
from kubia.apply.api import Api
from kubia.drift import detect, text
from kubia.drift.repair import repair as put_back
from kubia.project import contract
from kubia.releases.lease import Lease


def drift(
    engine: KubectlEngine, *, repair: bool, strict: bool, as_json: bool, yes: bool = False
) -> bool:
    """Print what differs, after repairing it if that is asked for; return whether anything does.

    Whichever engine keeps the stack, it is compared by dry runs of the kubectl engine, with what
    that engine writes: Pulumi marks no object as a member of a set.
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
            if asks:
                console.confirm(f"Change the protected stack {desired.stack}?")
            with Lease(api, desired, "drift --repair", engine.pace) as lease:
                lease.wait()
                if lease.take():
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
