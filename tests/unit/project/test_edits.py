"""kubia.project.edits: files written, put back, and how they differ."""

from pathlib import Path

from kubia.project import edits
from kubia.project.edits import Files


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
