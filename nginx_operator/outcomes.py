"""Why a look at a site may end before the site is as it should be."""

from collections.abc import Iterable


class RefusedError(Exception):
    """A site cannot be made as things are; its text tells the user why."""

    def __init__(self, problems: Iterable[str], *, reason: str) -> None:
        """Keep the problems, each in a sentence, and the reason in one word."""
        self.reason = reason
        super().__init__("; ".join(problems))


class StaleError(Exception):
    """The store was behind the cluster; it has caught up, so look again."""


class LaterError(Exception):
    """The site was just rolled; a storm of changes must not become a storm of roll-outs."""


class NotLeadingError(Exception):
    """Another replica leads, or may."""
