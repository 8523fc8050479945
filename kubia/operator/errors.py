"""Why a reconcile may end before the site is as it should be."""

from collections.abc import Iterable


class RefusedError(Exception):
    """A site cannot be made as things are; its text says why."""

    def __init__(self, problems: Iterable[str], *, reason: str) -> None:
        """Keep the problems, each in a sentence, and the reason in one word."""
        self.reason = reason
        super().__init__("; ".join(problems))


class StaleError(Exception):
    """The store was behind the cluster; it has caught up, so reconcile again.

    Its text is what the API server said, if it did.
    """


class LaterError(Exception):
    """The site must be rolled, but others go first, or it was rolled a moment ago."""

    def __init__(self, *, has_new: bool = False) -> None:
        """Note whether it has new content, which waits for no other site."""
        self.has_new = has_new
        super().__init__()


class NotLeadingError(Exception):
    """Another replica leads, or may."""
