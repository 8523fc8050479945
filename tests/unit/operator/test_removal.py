"""What the operator removes, and what it leaves: only what it made, and it says so."""

from typing import Any

import pytest

from kubia.manifests.site_source import KEPT_BY, MANAGED_BY
from kubia.operator.api import CONFIG_MAP, DEPLOYMENT
from kubia.operator.errors import RefusedError
from tests.unit import applied
from tests.unit.sites import SPACE, Server, Sites, content_name

CONTENT_NAME = content_name("hello")
MADE = [f"configmaps/{CONTENT_NAME}", "deployments/hello", "services/hello"]
REMOVED = ["delete deployments/hello", "delete services/hello", f"delete {MADE[0]}"]
NAMES = f"Deployment hello, Service hello, ConfigMap {CONTENT_NAME}"
NOT_MADE = "the operator has not made it; delete it if nobody needs it"
OTHER_SELECTOR = "made for kubia.io/site=true, and the selector is kubia.io/sites=true now"
SHOP = {"lease_name": "shop", "selector": "shop=yes"}


def _site(**settings: Any) -> Sites:
    sites = Sites(**settings)
    sites.source("hello", **{"kubia.io/site": "true", "shop": "yes", "more": "x"})
    assert sites.run() == [f"apply {name}" for name in MADE]
    return sites


def _paths(server: Server) -> list[str]:
    return [path for path in server.objects if path != CONFIG_MAP.path(SPACE, "hello")]


def _copied(sites: Sites, name: str, of: str = CONTENT_NAME, **changes: Any) -> str:
    """Make what `kubectl get -o yaml`, an edit of the name and `kubectl create` make."""
    live = sites.server.objects[CONFIG_MAP.path(SPACE, of)]
    kept = ("labels", "annotations", "ownerReferences")
    metadata = {key: live["metadata"][key] for key in kept if key in live["metadata"]}
    metadata |= {"name": name, "managedFields": [], **changes}
    path = CONFIG_MAP.path(SPACE, name)
    sites.server.put(path, {**live, "metadata": metadata})
    return path


def test_a_site_that_is_no_longer_selected_goes_and_its_config_map_is_told_once() -> None:
    sites = _site()
    sites.unlabel("hello")

    assert sites.reconcile() == REMOVED
    assert sites.server.events[-1] == (
        "Removed",
        f"removed {NAMES}: the ConfigMap is no longer one of kubia.io/site=true",
    )
    assert sites.run() == []
    assert [reason for reason, _ in sites.server.events] == ["Applied", "Removed"]


@pytest.mark.parametrize("first", [True, False])
def test_a_second_config_map_that_owns_it_too_changes_nothing(*, first: bool) -> None:
    sites = _site()
    group = {"apiVersion": "v1", "kind": "ConfigMap", "name": "group", "uid": "g"}
    for path in _paths(sites.server):
        live = sites.server.objects[path]
        own = live["metadata"]["ownerReferences"]
        owners = [group, *own] if first else [*own, group]
        sites.server.put(
            path, {**live, "metadata": {**live["metadata"], "ownerReferences": owners}}
        )

    sites.see()
    assert all(child.applied and child.owner for child in sites.store.children.values())
    restarted = Sites(sites.server, selector="typo=yes", prune_orphans=True)
    restarted.see()
    assert restarted.reconcile() == REMOVED


def test_what_is_removed_is_logged_where_no_config_map_can_be_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    sites = _site()
    sites.unlabel("hello")
    del sites.server.objects[CONFIG_MAP.path(SPACE, "hello")]

    assert sites.reconcile() == REMOVED
    assert [r.object for r in caplog.records if r.message == "removed"] == [  # type: ignore[attr-defined]
        "hello",
        "hello",
        CONTENT_NAME,
    ]
    assert [reason for reason, _ in sites.server.events] == ["Applied"]


@pytest.mark.parametrize(
    "name", ["hello-0123456789", "hello-abcdefghij", "hello-copy", "hello-x", "hellohello"]
)
@pytest.mark.parametrize("owned", [True, False])
def test_copied_yaml_is_never_removed(name: str, *, owned: bool) -> None:
    sites = _site()
    changes: dict[str, Any] = {} if owned else {"ownerReferences": []}
    path = _copied(sites, name, **changes)

    sites.source("hello", "other", **{"kubia.io/site": "true"})
    writes = [*sites.run(), *sites.run()]
    sites.unlabel("hello")
    writes += sites.reconcile()

    assert path in sites.server.objects
    assert f"delete configmaps/{CONTENT_NAME}" in writes  # What it made itself goes.
    assert [line for line in writes if name in line] == []


def test_a_label_that_is_back_while_its_site_is_removed_ends_that() -> None:
    class _Relabelling(Server):
        """Whose ConfigMap has its label back after the first deletion."""

        async def write(self, method: str, path: str, body: Any) -> Any:
            answer = await super().write(method, path, body)
            sites.source("hello")
            sites.store.update(CONFIG_MAP, self.objects[CONFIG_MAP.path(SPACE, "hello")])
            return answer

    sites = Sites(_Relabelling())
    sites.source("hello")
    sites.run()
    sites.unlabel("hello")

    assert sites.reconcile() == REMOVED[:1]
    assert sites.run() == ["apply deployments/hello"]


def test_a_copy_with_the_name_of_content_is_told_once_with_what_to_do() -> None:
    sites = _site()
    _copied(sites, "hello-0123456789")

    assert [*sites.run(), *sites.run()] == []
    assert sites.server.events[1:] == [
        (
            "Left",
            f"left ConfigMap hello-0123456789: {NOT_MADE}",
        )
    ]


def test_a_copy_that_is_labelled_is_a_site_of_its_own() -> None:
    sites = _site()
    labels = {"app.kubernetes.io/managed-by": MANAGED_BY, "kubia.io/site": "true"}
    _copied(sites, "hello-0123456789", labels=labels)

    writes = sites.run()
    sites.unlabel("hello")
    writes += sites.reconcile()

    assert len([line for line in writes if line.startswith("apply")]) == 3
    assert CONFIG_MAP.path(SPACE, "hello-0123456789") in sites.server.objects


def test_a_strangers_object_with_the_operators_label_is_not_written_over() -> None:
    sites = Sites()
    labels = {"app.kubernetes.io/managed-by": MANAGED_BY}
    spec = {"template": {"spec": {}}, "replicas": 3}
    path = DEPLOYMENT.path(SPACE, "hello")
    sites.server.put(path, {"metadata": {"labels": labels}, "spec": spec})
    sites.source("hello")
    sites.see()

    with pytest.raises(RefusedError, match="Deployment hello exists and is not the operator's"):
        sites.reconcile()
    assert sites.server.objects[path]["spec"] == spec


def test_what_was_made_by_the_version_before_is_adopted_where_it_is() -> None:
    sites = _site()
    for path in _paths(sites.server):
        live = sites.server.objects[path]
        live["metadata"].get("annotations", {}).pop(KEPT_BY)
        for entry in live["metadata"]["managedFields"]:
            entry["fieldsV1"]["f:metadata"].get("f:annotations", {}).pop(f"f:{KEPT_BY}")
    before = applied.copied(sites.server.objects)

    after = Sites(sites.server)

    assert sorted(after.run()) == sorted(f"apply {name}" for name in MADE)
    for path, live in before.items():
        assert sites.server.objects[path].get("spec") == live.get("spec")
    assert after.run() == []


def test_what_the_version_before_made_for_another_selector_stays() -> None:
    sites = _site()
    for path in _paths(sites.server):
        sites.server.objects[path]["metadata"].get("annotations", {}).pop(KEPT_BY, None)

    other = Sites(sites.server, selector="typo=yes")

    assert other.run() == []
    reason, message = sites.server.events[-1]
    assert reason == "Left"
    assert message.endswith(
        "it does not say for which selector it was made; --prune-orphans removes it"
    )


def test_a_changed_selector_removes_nothing_and_says_so_once() -> None:
    sites = _site()

    other = Sites(sites.server, selector="kubia.io/sites=true")

    assert [*other.run(), *other.run()] == []
    assert sites.server.events[1:] == [
        (
            "Left",
            f"left {NAMES}: {OTHER_SELECTOR}; --prune-orphans removes it",
        )
    ]
    assert Sites(sites.server).run() == []  # Changed back, all is as it was.


def test_orphans_of_a_changed_selector_are_removed_on_a_wish() -> None:
    sites = _site()

    assert Sites(sites.server, selector="typo=yes", prune_orphans=True).run() == REMOVED


def test_a_site_that_the_new_selector_matches_too_goes_on() -> None:
    sites = _site()

    other = Sites(sites.server, selector="more=x")

    assert sorted(other.run()) == sorted(f"apply {name}" for name in MADE)
    assert other.run() == []


@pytest.mark.parametrize("prune", [False, True])
def test_two_operators_in_one_namespace_leave_each_other_alone(*, prune: bool) -> None:
    sites = _site()
    sites.source("shop", shop="yes")
    sites.unlabel("hello")
    sites.source("hello", **{"kubia.io/site": "true"})
    sites.run()
    shop = Sites(sites.server, **SHOP, prune_orphans=prune)

    assert len(shop.run()) == 3
    assert [*sites.run(), *shop.run(), *sites.run(), *shop.run()] == []


def test_a_config_map_of_two_operators_stays_with_the_one_that_has_it() -> None:
    sites = _site()
    shop = Sites(sites.server, **SHOP, image="other:1")
    shop.see()

    with pytest.raises(RefusedError, match="kept by operator default/kubia-operator"):
        shop.reconcile()
    assert sites.run() == []


def _force_replaced(metadata: Any) -> Any:
    return {**metadata, "managedFields": [], "ownerReferences": []}


def _adopted(metadata: Any) -> Any:
    owner = {"apiVersion": "x/v1", "kind": "Rollout", "name": "r", "uid": "r", "controller": True}
    return {**metadata, "ownerReferences": [owner]}


@pytest.mark.parametrize("change", [_force_replaced, _adopted])
def test_the_operator_does_not_take_itself_for_another(change: Any) -> None:
    sites = _site()
    path = DEPLOYMENT.path(SPACE, "hello")
    live = sites.server.objects[path]
    sites.server.put(path, {**live, "metadata": change(live["metadata"])})
    again = Sites(sites.server)
    again.see()

    with pytest.raises(RefusedError) as error:
        again.reconcile()

    assert str(error.value) == (
        "Deployment hello bears the operator's mark, but somebody else has made it anew, as from "
        "a copy, or taken it over; it stays untouched: delete it, and the operator makes it, or "
        "rename the ConfigMap"
    )
    del sites.server.objects[path]
    assert Sites(sites.server).run() == ["apply deployments/hello"]


def test_freed_as_the_refusal_says_a_site_is_taken_over() -> None:
    sites = _site()
    for path in _paths(sites.server):
        live = applied.copied(sites.server.objects[path])
        del live["metadata"]["annotations"][KEPT_BY]
        sites.server.put(path, live)

    assert len(Sites(sites.server, **SHOP).run()) == 3


def test_what_an_operator_made_is_never_a_source() -> None:
    sites = _site()

    assert Sites(sites.server, selector="app=hello").run() == []
    assert Sites(sites.server, lease_name="b", selector="app=hello").run() == []
