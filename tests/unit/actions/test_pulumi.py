"""kubia.actions.pulumi: what Pulumi's CLI is asked, seen by a fake one that writes it down."""

import contextlib
import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kubia.actions import engine as engines
from kubia.actions import pulumi_backend
from kubia.actions.edit import Change, carry_out
from kubia.actions.pulumi import PulumiEngine
from kubia.actions.updates import PAGE
from kubia.apply import applyset
from kubia.apply.api import Api
from kubia.apply.model import DesiredState
from kubia.errors import ExitCode, InvalidError, KubiaError
from kubia.observe.monitor import RolloutMonitor
from kubia.program.objects import ObjectRef
from kubia.project.stackfile import Project, Stack
from kubia.releases.lease import Lease
from kubia.releases.record import UpOptions
from kubia.session import Session, choose
from tests.unit.apiserver import Server

# Versions up to 3.205 report events through a file, not through a network connection.
FAKE = r"""#!/bin/sh
[ "$1" = --non-interactive ] && shift
echo "$KUBIA_CONTEXT|$PULUMI_BACKEND_URL|$PULUMI_CONFIG_PASSPHRASE|$*" >>"$PULUMI_FAKE/log"
[ -n "$PULUMI_K8S_UPSERT_EXISTING_OBJECTS" ] && echo "$1" >>"$PULUMI_FAKE/taken-up"
for word in "$@"; do
  [ "$last" = --event-log ] && log=$word
  [ "$last" = --page ] && page=$word
  [ "$last" = --file ] && file=$word
  last=$word
done
case "$*" in
version) echo v3.200.0 ;;
"stack output --json --show-secrets"*) echo '{"url": "http://x", "word": "hunter2"}' ;;
"stack output"*) echo '{"url": "http://x", "word": "[secret]"}' ;;
"stack select"*)
  if [ -f "$PULUMI_FAKE/missing" ]; then
    echo "error: no stack named 'dev' found" >&2
    exit 255
  fi ;;
"stack import"*)
  cat "$file" >"$PULUMI_FAKE/state"
  cp "$file" "$PULUMI_FAKE/imported" ;;
"stack export"*) cat "$PULUMI_FAKE/state" ;;
whoami*) echo '{"user": "ann", "url": "s3://states"}' ;;
"stack history"*) cat "$PULUMI_FAKE/history-$page" ;;
preview*--diff* | up* | destroy*)
  [ -n "$log" ] && cat "$PULUMI_FAKE/events" >"$log"
  if [ -f "$PULUMI_FAKE/fails" ]; then
    echo "+ 20 created"
    echo "error: it failed" >&2
    exit 255
  fi ;;
esac
"""
UPDATE = {
    "kind": "update",
    "startTime": "2026-01-31T00:00:00.000Z",
    "version": 2,
    "message": "v2",
    "environment": {"git.author": "Ann"},
    "config": {
        "shop:web": {"value": '{"image": "web:v2"}', "secret": False},
        "shop:secrets": {"secret": True},
    },
    "result": "succeeded",
    "resourceChanges": {"update": 1},
}
SUMMARY = {"maybeCorrupt": False, "resourceChanges": {"same": 2, "create": 1}, "PolicyPacks": {}}
EVENTS: list[Mapping[str, Any]] = [
    {"summaryEvent": {**SUMMARY, "durationSeconds": 1}},
    {"cancelEvent": {}},
]
URN = "urn:pulumi:dev::shop::"
SERVICE = f"{URN}kubia:index:WebService$kubernetes:core/v1:Service::web"
RED, PLAIN = "<{%fg 1%}>", "<{%reset%}>"


@pytest.fixture(name="session")
def _session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pulumi").write_text(FAKE)
    (tmp_path / "bin" / "pulumi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("PULUMI_FAKE", str(tmp_path))
    (tmp_path / "events").write_text(lines(EVENTS))
    (tmp_path / "state").write_text('{"version": 3, "deployment": {}}')
    (tmp_path / "history-1").write_text(json.dumps([UPDATE]))
    project = Project(tmp_path, "shop", tmp_path)
    (tmp_path / "Pulumi.dev.yaml").touch()
    stack = Stack(project, "dev", tmp_path / "Pulumi.dev.yaml", {}, frozenset())
    return Session(stack, "pulumi", "kind-shop")


def lines(events: Iterable[Mapping[str, Any]]) -> str:
    numbered = ({"sequence": i, "timestamp": 1, **event} for i, event in enumerate(events))
    return "".join(f"{json.dumps(event)}\n" for event in numbered)


def error(message: str, urn: str = "") -> Mapping[str, Any]:
    event = {"severity": "error", "message": f"{PLAIN}{message}{PLAIN}\n", "color": "raw"}
    return {"diagnosticEvent": {**event, "urn": urn, "prefix": f"{RED}error: {PLAIN}"}}


def failing(session: Session, *events: Mapping[str, Any]) -> None:
    """Let every update of the session fail and report these events."""
    (session.stack.project.root / "fails").touch()
    (session.stack.project.root / "events").write_text(lines([*events, *EVENTS]))


def asked(session: Session) -> list[str]:
    lines = (session.stack.project.root / "log").read_text().splitlines()
    return [line.rpartition("|")[2] for line in lines]


def test_up_runs_the_projects_own_files_and_masks_secret_outputs(session: Session) -> None:
    assert PulumiEngine(session).up(UpOptions(), RolloutMonitor()) == {
        "url": "http://x",
        "word": "[secret]",
    }

    _, select, export, up, *_ = asked(session)
    assert select.startswith("stack select --stack dev")
    assert export.startswith("stack export")
    assert up.startswith("up --yes --skip-preview")


def test_the_context_and_a_local_backend_are_handed_over(session: Session) -> None:
    PulumiEngine(session).up(UpOptions(), RolloutMonitor())

    root = session.stack.project.root
    lines = (root / "log").read_text().splitlines()
    assert f"kind-shop|file://{root}/.pulumi-state||up" in lines[3]
    assert (root / ".pulumi-state").is_dir()


def test_a_backend_that_the_user_chose_is_kept(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://states")

    assert pulumi_backend.environment(session.stack.project.root) == {}


def test_a_login_is_kept(session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    (tmp_path / "credentials.json").touch()

    assert pulumi_backend.environment(session.stack.project.root) == {}


def test_preview_says_whether_anything_changes(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    assert PulumiEngine(session).preview(force_conflicts=False, as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "stack": "dev",
        "changes": {"create": 1, "same": 2},
    }


def test_history_is_pulumis_own_without_secrets(session: Session) -> None:
    (update,) = PulumiEngine(session).history()

    assert (update.number, update.time, update.who) == (2, "2026-01-31T00:00:00Z", "Ann")
    assert (update.cause, update.outcome, update.diff) == ("v2", "deployed", ("1 update",))
    assert update.document == {"config": {"shop:web": {"image": "web:v2"}}}
    assert len(update.digest) == 64


def test_an_update_from_before_services_had_names_is_declared_again_as_they_have_them(
    session: Session,
) -> None:
    secrets = {"shop": {"TOKEN": {"secure": "v1:x"}}}
    config = {"shop:services": {"shop": {"image": "web:v3"}}, "shop:secrets": secrets}
    stack = replace(
        session.stack, document={"config": config}, secret_keys=frozenset({"shop:secrets"})
    )
    engine = PulumiEngine(replace(session, stack=stack))
    (update,) = engine.history()

    assert engine.document(update) == {
        "config": {"shop:services": {"shop": {"image": "web:v2"}}, "shop:secrets": secrets}
    }


def test_updates_that_the_backend_does_not_number_are_numbered_as_they_came(
    session: Session,
) -> None:
    def update(number: int) -> Mapping[str, Any]:
        kind = "destroy" if number == 150 else "update"
        return {**UPDATE, "version": 0, "message": f"the {number}th", "kind": kind}

    newest_first = [update(number) for number in range(240, 0, -1)]
    for page in (1, 2, 3):
        some = newest_first[(page - 1) * PAGE : page * PAGE]
        (session.stack.project.root / f"history-{page}").write_text(json.dumps(some))

    history = PulumiEngine(session).history()

    assert [release.number for release in history] == list(range(1, 240))
    assert [history[i].cause for i in (0, 148, 149, 238)] == [
        "the 1th",
        "the 149th",
        "the 151th",
        "the 240th",
    ]


def test_no_secret_is_asked_for_by_the_history(session: Session) -> None:
    PulumiEngine(session).history()

    (history,) = [line for line in asked(session) if line.startswith("stack history")]
    assert "--show-secrets" not in history


def test_the_cause_is_the_updates_message(session: Session) -> None:
    PulumiEngine(session).up(UpOptions(cause="why not"), RolloutMonitor())

    assert any("--message why not" in line for line in asked(session))


REFUSED: dict[str, str] = {
    "undo_on_failure": (
        "--undo-on-failure: the pulumi engine cannot undo by itself; leave it out and run "
        "`kubia rollback` when an update fails, or use --engine kubectl."
    ),
    "force_conflicts": (
        "--force-conflicts: the pulumi engine has no such flag; leave it out, and where a field "
        "that somebody else manages is to be taken over, give that object the annotation "
        'pulumi.com/patchForce: "true".'
    ),
    "allow_rejected": (
        "--again: the pulumi engine brings up again whatever was undone or rolled back from; "
        "leave it out."
    ),
}


@pytest.mark.parametrize("option", REFUSED)
def test_what_pulumi_cannot_do_is_refused(session: Session, option: str) -> None:
    asked_for: dict[str, Any] = {option: True}
    options = replace(UpOptions(), **asked_for)
    engine = PulumiEngine(session)

    with pytest.raises(InvalidError) as of_up:
        engine.up(options, RolloutMonitor())
    with pytest.raises(InvalidError) as of_edit:
        carry_out(engine, Change({}), options, yes=True)

    assert str(of_up.value) == str(of_edit.value) == REFUSED[option]
    assert not (session.stack.project.root / "log").exists()


def test_a_preview_cannot_force_either(session: Session) -> None:
    with pytest.raises(InvalidError) as caught:
        PulumiEngine(session).preview(force_conflicts=True, as_json=False)

    assert str(caught.value) == REFUSED["force_conflicts"]


def test_outputs_show_secrets_on_request(session: Session) -> None:
    assert PulumiEngine(session).outputs(show_secrets=True)["word"] == "hunter2"


def test_a_failure_is_told_in_pulumis_own_words(session: Session) -> None:
    failing(session)
    with pytest.raises(KubiaError) as caught:
        PulumiEngine(session).down(yes=True)

    assert str(caught.value) == "pulumi failed:\nerror: it failed"


def test_an_update_that_fails_prints_once_and_ends_with_the_reasons(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(
        session,
        error("the server is not amused", SERVICE),
        error("the server is not amused", SERVICE),
        error("something about the whole", f"{URN}pulumi:pulumi:Stack::shop-dev"),
        error("update failed"),
    )

    with pytest.raises(KubiaError) as caught:
        PulumiEngine(session).up(UpOptions(), RolloutMonitor())

    assert str(caught.value) == (
        "pulumi failed:\nService web: the server is not amused\nsomething about the whole"
    )
    assert caught.value.exit_code == ExitCode.FAILED
    assert capsys.readouterr().err == "+ 20 created\n"


@pytest.mark.parametrize("says", ["web: is 2; must be 1", "something else"])
def test_a_users_mistake_that_the_program_tells_is_misuse(session: Session, says: str) -> None:
    (session.stack.project.root / "__main__.py").write_text(
        "from kubia.mistakes import MistakeError\nraise MistakeError(['web: is 2; must be 1'])\n"
    )
    failing(
        session,
        error(says),
        error("an unhandled error occurred: program exited with non-zero exit code: 1"),
    )

    with pytest.raises(KubiaError) as caught:
        PulumiEngine(session).up(UpOptions(), RolloutMonitor())

    is_mistake = says == "web: is 2; must be 1"
    assert caught.value.exit_code == (ExitCode.MISUSE if is_mistake else ExitCode.FAILED)
    assert str(caught.value) == (says if is_mistake else f"pulumi failed:\n{says}")


def resource(kind: str, name: str, *, protect: bool = False) -> Mapping[str, Any]:
    metadata = {"name": name, "namespace": "shop"}
    outputs = {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata}
    is_object = kind.istitle()
    return {
        "urn": f"{URN}kubernetes:apps/v1:{kind}::{name}" if is_object else f"{URN}{kind}::{name}",
        "type": f"kubernetes:apps/v1:{kind}" if is_object else kind,
        "protect": protect,
        **({"outputs": outputs, "id": f"shop/{name}"} if is_object else {}),
    }


@pytest.mark.parametrize(
    ("resources", "named"),
    [
        (
            [
                resource("kubia:index:WebService", "web", protect=True),
                resource("Deployment", "web", protect=True),
                resource("Deployment", "other"),
            ],
            "Deployment shop/web",
        ),
        ([resource("kubia:index:WebService", "web", protect=True)], "kubia:index:WebService web"),
    ],
)
def test_what_is_protected_is_refused_before_anything_is_deleted(
    session: Session, resources: list[Mapping[str, Any]], named: str
) -> None:
    state = {"version": 3, "deployment": {"resources": resources}}
    (session.stack.project.root / "state").write_text(json.dumps(state))

    with pytest.raises(KubiaError) as caught:
        PulumiEngine(session).down(yes=True)

    assert str(caught.value) == (
        f"protected, so it is not deleted: {named}; declare it without protect and run `kubia up` "
        "first."
    )
    assert not any(line.startswith("destroy") for line in asked(session))


PENDING = {
    "urn": f"{URN}kubernetes:core/v1:Namespace::space",
    "type": "kubernetes:core/v1:Namespace",
    "inputs": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
}


@pytest.fixture(name="interrupted")
def _interrupted(session: Session) -> PulumiEngine:
    """Lend an engine whose last run was killed when it had just made a namespace."""
    server = Server()
    metadata = {"name": "shop", "managedFields": [{"manager": "pulumi-kubernetes"}]}
    server.put("v1", "Namespace", "/api/v1/namespaces/shop", metadata)
    operations = [{"type": "creating", "resource": PENDING}]
    state = {"version": 3, "deployment": {"pending_operations": operations}}
    (session.stack.project.root / "state").write_text(json.dumps(state))

    def connect(_context: str) -> AbstractContextManager[Any]:
        return contextlib.nullcontext(server)

    return PulumiEngine(session, connect)


def test_a_state_that_cannot_be_read_is_told_with_the_way_out(session: Session) -> None:
    fake = session.stack.project.root / "bin/pulumi"
    broken = 'echo "error: failed to load checkpoint: EOF" >&2; exit 255'
    fake.write_text(FAKE.replace('cat "$PULUMI_FAKE/state" ;;', f"{broken} ;;"))

    with pytest.raises(KubiaError) as caught:
        PulumiEngine(session).up(UpOptions(), RolloutMonitor())

    file = ".pulumi/stacks/shop/dev.json"
    assert str(caught.value) == (
        "pulumi failed:\nerror: failed to load checkpoint: EOF\n"
        "a run was killed while it wrote the state of stack dev: put the one before it back, in "
        f"the backend {file}.bak as {file} and {file}.bak.attrs as {file}.attrs, then `kubia up`, "
        "which asks the cluster for the rest"
    )


def test_what_a_killed_run_made_is_in_the_state_before_the_next_update(
    session: Session, interrupted: PulumiEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted.up(UpOptions(), RolloutMonitor())

    imported = json.loads((session.stack.project.root / "imported").read_text())
    assert [it["id"] for it in imported["deployment"]["resources"]] == ["shop"]
    assert imported["deployment"]["pending_operations"] == []
    steps = [line.split()[0:2] for line in asked(session)]
    assert steps.index(["stack", "import"]) < steps.index(["up", "--yes"])
    assert (
        "Namespace shop was made by a run that was killed: Pulumi's state has it now\n"
    ) in capsys.readouterr().err


def test_a_preview_changes_no_state_and_names_what_it_cannot_see(
    session: Session, interrupted: PulumiEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted.preview(force_conflicts=False, as_json=False)

    assert not (session.stack.project.root / "imported").exists()
    assert (
        "a run that was killed was making Namespace shop: `kubia up` finds out if it did\n"
    ) in capsys.readouterr().err


@pytest.mark.parametrize(("left", "is_refused"), [("shop", True), ("elsewhere", False)])
def test_a_stack_does_not_go_back_to_a_namespace_that_pulumi_is_to_delete(
    session: Session, left: str, *, is_refused: bool
) -> None:
    space = {"urn": PENDING["urn"], "type": PENDING["type"]}
    spaces = [{**space, "id": "ahead"}, {**space, "id": left, "delete": True}]
    state = {"version": 3, "deployment": {"resources": spaces}}
    (session.stack.project.root / "state").write_text(json.dumps(state))
    config = {"shop:namespace": "shop"}
    engine = PulumiEngine(session).declaring(replace(session.stack, config=config))

    with pytest.raises(KubiaError) if is_refused else contextlib.nullcontext() as caught:
        engine.up(UpOptions(), RolloutMonitor())

    assert any(line.startswith("up") for line in asked(session)) != is_refused
    if caught:
        assert str(caught.value) == (
            "nothing was changed: stack dev is on its way from namespace shop to ahead, and Pulumi "
            "is still to delete shop; go on to ahead by `kubia up`, and then back."
        )


def test_a_stack_that_is_not_there_is_not_made_by_looking(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    (session.stack.project.root / "missing").touch()
    engine = PulumiEngine(session)

    engine.down(yes=True)
    assert engine.history() == []
    with pytest.raises(KubiaError) as caught:
        engine.outputs(show_secrets=False)

    assert str(caught.value) == "Pulumi keeps no stack dev: bring it up by `kubia up` first."
    shown = capsys.readouterr()
    assert shown.out == "nothing to delete: Pulumi keeps no stack dev\n"
    assert shown.err == "Pulumi keeps no stack dev\n"
    assert not any(line.startswith(("stack init", "destroy")) for line in asked(session))


@pytest.mark.parametrize("keeper", ["pulumi", "kubectl"])
def test_without_a_cluster_pulumi_keeps_what_is_in_its_backend(
    session: Session, keeper: str
) -> None:
    if keeper == "pulumi":
        state = {"version": 3, "deployment": {"resources": [resource("Deployment", "web")]}}
        (session.stack.project.root / "state").write_text(json.dumps(state))

    assert engines.keeping(session).session.engine == keeper


def test_a_namespace_is_not_left_while_a_claim_holds_data_there(session: Session) -> None:
    moved = replace(session.stack, config={f"{session.stack.project.name}:namespace": "new"})
    session = replace(session, stack=moved)
    server = Server()
    server.put("v1", "Namespace", "/api/v1/namespaces/old", {"name": "old"})
    claims = "/api/v1/namespaces/old/persistentvolumeclaims"
    kept = {"name": "web-data", "namespace": "old", "annotations": {"kubia.io/retain": "true"}}
    server.put("v1", "PersistentVolumeClaim", f"{claims}/web-data", kept)
    server.put(
        "v1", "PersistentVolumeClaim", f"{claims}/other", {"name": "other", "namespace": "old"}
    )
    space = {**PENDING, "id": "old", "outputs": server.objects["/api/v1/namespaces/old"]}
    state = {"version": 3, "deployment": {"resources": [space]}}
    (session.stack.project.root / "state").write_text(json.dumps(state))
    engine = PulumiEngine(session, lambda _: contextlib.nullcontext(server))  # type: ignore[arg-type]

    with pytest.raises(KubiaError) as caught:
        engine.up(UpOptions(), RolloutMonitor())

    assert str(caught.value) == (
        "nothing was changed: stack dev goes to namespace new, and Namespace old "
        "would be deleted with PersistentVolumeClaim old/web-data; stay there, or copy the data "
        "and delete that first."
    )
    assert not any(line.startswith("up") for line in asked(session))


def test_a_namespace_with_others_objects_is_refused_before_anything_is_deleted(
    session: Session,
) -> None:
    server = Server()
    server.put("v1", "Namespace", "/api/v1/namespaces/shop", {"name": "shop"})
    metadata = {"name": "theirs", "namespace": "shop"}
    server.put("v1", "ConfigMap", "/api/v1/namespaces/shop/configmaps/theirs", metadata)
    outputs = server.objects["/api/v1/namespaces/shop"]
    space = {**PENDING, "id": "shop", "outputs": outputs}
    state = {"version": 3, "deployment": {"resources": [space]}}
    (session.stack.project.root / "state").write_text(json.dumps(state))
    engine = PulumiEngine(session, lambda _: contextlib.nullcontext(server))  # type: ignore[arg-type]

    with pytest.raises(KubiaError) as caught:
        engine.down(yes=True)

    assert str(caught.value) == (
        "nothing was deleted: Namespace shop holds what is not the stack's: ConfigMap theirs; move "
        "that away, or delete all of it by --delete-namespace."
    )
    assert not any(line.startswith("destroy") for line in asked(session))
    engine.down(yes=True, delete_namespace=True)
    assert any(line.startswith("destroy") for line in asked(session))


def lease() -> Lease:
    """Return the right to change the stack, which nobody else has."""
    parent = applyset.parent("shop", "dev", "shop")
    api = Api(Server())  # type: ignore[arg-type]  # one in memory
    return Lease(api, DesiredState("shop", "dev", parent, ()), "engine move")


def test_a_stack_is_forgotten_with_all_its_resources_and_nothing_is_deleted(
    session: Session,
) -> None:
    deployment = {"secrets_providers": {"type": "passphrase"}, "pending_operations": [{}]}
    file = session.stack.project.root / "state"
    held = {**deployment, "resources": [resource("Deployment", "web")]}
    file.write_text(json.dumps({"version": 3, "deployment": held}))
    engine = PulumiEngine(session)

    assert engine.known() == {ObjectRef("apps", "Deployment", "shop", "web")}
    engine.release(lease())

    assert json.loads(file.read_text()) == {
        "version": 3,
        "deployment": {"secrets_providers": {"type": "passphrase"}},
    }
    engine.release(lease())
    assert [line.startswith("stack import") for line in asked(session)].count(True) == 1
    assert not any(line.startswith(("destroy", "up")) for line in asked(session))


def test_what_is_live_is_adopted_by_an_update_that_takes_it_up_and_one_as_any_other(
    session: Session,
) -> None:
    PulumiEngine(session).adopt(lease())

    taken_up = (session.stack.project.root / "taken-up").read_text().split()
    assert taken_up.count("up") == 1
    ups = [line for line in asked(session) if line.startswith("up ")]
    assert len(ups) == len(("taking up", "any other"))
    assert all("--message moved from kubectl" in line for line in ups)


def test_the_record_is_the_state_where_pulumi_is_logged_in(
    session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert PulumiEngine(session).record == "the stack's state in s3://states"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert PulumiEngine(session).record == "the stack's state in Pulumi's backend"


def test_without_a_cluster_nothing_is_run(session: Session) -> None:
    with pytest.raises(KubiaError) as caught:
        PulumiEngine(Session(session.stack, "pulumi", None)).up(UpOptions(), RolloutMonitor())

    assert str(caught.value) == (
        "the local cluster is not running: start it by `kubia cluster up`, or name another one "
        "by --context."
    )


def test_auto_takes_pulumi_where_there_is_one(
    session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert choose("auto") == session.engine
    monkeypatch.setenv("PATH", str(tmp_path))
    assert choose("auto") == "kubectl"
    with pytest.raises(InvalidError) as caught:
        choose("pulumi")
    assert str(caught.value) == (
        "--engine pulumi: there is no `pulumi` on PATH; install Pulumi's CLI, or use kubectl."
    )
