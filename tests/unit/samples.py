"""Args of components: the least that each needs, and every option at once."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from components import (
    CronJob,
    DriftCheck,
    Job,
    NginxOperator,
    NginxSite,
    NodeAgent,
    WebService,
)

Declare = Callable[[pulumi.ResourceOptions], pulumi.ComponentResource]

PROBE = {
    "exec": {"command": ["true"]},
    "initial_delay_seconds": 1,
    "period_seconds": 3,
    "timeout_seconds": 2,
    "failure_threshold": 4,
}
RESOURCES = {
    "requests": {"cpu": "100m", "memory": "64Mi"},
    "limits": {"cpu": "1", "memory": "1Gi"},
}
LEAST_WEB: Mapping[str, Any] = {"namespace": "team", "image": "kubia:v1"}
PEER = {
    "namespace_selector": {"match_labels": {"kubernetes.io/metadata.name": "edge"}},
    "pod_selector": {"match_labels": {"app": "gateway"}},
}
NETWORK = {"ip_block": {"cidr": "10.0.0.0/8", "except_": ["10.1.0.0/16"]}}
OUTSIDE: Mapping[str, Any] = {
    "ports": {
        "metrics": {"port": 9100, "node_port": 30124, "app_protocol": "http"},
        "dns": {"port": 53, "service_port": 5353, "protocol": "UDP"},
    },
    "service": {
        "annotations": {"example.org/note": "hello"},
        "app_protocol": "kubernetes.io/h2c",
        "external_traffic_policy": "Local",
        "internal_traffic_policy": "Cluster",
        "session_affinity": "ClientIP",
        "session_affinity_timeout_seconds": 60,
        "ip_family_policy": "PreferDualStack",
        "ip_families": ["IPv4"],
    },
    "ingress": {
        "class_name": "nginx",
        "annotations": {"example.org/note": "hello"},
        "hosts": ["shop.example.org"],
        "paths": [{"path": "/metrics", "path_type": "Exact", "port": "metrics"}, {}],
        "tls": [{"secret_name": "tls", "hosts": ["shop.example.org"]}],
    },
    "route": {
        "parent_refs": [{"name": "gw", "namespace": "infra", "section_name": "https"}],
        "hostnames": ["shop.example.org"],
        "matches": [{"path": {"value": "/api"}, "headers": [{"name": "X", "value": "1"}]}],
        "timeouts": {"request": "10s"},
    },
    "monitor": {"port": "metrics", "interval": "30s", "labels": {"release": "prometheus"}},
    "network_policy": {
        "ingress": [{"from_": [PEER, NETWORK], "ports": [{"port": "dns"}]}],
        "egress": [{"to": [PEER], "ports": [{"port": 9000, "end_port": 9010}]}],
    },
}
"""All that is around a web service: what leads to it, guards it and reads it."""
LEAST_SITE: Mapping[str, Any] = {"namespace": "team"}
LEAST_AGENT: Mapping[str, Any] = {
    "namespace": "team",
    "image": "ssd-monitor:v1",
    "node_selector": {"disk": "ssd"},
}
LEAST_OPERATOR: Mapping[str, Any] = {"namespace": "team"}
LEAST_CHECK: Mapping[str, Any] = {
    "namespace": "team",
    "image": "kubia-cli:1",
    "stack": "prod",
    "context": "in-cluster",
}
LEAST_JOB: Mapping[str, Any] = {"namespace": "team", "image": "kubia:v1"}
LEAST_CRON: Mapping[str, Any] = {**LEAST_JOB, "schedule": "@daily"}
FULL_WEB: Mapping[str, Any] = {
    **LEAST_WEB,
    "labels": {"env": "test"},
    "port": 9090,
    "service_port": 8000,
    "service_type": "NodePort",
    "node_port": 30123,
    "env": {"GREETING": "hello", "NAME": "world"},
    "secret_env": {"TOKEN": "s3cret"},
    "container_name": "web",
    "resources": RESOURCES,
    "readiness": {"http_get": {"path": "/ready", "port": 9091}, "period_seconds": 1},
    "liveness": PROBE,
    "strategy": {
        "type": "RollingUpdate",
        "max_surge": "50%",
        "max_unavailable": "1",
        "min_ready_seconds": 10,
        "progress_deadline_seconds": 90,
    },
    "rel": "beta",
    "change_cause": "try the new greeting",
    "autoscaler": {
        "min_replicas": 3,
        "max_replicas": 6,
        "cpu_percent": 70,
        "memory_percent": 80,
        "metrics": [{"type": "Pods", "name": "requests", "average_value": "100"}],
        "behavior": {"scale_down": {"stabilization_window_seconds": 60}},
    },
    "disruption_budget": {"max_unavailable": 2},
    "pre_stop_seconds": 7,
    "longest_request_seconds": 40,
    **OUTSIDE,
}
SIDECAR: Mapping[str, Any] = {
    "name": "fetcher",
    "image": "kubia:v1",
    "command": ["fetch"],
    "args": ["--into", "/content"],
    "env": {"FROM": "https://example.org"},
    "secret_files": {"/etc/fetcher/token": "s3cret"},
    "volume_mounts": [{"name": "content", "mount_path": "/content"}],
    "port": 9000,
    "startup": {"grpc": {}},
    "restart_policy": "Always",
    "pre_stop_seconds": 3,
}
POD_WEB: Mapping[str, Any] = {
    **LEAST_WEB,
    "command": ["serve"],
    "args": ["--address=$(POD_IP)"],
    "working_dir": "/srv",
    "env": {"PRICE": "$(5)"},
    "env_value_from": {
        "POD_IP": {"field_ref": {"field_path": "status.podIP"}},
        "MEMORY": {"resource_field_ref": {"resource": "limits.memory", "divisor": "1Mi"}},
        "PASSWORD": {"secret_key_ref": {"name": "database", "key": "password"}},
        "MODE": {"config_map_key_ref": {"name": "modes", "key": "web", "optional": True}},
    },
    "env_from": [
        {"config_map_ref": {"name": "settings"}, "prefix": "SET_"},
        {"secret_ref": {"name": "keys", "optional": True}},
    ],
    "files": {"/etc/web/web.conf": "listen 8080\n"},
    "secret_files": {"/etc/web/key.pem": "s3cret"},
    "volume_mounts": [
        {"name": "content", "mount_path": "/srv/content", "read_only": True},
        {"name": "data", "mount_path": "/srv/data", "sub_path": "web"},
    ],
    "startup": {
        "http_get": {
            "path": "/started",
            "scheme": "HTTPS",
            "http_headers": [{"name": "Host", "value": "example.org"}],
        },
        "failure_threshold": 30,
    },
    "image_pull_policy": "Always",
    "security_context": {"run_as_user": 10102, "run_as_group": 10102},
    "pod": {
        "init_containers": [SIDECAR, {"name": "migrate", "image": "kubia:v1"}],
        "containers": [
            {
                "name": "proxy",
                "image": "kubia-nginx:1.31",
                "files": {"/etc/web/web.conf": "of the proxy"},
                "liveness": {"tcp_socket": {"port": 8081}},
            }
        ],
        "volumes": {
            "content": {"empty_dir": {"size_limit": "64Mi", "medium": "Memory"}},
            "data": {"claim": {"storage": "1Gi", "storage_class_name": "fast"}},
            "old": {"persistent_volume_claim": {"claim_name": "old-data", "read_only": True}},
            "maps": {"config_map": {"name": "maps", "optional": True}},
            "keys": {"secret": {"secret_name": "keys"}},
            "model": {"image": {"reference": "model:1", "pull_policy": "IfNotPresent"}},
        },
        "service_account": {"annotations": {"example.org/role": "web"}},
        "automount_service_account_token": True,
        "image_pull_secrets": ["registry"],
        "node_selector": {"disk": "ssd"},
        "tolerations": [{"key": "gpu", "operator": "Equal", "value": "true"}],
        "affinity": {
            "podAntiAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "topologyKey": "kubernetes.io/hostname",
                        "labelSelector": {"matchLabels": {"app": "other"}},
                    }
                ]
            }
        },
        "spread": ["topology.kubernetes.io/zone"],
        "topology_spread_constraints": [
            {
                "topology_key": "kubernetes.io/hostname",
                "when_unsatisfiable": "DoNotSchedule",
                "min_domains": 2,
                "node_taints_policy": "Honor",
            }
        ],
        "priority_class_name": "important",
        "host_aliases": [{"ip": "10.0.0.7", "hostnames": ["database"]}],
        "dns_policy": "None",
        "dns_config": {
            "nameservers": ["10.0.0.10"],
            "searches": ["example.org"],
            "options": [{"name": "ndots", "value": "2"}],
        },
        "security_context": {"run_as_user": 10103, "supplemental_groups": [10104]},
        "labels": {"tier": "front"},
        "annotations": {"example.org/scrape": "true"},
    },
    "raw": {
        "deployment": {"spec": {"revisionHistoryLimit": 3}},
        "service": {"spec": {"internalTrafficPolicy": "Local"}},
    },
}
TASK: Mapping[str, Any] = {
    "labels": {"env": "test"},
    "container_name": "task",
    "command": ["migrate"],
    "args": ["--all"],
    "working_dir": "/srv",
    "env": {"PRICE": "$(5)"},
    "env_value_from": {"ADDRESS": {"field_ref": {"field_path": "status.podIP"}}},
    "env_from": [{"secret_ref": {"name": "keys"}}],
    "secret_env": {"TOKEN": "s3cret"},
    "files": {"/etc/task/task.conf": "all\n"},
    "secret_files": {"/etc/task/key.pem": "s3cret"},
    "volume_mounts": [{"name": "data", "mount_path": "/data"}],
    "resources": RESOURCES,
    "image_pull_policy": "Always",
    "security_context": {"run_as_user": 10102},
    "restart_policy": "OnFailure",
    "termination_grace_period_seconds": 5,
    "backoff_limit": 4,
    "active_deadline_seconds": 90,
    "parallelism": 2,
    "completions": 3,
    "pod": POD_WEB["pod"],
    "pod_security": "restricted",
}
"""What a task can be, run once or again and again."""
FULL_JOB: Mapping[str, Any] = {
    **LEAST_JOB,
    **TASK,
    "raw": {"job": {"spec": {"completionMode": "Indexed"}}},
}
FULL_CRON: Mapping[str, Any] = {
    **LEAST_CRON,
    **TASK,
    "time_zone": "Europe/Berlin",
    "concurrency_policy": "Replace",
    "starting_deadline_seconds": 60,
    "suspend": True,
    "successful_jobs_history_limit": 1,
    "failed_jobs_history_limit": 2,
    "raw": {"cronJob": {"spec": {"jobTemplate": {"spec": {"completionMode": "Indexed"}}}}},
}
FULL_SITE: Mapping[str, Any] = {
    **LEAST_SITE,
    "content": {"index.html": "<h1>hello</h1>", "about.html": "about"},
    "binary_content": {"favicon.ico": "AAEC"},
    "labels": {"env": "test"},
    "image": "kubia-nginx:1.31",
    "replicas": 2,
    "resources": RESOURCES,
    "progress_deadline_seconds": 60,
}
FULL_AGENT: Mapping[str, Any] = {
    **LEAST_AGENT,
    "labels": {"env": "test"},
    "command": ["/bin/monitor", "--verbose"],
    "env": {"INTERVAL": "5"},
    "resources": RESOURCES,
    "tolerations": [
        {"operator": "Exists"},
        {"key": "gpu", "operator": "Equal", "value": "true", "effect": "NoSchedule"},
    ],
    "max_unavailable": 2,
    "pod_security": "restricted",
    "raw": {"daemonSet": {"spec": {"revisionHistoryLimit": 3}}},
}
# Not namespaces and clusterWide, which put objects outside of the namespace.
FULL_OPERATOR: Mapping[str, Any] = {
    **LEAST_OPERATOR,
    "labels": {"env": "test"},
    "image": "operator:2",
    "replicas": 3,
    "resources": RESOURCES,
    "selector": "example.org/page=yes",
    "site_image": "nginx:2",
    "site_replicas": 2,
    "site_resources": RESOURCES,
    "sites_per_namespace": 5,
    "api_server_ports": [8443],
    "log_level": "debug",
}
FULL_CHECK: Mapping[str, Any] = {
    **LEAST_CHECK,
    "labels": {"env": "test"},
    "schedule": "@hourly",
    "strict": False,
    "deadline_seconds": 60,
    "secret": "passphrase",
    "resources": RESOURCES,
}


def web(name: str = "web", **changes: Any) -> Declare:
    """Return what declares a WebService with the least Args and `changes`."""
    return lambda opts: WebService(name, _args(LEAST_WEB, changes), opts)


def site(name: str = "site", **changes: Any) -> Declare:
    """Return what declares an NginxSite with the least Args and `changes`."""
    return lambda opts: NginxSite(name, _args(LEAST_SITE, changes), opts)


def agent(name: str = "agent", **changes: Any) -> Declare:
    """Return what declares a NodeAgent with the least Args and `changes`."""
    return lambda opts: NodeAgent(name, _args(LEAST_AGENT, changes), opts)


def operator(name: str = "operator", **changes: Any) -> Declare:
    """Return what declares an NginxOperator with the least Args and `changes`."""
    return lambda opts: NginxOperator(name, _args(LEAST_OPERATOR, changes), opts)


def check(name: str = "check", **changes: Any) -> Declare:
    """Return what declares a DriftCheck with the least Args and `changes`."""
    return lambda opts: DriftCheck(name, _args(LEAST_CHECK, changes), opts)


def job(name: str = "job", **changes: Any) -> Declare:
    """Return what declares a Job with the least Args and `changes`."""
    return lambda opts: Job(name, _args(LEAST_JOB, changes), opts)


def cron_job(name: str = "cron", **changes: Any) -> Declare:
    """Return what declares a CronJob with the least Args and `changes`."""
    return lambda opts: CronJob(name, _args(LEAST_CRON, changes), opts)


def later(component: Callable[..., Declare], **changes: Callable[[], Any]) -> Declare:
    """Return what declares a component with `changes` that are only made in the program."""

    def declare(opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
        return component(**{key: make() for key, make in changes.items()})(opts)

    return declare


def _args(least: Mapping[str, Any], changes: Mapping[str, Any]) -> Any:
    return {**least, **changes}


DECLARED: Mapping[str, Callable[..., Declare]] = {
    "WebService": web,
    "NginxSite": site,
    "NodeAgent": agent,
    "NginxOperator": operator,
    "DriftCheck": check,
    "Job": job,
    "CronJob": cron_job,
}
LEAST: Mapping[str, Declare] = {kind: declare() for kind, declare in DECLARED.items()}
FULL: Mapping[str, Declare] = {
    "WebService": web(**FULL_WEB),
    "NginxSite": site(**FULL_SITE),
    "NodeAgent": agent(**FULL_AGENT),
    "NginxOperator": operator(**FULL_OPERATOR),
    "DriftCheck": check(**FULL_CHECK),
    "Job": job(**FULL_JOB),
    "CronJob": cron_job(**FULL_CRON),
}
EVERY: Mapping[str, Declare] = {
    **{f"{kind}-least": declare for kind, declare in LEAST.items()},
    **{f"{kind}-full": declare for kind, declare in FULL.items()},
    "WebService-pod": web(**POD_WEB),
}
