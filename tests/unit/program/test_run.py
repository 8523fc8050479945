"""kubia.program: a Pulumi program run without Pulumi's engine, and what it refuses."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from kubia.errors import InvalidError
from kubia.program import run as program_run
from kubia.program.run import Program, ProgramError

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


class Site(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("shop:index:Site", name, {"size": 2.0}, opts)
        child = pulumi.ResourceOptions(parent=self, protect=True)
        k8s.core.v1.ConfigMap(f"{name}-c", metadata={"name": name}, opts=child)


def test_records_inputs_parents_and_options() -> None:
    site, child = run(lambda: Site("a")).resources

    assert (site.urn, site.custom) == ("urn:pulumi:dev::shop::shop:index:Site::a", False)
    assert site.inputs == {"size": 2}
    assert isinstance(site.inputs["size"], int)
    assert child.urn == "urn:pulumi:dev::shop::shop:index:Site$kubernetes:core/v1:ConfigMap::a-c"
    assert child.parent == site.urn
    assert child.options.protect


def test_urns_hold_the_types_of_all_parents() -> None:
    def main() -> None:
        Site("inner", pulumi.ResourceOptions(parent=Site("outer")))

    urns = [resource.urn for resource in run(main).resources]

    kinds = "shop:index:Site$shop:index:Site$kubernetes:core/v1:ConfigMap"
    assert f"urn:pulumi:dev::shop::{kinds}::inner-c" in urns


def test_secrets_are_unwrapped_and_their_paths_kept() -> None:
    def main() -> None:
        word = pulumi.Output.secret("hunter2")
        pulumi.export("word", word)
        config_map("a", word=word, plain="x")

    done = run(main)

    assert done.resources[0].inputs["data"] == {"plain": "x", "word": "hunter2"}
    assert done.resources[0].secrets == (("data", "word"),)
    assert done.secret_outputs == {"word"}


def test_an_output_of_a_secret_stays_secret() -> None:
    def main() -> None:
        first = config_map("a", word=pulumi.Output.secret("hunter2"))
        config_map("b", word=first.data["word"])

    _, second = run(main).resources

    assert second.secrets


def test_config_and_its_secret_keys_reach_the_program() -> None:
    def main() -> None:
        config = pulumi.Config()
        pulumi.export("size", config.require_int("size"))
        pulumi.export("names", config.require_object("names"))
        pulumi.export("word", config.get_secret("word"))

    done = run(
        main,
        config={"shop:size": 3, "shop:names": ["a"], "shop:word": "w"},
        secret_keys=["shop:word"],
    )

    assert done.outputs == {"names": ["a"], "size": 3, "word": "w"}
    assert done.secret_outputs == {"word"}


def test_the_same_program_is_registered_in_the_same_order() -> None:
    def main() -> None:
        first = config_map("z")
        config_map("b", of=first.metadata["name"])
        for name in "yxa":
            config_map(name)

    names = [[resource.name for resource in run(main).resources] for _ in range(3)]

    assert names[0] == names[1] == names[2]


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


def test_refuses_reads_imports_and_functions() -> None:
    def read() -> None:
        k8s.core.v1.ConfigMap.get("a", "shop/a")

    def imported() -> None:
        opts = pulumi.ResourceOptions(import_="shop/a")
        k8s.core.v1.ConfigMap("a", metadata={"name": "a"}, opts=opts)

    def function() -> None:
        pulumi.export("x", pulumi.Output.from_input(pulumi.runtime.invoke_async("a:b:c", {})))

    pulumi_only = "only the pulumi engine can do this (--engine pulumi)."
    thing = "resource 'a' (kubernetes:core/v1:ConfigMap)"
    assert problems(read) == (f"{thing} is read from the cluster (get): {pulumi_only}",)
    assert problems(imported) == (f"{thing} is imported (the option import_): {pulumi_only}",)
    assert problems(function) == (
        f"the program calls the provider function 'a:b:c': {pulumi_only}",
    )


def test_refuses_two_resources_of_one_name() -> None:
    def main() -> None:
        config_map("a")
        config_map("a")

    assert problems(main) == (
        (
            "resource 'a' (kubernetes:core/v1:ConfigMap) is registered twice (URN "
            "urn:pulumi:dev::shop::kubernetes:core/v1:ConfigMap::a): give each its own name."
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


def test_gives_up_on_a_future_that_never_resolves_and_names_who_waits() -> None:
    def main() -> None:
        never: asyncio.Future[str] = asyncio.get_event_loop().create_future()
        config_map("a", value=never)

    assert problems(main, deadline=0.05) == (
        (
            "the program did not end: after 0.05 s without progress it still waits for "
            "resource 'a' (kubernetes:core/v1:ConfigMap); look for a future or an apply that never "
            "resolves."
        ),
    )


def test_names_a_few_of_many_that_wait() -> None:
    def main() -> None:
        never: asyncio.Future[str] = asyncio.get_event_loop().create_future()
        for number in range(7):
            config_map(f"a{number}", value=never)

    told = "".join(problems(main, deadline=0.05))
    assert "resource 'a4' (kubernetes:core/v1:ConfigMap) and 2 more; look for" in told


def test_does_not_give_up_on_a_program_that_is_at_work() -> None:
    """A thousand sites on a busy machine take long before the first of them is registered."""

    async def working() -> str:
        for _ in range(20):
            end = time.thread_time() + 0.02
            while time.thread_time() < end:
                pass
            await asyncio.sleep(0)
        return "done"

    def main() -> None:
        config_map("a", value=asyncio.ensure_future(working()))

    found = program_run.run(main, "shop", "dev", deadline=0.05)
    assert [each.name for each in found.resources][-1:] == ["a"]


def test_a_bug_in_the_program_shows_its_own_frames(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("def broken():\n    return {}['no']\n\nbroken()\n")

    with pytest.raises(ProgramError) as caught:
        program_run.run_file(tmp_path, "shop", "dev")

    text = str(caught.value)
    assert text.startswith("the program failed: KeyError: 'no'\n")
    assert "__main__.py" in text
    assert "runpy" not in text


def test_a_mistake_of_the_user_shows_no_traceback() -> None:
    def main() -> None:
        raise pulumi.RunError("replicas is -1")  # noqa: EM101, TRY003 - found by its text

    with pytest.raises(ProgramError) as caught:
        run(main)

    assert str(caught.value) == "replicas is -1"


def test_prints_of_the_program_go_to_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "__main__.py").write_text("print('hello')\n")

    program_run.run_file(tmp_path, "shop", "dev")

    assert capsys.readouterr() == ("", "hello\n")
