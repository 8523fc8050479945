"""`up`, `preview` and `down` with the kubectl engine, from the program to the words on screen."""

import time

import typer

from kubia import console
from kubia.apply import applyset, execute, plan, text
from kubia.apply.api import Api
from kubia.apply.connection import connect
from kubia.apply.model import Change, DesiredState, Plan
from kubia.apply.wait import RolloutError
from kubia.errors import KubiaError
from kubia.observe.monitor import RolloutMonitor
from kubia.program import objects
from kubia.program.run import Program
from kubia.project import contract, stackfile
from kubia.releases import record, release, site_files, store
from kubia.releases.record import UpOptions
from kubia.releases.release import Release
from kubia.session import Session, rendered


def up(session: Session, wish: UpOptions, watch: RolloutMonitor) -> Program:
    """Bring the program into the cluster, wait until it runs, and record the release."""
    start = time.monotonic()
    program = rendered(session.stack, session.context)
    with connect(context_of(session)) as connection:
        api = Api(connection)
        planned = plan.make(api, target_of(session, program), force=wish.force_conflicts)
        releases = store.load(api, planned.target)
        digest = release.digest(planned.target.manifests)
        record.refuse_rejected(releases, digest, wish)
        back = release.by_number(releases, wish.rollback_to or 0)
        if back is not None and back.digest != digest:
            console.err(
                f"the program has changed since release {back.number}: what is declared differs"
            )
        for line in () if wish.previewed else text.lines(planned):
            console.err(console.coloured(line))
        try:
            with (
                record.recorded(api, planned, session.stack, releases, wish),
                console.board() as board,
                watch.on(board),
            ):
                execute.apply(api, planned, board, force=wish.force_conflicts)
        except RolloutError as error:
            if wish.undo_on_failure:
                raise KubiaError(_undo(api, session, releases, error, watch)) from error
            raise
    console.out(f"{text.summary(planned)} ({time.monotonic() - start:.1f} s)")
    return program


def preview(session: Session, *, force: bool) -> Plan:
    """Return what `up` would change."""
    program = rendered(session.stack, session.context)
    wanted = target_of(session, program)
    if session.context is None:
        created = tuple(Change("create", m.key, m.object) for m in wanted.manifests)
        return Plan(wanted, created, (), ())
    with connect(session.context) as connection:
        return plan.make(Api(connection), wanted, force=force)


def down(session: Session, *, yes: bool) -> None:
    """Delete what belongs to the stack."""
    program = rendered(session.stack, session.context)
    with connect(context_of(session)) as connection:
        api = Api(connection)
        wanted = target_of(session, program)
        deletions = execute.removal(api, wanted)
        for change in deletions:
            console.err(console.coloured(f"  - {change.key}"))
        if deletions and not yes:
            typer.confirm(f"Delete these {len(deletions)} objects?", abort=True, err=True)
        with console.board() as board:
            execute.remove(api, wanted, deletions, board)
        store.forget(api, wanted)
    console.out(f"{len(deletions)} deleted" if deletions else "nothing to delete")


def history(session: Session) -> list[Release]:
    """Return the stack's releases, oldest first."""
    namespace = contract.namespace(session.stack)
    with connect(context_of(session)) as connection:
        api = Api(connection)
        if namespace is None:
            program = rendered(session.stack, session.context)
            return store.load(api, target_of(session, program))
        return store.load(api, _bare(session, namespace))


def target_of(session: Session, program: Program) -> DesiredState:
    """Return the stack as this engine sees it."""
    namespace = objects.home(program, contract.namespace(session.stack))
    return DesiredState(
        project=program.project,
        stack=program.stack,
        parent=applyset.parent(program.project, program.stack, namespace),
        manifests=objects.of_program(program),
    )


def context_of(session: Session) -> str:
    """Return the session's cluster.

    Raises:
        KubiaError: there is none.

    """
    if session.context is None:
        message = (
            "the local cluster is not running: start it by `kubia cluster up`, "
            "or name another one by --context."
        )
        raise KubiaError(message)
    return session.context


def _bare(session: Session, namespace: str) -> DesiredState:
    """Return the stack without what it declares: enough to find its releases."""
    project, stack = session.stack.project.name, session.stack.name
    return DesiredState(project, stack, applyset.parent(project, stack, namespace), ())


def _undo(
    api: Api, session: Session, releases: list[Release], error: RolloutError, watch: RolloutMonitor
) -> str:
    """Bring the last good release back, and return what to tell of the failed one and of that."""
    failed = releases[-1]
    good = next((item for item in reversed(releases[:-1]) if item.is_good), None)
    if good is None:
        return f"{error}\nnothing was undone: there is no earlier good release."
    project = session.stack.project
    document = site_files.inlined(good.document, project.name, good.sites or {})
    old = stackfile.of_document(project, session.stack.name, session.stack.file, document)
    program = rendered(old, session.context)
    planned = plan.make(api, target_of(session, program), force=True)
    console.err(f"undoing release {failed.number}:")
    for line in text.lines(planned):
        console.err(console.coloured(line))
    try:
        with console.board() as board, watch.on(board, "undone"):
            execute.apply(api, planned, board, force=True)
    except KubiaError as second:
        return f"{error.told}\nrelease {failed.number} could not be undone: {second}"
    record.undone(api, planned.target, releases)
    return (
        f"{error.told}\nrelease {failed.number} was undone: the cluster is at release "
        f"{good.number} again; {session.stack.file.name} still declares what failed."
    )
