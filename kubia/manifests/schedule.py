"""When a CronJob runs, as cron writes it: five fields, or a name for five.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from kubia.errors import Problem

NAMES = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_PART = re.compile(r"(?P<range>[*?]|(?P<low>\w+)(-(?P<high>\w+))?)(/(?P<step>[0-9]+))?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_ZONE = re.compile(r"(?!local$)[A-Za-z][-+\w]*(/[-+\w]+)*", re.IGNORECASE)


class _Field(NamedTuple):
    """One of the five: what it counts, from where to where, and its values' names."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def value(self, text: str) -> int | None:
        """Return a value's number; None if it is none."""
        if text.lower() in self.names:
            return self.low + self.names.index(text.lower())
        number = int(text) if text.isdecimal() else -1
        return number if self.low <= number <= self.high else None

    def takes(self, part: str) -> bool:
        """Whether a part between commas is right: a value, a range or all, maybe with a step."""
        match = _PART.fullmatch(part)
        if match is None or (match["step"] is not None and int(match["step"]) == 0):
            return False
        if match["low"] is None:
            return True
        low, high = self.value(match["low"]), self.value(match["high"] or match["low"])
        return low is not None and high is not None and low <= high


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 6, _DAYS),
)


def schedule_problems(field: str, schedule: str) -> Iterator[Problem]:
    """Yield what keeps a text from being a schedule."""
    texts = schedule.split()
    if schedule in NAMES:
        return
    if len(texts) != len(_FIELDS) or schedule.startswith("@"):
        text = f"is {schedule!r}; must be five fields such as 17 3 * * *, or @daily, @hourly"
        yield Problem((field,), text)
        return
    for known, text in zip(_FIELDS, texts, strict=True):
        if not all(known.takes(part) for part in text.split(",")):
            wrong = f"is {schedule!r}, whose {known.name} is {text!r}; must be * or {known.low} to "
            yield Problem((field,), f"{wrong}{known.high}, a range 1-5, a list 1,5 or a step */2")


def time_zone_problems(field: str, zone: str) -> Iterator[Problem]:
    """Yield what keeps a text from naming a time zone; which there are, the API server knows."""
    if not _ZONE.fullmatch(zone):
        text = f"is {zone!r}; must be the name of a time zone, such as Europe/Berlin or Etc/UTC"
        yield Problem((field,), text)
