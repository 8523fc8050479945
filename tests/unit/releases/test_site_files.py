"""kubia.releases.site_files: the files that sites are made of, kept and put back."""

from pathlib import Path

import pytest

from kubia.errors import InvalidError
from kubia.project import stackfile
from kubia.project.stackfile import Project
from kubia.releases import site_files


@pytest.mark.parametrize(
    ("directory", "name"), [("../other", "x"), ("/etc", "x"), (".", "x"), ("help", "../x")]
)
def test_what_a_release_names_outside_of_the_project_is_not_written(
    directory: str, name: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidError) as caught:
        site_files.restoring(tmp_path, {directory: {name: ""}})

    which = f"with the file '{name}' " if "/" in name else ""
    assert str(caught.value) == (
        f"the release names the site directory '{directory}' {which}outside of {tmp_path}: "
        "nothing is written there; put the files back by hand and run `kubia up`."
    )


def test_kept_files_stand_in_for_their_directory() -> None:
    document = {"config": {"shop:sites": {"a": {"directory": "x", "content": {"i": "own"}}}}}

    kept = {"x": {"i": "aQ==", "t": "dA==", "b": "/w=="}}

    assert site_files.inlined(document, "shop", kept)["config"]["shop:sites"]["a"] == {
        "content": {"i": "own", "t": "t"},
        "binaryContent": {"b": "/w=="},
    }
    assert document["config"]["shop:sites"]["a"]["directory"] == "x"


def test_the_files_of_every_directory_are_kept_and_put_back(tmp_path: Path) -> None:
    (tmp_path / "help").mkdir()
    (tmp_path / "help" / "index.html").write_text("help v1")
    sites = {"a": {"directory": "help"}, "b": {"content": {"i": "own"}}, "c": {"directory": "no"}}
    project = Project(tmp_path, "shop", tmp_path)
    document = {"config": {"sites": sites}}
    stack = stackfile.of_document(project, "dev", tmp_path / "Pulumi.dev.yaml", document)

    kept = site_files.of_stack(stack)

    assert kept == {"help": {"index.html": "aGVscCB2MQ=="}}
    assert site_files.restoring(tmp_path, kept) == {}
    (tmp_path / "help" / "index.html").write_text("help v2")
    (tmp_path / "help" / "more.html").touch()
    assert site_files.restoring(tmp_path, kept) == {
        tmp_path / "help" / "index.html": b"help v1",
        tmp_path / "help" / "more.html": None,
    }


def test_folders_within_a_directory_are_kept_and_put_back(tmp_path: Path) -> None:
    (tmp_path / "help" / "css").mkdir(parents=True)
    (tmp_path / "help" / "css" / "a b.css").write_text("old")
    (tmp_path / "help" / ".git").mkdir()
    (tmp_path / "help" / ".git" / "config").write_text("hidden")
    project = Project(tmp_path, "shop", tmp_path)
    document = {"config": {"sites": {"a": {"directory": "help"}}}}
    stack = stackfile.of_document(project, "dev", tmp_path / "Pulumi.dev.yaml", document)

    kept = site_files.of_stack(stack)

    assert kept == {"help": {"css/a b.css": "b2xk"}}
    (tmp_path / "help" / "css" / "a b.css").rename(tmp_path / "help" / "new.css")
    assert site_files.restoring(tmp_path, kept) == {
        tmp_path / "help" / "css" / "a b.css": b"old",
        tmp_path / "help" / "new.css": None,
    }


def test_a_release_is_not_put_back_through_a_link_out_of_the_directory(tmp_path: Path) -> None:
    (tmp_path / "help").mkdir()
    (tmp_path / "help" / ".out").symlink_to("..")
    with pytest.raises(InvalidError) as caught:
        site_files.restoring(tmp_path, {"help": {".out/__main__.py": ""}})
    assert "with the file '.out/__main__.py' outside of" in str(caught.value)
