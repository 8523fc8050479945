"""kubia.operator.api: what is made of answers."""

import asyncio
from typing import Any

import pytest

from kubia.operator.api import CONFIG_MAP, Api, ApiError

META = {"resourceVersion": "5"}


class _Answering(Api):
    """An API that gives one answer."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def _request(self, *_args: Any, **_more: Any) -> Any:
        return self._answer


def _pages(answer: Any) -> list[Any]:
    async def read() -> list[Any]:
        pages = _Answering(answer).pages(CONFIG_MAP, "web", "a=b", 10)
        return [page async for page in pages]

    return asyncio.run(read())


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        None,
        {"kind": "Status", "status": "Failure", "metadata": {}},
        {"metadata": META},
        {"items": [], "metadata": None},
        {"items": [], "metadata": {}},
    ],
)
def test_an_answer_that_is_no_list_is_a_failure(answer: Any) -> None:
    with pytest.raises(ApiError) as error:
        _pages(answer)
    assert error.value.message == (
        "the answer for /api/v1/namespaces/web/configmaps is no list; "
        "is it the API server that answers?"
    )


@pytest.mark.parametrize(
    "details",
    [None, "text", [], {"causes": None}, {"causes": "text"}, {"causes": ["text", {"field": None}]}],
)
def test_a_gateways_error_is_one_whatever_it_has_in_the_place_of_details(details: Any) -> None:
    error = ApiError(422, {"message": "no", "details": details})
    assert (error.message, error.is_of_object) == ("no", False)


@pytest.mark.parametrize("items", [[], None])
def test_an_empty_list_is_one(items: Any) -> None:
    answer = {"items": items, "metadata": META}
    assert _pages(answer) == [answer]
