"""Specs: their defaults, what they refuse, and that they are what the components' Args say."""

import dataclasses
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, get_args, get_type_hints

import pytest

from components import (
    CronJobArgs,
    DriftCheckArgs,
    JobArgs,
    NginxOperatorArgs,
    NginxSiteArgs,
    NodeAgentArgs,
    WebServiceArgs,
    common,
    containers,
    exposure,
    network,
    nginx_operator,
    nginx_site,
    pods,
    probes,
    rollout,
    scaling,
    scheduling,
    tasks,
    volumes,
)
from components.content import Site
from kubia.errors import InvalidError
from kubia.manifests import network_policy as policies
from kubia.manifests import route
from kubia.manifests import scaling as scales
from kubia.manifests.containers import Process
from kubia.manifests.cron_job import CronJob
from kubia.manifests.dns import DnsConfig, DnsOption, HostAlias
from kubia.manifests.drift_check import DriftCheck
from kubia.manifests.environment import (
    EnvFrom,
    FieldRef,
    KeyRef,
    ObjectName,
    ResourceFieldRef,
    ValueFrom,
)
from kubia.manifests.exposure import ServiceFields
from kubia.manifests.ingress import Ingress, IngressPath, IngressTls
from kubia.manifests.job import Job
from kubia.manifests.meta import Meta, namespace
from kubia.manifests.monitoring import Monitor
from kubia.manifests.nginx_operator import NginxOperator
from kubia.manifests.nginx_site import ContentImage, NginxSite
from kubia.manifests.node_agent import NodeAgent
from kubia.manifests.parse import parse
from kubia.manifests.pods import Container, Resources
from kubia.manifests.ports import Port
from kubia.manifests.probes import Exec, Grpc, HttpGet, HttpHeader, Probe, TcpSocket
from kubia.manifests.scaling import Autoscaler
from kubia.manifests.scheduling import Toleration, TopologySpreadConstraint
from kubia.manifests.security_context import PodSecurityContext, SecurityContext
from kubia.manifests.selectors import LabelSelector
from kubia.manifests.strategies import Strategy
from kubia.manifests.volumes import (
    Claim,
    ConfigMapVolume,
    EmptyDir,
    ImageVolume,
    PersistentVolumeClaim,
    SecretVolume,
    Volume,
    VolumeMount,
)
from kubia.manifests.web_pod import Pod, ServiceAccount
from kubia.manifests.web_service import DisruptionBudget, WebService

WEB = {"image": "kubia:v1"}
WEIGHED = Strategy(type="Canary", canary_image="kubia:v2", canary_weight=10)
ROUTE = route.Route(parent_refs=[route.ParentRef(name="gw")])
AGENT: Mapping[str, Any] = {"image": "ssd-monitor:v1", "node_selector": {}}


def test_the_defaults() -> None:
    web = dataclasses.asdict(WebService(image="kubia:v1"))
    site, agent = dataclasses.asdict(NginxSite()), dataclasses.asdict(NodeAgent(**AGENT))
    resources = {"requests": {"cpu": "25m", "memory": "48Mi"}, "limits": {"memory": "96Mi"}}
    probe = {
        "initial_delay_seconds": 0,
        "timeout_seconds": 2,
        "failure_threshold": 3,
        "success_threshold": 1,
        "exec": None,
        "grpc": None,
    }
    container = {
        "command": (),
        "args": (),
        "working_dir": None,
        "env": {},
        "env_value_from": {},
        "env_from": (),
        "files": {},
        "secret_files": {},
        "volume_mounts": (),
        "startup": None,
        "image_pull_policy": "IfNotPresent",
        "security_context": {
            "read_only_root_filesystem": True,
            "run_as_user": None,
            "run_as_group": None,
        },
    }
    assert web == {
        **container,
        "pod": dataclasses.asdict(Pod()),
        "pod_security": "restricted",
        "raw": {},
        "image": "kubia:v1",
        "container_name": "nodejs",
        "replicas": None,
        "port": 8080,
        "service_port": 80,
        "service_type": "ClusterIP",
        "node_port": None,
        "ports": {},
        "service": {
            "annotations": {},
            "app_protocol": None,
            "external_traffic_policy": None,
            "internal_traffic_policy": None,
            "session_affinity": None,
            "session_affinity_timeout_seconds": None,
            "load_balancer_class": None,
            "load_balancer_source_ranges": (),
            "allocate_load_balancer_node_ports": None,
            "ip_family_policy": None,
            "ip_families": (),
        },
        "ingress": None,
        "route": None,
        "monitor": None,
        "network_policy": None,
        "secret_env": {},
        "resources": resources,
        "readiness": {
            **probe,
            "http_get": {
                "path": "/",
                "port": None,
                "scheme": None,
                "host": None,
                "http_headers": (),
            },
            "tcp_socket": None,
            "period_seconds": 1,
            "success_threshold": 5,
        },
        "liveness": {
            **probe,
            "http_get": None,
            "tcp_socket": {"port": None, "host": None},
            "period_seconds": 10,
        },
        "strategy": {
            "type": "RollingUpdate",
            "max_surge": None,
            "max_unavailable": None,
            "min_ready_seconds": 0,
            "progress_deadline_seconds": 120,
            "paused": False,
            "active": None,
            "idle_image": None,
            "canary_image": None,
            "canary_replicas": 1,
            "canary_weight": None,
        },
        "rel": "stable",
        "change_cause": None,
        "autoscaler": None,
        "disruption_budget": None,
        "pre_stop_seconds": 10,
        "longest_request_seconds": 25,
    }
    assert site == {
        "content": {},
        "binary_content": {},
        "content_image": None,
        "image": "kubia-nginx:1.31",
        "replicas": 1,
        "resources": resources,
        "service_type": "ClusterIP",
        "node_port": None,
        "service": dataclasses.asdict(ServiceFields()),
        "ingress": None,
        "route": None,
        "progress_deadline_seconds": 120,
    }
    assert agent == {
        **AGENT,
        "command": (),
        "env": {},
        "resources": resources,
        "tolerations": (),
        "max_unavailable": 1,
        "pod_security": "restricted",
        "raw": {},
    }
    assert dataclasses.asdict(NginxOperator()) == {
        "image": "kubia-nginx-operator:0.1",
        "replicas": 2,
        "resources": {
            "requests": {"cpu": "25m", "memory": "64Mi"},
            "limits": {"memory": "192Mi"},
        },
        "namespaces": (),
        "cluster_wide": False,
        "selector": "kubia.io/site=true",
        "site_image": "kubia-nginx:1.31",
        "site_replicas": 1,
        "site_resources": resources,
        "sites_per_namespace": 0,
        "api_server_ports": (443, 6443),
        "log_level": "info",
    }
    assert dataclasses.asdict(Autoscaler(max_replicas=3)) == {
        "min_replicas": 2,
        "max_replicas": 3,
        "cpu_percent": None,
        "memory_percent": None,
        "metrics": (),
        "behavior": None,
    }
    assert {**dataclasses.asdict(Pod()), "security_context": None} == {
        "init_containers": (),
        "containers": (),
        "volumes": {},
        "service_account": None,
        "service_account_name": None,
        "automount_service_account_token": False,
        "image_pull_secrets": (),
        "node_selector": {},
        "tolerations": (),
        "affinity": {},
        "spread": (),
        "topology_spread_constraints": (),
        "priority_class_name": None,
        "host_aliases": (),
        "dns_policy": None,
        "dns_config": None,
        "security_context": None,
        "labels": {},
        "annotations": {},
    }
    assert dataclasses.asdict(PodSecurityContext()) == {
        "run_as_user": 10101,
        "run_as_group": 10101,
        "fs_group": 10101,
        "supplemental_groups": (),
        "cluster_assigns": False,
    }
    assert DisruptionBudget() == DisruptionBudget(max_unavailable=1)
    assert Toleration() == Toleration(key=None, operator="Exists", value=None, effect=None)


SAME = {
    "WebService": (WebServiceArgs, WebService, {"namespace", "labels"}),
    "NginxSite": (NginxSiteArgs, Site, {"namespace", "labels"}),
    "NodeAgent": (NodeAgentArgs, NodeAgent, {"namespace", "labels"}),
    "NginxOperator": (NginxOperatorArgs, NginxOperator, {"namespace", "labels"}),
    "DriftCheck": (DriftCheckArgs, DriftCheck, {"namespace", "labels"}),
    "Job": (JobArgs, Job, {"namespace", "labels"}),
    "CronJob": (CronJobArgs, CronJob, {"namespace", "labels"}),
    "Resources": (common.ResourcesArgs, Resources, set()),
    "HttpGet": (probes.HttpGetArgs, HttpGet, set()),
    "TcpSocket": (probes.TcpSocketArgs, TcpSocket, set()),
    "Exec": (probes.ExecArgs, Exec, set()),
    "Grpc": (probes.GrpcArgs, Grpc, set()),
    "HttpHeader": (probes.HttpHeaderArgs, HttpHeader, set()),
    "Probe": (probes.ProbeArgs, Probe, set()),
    "Container": (containers.ContainerArgs, Container, set()),
    "FieldRef": (containers.FieldRefArgs, FieldRef, set()),
    "ResourceFieldRef": (containers.ResourceFieldRefArgs, ResourceFieldRef, set()),
    "KeyRef": (containers.KeyRefArgs, KeyRef, set()),
    "ValueFrom": (containers.ValueFromArgs, ValueFrom, set()),
    "ObjectName": (containers.ObjectNameArgs, ObjectName, set()),
    "EnvFrom": (containers.EnvFromArgs, EnvFrom, set()),
    "VolumeMount": (containers.VolumeMountArgs, VolumeMount, set()),
    "SecurityContext": (containers.SecurityContextArgs, SecurityContext, set()),
    "Pod": (pods.PodArgs, Pod, set()),
    "ServiceAccount": (pods.ServiceAccountArgs, ServiceAccount, set()),
    "HostAlias": (pods.HostAliasArgs, HostAlias, set()),
    "DnsOption": (pods.DnsOptionArgs, DnsOption, set()),
    "DnsConfig": (pods.DnsConfigArgs, DnsConfig, set()),
    "PodSecurityContext": (pods.PodSecurityContextArgs, PodSecurityContext, set()),
    "TopologySpreadConstraint": (
        scheduling.TopologySpreadConstraintArgs,
        TopologySpreadConstraint,
        set(),
    ),
    "EmptyDir": (volumes.EmptyDirArgs, EmptyDir, set()),
    "Claim": (volumes.ClaimArgs, Claim, set()),
    "PersistentVolumeClaim": (volumes.PersistentVolumeClaimArgs, PersistentVolumeClaim, set()),
    "ConfigMapVolume": (volumes.ConfigMapVolumeArgs, ConfigMapVolume, set()),
    "SecretVolume": (volumes.SecretVolumeArgs, SecretVolume, set()),
    "ContentImage": (nginx_site.ContentImageArgs, ContentImage, set()),
    "ImageVolume": (volumes.ImageVolumeArgs, ImageVolume, set()),
    "Volume": (volumes.VolumeArgs, Volume, set()),
    "Strategy": (rollout.StrategyArgs, Strategy, set()),
    "Autoscaler": (scaling.AutoscalerArgs, Autoscaler, set()),
    "DisruptionBudget": (scaling.DisruptionBudgetArgs, DisruptionBudget, set()),
    "Toleration": (scheduling.TolerationArgs, Toleration, set()),
    "Port": (exposure.PortArgs, Port, set()),
    "ServiceFields": (exposure.ServiceFieldsArgs, ServiceFields, set()),
    "Ingress": (exposure.IngressArgs, Ingress, set()),
    "IngressPath": (exposure.IngressPathArgs, IngressPath, set()),
    "IngressTls": (exposure.IngressTlsArgs, IngressTls, set()),
    "Route": (exposure.RouteArgs, route.Route, set()),
    "ParentRef": (exposure.ParentRefArgs, route.ParentRef, set()),
    "RouteMatch": (exposure.RouteMatchArgs, route.RouteMatch, set()),
    "RoutePath": (exposure.RoutePathArgs, route.RoutePath, set()),
    "RouteHeader": (exposure.RouteHeaderArgs, route.RouteHeader, set()),
    "RouteTimeouts": (exposure.RouteTimeoutsArgs, route.RouteTimeouts, set()),
    "Monitor": (network.MonitorArgs, Monitor, set()),
    "LabelSelector": (network.LabelSelectorArgs, LabelSelector, set()),
    "NetworkPolicy": (network.NetworkPolicyArgs, policies.NetworkPolicy, set()),
    "IngressRule": (network.IngressRuleArgs, policies.IngressRule, set()),
    "EgressRule": (network.EgressRuleArgs, policies.EgressRule, set()),
    "Peer": (network.PeerArgs, policies.Peer, set()),
    "IpBlock": (network.IpBlockArgs, policies.IpBlock, set()),
    "PolicyPort": (network.PolicyPortArgs, policies.PolicyPort, set()),
    "Metric": (scaling.MetricArgs, scales.Metric, set()),
    "DescribedObject": (scaling.DescribedObjectArgs, scales.DescribedObject, set()),
    "ScalingBehavior": (scaling.ScalingBehaviorArgs, scales.ScalingBehavior, set()),
    "ScalingRules": (scaling.ScalingRulesArgs, scales.ScalingRules, set()),
    "ScalingPolicy": (scaling.ScalingPolicyArgs, scales.ScalingPolicy, set()),
}


@pytest.mark.parametrize(("args", "spec", "more"), SAME.values(), ids=SAME)
def test_args_have_the_fields_of_their_spec(args: Any, spec: Any, more: set[str]) -> None:
    assert args.__annotations__.keys() == {f.name for f in dataclasses.fields(spec)} | more


@pytest.mark.parametrize(("args", "spec", "more"), SAME.values(), ids=SAME)
def test_args_require_what_their_spec_requires(args: Any, spec: Any, more: set[str]) -> None:
    missing = dataclasses.MISSING
    required = {
        f.name
        for f in dataclasses.fields(spec)
        if f.default is missing and f.default_factory is missing
    }
    assert args.__required_keys__ == required | ({"namespace"} & more)


ENUMS = {
    "StrategyType": (rollout.StrategyType, Strategy, "type"),
    "Colour": (rollout.Colour, Strategy, "active"),
    "ServiceType": (exposure.ServiceType, WebService, "service_type"),
    "TolerationOperator": (scheduling.TolerationOperator, Toleration, "operator"),
    "LogLevel": (nginx_operator.LogLevel, NginxOperator, "log_level"),
    "TaintEffect": (scheduling.TaintEffect, Toleration, "effect"),
    "ProbeScheme": (probes.ProbeScheme, HttpGet, "scheme"),
    "PullPolicy": (containers.PullPolicy, Process, "image_pull_policy"),
    "RestartPolicy": (containers.RestartPolicy, Container, "restart_policy"),
    "TaskRestartPolicy": (tasks.TaskRestartPolicy, Job, "restart_policy"),
    "ConcurrencyPolicy": (tasks.ConcurrencyPolicy, CronJob, "concurrency_policy"),
    "WhenUnsatisfiable": (
        scheduling.WhenUnsatisfiable,
        TopologySpreadConstraint,
        "when_unsatisfiable",
    ),
    "NodePolicy": (scheduling.NodePolicy, TopologySpreadConstraint, "node_taints_policy"),
    "DnsPolicy": (pods.DnsPolicy, Pod, "dns_policy"),
    "PodSecurityLevel": (pods.PodSecurityLevel, WebService, "pod_security"),
    "Medium": (volumes.Medium, EmptyDir, "medium"),
    "AccessMode": (volumes.AccessMode, Claim, "access_modes"),
    "Protocol": (exposure.Protocol, Port, "protocol"),
    "TrafficPolicy": (exposure.TrafficPolicy, ServiceFields, "external_traffic_policy"),
    "SessionAffinity": (exposure.SessionAffinity, ServiceFields, "session_affinity"),
    "IpFamilyPolicy": (exposure.IpFamilyPolicy, ServiceFields, "ip_family_policy"),
    "IpFamily": (exposure.IpFamily, ServiceFields, "ip_families"),
    "IngressPathType": (exposure.IngressPathType, IngressPath, "path_type"),
    "RoutePathType": (exposure.RoutePathType, route.RoutePath, "type"),
    "HeaderType": (exposure.HeaderType, route.RouteHeader, "type"),
    "Method": (exposure.Method, route.RouteMatch, "method"),
    "MonitorType": (network.MonitorType, Monitor, "type"),
    "MetricType": (scaling.MetricType, scales.Metric, "type"),
    "SelectPolicy": (scaling.SelectPolicy, scales.ScalingRules, "select_policy"),
    "ScalingPolicyType": (scaling.ScalingPolicyType, scales.ScalingPolicy, "type"),
}


@pytest.mark.parametrize(("enum", "spec", "field"), ENUMS.values(), ids=ENUMS)
def test_enums_have_the_values_that_their_spec_takes(
    enum: type[Enum], spec: Any, field: str
) -> None:
    hint = get_type_hints(spec)[field]
    assert {member.value for member in enum} == set(literals(hint)) - {type(None)}


def literals(hint: Any) -> Iterator[Any]:
    for arg in get_args(hint):
        yield from literals(arg) if get_args(arg) else (arg,)


def test_an_enums_member_is_as_good_as_its_value() -> None:
    recreate: Any = rollout.StrategyType.Recreate
    assert Strategy(type=recreate).manifest()["strategy"] == {"type": "Recreate"}
    assert parse(Strategy, {"type": recreate}) == Strategy(type="Recreate")


REFUSED: Mapping[str, tuple[Any, Mapping[str, Any], str]] = {
    "a name in capitals": (
        Meta,
        {"name": "Web", "namespace": "team", "component": "web"},
        (
            "name: 'Web' is not a DNS label; use lower-case letters, digits and '-', "
            "begin with a letter and end with a letter or digit"
        ),
    ),
    "a label that kubia sets": (
        Meta,
        {"name": "web", "namespace": "team", "component": "web", "labels": {"app": "x"}},
        "labels: 'app' is set by kubia; choose another key",
    ),
    "a label value of 64 characters": (
        Meta,
        {"name": "web", "namespace": "team", "component": "web", "labels": {"env": "x" * 64}},
        f"labels.env: '{'x' * 64}' has 64 characters; at most 63 are allowed",
    ),
    "a surge and no type": (
        Strategy,
        {"max_surge": 0},
        (
            "maxSurge: is 0 and maxUnavailable 0; "
            "one of them must be above 0, or no pod could ever be replaced"
        ),
    ),
    "Recreate with bounds": (
        Strategy,
        {"type": "Recreate", "max_surge": 1, "max_unavailable": 2},
        (
            "maxSurge: is 1; Recreate has no such bound: leave it out\n"
            "maxUnavailable: is 2; Recreate has no such bound: leave it out"
        ),
    ),
    "BlueGreen without a colour": (
        Strategy,
        {"type": "BlueGreen"},
        "active: is missing; BlueGreen needs the colour that serves, blue or green",
    ),
    "BlueGreen with a canary": (
        Strategy,
        {"type": "BlueGreen", "active": "blue", "canary_image": "kubia:v2"},
        "canaryImage: is kubia:v2, but type is BlueGreen; only Canary has it",
    ),
    "RollingUpdate with colours": (
        Strategy,
        {"active": "blue", "idle_image": "kubia:v2"},
        (
            "active: is blue, but type is RollingUpdate; only BlueGreen has it\n"
            "idleImage: is kubia:v2, but type is RollingUpdate; only BlueGreen has it"
        ),
    ),
    "a canary of no pods": (
        Strategy,
        {"type": "Canary", "canary_image": "kubia:v2", "canary_replicas": 0},
        "canaryReplicas: is 0; must be at least 1",
    ),
    "a weight above all": (
        Strategy,
        {"type": "Canary", "canary_image": "kubia:v2", "canary_weight": 101},
        "canaryWeight: is 101; must be from 0 to 100",
    ),
    "a weight of no canary": (
        Strategy,
        {"type": "Canary", "canary_weight": 10},
        "canaryWeight: is 10, but there is no canaryImage; give that, or leave the weight out",
    ),
    "a weight without Canary": (
        Strategy,
        {"canary_weight": 0},
        "canaryWeight: is 0, but type is RollingUpdate; only Canary has it",
    ),
    "a weight without a route": (
        WebService,
        {**WEB, "strategy": WEIGHED},
        (
            "strategy.canaryWeight: is 10, but only a Gateway's route has weights; give route, or "
            "leave it out for a share by canaryReplicas"
        ),
    ),
    "a weight beside nobody": (
        WebService,
        {**WEB, "strategy": WEIGHED, "route": ROUTE, "replicas": 0},
        (
            "strategy.canaryWeight: is 10, but replicas is 0, and nobody takes the rest; set it to "
            "at least 1"
        ),
    ),
    "BlueGreen with an autoscaler": (
        WebService,
        {
            **WEB,
            "strategy": Strategy(type="BlueGreen", active="blue"),
            "autoscaler": Autoscaler(max_replicas=3),
        },
        "autoscaler: cannot follow BlueGreen's switch; give replicas instead",
    ),
    "a deadline of no time": (
        NginxSite,
        {"progress_deadline_seconds": 0},
        "progressDeadlineSeconds: is 0 s; must be at least 1 s",
    ),
    "no command": (Exec, {"command": []}, "command: is empty; name the program to run"),
    "a probe of port 0": (HttpGet, {"port": 0}, "port: is 0; must be from 1 to 65535"),
    "a TCP probe of a port above all": (
        TcpSocket,
        {"port": 70000},
        "port: is 70000; must be from 1 to 65535",
    ),
    "a probe that never waits": (
        Probe,
        {
            "tcp_socket": TcpSocket(),
            "initial_delay_seconds": -1,
            "period_seconds": 0,
            "timeout_seconds": 0,
            "failure_threshold": 0,
        },
        (
            "initialDelaySeconds: is -1 s; must be at least 0 s\n"
            "periodSeconds: is 0 s; must be at least 1 s\n"
            "timeoutSeconds: is 0 s; must be at least 1 s\n"
            "failureThreshold: is 0; must be at least 1"
        ),
    ),
    "an autoscaler to nothing": (
        Autoscaler,
        {"min_replicas": 0, "max_replicas": 0, "cpu_percent": 0},
        "minReplicas: is 0; must be at least 1\ncpuPercent: is 0; must be from 1 to 100",
    ),
    "Equal without a key": (
        Toleration,
        {"operator": "Equal"},
        "key: is missing; operator Equal needs one",
    ),
    "an agent that may be nowhere": (
        NodeAgent,
        {**AGENT, "max_unavailable": 0},
        "maxUnavailable: is 0; must be at least 1",
    ),
    "stopping in no time": (
        WebService,
        {**WEB, "pre_stop_seconds": -1, "longest_request_seconds": 0},
        (
            "preStopSeconds: is -1 s; must be at least 0 s\n"
            "longestRequestSeconds: is 0 s; must be at least 1 s"
        ),
    ),
    "a variable twice": (
        WebService,
        {**WEB, "env": {"TOKEN": "a"}, "secret_env": {"TOKEN": "b"}},
        "env.TOKEN: is in secretEnv too; keep one of them",
    ),
    "a node port of a ClusterIP": (
        WebService,
        {**WEB, "node_port": 30080},
        "nodePort: is 30080, but serviceType is ClusterIP; use NodePort",
    ),
    "a node port above its range": (
        WebService,
        {**WEB, "node_port": 65536, "service_type": "NodePort"},
        "nodePort: is 65536; must be from 1 to 65535",
    ),
}


@pytest.mark.parametrize(("spec", "fields", "text"), REFUSED.values(), ids=REFUSED)
def test_a_spec_refuses(spec: Any, fields: Mapping[str, Any], text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        spec(**fields)
    assert str(caught.value) == text
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["team", "1", "2024-team", "n" * 63])
def test_a_namespaces_name_may_begin_with_a_digit(name: str) -> None:
    assert namespace(name, {})["metadata"]["name"] == name


def test_a_namespace_must_be_one() -> None:
    with pytest.raises(InvalidError) as caught:
        namespace("n" * 64, {"env": "a b"})
    assert str(caught.value) == (
        f"namespace: '{'n' * 64}' has 64 characters; at most 63 are allowed\n"
        "labels.env: 'a b' is not a label value; use letters, digits, '-', '_' and '.', "
        "and begin and end with a letter or digit"
    )


def test_parse_reports_every_problem_of_every_part_at_once() -> None:
    data = {
        "image": "kubia:v1",
        "replica": 1,
        "port": 0,
        "strategy": {"type": "BigBang", "minReadySeconds": -1},
        "autoscaler": {"maxReplicas": 0},
        "env": {"A=B": "x"},
    }
    with pytest.raises(InvalidError) as caught:
        parse(WebService, data)
    assert {problem.partition(":")[0] for problem in caught.value.problems} == {
        "replica",
        "port",
        "strategy.type",
        "strategy.minReadySeconds",
        "autoscaler.maxReplicas",
        "env",
    }


def test_parse_says_nothing_of_a_contradiction_that_a_faulty_value_only_seems_to_make() -> None:
    data = {**WEB, "serviceType": "nodeport", "nodePort": 30080}
    with pytest.raises(InvalidError) as caught:
        parse(WebService, data)
    assert str(caught.value) == (
        "serviceType: is 'nodeport'; must be 'ClusterIP', 'NodePort' or 'LoadBalancer'"
    )


def test_parse_finds_what_a_faulty_value_hides_in_its_own_mapping() -> None:
    requests = {"cpu": "much", "memory": "lots"}
    with pytest.raises(InvalidError) as caught:
        parse(WebService, {**WEB, "resources": {"requests": requests}})
    assert [detail.path for detail in caught.value.details] == [
        ("resources", "requests", "cpu"),
        ("resources", "requests", "memory"),
    ]


def test_parse_compares_nothing_with_the_default_of_a_faulty_value() -> None:
    data = {"requests": {"memory": "1Gi"}, "limits": "2Gi"}
    with pytest.raises(InvalidError) as caught:
        parse(Resources, data)
    assert caught.value.problems == ("limits: is '2Gi'; must be a mapping of keys to values",)


def test_parse_says_of_whole_data_what_is_wrong_with_it() -> None:
    with pytest.raises(InvalidError) as caught:
        parse(WebService, "kubia:v1")
    assert caught.value.problems == ("is 'kubia:v1'; must be a mapping of keys to values",)


@pytest.mark.parametrize("field", ["secretEnv", "secret_env"])
def test_parse_shows_no_secret(field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse(WebService, {**WEB, field: {"MY_PIN": 1234}})
    assert caught.value.problems == (
        "secretEnv.MY_PIN: is [secret]; must be a string; put it in quotes",
    )


def test_parse_takes_a_spec_as_it_is() -> None:
    spec = WebService(image="kubia:v1")
    assert parse(WebService, spec) is spec


def test_parse_takes_names_as_python_and_as_kubernetes_writes_them() -> None:
    python = parse(Strategy, {"min_ready_seconds": 3})
    assert python == parse(Strategy, {"minReadySeconds": 3}) == Strategy(min_ready_seconds=3)


def test_a_value_that_only_an_engine_knows_passes_through_untouched() -> None:
    output = object()
    assert parse(WebService, {"image": output}).image is output


def test_a_long_value_is_shortened_in_its_problem() -> None:
    with pytest.raises(InvalidError) as caught:
        parse(WebService, {"image": "a", "replicas": "x" * 5000})
    assert (
        str(caught.value) == "replicas: is 'xxxxxxxxxxxx...xxxxxxxxxxxxx'; must be a whole number"
    )
