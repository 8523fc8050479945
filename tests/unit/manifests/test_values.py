"""Numbers, quantities and amounts, as Kubernetes reads them."""

import math
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from kubia.manifests.values import Amount, Int, camel_case, count_or_percent, quantity

numbers = st.integers(min_value=0, max_value=10**6)
DECIMAL = ["k", "M", "G", "T", "P", "E"]
BINARY = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]


@given(numbers, st.integers(min_value=0, max_value=5))
def test_a_suffix_multiplies(number: int, power: int) -> None:
    assert quantity(f"{number}{DECIMAL[power]}") == number * 10 ** (3 * (power + 1))
    assert quantity(f"{number}{BINARY[power]}") == number * 2 ** (10 * (power + 1))


@given(numbers)
def test_a_thousand_milli_are_one(number: int) -> None:
    assert quantity(f"{number}m") * 1000 == quantity(str(number)) == number
    assert quantity(f"{number}.5") == Decimal(number) + Decimal("0.5")


@given(st.text(st.sampled_from("0123456789.mkKMGi-+e \n٣²"), max_size=6))
def test_a_quantity_is_a_number_and_a_suffix_and_nothing_else(text: str) -> None:
    legal = re.fullmatch(r"[0-9]+(\.[0-9]+)?(m|k|M|G|Ki|Mi|Gi)?", text) is not None
    assert _is_quantity(text) == legal


def _is_quantity(text: str) -> bool:
    try:
        quantity(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("text", ["", "m", "1 Gi", "1gi", "1KI", "-1", "1.", "1Gi\n", "٣"])
def test_these_are_no_quantities(text: str) -> None:
    with pytest.raises(ValueError, match="must be") as caught:
        quantity(text)
    assert str(caught.value) == f"is {text!r}; must be a quantity such as 50m, 0.5, 64Mi or 1Gi"


@given(numbers)
def test_a_count_and_a_percentage_are_amounts(number: int) -> None:
    assert count_or_percent(number) == count_or_percent(str(number)) == number
    assert count_or_percent(f"{number}%") == f"{number}%"


@pytest.mark.parametrize(
    "value", [-1, "-1", 1.5, "1.5", "", "%", "5%%", True, None, [1], "²", "²%", "٣"]
)
def test_these_are_no_amounts(value: object) -> None:
    assert count_or_percent(value) is None


def test_fields_are_written_as_kubernetes_writes_them() -> None:
    assert camel_case("min_ready_seconds") == "minReadySeconds"
    assert camel_case("image") == "image"


@given(st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1))
def test_a_float_that_is_a_whole_number_counts_as_one(number: int) -> None:
    parsed = TypeAdapter(Int).validate_python(float(number))
    assert (parsed, type(parsed)) == (number, int)
    assert TypeAdapter(Int).validate_python(number) == number


@pytest.mark.parametrize(
    "value", [2.5, math.nan, math.inf, 2.0**53, 1e300, "3", "3.0", True, None, [1]]
)
def test_these_are_no_whole_numbers(value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Int).validate_python(value)
    assert [error["type"] for error in caught.value.errors()] == ["int_type"]


def test_a_count_may_come_as_a_float_too() -> None:
    assert TypeAdapter(Amount).validate_python(2.0) == 2
    with pytest.raises(ValidationError, match="must be a count such as 1"):
        TypeAdapter(Amount).validate_python(2.5)


def test_a_schema_takes_a_whole_number_for_an_integer() -> None:
    assert TypeAdapter(Int).json_schema() == {"type": "integer"}
