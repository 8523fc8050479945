"""kubia.releases.release: how a release is written."""

import dataclasses

from kubia.releases import release
from tests.unit.releasing import release as a_release


def test_a_release_is_written_the_same_each_time_and_read_back() -> None:
    one = dataclasses.replace(a_release(3), diff=("~ a",), back_to=1, leaves=(2,), follows=(1,))

    assert release.encode(one) == release.encode(one)
    assert release.decode(release.encode(one)) == one
