"""What Args of Jobs and CronJobs have in common."""

from enum import Enum


class TaskRestartPolicy(str, Enum):
    """What follows when a container of a task fails."""

    Never = "Never"
    """Another pod; the failed one stays, with its logs."""
    OnFailure = "OnFailure"
    """The container again, in the same pod."""


class ConcurrencyPolicy(str, Enum):
    """What happens when it is time for a run and the last one goes on."""

    Allow = "Allow"
    """Both run."""
    Forbid = "Forbid"
    """None is started."""
    Replace = "Replace"
    """The old one is ended."""
