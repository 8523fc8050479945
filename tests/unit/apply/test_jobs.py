"""A job before a service: the release waits for it, stops when it fails, and tries it again."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components import Job, WebService
from kubia.apply import plan, text
from kubia.apply.wait import RolloutError
from tests.unit.apiserver import Server
from tests.unit.applying import Main, api, desired, up

JOBS = "/apis/batch/v1/namespaces/shop/jobs/"
DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/web"


def release(image: str, *, command: str = "migrate") -> Main:
    """Return a program: a web service, and a job of the same image before it."""

    def main() -> None:
        inside = pulumi.ResourceOptions(provider=k8s.Provider("cluster", context="fake"))
        k8s.core.v1.Namespace("shop", metadata={"name": "shop"}, opts=inside)
        common: Any = {"namespace": "shop", "image": image}
        migrate: Any = {**common, "command": [command]}
        job = Job("migrate", migrate, inside)
        after = pulumi.ResourceOptions(depends_on=[job])
        WebService("web", common, pulumi.ResourceOptions.merge(inside, after))

    return main


def jobs(server: Server) -> list[str]:
    return sorted(path for path in server.objects if path.startswith(JOBS))


def image_of(server: Server) -> str:
    (container,) = server.objects[DEPLOYMENT]["spec"]["template"]["spec"]["containers"]
    return str(container["image"])


def test_a_job_that_fails_stops_the_release_before_it_touches_the_service() -> None:
    server = Server()
    up(server, release("shop:v1"))
    before = jobs(server)
    server.broken.add("shop:v2")

    with pytest.raises(RolloutError) as caught:
        up(server, release("shop:v2"))

    assert "did not complete: Job has reached the specified backoff limit" in str(caught.value)
    assert "not touched, for it depends on what failed: Deployment shop/web" in str(caught.value)
    assert image_of(server) == "shop:v1"
    assert len(jobs(server)) == len(before) + 1


def test_a_job_that_has_failed_is_made_anew_by_the_next_release() -> None:
    server = Server()
    up(server, release("shop:v1"))
    server.broken.add("shop:v2")
    with pytest.raises(RolloutError):
        up(server, release("shop:v2"))
    server.broken.clear()
    (old,) = plan.make(api(server), desired(release("shop:v2"))).of("delete")

    planned = up(server, release("shop:v2"))

    (failed,) = (change for change in planned.changes if change.again)
    assert f"  ~ {failed.key} (has failed: is made anew)" in [*text.changes(planned)]
    assert image_of(server) == "shop:v2"
    assert jobs(server) == [f"{JOBS}{failed.key.name}"]
    assert old.key != failed.key
    assert plan.make(api(server), desired(release("shop:v2"))).is_empty


def test_a_job_that_is_complete_is_left_alone_and_one_that_changes_takes_its_place() -> None:
    server = Server()
    up(server, release("shop:v1"))
    assert plan.make(api(server), desired(release("shop:v1"))).is_empty
    before = jobs(server)

    up(server, release("shop:v1", command="other"))

    assert len(jobs(server)) == 1
    assert jobs(server) != before
