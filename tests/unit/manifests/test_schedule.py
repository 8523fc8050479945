"""Schedules of CronJobs: what cron takes, and which field is wrong of what it does not."""

import pytest

from kubia.manifests.schedule import schedule_problems, time_zone_problems

RIGHT = (
    "17 3 * * *",
    "*/5 0-23/2 1,15 jan-MAR sun",
    "0 0 ? * 1-5",
    "30/10 * * * *",
    "@daily",
    "@annually",
)
WRONG = {
    "61 * * * *": "minute is '61'; must be * or 0 to 59",
    "0 24 * * *": "hour is '24'; must be * or 0 to 23",
    "0 0 0 * *": "day of the month is '0'; must be * or 1 to 31",
    "0 0 * 13 *": "month is '13'; must be * or 1 to 12",
    "0 0 * * 7": "day of the week is '7'; must be * or 0 to 6",
    "5-1 * * * *": "minute is '5-1'",
    "*/0 * * * *": "minute is '*/0'",
    "1,,2 * * * *": "minute is '1,,2'",
    "0 0 * mon *": "month is 'mon'",
}


@pytest.mark.parametrize("schedule", RIGHT)
def test_a_schedule_that_cron_takes_is_right(schedule: str) -> None:
    assert [*schedule_problems("schedule", schedule)] == []


@pytest.mark.parametrize(("schedule", "text"), WRONG.items())
def test_the_field_that_is_wrong_is_named_with_what_is_allowed(schedule: str, text: str) -> None:
    (problem,) = schedule_problems("schedule", schedule)
    assert str(problem).startswith(f"schedule: is {schedule!r}, whose {text}")


@pytest.mark.parametrize("schedule", ["", "at night", "* * * *", "0 0 * * * *", "@dayly"])
def test_what_is_no_five_fields_is_no_schedule(schedule: str) -> None:
    (problem,) = schedule_problems("schedule", schedule)
    assert str(problem) == (
        f"schedule: is {schedule!r}; must be five fields such as 17 3 * * *, or @daily, @hourly"
    )


@pytest.mark.parametrize("zone", ["Etc/UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "UTC"])
def test_a_time_zone_is_named_by_place(zone: str) -> None:
    assert [*time_zone_problems("timeZone", zone)] == []


@pytest.mark.parametrize("zone", ["", "Local", "local", "+01:00", "Europe/"])
def test_what_names_no_zone_is_refused(zone: str) -> None:
    assert len([*time_zone_problems("timeZone", zone)]) == 1
