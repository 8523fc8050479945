"""kubia.actions.agreement: what keeps a stack from changing hands as it is."""

from typing import Any

import pytest

from kubia.actions import agreement
from kubia.apply import plan
from kubia.apply.keeper import EngineName
from tests.unit import applied
from tests.unit.apiserver import Server
from tests.unit.applying import api, desired, up, web

AUTOSCALED: dict[str, Any] = {"autoscaler": {"minReplicas": 2, "maxReplicas": 6}}
DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/kubia"


def problems(server: Server, to: EngineName, **args: Any) -> list[str]:
    planned = plan.make(api(server), desired(web(**args)), joining=True)
    return [*agreement.problems(api(server), planned, (), to=to, is_complete=False)]


LEFT = (
    "Deployment shop/kubia: spec.replicas is left to others, and Pulumi would write it once "
    "(5 → 2): declare what it is for the move (minReplicas, if it is an autoscaler's number)"
)


@pytest.mark.parametrize(("count", "more"), [(2, []), (5, [LEFT])])
def test_pulumi_is_not_let_near_a_number_that_an_autoscaler_has_set(
    count: int, more: list[str]
) -> None:
    server = Server()
    up(server, web(**AUTOSCALED))
    applied.scale(server.objects[DEPLOYMENT], count, "kube-controller-manager")
    server._observe(DEPLOYMENT)  # noqa: SLF001 - as after any other write

    to_kubectl = problems(server, "kubectl", **AUTOSCALED)

    assert problems(server, "pulumi", **AUTOSCALED) == [*to_kubectl, *more]
    assert LEFT not in to_kubectl
