"""What the command line finds around it: closed and full streams, a folder that is gone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.programs import ROOT

PROJECT = "name: shop\nruntime: python\n"
STACK = "config:\n  shop:contexts: [kubia]\n"
PROGRAM = """
import os, pulumi, pulumi_kubernetes as k8s
cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="shop")
opts = pulumi.ResourceOptions(provider=cluster)
data = {"page": "Grüße 🙂"}
k8s.core.v1.ConfigMap("page", metadata={"name": "page"}, data=data, opts=opts)
pulumi.export("word", "Grüße 🙂")
"""
ASKING = """
from kubia import console
from kubia.cli import app, main
app.app = lambda: console.confirm("Go on?")
main.run()
"""


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "Pulumi.yaml").write_text(PROJECT)
    (root / "Pulumi.dev.yaml").write_text(STACK)
    (root / "__main__.py").write_text(PROGRAM)
    return root


def shell(line: str, **variables: str) -> tuple[int, str, str]:
    """Run a line of a shell, in which `kubia` is $K; the exit code, and what both streams say."""
    own = {"K": f"{sys.executable} -m kubia", "PYTHONPATH": str(ROOT), "KUBIA_STATE": "/nowhere"}
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        env={**os.environ, **own, **variables},
        capture_output=True,
        check=False,
    )
    return (
        done.returncode,
        done.stdout.decode(errors="replace"),
        done.stderr.decode(errors="replace"),
    )


def test_a_closed_standard_input_holds_no_value(root: Path) -> None:
    (root / "Pulumi.dev.yaml").write_text(STACK + "  shop:services: {web: {}}\n")

    line = f"cd {root}; $K secret set A <&-"
    assert shell(line, PULUMI_CONFIG_PASSPHRASE="correct horse") == (
        2,
        "",
        "error: A: there is no value on standard input.\n",
    )


def test_nobody_is_asked_on_a_closed_standard_input() -> None:
    assert shell(f"{sys.executable} -c '{ASKING}' <&-") == (
        2,
        "",
        "error: there is no terminal to ask on: give --yes to go ahead.\n",
    )


@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_with_streams_closed_a_command_ends_as_with_open_ones(root: Path, closed: str) -> None:
    code, out, err = shell(f"$K -C {root} render {closed}")

    assert (code, bool(out), err) == (0, False, "")


@pytest.mark.parametrize("command", ["status", "doctor"])
def test_a_folder_that_was_deleted_is_one_sentence(tmp_path: Path, command: str) -> None:
    code, out, err = shell(f"mkdir {tmp_path}/x; cd {tmp_path}/x; rmdir ../x; $K {command}")

    assert (code, out) == (1, "")
    assert err == (
        "error: the current folder has been deleted: go to another one, or name one by -C.\n"
    )


@pytest.mark.parametrize("command", ["outputs", "preview"])
def test_a_project_elsewhere_needs_no_current_folder(root: Path, command: str) -> None:
    code, _, err = shell(f"mkdir {root}/x; cd {root}/x; rmdir ../x; $K -C {root} {command}")

    assert (code, "Traceback" in err) == (0, False)


@pytest.mark.parametrize(
    ("command", "unbuffered"), [("render", ""), ("graph", ""), ("--help", ""), ("outputs", "1")]
)
def test_a_full_disk_is_one_sentence(root: Path, command: str, unbuffered: str) -> None:
    code, _, err = shell(f"cd {root}; $K {command} >/dev/full", PYTHONUNBUFFERED=unbuffered)

    assert code == 1
    assert err.splitlines()[-1] == (
        "error: what was printed or written: No space left on device: "
        "make room, or send it elsewhere."
    )
    assert "Traceback" not in err


def test_a_disk_without_room_for_what_is_temporary_is_one_sentence(root: Path) -> None:
    code, out, err = shell(f"cd {root}; ulimit -f 0; $K render", TMPDIR="")

    assert (code, out) == (1, "")
    assert err.startswith("error: No usable temporary directory found in ['/tmp', ")
    assert err.endswith("]: make room in one of them, or name another one by $TMPDIR.\n")
    assert err.count("\n") == 1


def test_nobody_can_be_told_where_standard_error_is_full(root: Path) -> None:
    assert shell(f"cd {root}; $K preview 2>/dev/full") == (1, "", "")


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("ascii", "Grüße 🙂".encode()), ("latin-1", "Grüße ?".encode("latin-1"))],
)
def test_what_a_terminal_cannot_show_is_a_question_mark_but_for_machines_utf_8(
    root: Path, encoding: str, shown: bytes
) -> None:
    line = f"$K -C {root} outputs >{root}/text && $K -C {root} graph && $K -C {root} doctor"
    code, _, err = shell(line, PYTHONIOENCODING=encoding)
    assert (code, "Traceback" in err) == (0, False)
    assert (root / "text").read_bytes() == b"  word  " + shown + b"\n"

    code, out, _ = shell(f"$K -C {root} outputs --json", PYTHONIOENCODING=encoding)
    assert (code, json.loads(out)) == (0, {"word": "Grüße 🙂"})
    assert "Grüße" in shell(f"$K -C {root} render", PYTHONIOENCODING=encoding)[1]
