"""`kubia engine`: which engine keeps a stack, and how it goes over to the other.

Order of a move, so that it may be killed anywhere and run again: nothing is begun unless program
and cluster agree; the record in the cluster says where the stack goes, and from then on neither
engine writes; the other engine adopts what is live; the one before forgets it; the last write to
the record, which decides, deletes it (pulumi) or takes the mark off (kubectl).
"""

from typing import NamedTuple

from kubia import console
from kubia.actions import agreement
from kubia.actions import engine as engines
from kubia.actions.engine import Engine
from kubia.actions.kubectl import KubectlEngine
from kubia.actions.pulumi import PulumiEngine
from kubia.apply import handover, keeper, plan
from kubia.apply.api import Api
from kubia.apply.keeper import OTHER, EngineName
from kubia.apply.model import DesiredState, Plan
from kubia.errors import InvalidError, KubiaError
from kubia.releases.lease import MEANWHILE, Lease
from kubia.session import Session, has_pulumi


class Standing(NamedTuple):
    """Who keeps a stack, and where it is going if a move was not finished."""

    engine: EngineName | None
    destination: EngineName | None


def show(session: Session) -> None:
    """Print which engine keeps the stack and where its record is."""
    kubectl, pulumi = engines.both(session)
    name = session.stack.name
    with kubectl.connect(session.cluster) as connection:
        standing = _standing(Api(connection), kubectl.desired)
    by_name: dict[EngineName, Engine] = {"kubectl": kubectl, "pulumi": pulumi}
    if standing.destination:
        again = keeper.go_over(standing.destination, name)
        console.out(f"stack {name} is on its way to the {standing.destination} engine")
        console.out(f"to go on: {again}")
    elif standing.engine:
        console.out(f"the {standing.engine} engine keeps stack {name}")
        console.out(f"its record is {by_name[standing.engine].record}")
    else:
        console.out(f"no engine keeps stack {name}: it is not up")


def move(kubectl: KubectlEngine, pulumi: PulumiEngine, to: EngineName, *, yes: bool) -> None:
    """Let the other engine keep the stack, after a preview and a question unless `yes`.

    Raises:
        InvalidError: there is nobody to ask and `yes` is not given, or no Pulumi.
        KubiaError: program and cluster differ, nobody keeps the stack, or a step failed.

    """
    _refuse_at_once(yes=yes)
    stack, desired = kubectl.session.stack.name, kubectl.desired
    by_name: dict[EngineName, Engine] = {"kubectl": kubectl, "pulumi": pulumi}
    target, source = by_name[to], by_name[OTHER[to]]
    with (
        kubectl.connect(kubectl.session.cluster) as connection,
        Lease(Api(connection), desired, f"engine move --to {to}", kubectl.pace) as lease,
    ):
        lease.wait()
        standing = _standing(lease.api, desired)
        if standing == (to, None):
            console.out(
                f"the {to} engine keeps stack {stack} already; its record is {target.record}"
            )
            return
        if standing.engine is None:
            message = f"no engine keeps stack {stack}: bring it up by `kubia up --engine {to}`."
            raise KubiaError(message)
        planned = plan.make(lease.api, desired, joining=True)
        is_complete = standing == (pulumi.name, None)
        problems = agreement.problems(
            lease.api, planned, pulumi.known(), to=to, is_complete=is_complete
        )
        _refuse_differing(stack, [*problems], standing)
        _preview(planned, source, target)
        if not yes:
            console.confirm("Go ahead?")
        if lease.take():
            raise KubiaError(MEANWHILE)
        handover.begin(lease.guarded, planned, to)
        _change_hands(lease, stack, source, target)
    console.out(f"the {to} engine keeps stack {stack}; its record is {target.record}")


def _change_hands(lease: Lease, stack: str, source: Engine, target: Engine) -> None:
    try:
        target.adopt(lease)
        source.release(lease)
        target.keep(lease)
    except KubiaError as error:
        on, back = (keeper.go_over(engine.name, stack) for engine in (target, source))
        message = (
            f"{error}\nstack {stack} is now on its way to the {target.name} engine, and neither "
            f"writes: {on} goes on, {back} goes back."
        )
        raise KubiaError(message) from error


def _refuse_at_once(*, yes: bool) -> None:
    if not yes:
        console.refuse_unasked()
    if not has_pulumi():
        problem = (
            "engine move: there is no `pulumi` on PATH, and both ways need it: "
            "install Pulumi's CLI."
        )
        raise InvalidError([problem])


def _standing(api: Api, desired: DesiredState) -> Standing:
    parents = plan.find_parents(api, desired)
    keys = [plan.scoped(api, manifest).key for manifest in desired.manifests]
    live = {} if parents else plan.present(api, keys)
    return Standing(keeper.engine(parents, live.values()), keeper.destination(parents))


def _refuse_differing(stack: str, problems: list[str], standing: Standing) -> None:
    if not problems:
        return
    first = "bring it up first (`kubia up`)"
    if standing.destination:
        first = "put the stack file back as it was when the move began"
    repair = f"`kubia drift --repair --engine kubectl --stack {stack}`"
    lines = "\n  ".join((f"stack {stack} cannot change hands as it is:", *problems))
    message = f"{lines}\n{first}, or, where somebody changed the cluster, {repair}."
    raise KubiaError(message)


def _preview(planned: Plan, source: Engine, target: Engine) -> None:
    for manifest in planned.desired.manifests:
        console.out(f"  = {manifest.key}")
    for key in planned.kept:
        console.out(f"  ! {key} is left alone: it carries the stack's label but is not ours")
    count = len(planned.desired.manifests)
    console.out(f"{count} objects change hands, from {source.name} to {target.name}:")
    console.out(f"  from {source.record} to {target.record}")
    console.out("nothing is created, deleted or rolled out; only labels and the record change")
