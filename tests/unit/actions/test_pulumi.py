"""kubia.actions.pulumi: what Pulumi's CLI is asked, seen by a fake one that writes it down."""

import json
from pathlib import Path

import pytest

from kubia.actions import pulumi
from kubia.actions.pulumi import PulumiEngine
from kubia.errors import InvalidError, KubiaError
from kubia.observe.monitor import RolloutMonitor
from kubia.project.stackfile import Project, Stack
from kubia.releases.record import UpOptions
from kubia.session import Session, choose

# Versions up to 3.205 report events through a file, not through a network connection.
FAKE = r"""#!/bin/sh
[ "$1" = --non-interactive ] && shift
echo "$KUBIA_CONTEXT|$PULUMI_BACKEND_URL|$PULUMI_CONFIG_PASSPHRASE|$*" >>"$PULUMI_FAKE_LOG"
case "$*" in
version) echo v3.200.0 ;;
"stack output --json --show-secrets"*) echo '{"url": "http://x", "word": "hunter2"}' ;;
"stack output"*) echo '{"url": "http://x", "word": "[secret]"}' ;;
"stack history"*) echo '[{"kind": "update", "startTime": "2026-01-31T00:00:00.000Z", "version": 2,
  "message": "v2", "environment": {"git.author": "Ann"}, "config": {
  "shop:web": {"value": "{\\"image\\": \\"web:v2\\"}", "secret": false},
  "shop:secrets": {"secret": true}}, "result": "succeeded", "resourceChanges": {"update": 1}}]' ;;
preview*--diff*)
  for word in "$@"; do
    [ "$last" = --event-log ] &&
      echo '{"sequence": 1, "timestamp": 1, "summaryEvent": {"maybeCorrupt": false,
        "durationSeconds": 1, "resourceChanges": {"same": 2, "create": 1}, "PolicyPacks": {}}}' |
        tr -d '\n' >"$word" && echo >>"$word" &&
      echo '{"sequence": 2, "timestamp": 1, "cancelEvent": {}}' >>"$word"
    last=$word
  done ;;
destroy*) echo "error: the thing is protected" >&2; exit 255 ;;
esac
"""


@pytest.fixture(name="session")
def _session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pulumi").write_text(FAKE)
    (tmp_path / "bin" / "pulumi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("PULUMI_FAKE_LOG", str(tmp_path / "log"))
    project = Project(tmp_path, "shop", tmp_path)
    stack = Stack(project, "dev", tmp_path / "Pulumi.dev.yaml", {}, frozenset())
    return Session(stack, "pulumi", "kind-shop")


def asked(session: Session) -> list[str]:
    lines = (session.stack.project.root / "log").read_text().splitlines()
    return [line.rpartition("|")[2] for line in lines]


def test_up_runs_the_projects_own_files_and_masks_secret_outputs(session: Session) -> None:
    assert PulumiEngine(session).up(UpOptions(), RolloutMonitor()) == {
        "url": "http://x",
        "word": "[secret]",
    }

    _, select, up, *_ = asked(session)
    assert select.startswith("stack select --stack dev")
    assert up.startswith("up --yes --skip-preview")


def test_the_context_and_a_local_backend_are_handed_over(session: Session) -> None:
    PulumiEngine(session).up(UpOptions(), RolloutMonitor())

    root = session.stack.project.root
    lines = (root / "log").read_text().splitlines()
    assert f"kind-shop|file://{root}/.pulumi-state||up" in lines[2]
    assert (root / ".pulumi-state").is_dir()


def test_a_backend_that_the_user_chose_is_kept(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://states")

    assert pulumi.environment(session.stack.project.root) == {}


def test_a_login_is_kept(session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    (tmp_path / "credentials.json").touch()

    assert pulumi.environment(session.stack.project.root) == {}


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


def test_the_cause_is_the_updates_message(session: Session) -> None:
    PulumiEngine(session).up(UpOptions(cause="why not"), RolloutMonitor())

    assert any("--message why not" in line for line in asked(session))


def test_pulumi_does_not_undo(session: Session) -> None:
    with pytest.raises(InvalidError) as caught:
        PulumiEngine(session).up(UpOptions(undo_on_failure=True), RolloutMonitor())

    assert str(caught.value) == (
        "--undo-on-failure: the pulumi engine cannot undo by itself; leave it out and run "
        "`kubia rollback` when an update fails, or use --engine kubectl."
    )


def test_outputs_show_secrets_on_request(session: Session) -> None:
    assert PulumiEngine(session).outputs(show_secrets=True)["word"] == "hunter2"


def test_a_failure_is_told_in_pulumis_own_words(session: Session) -> None:
    with pytest.raises(KubiaError) as caught:
        PulumiEngine(session).down(yes=True)

    assert str(caught.value).startswith("pulumi failed:\n")
    assert "error: the thing is protected" in str(caught.value)


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
