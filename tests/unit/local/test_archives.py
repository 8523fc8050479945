"""kubia.local.archives: which images an archive holds, and how one is made of a name."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.local import archives

ANNOTATIONS = {"org.opencontainers.image.ref.name": "shop:1"}


def archive(path: Path, **files: Any) -> Path:
    with tarfile.open(path, "w") as content:
        for name, value in files.items():
            data = json.dumps(value).encode()
            entry = tarfile.TarInfo(f"{name}.json")
            entry.size = len(data)
            content.addfile(entry, io.BytesIO(data))
    return path


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"manifest": [{"RepoTags": ["shop:1", "x.io/a/shop:1"]}]}, ("shop:1", "x.io/a/shop:1")),
        ({"manifest": [{"RepoTags": ["localhost/shop:1"]}]}, ("shop:1",)),
        ({"index": {"manifests": [{"annotations": ANNOTATIONS}]}}, ("shop:1",)),
        ({"manifest": [{"RepoTags": ["me/shop:1"]}]}, ("docker.io/me/shop:1",)),
    ],
)
def test_an_archives_images_are_named_as_a_stack_file_names_them(
    files: dict[str, Any], names: tuple[str, ...], tmp_path: Path
) -> None:
    found = archives.names(archive(tmp_path / "a.tar", **files))
    assert tuple(map(archives.short, found)) == names


def test_what_podman_calls_local_is_found_by_its_short_name() -> None:
    assert archives.meant("localhost/shop:1") == "docker.io/library/shop:1"
    assert archives.meant("docker.io/library/shop:1") == "docker.io/library/shop:1"


def test_what_holds_no_image_that_can_be_named_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("no archive")
    for path, words in (
        (text, "is no archive of images"),
        (archive(tmp_path / "a.tar", manifest=[{"RepoTags": None}]), "names no image"),
    ):
        with pytest.raises(InvalidError) as caught:
            archives.names(path)
        assert words in str(caught.value)


def test_the_first_tool_that_has_an_image_saves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    has = {"docker": "other:1", "buildah": "shop:1"}
    for tool, image in has.items():
        log = f'echo "$@" >> {tmp_path}/{tool}.log'
        (tmp_path / tool).write_text(f'#!/bin/sh\n{log}\n[ "$1" != inspect ] || [ $4 = {image} ]\n')
        (tmp_path / tool).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    archives.save("shop:1", tmp_path / "a.tar")

    assert (tmp_path / "docker.log").read_text() == "inspect --type image shop:1\n"
    assert (tmp_path / "buildah.log").read_text().splitlines()[-1] == (
        f"push --quiet shop:1 docker-archive:{tmp_path}/a.tar:docker.io/library/shop:1"
    )
    with pytest.raises(InvalidError, match="there is no image 'none:1'"):
        archives.save("none:1", tmp_path / "a.tar")
