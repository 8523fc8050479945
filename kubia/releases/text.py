"""Releases in words, and for scripts."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from kubia.releases.release import Release

HEADS = ("RELEASE", "TIME", "OUTCOME", "WHO", "CAUSE")


def table(releases: Sequence[Release]) -> Iterator[str]:
    """Return a line for each release, oldest first."""
    if not releases:
        yield "no releases yet"
        return
    rows = [HEADS, *((str(r.number), r.time, r.state, r.who, r.cause) for r in releases)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def details(release: Release) -> Iterator[str]:
    """Return a line for each thing that is known of one release, then its changes."""
    yield f"release:  {release.number}"
    yield f"time:     {release.time}"
    yield f"outcome:  {release.state}"
    yield f"who:      {release.who}"
    yield f"cause:    {release.cause}"
    yield f"declared: {release.digest[:12]}"
    for name, image in sorted(release.images.items()):
        yield f"image:    {name} {image}"
    for directory, files in sorted((release.sites or {}).items()):
        yield f"files:    {directory} ({len(files)})"
    if release.sites is None:
        yield "files:    not kept"
    if release.document is None:
        yield "declared: the stack file's content is not kept"
    yield "changes from the release before:" if release.diff else "no changes"
    yield from release.diff


def as_json(release: Release) -> dict[str, Any]:
    """Return the release for scripts, without the contents it keeps."""
    values = asdict(release)
    del values["document"], values["sites"]
    return {**values, "state": release.state}
