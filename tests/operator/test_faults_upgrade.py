"""Another version of the operator: nothing rolls without need, and never all at once."""

import time
from dataclasses import replace

from kubia.manifests.pods import Resources
from kubia.manifests.site_source import KEPT_BY, MANAGED_BY
from kubia.operator.throttle import MAX_ROLLOUTS, ROLL_SECONDS
from tests.operator.cluster import Namespace, until
from tests.operator.conftest import Start
from tests.operator.faults import Request
from tests.operator.process import deviations
from tests.operator.proxy import Proxy

_NEXT = "kubia-nginx:next"


def _rolls(requests: list[Request]) -> list[str]:
    """Return the names of the Deployments that were written."""
    return [r.path.rpartition("/")[2] for r in requests if "/deployments/" in r.path]


def test_fault_31_old_and_new_version_at_once(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    old = start()
    assert deviations(namespace, proxy, quiet=0.2) == []
    new = start("--image", _NEXT)
    until("the new one is ready", lambda: new.probe("/readyz")[0] == 200)
    namespace.source("made-by-the-old-one")
    assert deviations(namespace, proxy) == []
    before = len(proxy.site_writes)

    old.stop()

    namespace.options = replace(namespace.options, image=_NEXT)
    assert deviations(namespace, proxy) == []
    rolls = _rolls(proxy.site_writes[before:])
    assert len(rolls) == len(set(rolls)) == 2


def test_fault_52_upgrade_that_changes_nothing_rolls_nothing(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    resources = Resources(requests={"cpu": "1m", "memory": "48.1Mi"})
    namespace.options = replace(namespace.options, resources=resources)
    first = start("--limits", "memory=98304Ki", "--requests", "cpu=0.0001,memory=48.1Mi")
    assert deviations(namespace, proxy, quiet=0.2) == []
    first.stop()
    before = len(proxy.site_writes)

    start("--limits", "memory=96Mi", "--requests", "cpu=1m,memory=48.1Mi").wait_leading()

    assert deviations(namespace, proxy) == []
    assert proxy.site_writes[before:] == []


def test_fault_52_what_a_version_without_marks_made_is_adopted_without_a_rollout(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    first = start()
    assert deviations(namespace, proxy, quiet=0.2) == []
    first.stop()
    content = namespace.all("ConfigMap", f"app.kubernetes.io/managed-by={MANAGED_BY}")[0]
    objects = (
        ("ConfigMap", content["metadata"]["name"]),
        ("Deployment", "hello"),
        ("Service", "hello"),
    )
    for kind, name in objects:
        namespace.patch(kind, name, {"metadata": {"annotations": {KEPT_BY: None}}})
    before = [namespace.get(kind, name) for kind, name in objects]

    start().wait_leading()

    assert deviations(namespace, proxy) == []
    for (kind, name), old in zip(objects, before, strict=True):
        live = namespace.get(kind, name)
        assert old
        assert live
        assert live["metadata"]["annotations"][KEPT_BY].endswith(" kubia.io/site=true")
        assert live["metadata"]["uid"] == old["metadata"]["uid"]
        assert live.get("spec") == old.get("spec")


def test_fault_52_upgrade_that_changes_the_template_is_staged(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    names = {f"site-{number:02}" for number in range(MAX_ROLLOUTS + 5)}
    for name in names:
        namespace.source(name)
    old = start()
    assert deviations(namespace, proxy, quiet=0.2) == []
    old.stop()
    for name in names:
        namespace.patch("Deployment", name, {"spec": {"paused": True}})  # None comes up.
    before = len(proxy.site_writes)

    def rolls() -> list[str]:
        return _rolls(proxy.site_writes[before:])

    start("--image", _NEXT)
    namespace.options = replace(namespace.options, image=_NEXT)

    until("some are rolled", lambda: len(rolls()) == MAX_ROLLOUTS)
    waiting, other, *_ = sorted(names - set(rolls()))
    namespace.edit(waiting, "new content goes out at once")
    namespace.delete("Service", other)
    until("it is rolled", lambda: waiting in rolls())
    until("the Service is back", lambda: namespace.get("Service", other))
    time.sleep(2 * ROLL_SECONDS)  # All have been reconciled again.
    assert len(rolls()) == MAX_ROLLOUTS + 1
    for name in names:
        namespace.patch("Deployment", name, {"spec": {"paused": False}})
    assert deviations(namespace, proxy) == []
    assert sorted(rolls()) == sorted(names)
