"""kubia.program.checks: what a program may not declare where Pulumi's engine is not there."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from kubia.errors import InvalidError
from kubia.program import run as program_run
from kubia.program.run import Program

UNKNOWN_IP = "spec.clusterIP of 'web' (kubernetes:core/v1:Service)"


def run(main: Callable[[], Any], **options: Any) -> Program:
    return program_run.run(main, "shop", "dev", **options)


def problems(main: Callable[[], Any], **options: Any) -> tuple[str, ...]:
    with pytest.raises(InvalidError) as caught:
        run(main, **options)
    return caught.value.problems


def service(name: str = "web") -> k8s.core.v1.Service:
    return k8s.core.v1.Service(
        name, metadata={"name": name, "namespace": "shop"}, spec={"ports": [{"port": 80}]}
    )


def config_map(name: str, **data: Any) -> k8s.core.v1.ConfigMap:
    return k8s.core.v1.ConfigMap(name, metadata={"name": name, "namespace": "shop"}, data=data)


def test_apply_runs_on_names_and_what_only_a_server_knows_is_left_open_in_outputs() -> None:
    def main() -> None:
        web = service()
        pulumi.export("name", web.metadata.apply(lambda metadata: metadata["name"]))
        pulumi.export("ip", web.spec.apply(lambda spec: spec["cluster_ip"]))
        pulumi.export("status", web.status)

    done = run(main)

    assert done.outputs["name"] == "web"
    assert done.unknown_outputs == {"ip", "status"}


def test_refuses_what_only_a_server_knows_even_inside_a_text() -> None:
    def main() -> None:
        config_map("a", url=pulumi.Output.concat("http://", service().spec["cluster_ip"]))

    assert problems(main) == (
        (
            f"resource 'a' (kubernetes:core/v1:ConfigMap): data.url takes {UNKNOWN_IP}, which only "
            "the API server knows: give it a declared value, or use the pulumi engine "
            "(--engine pulumi)."
        ),
    )


def test_refuses_an_unknown_value() -> None:
    def main() -> None:
        config_map("a", status=service().status.apply(str))

    assert problems(main) == (
        (
            "resource 'a' (kubernetes:core/v1:ConfigMap): data.status takes a value that is "
            "only known once another resource exists: give it a declared value, or use the "
            "pulumi engine (--engine pulumi)."
        ),
    )


def test_refuses_an_output_put_into_a_string(caplog: pytest.LogCaptureFixture) -> None:
    def main() -> None:
        config_map("a", url=f"http://{service().metadata['name']}")

    assert problems(main) == (
        (
            "resource 'a' (kubernetes:core/v1:ConfigMap): data.url is an Output put into a string: "
            "use pulumi.Output.concat or pulumi.Output.format."
        ),
    )
    assert "Calling __str__" in caplog.text


def test_a_page_may_quote_what_pulumi_says_of_an_output_in_a_string() -> None:
    said = "Calling __str__ on an Output[T] is not supported. \u00abonly the server knows: x\u00bb"

    def main() -> None:
        config_map("a", page=said)
        pulumi.export("page", said)

    assert run(main).outputs["page"] == said


def test_refuses_a_resource_of_another_package_and_a_chart() -> None:
    def main() -> None:
        pulumi.CustomResource("random:index/randomId:RandomId", "id", {})
        pulumi.CustomResource("kubernetes:helm.sh/v3:Release", "chart", {})

    assert problems(main) == (
        (
            "resource 'id' (random:index/randomId:RandomId) is no Kubernetes object: "
            "only the pulumi engine can make it (--engine pulumi)."
        ),
        (
            "resource 'chart' (kubernetes:helm.sh/v3:Release) is expanded by Pulumi's provider: "
            "declare its objects one by one, or use the pulumi engine (--engine pulumi)."
        ),
    )


def test_refuses_a_resource_without_a_provider_where_the_default_one_is_disabled() -> None:
    assert problems(
        lambda: config_map("a"), config={"pulumi:disable-default-providers": ["kubernetes"]}
    ) == (
        (
            "resource 'a' (kubernetes:core/v1:ConfigMap) names no provider, and the stack "
            "disables the default one (pulumi:disable-default-providers): pass it, or its "
            "parent, a provider."
        ),
    )
