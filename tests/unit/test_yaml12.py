"""kubia.yaml12: what a value means, as Pulumi 3.260 answered `pulumi config --json` for it."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kubia import yaml12
from kubia.errors import InvalidError

SAME: dict[str, Any] = {
    "no": "no",
    "NO": "NO",
    "ON": "ON",
    "off": "off",
    "y": "y",
    "Yes": "Yes",
    "true": True,
    "True": True,
    "TRUE": True,
    "tRue": "tRue",
    "false": False,
    "null": None,
    "NULL": None,
    "~": None,
    "": None,
    '"null"': "null",
    '"true"': "true",
    "0": 0,
    "-0": 0,
    "+1": 1,
    "1:20": "1:20",
    "1:20:30": "1:20:30",
    "0o14": 12,
    "0o8": "0o8",
    "0x1F": 31,
    "0x": "0x",
    "1e3": 1000,
    "1E3": 1000,
    "1.0": 1,
    "1.10": 1.1,
    "1.": 1,
    ".5": 0.5,
    "-.5": -0.5,
    "1.2.3": "1.2.3",
    "12e03": 12000,
    "1e21": 1e21,
    "1e-7": 1e-7,
    "9223372036854775807": 9223372036854775807,
    "=": "=",
    "<": "<",
    "<<": "<<",
    "_1": "_1",
    "1e": "1e",
    "1,000": "1,000",
    "!!str 012": "012",
    '!!int "3"': 3,
    "! 12": 12,
    "'0123'": "0123",
    '"2001-01-01"': "2001-01-01",
}
"""Both read them so; the numbers as JSON has them."""
REFUSED = {
    "0123": "a number that readers of YAML take differently",  # Pulumi: 83
    "-0123": "a number that readers of YAML take differently",  # -83
    "089": "a number that readers of YAML take differently",  # 89
    "08.5": "a number that readers of YAML take differently",  # 8.5
    "1_000": "a number that readers of YAML take differently",  # 1000
    "0_1": "a number that readers of YAML take differently",  # 1
    "1_0.5": "a number that readers of YAML take differently",  # 10.5
    "0O14": "a number that readers of YAML take differently",  # 12
    "-0o14": "a number that readers of YAML take differently",  # -12
    "0X1f": "a number that readers of YAML take differently",  # 31
    "0b11": "a number that readers of YAML take differently",  # 3
    "!!int 0123": "a number that readers of YAML take differently",
    "2001-01-01": "a date to Pulumi",  # "2001-01-01 00:00:00 +0000 UTC"
    "2001-1-1": "a date to Pulumi",
    "2001-01-01T00:00:00Z": "a date to Pulumi",
    ".inf": "no number that JSON has",  # an error
    "-.Inf": "no number that JSON has",
    ".nan": "no number that JSON has",
    "1e400": "no number that JSON has",  # text
    "9223372036854775808": "too large for a whole number",  # 9223372036854776000
    "1" * 5000: "too large for a whole number",
}
NUMBER = (
    "is a number that readers of YAML take differently: put it in quotes for a text, or write it "
    "in decimals without leading zeros and underscores."
)


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(InvalidError) as caught:
        yaml12.load(text, "f")
    return caught.value.problems


@pytest.mark.parametrize(("text", "value"), SAME.items())
def test_a_value_is_what_it_is_to_pulumi(text: str, value: Any) -> None:
    assert json.dumps(yaml12.load(f"a:\n  x: {text}\n", "f")) == json.dumps({"a": {"x": value}})


@pytest.mark.parametrize(("text", "reason"), REFUSED.items())
def test_a_value_that_readers_differ_in_is_refused_with_its_line(text: str, reason: str) -> None:
    (problem,) = problems(f"a:\n  x: {text}\n")

    assert problem.startswith(f"f:2: a.x is {reason}: put it in quotes for a text")
    assert text not in problem, "it may be a secret"


@pytest.mark.parametrize("text", [*SAME, *REFUSED, "a: b", "@x", "- a", "a\nb", "a \n", "\u2028"])
def test_what_is_written_every_reader_takes_for_the_same(text: str) -> None:
    for flow in (False, True):
        written = yaml12.dump({"a": text}, flow=flow)
        assert yaml12.load(written, "f") == {"a": text}
        assert yaml.safe_load(written) == {"a": text}, "YAML 1.1"


@given(st.text())
def test_every_text_is_written_so_that_it_comes_back(text: str) -> None:
    assert yaml12.load(yaml12.dump([text, {text: ""}]), "f") == [text, {text: ""}]


def test_all_problems_are_told_at_once() -> None:
    assert problems("a: 1\nb: 012\na: 2\n8080: x\n~: y\n? [k]\n: z\nc: !set {}\nd: [01]\n") == (
        f"f:2: b {NUMBER}",
        "f:3: the document has the key a twice, first in line 1: remove one.",
        "f:4: the document has the key 8080, which is no text: put it in quotes.",
        "f:5: the document has the key ~, which is no text: put it in quotes.",
        "f:6: the document has the key a list or map, which is no text: put it in quotes.",
        "f:8: c has the tag !set: leave it out.",
        f"f:9: d[0] {NUMBER}",
    )


def test_merged_keys_come_after_own_ones_and_the_first_map_counts() -> None:
    text = "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  a: 5\n"

    assert yaml12.load(text, "f")["z"] == {"a": 5, "b": 2, "c": 4}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &a [*a]", "f:1: a[0] holds itself, by an alias."),
        ("[" * 100_000, "f: is nested more than 100 deep."),
        ("a: b\n---\nc: d\n", "f:2: not YAML: but found another document."),
        ("<<: 3\n", "f:1: the document is merged, but no map nor a list of maps."),
        ("a: *b\n", "f:1: not YAML: found undefined alias."),
        ("a: \x01\n", "f:1: not YAML: control characters are not allowed."),
        ("é: 1\r\nb: é\nc: \x7f\n", "f:3: not YAML: control characters are not allowed."),
        (
            "? !!str [a]\n: b\n",
            "f:1: the document has the key a list or map, which is no text: put it in quotes.",
        ),
    ],
)
def test_what_no_reader_can_take_is_refused(text: str, problem: str) -> None:
    assert problems(text) == (problem,)


def test_a_few_lines_do_not_stand_for_a_million_values() -> None:
    bomb = "a: &a [1,1,1,1,1,1,1,1,1]\n"
    for name, last in zip("bcdef", "abcde", strict=True):
        bomb += f"{name}: &{name} [{','.join(['*' + last] * 9)}]\n"

    assert problems(bomb) == ("f: with its aliases it holds more than 50000 values.",)
