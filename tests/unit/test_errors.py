"""Problems and their places, and what an error shows of them."""

import pytest

from kubia.errors import ExitCode, InvalidError, KubiaError, Problem, did_you_mean, refuse


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), "is wrong"),
        (("web",), "web: is wrong"),
        (("agents", "ssd", "tolerations", 0, "key"), "agents.ssd.tolerations[0].key: is wrong"),
        (("env", "MY_TOKEN"), "env.MY_TOKEN: is wrong"),
    ],
)
def test_a_problem_begins_with_its_place(path: tuple[str | int, ...], text: str) -> None:
    assert str(Problem(path, "is wrong")) == text


def test_a_problem_of_a_part_is_one_of_the_whole() -> None:
    problem = Problem(("key",), "is wrong").under(("tolerations", 1))
    assert problem == Problem(("tolerations", 1, "key"), "is wrong")


def test_an_error_has_its_problems_as_texts_and_with_their_places() -> None:
    error = InvalidError(["the file is empty", Problem(("web",), "is missing")])
    assert error.problems == ("the file is empty", "web: is missing")
    assert error.details == (Problem((), "the file is empty"), Problem(("web",), "is missing"))
    assert str(error) == "the file is empty\nweb: is missing"


def test_only_input_with_a_problem_is_refused() -> None:
    refuse([])
    with pytest.raises(InvalidError) as caught:
        refuse(iter([Problem(("web",), "is missing")]))
    assert caught.value.problems == ("web: is missing",)


def test_an_error_knows_its_exit_code() -> None:
    assert [KubiaError.exit_code, InvalidError.exit_code] == [ExitCode.FAILED, ExitCode.MISUSE]
    assert [code.value for code in ExitCode] == [0, 1, 2, 3]


def test_only_what_is_near_was_meant() -> None:
    assert did_you_mean("imag", iter(["port", "image"])) == "did you mean 'image'?"
    assert did_you_mean("gpu", ["limits", "requests"]) == ""
