"""A site's content from a folder's files: text as it is, all else in base64."""

import base64
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from kubia.errors import InvalidError, Problem
from kubia.manifests.nginx_site import CONTENT_LIMIT, NginxSite


@dataclass(frozen=True, kw_only=True)
class Site(NginxSite):
    """A site, its files given here or in a folder."""

    directory: str | None = None
    """Folder whose files are served too; relative to the project's folder."""

    def with_files(self) -> "Site":
        """Return the site with its folder's files; of two of one name, the one given here counts.

        Raises:
            InvalidError: the folder, or all content together, cannot be a ConfigMap.

        """
        if not self.directory:
            return self
        files = read_directory(self.directory)
        return replace(
            self,
            content={**files.text, **self.content},
            binary_content={**files.binary, **self.binary_content},
        )


class Content(NamedTuple):
    """Files by name."""

    text: dict[str, str]
    binary: dict[str, str]


def read_directory(directory: str) -> Content:
    """Return the files of `directory`.

    A ConfigMap is flat: a folder inside is an error, not left out in silence.

    Raises:
        InvalidError: there is no such folder, or it cannot be a ConfigMap.

    """
    folder = Path(directory)
    if not folder.is_dir():
        text = f"is {directory!r}; there is no such folder in {Path.cwd()}"
        raise _invalid(text)
    content = Content({}, {})
    for file in sorted(folder.iterdir()):
        if not file.is_file():
            text = f"{directory!r} holds {file.name!r}, which is no file; "
            raise _invalid(text + "a ConfigMap has no folders: move its files up")
        if file.stat().st_size > CONTENT_LIMIT:
            text = f"{file.name!r} has {file.stat().st_size} bytes; "
            raise _invalid(text + f"a ConfigMap holds at most {CONTENT_LIMIT}")
        data = file.read_bytes()
        try:
            content.text[file.name] = data.decode()
        except UnicodeDecodeError:
            content.binary[file.name] = base64.b64encode(data).decode()
    return content


def _invalid(text: str) -> InvalidError:
    return InvalidError([Problem(("directory",), text)])
