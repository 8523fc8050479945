"""The store while an object is written: nothing that reflectors see meanwhile is lost."""

import contextlib
from typing import Any

import pytest

from kubia.manifests import site_source
from kubia.manifests.site_source import MANAGED_BY, SiteOptions, Source
from kubia.manifests.values import Object
from kubia.operator.api import CONFIG_MAP, SERVICE
from kubia.operator.model import ChildId, content_size, fingerprint
from kubia.operator.store import Store

ID = ChildId(SERVICE, "web", "hello")


def _filled() -> tuple[Store, Source]:
    store = Store(SiteOptions())
    live = {
        "metadata": {
            "name": "hello",
            "namespace": "web",
            "uid": "u-1",
            "resourceVersion": "1",
            "creationTimestamp": "2026-01-01T00:00:00Z",
        },
        "data": {"index.html": "hi"},
    }
    store.update(CONFIG_MAP, live)
    return store, site_source.read(live)[0]


def _service(source: Source, version: int, **spec: Any) -> Object:
    """Return the Service as the server has it, with fields of `spec` that somebody changed."""
    desired = site_source.desired(source, SiteOptions()).service
    current = {"uid": "s-1", "resourceVersion": str(version)}
    fields = {"manager": MANAGED_BY, "operation": "Apply", "fieldsV1": {}}
    metadata = {**desired["metadata"], **current, "managedFields": [fields]}
    return {**desired, "metadata": metadata, "spec": {**desired["spec"], **spec}}


@pytest.mark.parametrize(("text", "size"), [("hello", 5), ("hell\N{GRINNING FACE}", 20)])
def test_content_counts_as_what_it_takes_in_memory(text: str, size: int) -> None:
    assert content_size({"data": {"a": text}, "binaryData": {"b": "aa=="}}) == size + 4
    assert content_size({"data": None}) == 0


def test_what_is_seen_of_the_write_itself_changes_nothing() -> None:
    store, source = _filled()

    with store.writing(ID):
        store.update(SERVICE, _service(source, 5))
        assert ID not in store.children
        store.update(SERVICE, _service(source, 5), fingerprint(SERVICE, source))

    child = store.children[ID]
    assert (child.version, child.satisfies) == (5, fingerprint(SERVICE, source))


def test_drift_that_is_seen_before_the_answer_is_kept() -> None:
    store, source = _filled()

    with store.writing(ID):
        key = store.update(SERVICE, _service(source, 6, selector={"app": "other"}))
        store.update(SERVICE, _service(source, 5), fingerprint(SERVICE, source))

    assert key == ("web", "hello")
    child = store.children[ID]
    assert (child.version, child.satisfies) == (6, "")


def test_an_object_that_is_gone_before_the_answer_comes_is_gone() -> None:
    store, source = _filled()

    with store.writing(ID):
        store.remove(SERVICE, "web", "hello", 6)
        store.update(SERVICE, _service(source, 5), fingerprint(SERVICE, source))

    assert ID not in store.children


def test_what_was_deleted_before_it_was_made_again_is_there() -> None:
    store, source = _filled()

    with store.writing(ID):
        store.remove(SERVICE, "web", "hello", 4)
        store.update(SERVICE, _service(source, 5), fingerprint(SERVICE, source))

    assert store.children[ID].version == 5


def test_what_is_seen_of_a_write_that_failed_is_taken_in() -> None:
    store, source = _filled()

    with contextlib.suppress(TimeoutError), store.writing(ID):
        store.update(SERVICE, _service(source, 5, selector={"app": "other"}))
        raise TimeoutError  # The answer never came.

    assert store.children[ID].satisfies == ""
    assert list(store.names(SERVICE, "web")) == [("web", "hello")]
