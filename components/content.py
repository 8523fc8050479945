"""Reads a folder's files as a ConfigMap holds them: text as it is, all else in base64."""

import base64
from pathlib import Path
from typing import NamedTuple

from kubia.errors import InvalidError
from kubia.manifests.nginx_site import CONTENT_LIMIT


class Content(NamedTuple):
    """Files by name."""

    text: dict[str, str]
    binary: dict[str, str]


def read_directory(directory: str) -> Content:
    """Return the files of ``directory``; raise `InvalidError` where it cannot be a ConfigMap.

    A ConfigMap is flat: a folder inside is an error, not left out in silence.
    """
    folder = Path(directory)
    if not folder.is_dir():
        raise InvalidError([f"is {directory!r}; there is no such folder in {Path.cwd()}"])
    content = Content({}, {})
    for file in sorted(folder.iterdir()):
        if not file.is_file():
            problem = f"{directory!r} holds {file.name!r}, which is no file; "
            raise InvalidError([problem + "a ConfigMap has no folders: move its files up"])
        if file.stat().st_size > CONTENT_LIMIT:
            problem = f"{file.name!r} has {file.stat().st_size} bytes; "
            raise InvalidError([problem + f"a ConfigMap holds at most {CONTENT_LIMIT}"])
        data = file.read_bytes()
        try:
            content.text[file.name] = data.decode()
        except UnicodeDecodeError:
            content.binary[file.name] = base64.b64encode(data).decode()
    return content
