"""The package's host: components get what programs of other languages send, and say what is wrong.

The inputs are made as they come over Pulumi's wire: camelCase names, every number a float,
Outputs and secrets as marked structs.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, Optional, TypedDict

import pulumi
import pytest
from pulumi.provider.server import ComponentInitError, ProviderServicer
from pulumi.runtime import rpc
from pulumi.runtime.proto.provider_pb2 import ConstructRequest

from kubia.manifests.values import camel_case
from plugin.__main__ import SERVED, Host
from tests.unit import samples
from tests.unit.programs import Graph, Recorder

HOST = Host(SERVED, "kubia")
LEAST: Mapping[str, Mapping[str, Any]] = {
    "WebService": samples.LEAST_WEB,
    "NginxSite": samples.LEAST_SITE,
    "NodeAgent": samples.LEAST_AGENT,
    "NginxOperator": samples.LEAST_OPERATOR,
    "DriftCheck": samples.LEAST_CHECK,
    "Job": samples.LEAST_JOB,
    "CronJob": samples.LEAST_CRON,
}
FULL: Mapping[str, Mapping[str, Any]] = {
    "WebService": samples.FULL_WEB,
    "NginxSite": samples.FULL_SITE,
    "NodeAgent": samples.FULL_AGENT,
    "NginxOperator": samples.FULL_OPERATOR,
    "DriftCheck": samples.FULL_CHECK,
    "Job": samples.FULL_JOB,
    "CronJob": samples.FULL_CRON,
}
SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key that marks a struct on the wire as something other than a mapping."""
OUTPUT_VALUE = "d0e6a833031e9bbcd3f4e8bde6ca49a4"


def on_the_wire(value: Any) -> Any:
    """Return Args as a program's SDK sends them."""
    if isinstance(value, Mapping):
        return {camel_case(key): on_the_wire(each) for key, each in value.items()}
    return [on_the_wire(each) for each in value] if isinstance(value, list) else value


def output(value: object = None, *, secret: bool = False) -> dict[str, Any]:
    """Return an Output as a program's SDK sends it; without a value one that is not known yet."""
    known = {} if value is None else {"value": value}
    return {SIGNATURE: OUTPUT_VALUE, "secret": secret, **known}


def requested(kind: str, name: str, args: Mapping[str, Any]) -> ConstructRequest:
    request = ConstructRequest(name=name, type=f"kubia:index:{kind}")
    request.inputs.update(on_the_wire(args))
    return request


def hosted(record: Recorder, kind: str, args: Mapping[str, Any]) -> Graph:
    """Return the graph of a component that the host declares."""

    def declare(opts: pulumi.ResourceOptions) -> None:
        request = requested(kind, kind.lower(), args)
        inputs = rpc.deserialize_properties(request.inputs, keep_unknowns=True)
        HOST.construct(request.name, request.type, inputs, opts)

    return record.under_provider(declare)


def in_process(record: Recorder, kind: str, args: Mapping[str, Any]) -> Graph:
    return record.under_provider(samples.DECLARED[kind](kind.lower(), **args))


def refusal(kind: str, args: Mapping[str, Any]) -> Any:
    """Return the status with which Pulumi is told that the component `shop` cannot be."""
    sent: list[Any] = []

    class Context:
        async def abort_with_status(self, status: Any) -> None:
            sent.append(status)

    servicer = ProviderServicer(HOST, [], "")
    with pytest.raises(pulumi.errors.InputPropertiesError):
        asyncio.run(servicer.Construct(requested(kind, "shop", args), Context()))
    return sent[0]


@pytest.mark.parametrize("sample", [LEAST, FULL], ids=["least", "full"])
@pytest.mark.parametrize("kind", FULL)
def test_a_component_of_the_package_is_what_it_is_in_a_python_program(
    record: Recorder, kind: str, sample: Mapping[str, Mapping[str, Any]]
) -> None:
    graph, expected = hosted(record, kind, sample[kind]), in_process(record, kind, sample[kind])
    assert graph.manifests == expected.manifests
    assert [r.secrets for r in graph.kubernetes] == [r.secrets for r in expected.kubernetes]


def test_outputs_are_taken_wherever_an_input_may_be_one(record: Recorder) -> None:
    text = {"namespace": "team", "image": "kubia:v1", "change_cause": "because"}
    env = {"env": {"GREETING": "hello"}, "strategy": {"type": "Canary", "canary_image": "new:2"}}
    later = {key: output(value) for key, value in text.items()}
    later |= {"env": {"GREETING": output("hello")}}
    later |= {"strategy": {"type": "Canary", "canary_image": output("new:2")}}
    graph = hosted(record, "WebService", later)
    assert graph.manifests == in_process(record, "WebService", {**text, **env}).manifests


def test_an_output_may_be_unknown_in_a_preview() -> None:
    graph = hosted(Recorder(preview=True), "WebService", {"namespace": "team", "image": output()})
    (container,) = graph.one("Deployment").inputs["spec"]["template"]["spec"]["containers"]
    assert "kubia" not in str(container.get("image"))


def test_a_secret_stays_one(record: Recorder) -> None:
    secret = {"TOKEN": output("correct horse", secret=True), "PLAIN": "battery staple"}
    graph = hosted(record, "WebService", {**samples.LEAST_WEB, "secret_env": secret})
    assert "correct horse" in str(graph.one("Secret").inputs)
    assert graph.in_plain_sight("correct horse") == []
    assert graph.in_plain_sight("battery staple") == []


def test_an_input_that_is_null_counts_as_left_out(record: Recorder) -> None:
    unset = {**LEAST["WebService"], "replicas": None, "strategy": None}
    graph = hosted(record, "WebService", unset)
    assert graph.manifests == in_process(record, "WebService", LEAST["WebService"]).manifests


def test_every_mistake_is_told_at_once_with_its_property() -> None:
    status = refusal(
        "WebService",
        {
            "image": "shop:1",
            "replicas": -1,
            "port": 2.5,
            "service_type": "Public",
            "readiness": {"period_seconds": 0},
            "resources": output({"limits": {}}),
            "env": output({"GREETING": "hello"}),
            "secret_env": {"TOKEN": 7},
            "replica": 3,
        },
    )
    assert status.code.name == "INVALID_ARGUMENT"
    assert status.details.split("\n") == [
        f"WebService 'shop': {problem}"
        for problem in (
            "namespace: is missing; give it a value",
            "env: is of type Output, no plain value; must be a mapping of keys to values",
            "secretEnv.TOKEN: is [secret]; must be a string; put it in quotes",
            "resources: is of type Output, no plain value; must be a mapping of keys to values",
            "port: is 2.5; must be a whole number",
            "serviceType: is 'Public'; must be 'ClusterIP', 'NodePort' or 'LoadBalancer'",
            "readiness: has none; give exactly one of httpGet, tcpSocket, exec, grpc",
            "readiness.periodSeconds: is 0 s; must be at least 1 s",
            "replica: is not a known key; did you mean 'replicas'?",
            "replicas: is -1; must be at least 0",
        )
    ]


@pytest.mark.parametrize("kind", FULL)
def test_an_empty_component_is_told_what_it_lacks(kind: str) -> None:
    assert f"{kind} 'shop': namespace: is missing; give it a value" in refusal(kind, {}).details


def test_a_fault_of_a_component_is_no_mistake_of_its_user() -> None:
    class FaultyArgs(TypedDict):
        """Takes nothing."""

    class Faulty(pulumi.ComponentResource):
        """Has a bug."""

        def __init__(
            self, name: str, args: FaultyArgs, opts: Optional[pulumi.ResourceOptions] = None
        ) -> None:
            raise LookupError(name, args, opts)

    with pytest.raises(ComponentInitError) as caught:
        Host([Faulty], "kubia").construct("shop", "kubia:index:Faulty", {})
    assert type(caught.value.inner) is LookupError


def test_members_of_enums_are_named_so_that_sdks_spell_them_well() -> None:
    types = json.loads(HOST.schema or "")["types"].values()
    names = [case["name"] for declared in types for case in declared.get("enum", ())]
    assert "ClusterIP" in names
    assert [name for name in names if not re.fullmatch("([A-Z][a-z]+)+(IP)?", name)] == []
