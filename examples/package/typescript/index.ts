// A web service, from the SDK that Pulumi makes of the package kubia.
import * as kubia from "@pulumi/kubia";
import * as pulumi from "@pulumi/pulumi";

const shop = new kubia.WebService("shop", {
    namespace: "default",
    image: "shop:1.4",
    labels: { team: "sales" },
    replicas: 3,
    port: 8080,
    serviceType: kubia.ServiceType.ClusterIP,
    env: { GREETING: "hello" },
    secretEnv: { TOKEN: new pulumi.Config().requireSecret("token") },
    resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } },
    readiness: { httpGet: { path: "/ready" }, periodSeconds: 2 },
    strategy: { type: kubia.StrategyType.RollingUpdate, maxSurge: "1", minReadySeconds: 1 },
    changeCause: pulumi.interpolate`release 1.4 of ${pulumi.getStack()}`,
    disruptionBudget: { maxUnavailable: 1 },
});

export const url = shop.url;
