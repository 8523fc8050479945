"""What is done to a site whose objects others have changed."""

import asyncio
import contextlib

import pytest

from kubia.operator.api import CONTENT, DEPLOYMENT, SERVICE, ApiError
from kubia.operator.errors import LaterError, RefusedError, StaleError
from kubia.operator.model import ChildId, SiteKey
from kubia.operator.throttle import MAX_ROLLOUTS
from tests.unit.sites import SPACE, Sites, content_name

PATHS = (
    CONTENT.path(SPACE, content_name("hello")),
    DEPLOYMENT.path(SPACE, "hello"),
    SERVICE.path(SPACE, "hello"),
)


@pytest.fixture(name="sites")
def _sites() -> Sites:
    sites = Sites()
    sites.source("hello")
    assert len(sites.run()) == len(PATHS)
    return sites


def _drift(sites: Sites, path: str) -> None:
    live = sites.server.objects[path]
    labels = {**live["metadata"]["labels"], "app": "stranger"}
    sites.server.put(path, {**live, "metadata": {**live["metadata"], "labels": labels}})


def test_while_one_object_cannot_be_repaired_the_others_are(sites: Sites) -> None:
    for path in PATHS:
        _drift(sites, path)
    sites.server.refused = {PATHS[1]: 422}
    sites.see()

    with pytest.raises(RefusedError) as error:
        sites.reconcile()

    assert sites.server.writes[len(PATHS) :] == [
        f"apply configmaps/{content_name('hello')}",
        "apply services/hello",
    ]
    assert str(error.value) == (
        "Deployment hello cannot be made what it should be: as the test asks; if somebody changed "
        "it: kubectl delete deployment hello -n web has it made anew"
    )


def test_without_its_content_a_deployment_waits_but_the_service_does_not(sites: Sites) -> None:
    for path in PATHS:
        _drift(sites, path)
    sites.server.refused = {PATHS[0]: 403}
    sites.see()

    with pytest.raises(ApiError):
        sites.reconcile()

    assert sites.server.writes[len(PATHS) :] == ["apply services/hello"]


def test_of_a_site_that_cannot_be_made_there_is_no_half() -> None:
    sites = Sites()
    sites.source("hello")
    sites.server.refused = {PATHS[1]: 403}
    sites.see()

    with pytest.raises(ApiError):
        sites.reconcile()

    assert PATHS[2] not in sites.server.objects


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_cannot_just_now_is_not_asked_for_more(sites: Sites, status: int) -> None:
    for path in PATHS:
        _drift(sites, path)
    sites.server.refused = {PATHS[1]: status}
    sites.see()

    with pytest.raises(ApiError):
        sites.reconcile()

    assert len(sites.server.writes) == len(PATHS) + 1


def _eleven() -> tuple[Sites, Sites, list[str]]:
    """Return eleven sites, and the operator that is to roll them ten at a time."""
    sites = Sites()
    names = [f"s{number:02}" for number in range(MAX_ROLLOUTS + 1)]
    for name in names:
        sites.source(name)
    sites.run()
    after = Sites(sites.server, image="new:1")
    return sites, after, names


@pytest.mark.parametrize("kind", ["Deployment", "ConfigMap"])
def test_refused_sites_hold_no_places_of_a_rollout(kind: str) -> None:
    sites, after, names = _eleven()
    for name in names[:-1]:
        content, deployment = CONTENT.path(SPACE, content_name(name)), DEPLOYMENT.path(SPACE, name)
        sites.server.refused[deployment if kind == "Deployment" else content] = 403
        if kind == "ConfigMap":
            del sites.server.objects[content]
    after.see()

    async def roll() -> None:
        for name in names:
            with contextlib.suppress(ApiError):
                await after._reconciler.reconcile(SiteKey(SPACE, name))  # noqa: SLF001 - one loop

    asyncio.run(roll())

    assert sites.server.writes[-1] == f"apply deployments/{names[-1]}"


def test_content_that_is_gone_is_made_though_its_deployment_waits() -> None:
    sites, after, names = _eleven()
    content = CONTENT.path(SPACE, content_name(names[-1]))
    del sites.server.objects[content]
    after.see()
    for child_id, child in list(after.store.children.items()):
        after.store.children[child_id] = child._replace(settled=False)
    before = len(sites.server.writes)

    async def roll() -> None:
        for name in names:
            with contextlib.suppress(LaterError):
                await after._reconciler.reconcile(SiteKey(SPACE, name))  # noqa: SLF001 - one loop
                path = DEPLOYMENT.path(SPACE, name)
                sites.server.objects[path]["status"] = {}
                child_id = ChildId(DEPLOYMENT, SPACE, name)
                child = after.store.children[child_id]
                after.store.children[child_id] = child._replace(settled=False)

    asyncio.run(roll())

    rolled = [f"apply deployments/{name}" for name in names[:-1]]
    made = f"apply configmaps/{content_name(names[-1])}"
    assert sites.server.writes[before:] == [*rolled, made]


@pytest.mark.parametrize("path", PATHS)
def test_what_a_policy_denies_is_neither_deleted_nor_advised_to_be(sites: Sites, path: str) -> None:
    _drift(sites, path)
    sites.server.denied = {path}
    sites.see()
    before = len(sites.server.writes)

    with pytest.raises(ApiError, match="no team"):
        sites.reconcile()

    assert sites.server.writes[before:] == []
    assert path in sites.server.objects


def _invalid(message: str, *fields: str) -> ApiError:
    causes = [{"field": field, "message": message} for field in fields]
    return ApiError(422, {"reason": "Invalid", "message": message, "details": {"causes": causes}})


@pytest.mark.parametrize(
    ("error", "is_of_object"),
    [
        (_invalid('Service "a" is invalid: spec.clusterIPs[0]: x', "spec.clusterIPs[0]"), True),
        (_invalid('ConfigMap "a" is invalid: data: Forbidden: x', "data"), True),
        (_invalid('ConfigMap "a" is invalid: x', "immutable"), True),
        (_invalid('Service "a" is invalid: x', "metadata.labels"), False),
        (_invalid('admission webhook "w" denied the request: x', "spec.type"), False),
        (_invalid("services \"a\" is forbidden: policy 'p' denied request: x"), False),
        (ApiError(422, {"details": {"causes": None}}), False),
        (ApiError(403, {"details": {"causes": [{"field": "spec"}]}}), False),
    ],
)
def test_whose_refusal_it_is(error: ApiError, *, is_of_object: bool) -> None:
    assert error.is_of_object is is_of_object


def test_content_of_other_data_is_made_anew(sites: Sites) -> None:
    live = sites.server.objects[PATHS[0]]
    labels = {**live["metadata"]["labels"], "app": "stranger"}
    metadata = {**live["metadata"], "labels": labels}
    sites.server.put(PATHS[0], {**live, "metadata": metadata, "data": {"index.html": "other"}})
    sites.see()

    with pytest.raises(StaleError):
        sites.reconcile()

    assert sites.reconcile() == [f"apply configmaps/{content_name('hello')}"]
    assert sites.server.objects[PATHS[0]]["data"]["index.html"] == "hi"


def test_a_service_without_an_address_is_made_anew(sites: Sites) -> None:
    live = sites.server.objects[PATHS[2]]
    sites.server.put(PATHS[2], {**live, "spec": {**live["spec"], "clusterIP": "None"}})
    sites.see()

    with pytest.raises(StaleError):
        sites.reconcile()

    assert sites.reconcile() == ["apply services/hello"]
    assert sites.server.writes[-2] == "delete services/hello"
    assert "clusterIP" not in sites.server.objects[PATHS[2]]["spec"]
