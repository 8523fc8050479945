"""kubia.manifests.images: what a kubelet takes for an image's reference, and what it does not."""

import pytest

from kubia.manifests.images import LONGEST, image_problems

DIGEST = f"sha256:{'0f' * 32}"


@pytest.mark.parametrize(
    "image",
    [
        "kubia",
        "kubia:v1",
        "kubia-nginx:1.31",
        "team/web_api.x__y--z:V1.0-rc_2",
        "example.com/team/web",
        "example.com:5000/web:v1",
        "localhost/web",
        "EXAMPLE.com/web",
        "[2001:db8::1]:5000/web:v1",
        f"web@{DIGEST}",
        f"example.com/web:v1@{DIGEST}",
        "a" * LONGEST,
    ],
)
def test_a_reference_is_taken(image: str) -> None:
    assert list(image_problems("image", image)) == []


@pytest.mark.parametrize(
    "image",
    [
        "",
        "Kubia V1",
        "Kubia",
        "kubia:v1 ",
        "kubia:",
        "kubia:v1:v2",
        "kubia:-v1",
        f"kubia:{'v' * 129}",
        "https://example.com/web",
        "example.com/Web",
        "/web",
        "web/",
        "a//b",
        "a..b",
        "a___b",
        "-web",
        "web@sha256:123",
        f"web@md5:{'0f' * 16}",
        "0f" * 32,
        "caf\u00e9",
        "web\n",
    ],
)
def test_what_no_kubelet_takes_is_refused(image: str) -> None:
    (problem,) = image_problems("image", image)

    assert str(problem).startswith(f"image: is {image!r}; must be an image's reference")


def test_a_name_may_be_too_long() -> None:
    (problem,) = image_problems("image", "a" * (LONGEST + 1))

    assert str(problem) == "image: has a name of 256 characters; at most 255 are allowed"


def test_what_is_not_known_yet_passes() -> None:
    assert list(image_problems("image", object())) == []
