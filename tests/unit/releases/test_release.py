"""kubia.releases.release: how a release is written."""

import dataclasses
from typing import Any

from components import CronJob, Job
from kubia.releases import release
from tests.unit.applying import desired
from tests.unit.releasing import release as a_release


def test_a_release_is_written_the_same_each_time_and_read_back() -> None:
    one = dataclasses.replace(a_release(3), diff=("~ a",), back_to=1, leaves=(2,), follows=(1,))

    assert release.encode(one) == release.encode(one)
    assert release.decode(release.encode(one)) == one


def test_a_tasks_image_is_told_by_the_tasks_name() -> None:
    def images(image: str) -> dict[str, str]:
        def program() -> None:
            task: Any = {"namespace": "shop", "image": image}
            Job("migrate", task)
            nightly: Any = {**task, "schedule": "@daily"}
            CronJob("backup", nightly)

        return release.images(desired(program).manifests)

    before, after = images("shop:v2"), images("shop:v3")

    assert before == {"migrate": "shop:v2", "backup": "shop:v2"}
    assert release.cause(before, after, 3) == "backup shop:v2 → shop:v3, migrate shop:v2 → shop:v3"
