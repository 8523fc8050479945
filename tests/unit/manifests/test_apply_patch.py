"""kubia.manifests.apply_patch: what an API server reads of it as YAML is what was meant."""

import json

import pytest
import yaml

from kubia.manifests import apply_patch

ODD = (
    "\x00\x01\x07\x1b\x7f\x80\x85\x9f a \u2028 b\u2029\n--- \ufeff\ufffe\uffff"
    "\U0001f642\U0010ffff\\u0000"
)


def sent(value: object) -> bytes:
    return apply_patch.as_yaml(json.dumps(value, ensure_ascii=False).encode())


def test_every_character_arrives() -> None:
    assert yaml.safe_load(sent({"data": {ODD: ODD}})) == {"data": {ODD: ODD}}


def test_json_with_surrogates_would_not_arrive() -> None:
    with pytest.raises(yaml.YAMLError):
        yaml.safe_load(json.dumps({"data": {ODD: ODD}}).encode() + b"\x7f")
    assert yaml.safe_load(json.dumps("\U0001f642")) != "\U0001f642"


@pytest.mark.parametrize("character", [chr(code) for code in (0, 7, 27, 0x2028, 0xE9, 0x1F642)])
def test_a_mebibyte_of_a_character_is_within_the_three_that_a_server_reads(character: str) -> None:
    text = character * 2**10

    assert len(sent(text)) < 3 * len(text.encode())


def test_plain_text_is_sent_as_it_is() -> None:
    assert sent({"a": "b\\n\n"}) == b'{"a": "b\\\\n\\n"}'
