"""A web service, from the SDK that Pulumi makes of the package `kubia`."""

import pulumi
import pulumi_kubia as kubia

shop = kubia.WebService(
    "shop",
    namespace="default",
    image="shop:1.4",
    labels={"team": "sales"},
    replicas=3,
    port=8080,
    service_type=kubia.ServiceType.CLUSTER_IP,
    env={"GREETING": "hello"},
    secret_env={"TOKEN": pulumi.Config().require_secret("token")},
    resources={"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
    readiness={"http_get": {"path": "/ready"}, "period_seconds": 2, "success_threshold": 5},
    strategy={"type": kubia.StrategyType.ROLLING_UPDATE, "max_surge": "1", "min_ready_seconds": 1},
    change_cause=pulumi.Output.concat("release 1.4 of ", pulumi.get_stack()),
    disruption_budget={"max_unavailable": 1},
)
pulumi.export("url", shop.url)
