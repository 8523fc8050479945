"""What holds data outlives its declaration: the kubectl engine deletes no claim of a service's."""

from kubia.apply import execute, leftovers, text
from tests.unit.apiserver import Server
from tests.unit.applying import Main, api, desired, up, web

CLAIM = "/api/v1/namespaces/shop/persistentvolumeclaims/kubia-data"
KEPT = (
    "  ! PersistentVolumeClaim shop/kubia-data is kept: it holds data; delete it by hand when "
    "nobody needs that"
)


def with_claims(*volumes: str) -> Main:
    """Return a program: a service with claims for these volumes."""
    return web(
        replicas=0,
        pod={"volumes": {name: {"claim": {"storage": "1Gi"}} for name in volumes}},
    )


def test_a_claim_that_is_no_longer_declared_is_kept_and_said_to_be() -> None:
    server = Server()
    up(server, with_claims("data"))
    plan = up(server, with_claims())
    assert CLAIM in server.objects
    assert KEPT in text.lines(plan)
    assert up(server, with_claims()).is_empty


def test_a_claim_that_is_declared_again_is_the_same_one() -> None:
    server = Server()
    up(server, with_claims("data"))
    uid = server.objects[CLAIM]["metadata"]["uid"]
    up(server, with_claims("other"))
    plan = up(server, with_claims("data", "other"))
    assert server.objects[CLAIM]["metadata"]["uid"] == uid
    assert plan.staying == ()


def test_a_stack_that_is_taken_down_leaves_its_claims_and_their_namespace() -> None:
    server = Server()
    up(server, with_claims("data"))
    state = desired(with_claims("data"))
    deletions = execute.removal(api(server), state).changes
    assert "PersistentVolumeClaim" not in {change.key.kind for change in deletions}
    (held,) = leftovers.of(api(server), state, deletions).values()
    assert held == ["PersistentVolumeClaim kubia-data"]


def test_what_is_no_claim_of_a_services_goes_with_its_declaration() -> None:
    server = Server()
    up(server, with_claims("data"))
    server.objects[CLAIM]["metadata"]["annotations"].pop("kubia.io/retain")
    up(server, with_claims())
    assert CLAIM not in server.objects
