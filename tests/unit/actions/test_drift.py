"""kubia.actions.drift: a stack is compared with what its own engine writes."""

from dataclasses import replace
from pathlib import Path

import pytest

from kubia.actions.drift import drift
from kubia.actions.kubectl import KubectlEngine
from kubia.apply import applyset
from kubia.apply.api import Api
from kubia.errors import KubiaError
from kubia.releases import store
from kubia.releases.record import UpOptions
from tests.unit import releasing
from tests.unit.releasing import Shop


@pytest.fixture(name="shop")
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return releasing.shop(tmp_path / "shop", monkeypatch)


def kept_by(shop: Shop, engine: str) -> KubectlEngine:
    return replace(shop.engine, session=replace(shop.session, engine=engine))  # type: ignore[arg-type]  # one of the two


def differs(shop: Shop, engine: str) -> bool:
    return drift(kept_by(shop, engine), repair=False, strict=False, as_json=False)


def test_an_undisturbed_stack_has_no_drift_under_its_own_engine(shop: Shop) -> None:
    writes = shop.up()

    assert not differs(shop, "kubectl")
    assert shop.server.writes == writes


def test_an_undisturbed_stack_of_pulumis_has_none_either_whoever_asks(shop: Shop) -> None:
    for manifest in shop.engine.desired.manifests:
        Api(shop.server).apply(manifest.object)  # type: ignore[arg-type]  # as Pulumi does

    assert not differs(shop, "pulumi")
    assert not differs(shop, "kubectl")


def test_what_is_missing_is_put_back_as_its_own_engine_writes_it(shop: Shop) -> None:
    for engine, label in (("pulumi", ""), ("kubectl", shop.engine.desired.parent.id)):
        shop.server.objects.clear()

        assert not drift(kept_by(shop, engine), repair=True, strict=False, as_json=False)
        assert {applyset.part_of(live) for live in shop.server.objects.values()} == {label}


def test_a_repair_goes_on_under_the_lease_that_keeps_other_commands_away(shop: Shop) -> None:
    shop.up()
    del shop.server.objects["/api/v1/namespaces/shop/configmaps/help"]
    leases = "/apis/coordination.k8s.io/v1/namespaces/shop/leases/shop-dev-writer"
    shop.server.objects.pop(leases)

    assert not drift(shop.engine, repair=True, strict=True, as_json=False)

    noted = shop.server.objects[leases]["metadata"]["annotations"]
    assert noted["kubia.io/command"] == "drift --repair"


@pytest.mark.parametrize("undo", [False, True])
def test_a_repair_brings_nothing_that_does_not_serve(shop: Shop, *, undo: bool) -> None:
    shop.up()
    shop.edit("web:v1", "web:v2")
    shop.server.broken.add("web:v2")
    with pytest.raises(KubiaError):
        shop.up(UpOptions(undo_on_failure=undo))
    del shop.server.objects["/api/v1/namespaces/shop/configmaps/help"]
    shop.server.writes.clear()

    with pytest.raises(KubiaError, match="nothing was repaired, for that would be a release") as e:
        drift(shop.engine, repair=True, strict=False, as_json=False)

    assert "`kubia rollback --to 1 -s dev`" in str(e.value)
    assert shop.server.writes == []
    shop.edit("web:v2", "web:v1")
    assert not drift(shop.engine, repair=True, strict=False, as_json=False)


def test_a_repair_brings_no_first_release(shop: Shop) -> None:
    shop.server.broken.add("web:v1")
    with pytest.raises(KubiaError):
        shop.up()
    del shop.server.objects["/api/v1/namespaces/shop/configmaps/help"]

    with pytest.raises(KubiaError, match="no release has been deployed yet: bring it up by"):
        drift(shop.engine, repair=True, strict=False, as_json=False)

    assert "/api/v1/namespaces/shop/configmaps/help" not in shop.server.objects


def test_a_repair_does_not_bring_back_what_a_rollback_was_leaving(shop: Shop) -> None:
    shop.up()
    shop.edit("web:v1", "web:v2")
    shop.up()
    good, _ = shop.history()
    cut = replace(good, number=3, outcome="pending", back_to=1, leaves=(2,))
    store.save(Api(shop.server), shop.engine.desired, cut)  # type: ignore[arg-type]  # in memory
    del shop.server.objects["/api/v1/namespaces/shop/configmaps/help"]

    with pytest.raises(KubiaError, match="is being rolled back from, which was cut off"):
        drift(shop.engine, repair=True, strict=False, as_json=False)

    assert "/api/v1/namespaces/shop/configmaps/help" not in shop.server.objects
