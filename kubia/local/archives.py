"""Image archives of the user's own: what docker, podman or buildah saves."""

import json
import tarfile
from pathlib import Path
from typing import Any

from kubia.errors import InvalidError, KubiaError
from kubia.local import shell
from kubia.local.images import HUB, NAME, full

_LOCAL = "localhost/"
"""What podman and buildah put before a name without a registry."""
_TOOLS = ("docker", "podman", "buildah")
_REF = "org.opencontainers.image.ref.name"


def names(archive: Path) -> tuple[str, ...]:
    """Return the full names of the images in an archive, as containerd takes them from it.

    Raises:
        InvalidError: it is no archive of images, or names none.

    """
    try:
        with tarfile.open(archive) as content:
            docker, oci = (_json(content, name) for name in ("manifest.json", "index.json"))
    except (OSError, tarfile.TarError, ValueError):
        problem = f"{archive} is no archive of images: make one by `docker save NAME -o {archive}`."
        raise InvalidError([problem]) from None
    tags = [str(tag) for image in docker or () for tag in image.get("RepoTags") or ()]
    for manifest in (oci or {}).get("manifests", ()) if not tags else ():
        annotations = manifest.get("annotations") or {}
        tags += [str(annotations[key]) for key in (NAME, _REF) if key in annotations][:1]
    if not tags:
        problem = f"{archive} names no image: save it by its name (`docker save NAME`), not its id."
        raise InvalidError([problem])
    return tuple(full(tag) for tag in tags)


def save(image: str, archive: Path) -> None:
    """Save an image that docker, podman or buildah has under this name into an archive.

    Raises:
        InvalidError: none of them has it.

    """
    for tool in _TOOLS:
        if not (shell.has(tool) and _has(tool, image)):
            continue
        if tool == "buildah":
            shell.run([tool, "push", "--quiet", image, f"docker-archive:{archive}:{full(image)}"])
        else:
            shell.run([tool, "save", "--output", archive, image])
        return
    problem = (
        f"there is no image {image!r}: it is no file, and {_asked()} no image of this name; "
        "build it first, or name a file that `docker save` wrote."
    )
    raise InvalidError([problem])


def meant(name: str) -> str:
    """Return under which name a pod that names the image shortly looks for it."""
    return full(name.removeprefix(_LOCAL))


def short(name: str) -> str:
    """Return an image's name as a stack file has it."""
    return meant(name).removeprefix(HUB)


def _has(tool: str, image: str) -> bool:
    try:
        shell.run([tool, "inspect", "--type", "image", image])
    except KubiaError:
        return False
    return True


def _asked() -> str:
    installed = [tool for tool in _TOOLS if shell.has(tool)]
    if not installed:
        return f"no tool that builds images ({', '.join(_TOOLS)}) is installed, so there is"
    return f"{' and '.join(installed)} {'has' if len(installed) == 1 else 'have'}"


def _json(content: tarfile.TarFile, name: str) -> Any:
    """Return what a JSON file in an archive holds; None if there is no such file."""
    for path in (name, f"./{name}"):
        try:
            file = content.extractfile(path)
        except KeyError:
            continue
        return json.load(file) if file else None
    return None
