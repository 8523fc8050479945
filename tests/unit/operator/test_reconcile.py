"""What is done to a site whose objects others have changed."""

import pytest

from kubia.operator.api import CONTENT, DEPLOYMENT, SERVICE, ApiError
from kubia.operator.errors import RefusedError, StaleError
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


def test_a_service_without_an_address_is_made_anew(sites: Sites) -> None:
    live = sites.server.objects[PATHS[2]]
    sites.server.put(PATHS[2], {**live, "spec": {**live["spec"], "clusterIP": "None"}})
    sites.see()

    with pytest.raises(StaleError):
        sites.reconcile()

    assert sites.reconcile() == ["apply services/hello"]
    assert sites.server.writes[-2] == "delete services/hello"
    assert "clusterIP" not in sites.server.objects[PATHS[2]]["spec"]
