"""Which files of a folder a site serves."""

import os
from pathlib import Path

import pytest

from kubia.errors import InvalidError
from kubia.manifests import site_folder


def write(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path)


def problems(folder: Path) -> tuple[str, ...]:
    with pytest.raises(InvalidError) as caught:
        site_folder.files(folder)
    return caught.value.problems


def test_a_folder_is_served_with_all_that_generators_write(tmp_path: Path) -> None:
    paths = ["index.html", "css/a b.css", "über/uns/index.html", "img/logo@2x.png", "~x/y", "a"]
    write(tmp_path, *paths)
    contents = site_folder.contents(tmp_path)
    assert contents == {path: path.encode() for path in sorted(paths)}
    assert list(contents) == sorted(paths)


def test_what_is_hidden_is_left_out_but_what_is_well_known(tmp_path: Path) -> None:
    write(
        tmp_path,
        ".git/config",
        ".nojekyll",
        "css/.DS_Store",
        "docs/.well-known/x",
        ".well-known/.hidden",
        ".well-known/security.txt",
        "index.html",
    )
    (tmp_path / ".outside").symlink_to("/etc/passwd")
    assert [*site_folder.files(tmp_path)] == [".well-known/security.txt", "index.html"]


def test_a_link_is_followed_within_the_folder(tmp_path: Path) -> None:
    write(tmp_path, "v1/index.html")
    (tmp_path / "latest").symlink_to("v1")
    (tmp_path / "index.html").symlink_to(tmp_path / "v1" / "index.html")
    assert [*site_folder.files(tmp_path)] == ["index.html", "latest/index.html", "v1/index.html"]


def test_the_folder_may_be_a_link_itself(tmp_path: Path) -> None:
    write(tmp_path, "public/index.html", "public/css/a.css")
    (tmp_path / "site").symlink_to("public")
    (tmp_path / "public" / "a.css").symlink_to("css/a.css")
    assert [*site_folder.files(tmp_path / "site")] == ["a.css", "css/a.css", "index.html"]


def test_what_leads_nowhere_or_out_of_the_folder_is_refused_all_at_once(tmp_path: Path) -> None:
    root = tmp_path / "site"
    write(tmp_path, "site/css/a.css", "other/secret", "site-2/secret")
    (root / "css" / "gone").symlink_to("nothing")
    (root / "css" / "round").symlink_to("..")
    (root / "folder").symlink_to("../other")
    (root / "secret").symlink_to(tmp_path / "site-2" / "secret")
    os.mkfifo(root / "pipe")
    outside = "which is outside of the folder; copy what it leads to"
    assert sorted(problems(root)) == [
        "css/gone: is a link to nothing; remove it",
        "css/round: is a link to a folder that holds it; remove it",
        f"folder: is a link to {tmp_path}/other, {outside}",
        "pipe: is no file; remove it",
        f"secret: is a link to {tmp_path}/site-2/secret, {outside}",
    ]


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("a")
    assert problems(tmp_path) == ("a: is a link to nothing; remove it",)


def test_links_that_hold_each_other_end(tmp_path: Path) -> None:
    write(tmp_path, "a/x", "b/y")
    (tmp_path / "a" / "b").symlink_to("../b")
    (tmp_path / "b" / "a").symlink_to("../a")
    text = "is a link to a folder that holds it; remove it"
    assert sorted(problems(tmp_path)) == [f"a/b/a: {text}", f"b/a/b: {text}"]
