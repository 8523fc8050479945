"""kubia.actions.drift: a stack is compared with what its own engine writes."""

from dataclasses import replace
from pathlib import Path

import pytest

from kubia.actions.drift import drift
from kubia.actions.kubectl import KubectlEngine
from kubia.apply import applyset
from kubia.apply.api import Api
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
