"""kubia.actions.pulumi_backend: whether Pulumi keeps a stack in a folder of this machine."""

import json
from pathlib import Path

import pytest

from kubia.actions import pulumi_backend
from kubia.apply.api import Api
from kubia.errors import KubiaError
from tests.unit import releasing
from tests.unit.releasing import Shop


@pytest.fixture(name="shop")
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    return releasing.shop(tmp_path / "shop", monkeypatch)


def write(folder: Path, *resources: str) -> None:
    """Write a state as Pulumi does; it leaves the resources out where there are none."""
    file = folder / ".pulumi" / "stacks" / "shop" / "dev.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    latest = {"resources": resources} if resources else {}
    file.write_text(json.dumps({"version": 3, "checkpoint": {"stack": "dev", "latest": latest}}))


def test_a_stack_is_kept_where_its_state_holds_resources(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stack = shop.session.stack
    folder = shop.root / pulumi_backend.FOLDER
    assert pulumi_backend.folder_with(stack) is None
    write(folder)
    assert pulumi_backend.folder_with(stack) is None
    write(folder, "a resource")
    assert pulumi_backend.folder_with(stack) == folder

    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/other")
    assert pulumi_backend.folder_with(stack) is None
    write(tmp_path / "other", "a resource")
    assert pulumi_backend.folder_with(stack) == tmp_path / "other"


def test_kubectl_says_that_pulumi_keeps_what_it_may_not_touch(shop: Shop) -> None:
    for manifest in shop.engine.desired.manifests:
        Api(shop.server).apply(manifest.object)  # type: ignore[arg-type]  # as Pulumi does
    folder = shop.root / pulumi_backend.FOLDER
    shop.server.writes.clear()

    with pytest.raises(KubiaError) as unknown:
        shop.up()
    write(folder, "a resource")
    with pytest.raises(KubiaError) as known:
        shop.up()

    assert str(known.value) == (
        f"{unknown.value}\nPulumi keeps this stack, its state is in {folder}: use --engine pulumi, "
        "or delete the stack by `kubia down --engine pulumi` before kubectl makes it anew."
    )
    assert shop.server.writes == []
