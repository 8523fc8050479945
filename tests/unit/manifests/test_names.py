"""Names: Kubernetes' own rules, names of sites, and names by content."""

import re
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kubia.manifests.names import (
    by_content,
    digest,
    env_problems,
    is_content_key,
    label_problems,
    labels_problems,
    record_name,
    secret_env_problems,
    site_name,
    subdomain_problems,
)

# As k8s.io/apimachinery/pkg/util/validation has them.
DNS_1035_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
DNS_1123_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
DNS_1123_SUBDOMAIN = re.compile(rf"{DNS_1123_LABEL}(\.{DNS_1123_LABEL})*")
LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")

ODD = "aZ09-._/ \nä²"
anything = st.text(st.sampled_from("ab1-." + ODD), max_size=70) | st.text(max_size=70)
EDGES, INNER = string.ascii_lowercase + string.digits, string.ascii_lowercase + string.digits + "-"


def labels(first: str) -> st.SearchStrategy[str]:
    """Draw what `st.from_regex` would, in a tenth of the time."""
    inner = st.text(INNER, max_size=61)
    longer = st.builds("".join, st.tuples(st.sampled_from(first), inner, st.sampled_from(EDGES)))
    return st.sampled_from(first) | longer


config_maps = st.lists(labels(EDGES), min_size=1, max_size=4).map(".".join)
files = st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=5)


@given(anything)
@example("a\n")
@example("a" * 63)
@example("a" * 64)
def test_a_label_is_what_kubernetes_calls_one(name: str) -> None:
    legal = len(name) <= 63 and DNS_1035_LABEL.fullmatch(name) is not None
    assert (list(label_problems("name", name)) == []) == legal


@given(anything | config_maps)
@example("a..b")
@example("a\n")
@example("a" * 253)
@example("a" * 254)
def test_a_subdomain_is_what_kubernetes_calls_one(name: str) -> None:
    legal = len(name) <= 253 and DNS_1123_SUBDOMAIN.fullmatch(name) is not None
    assert (list(subdomain_problems("name", name)) == []) == legal


@given(anything)
def test_a_label_value_is_what_kubernetes_calls_one(value: str) -> None:
    legal = len(value) <= 63 and LABEL_VALUE.fullmatch(value) is not None
    assert (list(labels_problems("labels", {"key": value})) == []) == legal


@given(config_maps)
@example("a" * 253)
@example("0")
@example("9.9")
@example("a" + "-" * 61 + "0.b")
def test_a_sites_name_is_always_a_services_name_and_a_label_value(config_map: str) -> None:
    name = site_name(config_map)
    assert DNS_1035_LABEL.fullmatch(name)
    assert LABEL_VALUE.fullmatch(name)
    assert len(name) <= 63


@given(labels(string.ascii_lowercase))
def test_an_ordinary_config_maps_site_has_its_name(name: str) -> None:
    derived = re.fullmatch(r".*-[0-9a-f]{10}", name) is not None
    assert (site_name(name) == name) == (not derived)


@given(st.lists(config_maps, min_size=2, max_size=5, unique=True))
@example(["a.b", "a-b"])
@example(["1", "site-1"])
@example(["a" * 64, "a" * 65])
def test_no_two_config_maps_share_a_site(config_maps: list[str]) -> None:
    names = [site_name(name) for name in config_maps]
    assert len(names) == len(set(names))


@given(config_maps)
@example("a.b")
@example("x-0123456789")
def test_no_config_map_can_be_called_as_anothers_site_to_take_it_over(victim: str) -> None:
    taken = site_name(victim)
    assert taken == victim or site_name(taken) != taken


@pytest.mark.parametrize(
    ("config_map", "site"),
    [
        ("hello", "hello"),
        ("a-b", "a-b"),
        ("a.b", "a-b-12734df70e"),
        ("1st", "site-1st-b8f93f4e4e"),
        ("x-0123456789", "x-0123456789-74e7562ff2"),
        ("x-012345678", "x-012345678"),
    ],
)
def test_what_sites_are_called(config_map: str, site: str) -> None:
    assert site_name(config_map) == site


@given(files, st.randoms(use_true_random=False))
def test_the_order_of_files_does_not_change_their_digest(
    content: dict[str, str], rnd: object
) -> None:
    turned = list(content.items())
    rnd.shuffle(turned)  # type: ignore[attr-defined]
    assert digest(dict(turned)) == digest(content)


@given(files, files)
@example({"a": "x\r\n"}, {"a": "x\n"})
@example({"a": "ä"}, {"a": "a\u0308"})
@example({"a": "1", "b": ""}, {"a": "1"})
@example({"a": "b"}, {"b": "a"})
def test_different_content_has_a_different_digest(
    one: dict[str, str], other: dict[str, str]
) -> None:
    assert (digest(one) == digest(other)) == (one == other)


@given(files)
def test_a_digest_is_ten_hex_digits(content: dict[str, str]) -> None:
    assert re.fullmatch("[0-9a-f]{10}", digest(content))


def test_a_digest_never_changes_between_releases() -> None:
    assert by_content("hello", {"data": {"index.html": "hello world"}}) == "hello-1748d74949"


@given(st.text(max_size=6))
def test_a_content_key_is_a_file_name(key: str) -> None:
    allowed = set(string.ascii_letters + string.digits + "-_.")
    legal = key not in {"", "."} and set(key) <= allowed and not key.startswith("..")
    assert is_content_key(key) == legal


@pytest.mark.parametrize("name", ["PATH", "_", "a1", "A_B", "spring.a-b", "1ST", "A B"])
def test_ordinary_variables_have_no_problem(name: str) -> None:
    assert list(env_problems("env", {name: ""})) == []


@pytest.mark.parametrize("name", ["", "A=B", "Ä", "A\n"])
def test_what_a_server_refuses_as_a_variables_name_is_refused(name: str) -> None:
    assert list(env_problems("env", {name: ""})) != []


@pytest.mark.parametrize(("name", "problems"), [("my-app.token", 0), ("A B", 1), ("", 1)])
def test_a_secret_variables_name_is_a_key_of_its_secret(name: str, problems: int) -> None:
    assert len(list(secret_env_problems("secrets", {name: ""}))) == problems


@given(anything, anything)
@example("shop", "Prod_EU")
def test_a_stacks_record_has_a_legal_name_of_its_own(project: str, stack: str) -> None:
    assert list(subdomain_problems("name", record_name(project, stack))) == []
    assert record_name(project, stack) != record_name(project, stack.swapcase() + "x")


def test_a_stacks_record_is_called_as_it_is_where_that_is_legal() -> None:
    assert record_name("shop", "prod.eu-1") == "shop-prod.eu-1"
    assert record_name("shop", "Prod_EU") == "shop-prod-eu-ad6a8e99ab"


@pytest.mark.parametrize("key", ["disk", "kubernetes.io/os", "a.b/c-d_e.f", "A"])
def test_ordinary_label_keys_have_no_problem(key: str) -> None:
    assert list(labels_problems("labels", {key: ""})) == []


@pytest.mark.parametrize("key", ["", "/a", "a/", "a/b/c", "-a", "a" * 64, "A.B/c"])
def test_odd_label_keys_have_one(key: str) -> None:
    assert list(labels_problems("labels", {key: ""})) != []
