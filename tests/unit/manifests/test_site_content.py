"""A site's files in ConfigMaps: mounted, they are the files again, byte for byte."""

import base64
import itertools
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from kubia.errors import InvalidError
from kubia.manifests import nginx_site, site_content, site_validators
from kubia.manifests.meta import Meta
from kubia.manifests.nginx_site import NginxSite
from kubia.manifests.site_validators import KEY
from kubia.manifests.values import Object

MIB = 1024 * 1024
META = Meta(name="hello", namespace="team-a", component="site")
NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=12
) | st.sampled_from(["a", "a-0123456789", "_a", "Ä b~@.html", "index.html", "k" * 255])
PATHS = st.lists(NAMES.filter(lambda name: not name.startswith("..") and name != "."), max_size=3)
FOLDERS = st.dictionaries(PATHS.filter(bool).map("/".join), st.binary(max_size=20), max_size=8)


def site(files: Mapping[str, bytes]) -> NginxSite:
    """Return a site of files, the text as text."""
    text: dict[str, str] = {}
    binary: dict[str, str] = {}
    for path, data in files.items():
        try:
            text[path] = data.decode()
        except UnicodeDecodeError:
            binary[path] = base64.b64encode(data).decode()
    return NginxSite(content=text, binary_content=binary)


def mounted(objects: nginx_site.SiteObjects) -> dict[str, bytes]:
    """Return the files that a pod sees, as the kubelet writes them."""
    held = {each["metadata"]["name"]: each for each in objects.config_maps}
    (volume,) = (
        each
        for each in objects.deployment["spec"]["template"]["spec"]["volumes"]
        if each["name"] == "content"
    )
    sources = volume["projected"]["sources"] if "projected" in volume else [volume]
    tree: dict[str, bytes] = {}
    for source in sources:
        data = values(held[source["configMap"]["name"]])
        items = source["configMap"].get("items") or [{"key": key, "path": key} for key in data]
        for item in items:
            assert item["path"] not in tree
            tree[item["path"]] = data[item["key"]]
    tree.pop(KEY, None)
    return tree


def validators(objects: nginx_site.SiteObjects) -> str:
    """Return what nginx includes."""
    pod = objects.deployment["spec"]["template"]["spec"]
    (source,) = (each["configMap"] for each in pod["volumes"] if each["name"] == "validators")
    (mount,) = (m for m in pod["containers"][0]["volumeMounts"] if m["name"] == "validators")
    assert mount == {"name": "validators", "mountPath": "/etc/nginx/site", "readOnly": True}
    assert source["items"] == [{"key": KEY, "path": "validators"}]
    assert source["optional"] is True
    (held,) = (each for each in objects.config_maps if KEY in each["data"])
    assert source["name"] == held["metadata"]["name"]
    return str(held["data"][KEY])


def values(config_map: Object) -> dict[str, bytes]:
    text = {key: value.encode() for key, value in config_map.get("data", {}).items()}
    coded = config_map.get("binaryData", {})
    return {**text, **{key: base64.b64decode(value) for key, value in coded.items()}}


def is_tree(paths: Any) -> bool:
    return not any(other.startswith(f"{path}/") for path in paths for other in paths)


@settings(max_examples=25)
@given(FOLDERS)
@example({"a-0123456789": b"1", "x/y": b"2"})
@example({"a/index.html": b"1", "b/index.html": b"2", "index.html": b"3"})
@example({"ä": b"", "a b": b"\xff", "~": b"x", "@2x.png": b"\0", "k" * 254: b"x"})
def test_a_mounted_folder_is_the_folder_byte_for_byte(files: dict[str, bytes]) -> None:
    assume(is_tree(files))
    objects = nginx_site.objects(META, site(files))
    assert mounted(objects) == files
    assert validators(objects) == site_validators.entries(files)
    for key in itertools.chain.from_iterable(map(values, objects.config_maps)):
        assert len(key) <= 253
        assert key.isascii()
        assert not set(key) & set("/ ~@\n")


def test_what_is_too_large_for_one_config_map_is_in_several() -> None:
    files = {f"{number:02}.bin": bytes([number]) * (MIB // 2) for number in range(3)}
    objects = nginx_site.objects(META, site(files))
    names = [each["metadata"]["name"].rpartition("-")[0] for each in objects.config_maps]
    assert names == ["hello", "hello.2", "hello.3"]
    assert validators(objects).count("\n") == 3
    assert mounted(objects) == files
    assert all(sum(map(len, values(each).values())) <= MIB for each in objects.config_maps)


@pytest.mark.parametrize("data", [b"x" * MIB, b"\xff" * MIB], ids=["text", "binary"])
@pytest.mark.parametrize("path", ["film", "films/film"])
def test_one_file_may_fill_a_config_map(path: str, data: bytes) -> None:
    objects = nginx_site.objects(META, site({path: data}))
    assert len(objects.config_maps) == 2
    assert mounted(objects) == {path: data}


def test_plain_files_that_fit_one_config_map_are_its_keys() -> None:
    objects = nginx_site.objects(META, site({"index.html": b"hello world", "a-0123456789": b""}))
    (content,) = objects.config_maps
    kept = {key: value for key, value in content["data"].items() if key != KEY}
    assert kept == {"index.html": "hello world", "a-0123456789": ""}


def test_a_validator_is_the_contents_hash() -> None:
    text = validators(nginx_site.objects(META, site({"index.html": b"hello world"})))
    assert text == """"/index.html" '"b94d27b9934d3e08"';\n"""


def test_what_came_in_one_config_map_goes_into_one_with_validators_if_there_is_room() -> None:
    full = site({"index.html": b"x" * MIB})
    small = site({"index.html": b"x"})
    kept, new = (
        site_content.one_config_map(META, each.content, each.binary_content)["data"].keys()
        for each in (full, small)
    )
    assert (kept, new) == ({"index.html"}, {"index.html", KEY})


def test_a_changed_file_leaves_the_config_maps_before_it_as_they_are() -> None:
    files = {f"{number}.txt": b"x" * (MIB // 2 + 1) for number in range(3)}
    before = nginx_site.objects(META, site(files)).config_maps
    after = nginx_site.objects(META, site({**files, "2.txt": b"y"})).config_maps
    assert before[0] == after[0]
    assert before[-1] != after[-1]


NOT_A_PATH = (
    "is not the path of a file; name folders and file with one '/' between them, such as "
    "css/site.css, and do not begin with '/' or '..'"
)
LONG = "is too long; a name has at most 255 bytes, a path 1024: shorten it"


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        *(
            ({path: b""}, f"content: {path!r} {NOT_A_PATH}")
            for path in ("", "/a", "a/", "a//b", "a/../b", "./a", ".", "..a/b", "a\0")
        ),
        ({"ä" * 128: b""}, f"content: '{'ä' * 128}' {LONG}"),
        ({"abcd/" * 205: b""}, None),
        ({"a/" + "b/" * 512 + "c": b""}, f"content: {'a/' + 'b/' * 512 + 'c'!r} {LONG}"),
        ({KEY: b""}, f"content.{KEY}: is kubia's own; rename it"),
        ({"\udcff": b""}, "content: '\\udcff' is not UTF-8; rename it"),
        ({"a": b"", "a/b": b""}, "content.a/b: is in a folder, but a is a file; rename one"),
        (
            {"a": b"\xff", "a/b": b"\xff"},
            "binaryContent.a/b: is in a folder, but a is a file; rename one",
        ),
        (
            {"film": b"x" * (MIB + 1)},
            (
                "content.film: has 1048577 bytes; a file has at most 1048576, as a ConfigMap "
                "holds: make it smaller, or serve it from elsewhere"
            ),
        ),
    ],
)
def test_what_cannot_be_mounted_is_refused_with_its_file(
    files: dict[str, bytes], problem: str | None
) -> None:
    with pytest.raises(InvalidError) as caught:
        site(files)
    assert problem is None or caught.value.problems == (problem,)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InvalidError) as caught:
        site({"/a": b"", "b/": b"", "c": b"x" * (MIB + 1), "d": b"\xff" * (MIB + 1)})
    assert len(caught.value.problems) == 4


def test_a_site_above_16_mib_is_refused() -> None:
    with pytest.raises(InvalidError) as caught:
        site({**{f"{number}": b"x" * MIB for number in range(16)}, "last": b"y"})
    assert caught.value.problems == (
        (
            "content: has 16777217 bytes (0 1048576, 1 1048576, 2 1048576); a site has at most "
            "16777216: make it smaller, or serve large files from elsewhere"
        ),
    )


def test_more_files_than_a_deployment_can_list_are_refused() -> None:
    name = "x" * 255
    with pytest.raises(InvalidError) as caught:
        site({f"posts/{number}/{name}": b"" for number in range(1600)})
    (problem,) = caught.value.problems
    assert problem.startswith("content: has 1600 files, whose list has ")
    assert problem.endswith("a Deployment takes at most 524288: use fewer files, or shorter names")
