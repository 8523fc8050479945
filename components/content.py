"""A site's content from a folder's files: text as it is, all else in base64."""

import base64
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from kubia.errors import InvalidError, Problem
from kubia.manifests import site_folder
from kubia.manifests.nginx_site import NginxSite


@dataclass(frozen=True, kw_only=True)
class Site(NginxSite):
    """A site, its files given here or in a folder."""

    directory: str | None = None
    """Folder whose files, and its folders', are served too, but hidden ones; relative to the
    project's folder."""

    def with_files(self) -> "Site":
        """Return the site with its folder's files; of two of one path, the one given here counts.

        Raises:
            InvalidError: the folder, or all content together, cannot be served.

        """
        if self.directory is None:
            return self
        if self.content_image is not None:
            wrong = "is given, and a directory too; keep one of them"
            raise InvalidError([Problem(("contentImage",), wrong, ("directory",))])
        files = read_directory(self.directory)
        given = {*self.content, *self.binary_content}
        text, binary = (
            {path: value for path, value in each.items() if path not in given} for each in files
        )
        return replace(
            self,
            content={**text, **self.content},
            binary_content={**binary, **self.binary_content},
        )


class Content(NamedTuple):
    """Files by path."""

    text: dict[str, str]
    binary: dict[str, str]


def read_directory(directory: str) -> Content:
    """Return the files of `directory` that a site serves.

    Raises:
        InvalidError: there is no such folder, or some of what it holds cannot be served.

    """
    folder = Path(directory)
    if not directory or not folder.is_dir():
        text = f"is {directory!r}; there is no such folder in {Path.cwd()}"
        raise InvalidError([Problem(("directory",), text)])
    try:
        files = site_folder.contents(folder)
    except InvalidError as error:
        raise InvalidError(each.under(("directory",)) for each in error.details) from error
    if not files:
        text = f"is {directory!r}, which holds no file but hidden ones; is the site built yet?"
        raise InvalidError([Problem(("directory",), text)])
    content = Content({}, {})
    for path, data in files.items():
        try:
            content.text[path] = data.decode()
        except UnicodeDecodeError:
            content.binary[path] = base64.b64encode(data).decode()
    return content
