"""kubia.project.edits: files written, put back, and how they differ."""

import errno
import os
import stat
from pathlib import Path

import pytest

from kubia.errors import InvalidError, KubiaError
from kubia.project import edits, kept
from kubia.project.edits import ChangedError, Edit, Files


def names(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_files_are_written_deleted_and_put_back(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")
    (tmp_path / "stack.yaml").write_text("a: 1\n")
    files: Files = {
        tmp_path / "stack.yaml": b"a: 2\n",
        tmp_path / "help" / "new": b"new",
        tmp_path / "old": None,
        tmp_path / "never": None,
    }
    before = edits.snapshot(files)

    edits.write(files)
    assert edits.snapshot(files) == files
    assert names(tmp_path) == ["help/new", "stack.yaml"]

    edits.write(before)
    assert edits.snapshot(files) == before
    assert names(tmp_path) == ["old", "stack.yaml"]


def test_the_summary_shows_a_diff_of_yaml_and_the_names_of_all_others(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    stack, page, gone = root / "stack.yaml", root / "help" / "page.html", tmp_path / "gone.yaml"
    before: Files = {stack: b"a: 1\nb: 1\n", page: b"old", gone: b"c: 1\n", root / "x.yaml": None}
    files: Files = {stack: b"a: 1\nb: 2\n", page: b"new", gone: None, root / "x.yaml": b"d: 1\n"}

    assert list(edits.summary(files, before, root)) == [
        "--- stack.yaml",
        "+++ stack.yaml",
        "@@ -1,2 +1,2 @@",
        " a: 1",
        "-b: 1",
        "+b: 2",
        "help/page.html is written",
        "gone.yaml is deleted",
        "x.yaml is written",
    ]


def test_an_edit_of_what_somebody_else_has_changed_is_refused_and_changes_nothing(
    tmp_path: Path,
) -> None:
    stack, page = tmp_path / "stack.yaml", tmp_path / "page.html"
    stack.write_text("a: 1\n")
    edit = Edit.of({page: b"new", stack: b"a: 2\n"})
    stack.write_text("a: 1\nb: mine\n")

    with pytest.raises(ChangedError) as caught:
        edit.carry_out()

    assert str(caught.value) == (
        "stack.yaml was changed by somebody else since it was read, so nothing was changed: run "
        "the same again."
    )
    assert caught.value.exit_code == 1
    assert stack.read_text() == "a: 1\nb: mine\n"
    assert names(tmp_path) == ["stack.yaml"]


def test_what_others_have_changed_since_an_edit_stays_when_it_is_taken_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack, page = tmp_path / "stack.yaml", tmp_path / "page.html"
    stack.write_text("a: 1\n")
    page.write_text("old")
    edit = Edit.of({page: b"new", stack: b"a: 2\n"})
    edit.carry_out()
    stack.write_text("a: 2\nb: mine\n")

    edit.take_back()

    assert stack.read_text() == "a: 2\nb: mine\n"
    assert page.read_text() == "old"
    assert capsys.readouterr().err == (
        "stack.yaml stays as it is: somebody else has changed it meanwhile\n"
    )


def test_a_link_stays_one_and_a_mode_the_same(tmp_path: Path) -> None:
    real, link = tmp_path / "real" / "stack.yaml", tmp_path / "stack.yaml"
    real.parent.mkdir()
    real.write_text("a: 1\n")
    real.chmod(0o600)
    link.symlink_to(real)
    edit = Edit.of({link: b"a: 2\n"})

    edit.carry_out()
    assert link.is_symlink()
    assert (real.read_text(), stat.S_IMODE(real.stat().st_mode)) == ("a: 2\n", 0o600)

    edit.take_back()
    assert link.is_symlink()
    assert (real.read_text(), stat.S_IMODE(real.stat().st_mode)) == ("a: 1\n", 0o600)
    assert names(tmp_path) == ["real/stack.yaml", "stack.yaml"]


def test_an_owner_stays_where_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "stack.yaml"
    file.write_text("a: 1\n")
    given: list[tuple[int, int]] = []

    def chown(_path: Path, user: int, group: int) -> None:
        given.append((user, group))
        raise PermissionError

    monkeypatch.setattr(os, "chown", chown)
    Edit.of({file: b"a: 2\n"}).carry_out()

    assert given == [(file.stat().st_uid, file.stat().st_gid)]
    assert file.read_text() == "a: 2\n"


def test_a_new_file_has_the_mode_that_new_files_have(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()

    Edit.of({tmp_path / "new": b"new"}).carry_out()

    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_what_is_read_only_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "stack.yaml"
    file.write_text("a: 1\n")
    file.chmod(0o444)

    with pytest.raises(InvalidError) as caught:
        Edit.of_document(file, {"a": 1}, {"a": 2})

    assert str(caught.value) == (f"{file}: is read-only: make it writable (`chmod u+w {file}`).")
    assert file.read_text() == "a: 1\n"


def test_where_one_file_cannot_be_written_all_stay_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, stack = tmp_path / "page.html", tmp_path / "stack.yaml"
    stack.write_text("a: 1\n")
    page.write_text("old")
    write_bytes = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if "stack" in path.name:
            write_bytes(path, data[:2])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write_bytes(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(KubiaError) as caught:
        Edit.of({page: b"new", stack: b"a: 2\n"}).carry_out()

    assert str(caught.value) == f"{stack}: cannot be written: No space left on device."
    assert (page.read_text(), stack.read_text()) == ("old", "a: 1\n")
    assert names(tmp_path) == ["page.html", "stack.yaml"]


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(KubiaError) as caught:
        edits.write({tmp_path / "file" / "page": b"new"})

    assert str(caught.value) == f"{tmp_path}/file/page: cannot be written: File exists."


PLAIN = """\
config:
  shop:services:
    web:
      strategy:
        type: Canary
  shop:secrets:
    # KEY: hunter2
    web: {TOKEN: hunter2, DOC: "hunter2
      hunter2"}
  # after
  shop:namespace: shop
"""


@pytest.mark.parametrize(
    ("text", "old", "new", "shown"),
    [
        (
            PLAIN,
            "type: Canary\n",
            "type: Canary\n        paused: true\n",
            ["+        paused: true", "   shop:secrets:"],
        ),
        (
            PLAIN.replace("shop:secrets:", "secrets: &x"),
            "shop: shop\n",
            "shop: shop2\n",
            [],
        ),
        (
            PLAIN,
            "namespace: shop\n",
            "namespace: till\n",
            ["   [secret]", "-  shop:namespace: shop", "+  shop:namespace: till"],
        ),
        (
            PLAIN,
            '{TOKEN: hunter2, DOC: "hunter2',
            '{TOKEN: hunter22, DOC: "hunter2',
            ["     [secret]", "-    [secret]", "+    [secret]", "       [secret]"],
        ),
        (
            "a: 1\nconfig: {secrets: {web: {TOKEN: hunter2}}, b: 1}\n",
            "a: 1",
            "a: 2",
            ["-a: 1", "+a: 2", " config: {secrets: [secret]"],
        ),
        ("a: [hunter1\n", "[hunter1", "[b", ["-a: [hunter1", "+a: [b"]),
    ],
)
def test_no_line_of_secrets_is_shown_even_beside_what_changes(
    text: str, old: str, new: str, shown: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    edit = Edit({file: text.replace(old, new).encode()}, {file: text.encode()})

    lines = list(edits.summary(edit.after, edit.before, tmp_path))

    assert "hunter2" not in "\n".join(lines)
    assert [line for line in lines[3:] if line in shown] == shown


def test_a_file_from_outside_of_the_project_is_kept_aside_too(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere" / "Pulumi.dev.yaml"
    file.parent.mkdir()
    file.write_text("a: 1\n")

    folder = kept.aside(tmp_path / "shop", [file])

    assert (folder / "Pulumi.dev.yaml").read_text() == "a: 1\n"
