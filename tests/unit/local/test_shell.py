"""kubia.local.shell: a command that fails is told in words for the user."""

import pytest

from kubia.errors import KubiaError
from kubia.local import shell


def test_a_full_disk_is_said_in_one_sentence_whatever_the_program_printed() -> None:
    noise = "goroutine 1 [running]:\\n" * 20
    with pytest.raises(KubiaError) as caught:
        shell.run(["printf", "%d", f"{noise}write x: No space left on device"])
    assert str(caught.value).startswith("the disk is full: make room (`kubia doctor` says where)")


def test_any_other_failure_shows_the_end_of_the_output() -> None:
    with pytest.raises(KubiaError) as caught:
        shell.run(["sh", "-c", "seq 30 >&2; exit 7"])
    lines = str(caught.value).splitlines()
    assert lines[0] == "this failed with exit code 7: sh -c seq 30 >&2; exit 7"
    assert lines[-1] == "30"
    assert len(lines) == 16
