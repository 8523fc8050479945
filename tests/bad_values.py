"""The part of bad_inputs.py about values: types, unknown keys, ranges, contradictions."""

from tests.bad_input import (
    AGENTS,
    SERVICES,
    WEB,
    agent,
    autoscaler,
    drop,
    hello,
    operator,
    put,
    together,
    web,
    wrong,
)

_AMOUNT = "must be a count such as 1 or a percentage such as 25%"
_QUANTITY = "must be a quantity such as 50m, 0.5, 64Mi or 1Gi"
IMAGE = (
    "must be an image's reference, [REGISTRY/]NAME[:TAG][@DIGEST] such as kubia:v1: the name in "
    "lower-case letters and digits, with '.', '_', '-' or '/' between them"
)
_WAYS = "give exactly one of httpGet, tcpSocket, exec, grpc"

WRONG_TYPES = (
    wrong(
        "an image that YAML reads as a number",
        web("image", 1.31),
        "kubia:services.kubia.image: is 1.31; must be a string; put it in quotes",
    ),
    wrong(
        "replicas in words",
        web("replicas", "three"),
        "kubia:services.kubia.replicas: is 'three'; must be a whole number",
    ),
    wrong(
        "replicas in quotes",
        web("replicas", "3"),
        "kubia:services.kubia.replicas: is '3'; must be a whole number",
    ),
    wrong(
        "half a replica",
        web("replicas", 1.5),
        "kubia:services.kubia.replicas: is 1.5; must be a whole number",
    ),
    wrong(
        "text where a mapping is due",
        put("kubia:v1", *WEB),
        "kubia:services.kubia: is 'kubia:v1'; must be a mapping of keys to values",
    ),
    wrong(
        "a list where a mapping is due",
        web("env", ["A=1"]),
        "kubia:services.kubia.env: is ['A=1']; must be a mapping of keys to values",
    ),
    wrong(
        "text where a list is due",
        web("readiness", {"exec": {"command": "true"}}),
        "kubia:services.kubia.readiness.exec.command: is 'true'; must be a list",
    ),
    wrong(
        "text where true or false is due",
        put("on request", "kubia:protect"),
        "kubia:protect: is 'on request'; must be true or false",
    ),
    wrong(
        "numbers in the environment",
        web("env", {"LOG_LEVEL": 5, "PORT": 80}),
        "kubia:services.kubia.env.LOG_LEVEL: is 5; must be a string; put it in quotes",
        "kubia:services.kubia.env.PORT: is 80; must be a string; put it in quotes",
    ),
    wrong(
        "a number in the environment",
        web("env", {"LEVEL": 5}),
        "kubia:services.kubia.env.LEVEL: is 5; must be a string; put it in quotes",
    ),
    wrong(
        "mappings where texts are due",
        web("ingress", {"className": "nginx", "hosts": [{"host": "a.example.org"}]}),
        "kubia:services.kubia.ingress.hosts[0]: is {'host': 'a.example.org'}; must be a string",
    ),
    wrong(
        "a truth in a node's label",
        agent("nodeSelector", {"gpu": True}),
        "kubia:agents.ssd-monitor.nodeSelector.gpu: is True; must be a string; put it in quotes",
    ),
    wrong(
        "a number for content",
        hello(5, "content", "index.html"),
        "kubia:sites.hello.content.index.html: is 5; must be a string; put it in quotes",
    ),
    wrong(
        "a site that is nothing",
        hello(None),
        "kubia:sites.hello: is None; must be a mapping of keys to values",
    ),
)

UNKNOWN_KEYS = (
    wrong(
        "an unknown key of the stack",
        put("5", "kubia:namespaces"),
        "kubia:namespaces: is not a known key; did you mean 'namespace'?",
    ),
    wrong(
        "an unknown key of the web service",
        web("replica", 3),
        "kubia:services.kubia.replica: is not a known key; did you mean 'replicas'?",
    ),
    wrong(
        "an unknown key of the strategy",
        put(10, *WEB, "strategy", "minReadySecond"),
        "kubia:services.kubia.strategy.minReadySecond: is not a known key; "
        "did you mean 'minReadySeconds'?",
    ),
    wrong(
        "an unknown key of a probe",
        web("readiness", {"httpGet": {"pth": "/"}}),
        "kubia:services.kubia.readiness.httpGet.pth: is not a known key; did you mean 'path'?",
    ),
    wrong(
        "an unknown key of a site",
        hello({}, "contents"),
        "kubia:sites.hello.contents: is not a known key; did you mean 'content'?",
    ),
    wrong(
        "an unknown key of an operator",
        operator("namespace", "team"),
        "kubia:operators.nginx-operator.namespace: is not a known key; did you mean 'namespaces'?",
    ),
    wrong(
        "an unknown key in a list",
        agent("tolerations", [{"efect": "NoSchedule"}]),
        "kubia:agents.ssd-monitor.tolerations[0].efect: is not a known key; did you mean 'effect'?",
    ),
    wrong(
        "an unknown key like no other",
        put("1", "kubia:resources", "gpu"),
        "kubia:resources.gpu: is not a known key; known are limits, requests",
    ),
)

MISSING = (
    wrong("no services", drop(SERVICES), "kubia:services: is missing; give it a value"),
    wrong("no namespace", drop("kubia:namespace"), "kubia:namespace: is missing; give it a value"),
    wrong(
        "no image", drop(*WEB, "image"), "kubia:services.kubia.image: is missing; give it a value"
    ),
    wrong(
        "no bound of the autoscaler",
        autoscaler(minReplicas=4),
        "kubia:services.kubia.autoscaler.maxReplicas: is missing; give it a value",
    ),
    wrong(
        "no node selector",
        drop(AGENTS, "ssd-monitor", "nodeSelector"),
        "kubia:agents.ssd-monitor.nodeSelector: is missing; give it a value",
    ),
)

OUT_OF_RANGE = (
    wrong(
        "fewer than no replicas",
        web("replicas", -1),
        "kubia:services.kubia.replicas: is -1; must be at least 0",
    ),
    wrong("port 0", web("port", 0), "kubia:services.kubia.port: is 0; must be from 1 to 65535"),
    wrong(
        "a port above all",
        web("servicePort", 65536),
        "kubia:services.kubia.servicePort: is 65536; must be from 1 to 65535",
    ),
    wrong(
        "a node port below its range",
        web("nodePort", 0),
        "kubia:services.kubia.nodePort: is 0; must be from 1 to 65535",
    ),
    wrong(
        "an unknown type of Service",
        together(drop(*WEB, "nodePort"), web("serviceType", "Ingress")),
        "kubia:services.kubia.serviceType: is 'Ingress'; "
        "must be 'ClusterIP', 'NodePort' or 'LoadBalancer'",
    ),
    wrong(
        "an unknown strategy",
        web("strategy", {"type": "BigBang"}),
        "kubia:services.kubia.strategy.type: is 'BigBang'; "
        "must be 'RollingUpdate', 'Recreate', 'BlueGreen' or 'Canary'",
    ),
    wrong(
        "a surge in words",
        web("strategy", {"maxSurge": "some"}),
        f"kubia:services.kubia.strategy.maxSurge: is 'some'; {_AMOUNT}",
    ),
    wrong(
        "a surge in digits that are no ASCII",
        web("strategy", {"maxSurge": "²"}),
        f"kubia:services.kubia.strategy.maxSurge: is '²'; {_AMOUNT}",
    ),
    wrong(
        "more than all pods missing",
        web("strategy", {"maxUnavailable": "150%"}),
        "kubia:services.kubia.strategy.maxUnavailable: is 150%; must be at most 100%",
    ),
    wrong(
        "a CPU target above the whole",
        autoscaler(maxReplicas=3, cpuPercent=101),
        "kubia:services.kubia.autoscaler.cpuPercent: is 101; must be from 1 to 100",
    ),
    wrong(
        "a budget that lets no node be drained",
        web("disruptionBudget", {"maxUnavailable": 0}),
        "kubia:services.kubia.disruptionBudget.maxUnavailable: is 0; must be at least 1",
    ),
    wrong(
        "a probe without a pause",
        web("readiness", {"httpGet": {}, "periodSeconds": 0}),
        "kubia:services.kubia.readiness.periodSeconds: is 0 s; must be at least 1 s",
    ),
    wrong(
        "a path without its slash",
        web("readiness", {"httpGet": {"path": "ready"}}),
        "kubia:services.kubia.readiness.httpGet.path: is 'ready'; must begin with '/'",
    ),
    wrong(
        "memory in words",
        put("lots", "kubia:resources", "requests", "memory"),
        f"kubia:resources.requests.memory: is 'lots'; {_QUANTITY}",
    ),
    wrong(
        "CPU in digits that are no ASCII",
        put("٣", "kubia:resources", "requests", "cpu"),
        f"kubia:resources.requests.cpu: is '٣'; {_QUANTITY}",
    ),
    wrong(
        "an effect of taints that does not exist",
        agent("tolerations", [{"effect": "NoRun"}]),
        "kubia:agents.ssd-monitor.tolerations[0].effect: is 'NoRun'; "
        "must be 'NoSchedule', 'PreferNoSchedule' or 'NoExecute'",
    ),
)

CONTRADICTIONS = (
    wrong(
        "replicas and an autoscaler",
        web("autoscaler", {"maxReplicas": 3}),
        "kubia:services.kubia.replicas: is 1, but an autoscaler is given; leave one of them out",
    ),
    wrong(
        "an autoscaler with its bounds swapped",
        autoscaler(minReplicas=4, maxReplicas=3),
        "kubia:services.kubia.autoscaler.maxReplicas: is 3; must be at least minReplicas, 4",
    ),
    wrong(
        "neither surge nor unavailable",
        web("strategy", {"maxSurge": 0, "maxUnavailable": "0%"}),
        "kubia:services.kubia.strategy.maxSurge: is 0 and maxUnavailable 0%; "
        "one of them must be above 0, or no pod could ever be replaced",
    ),
    wrong(
        "Recreate with a surge",
        web("strategy", {"type": "Recreate", "maxSurge": 1}),
        "kubia:services.kubia.strategy.maxSurge: is 1; Recreate has no such bound: leave it out",
    ),
    wrong(
        "a deadline before a pod can count",
        web("strategy", {"minReadySeconds": 60, "progressDeadlineSeconds": 60}),
        "kubia:services.kubia.strategy.progressDeadlineSeconds: is 60 s; "
        "must be greater than minReadySeconds, 60 s",
    ),
    wrong(
        "BlueGreen without a colour",
        web("strategy", {"type": "BlueGreen", "idleImage": "kubia:v1"}),
        "kubia:services.kubia.strategy.active: is missing; "
        "BlueGreen needs the colour that serves, blue or green",
    ),
    wrong(
        "a canary without Canary",
        web("strategy", {"canaryImage": "kubia:v2"}),
        "kubia:services.kubia.strategy.canaryImage: is kubia:v2, but type is RollingUpdate; "
        "only Canary has it",
    ),
    wrong(
        "a canary's weight without a route",
        web("strategy", {"type": "Canary", "canaryImage": "kubia:v2", "canaryWeight": 10}),
        "kubia:services.kubia.strategy.canaryWeight: is 10, but only a Gateway's route has "
        "weights; give route, or leave it out for a share by canaryReplicas",
    ),
    wrong(
        "BlueGreen with an autoscaler",
        together(
            autoscaler(maxReplicas=3), web("strategy", {"type": "BlueGreen", "active": "blue"})
        ),
        "kubia:services.kubia.autoscaler: cannot follow BlueGreen's switch; give replicas instead",
    ),
    wrong(
        "a node port of a ClusterIP",
        web("serviceType", "ClusterIP"),
        "kubia:services.kubia.nodePort: is 30080, but serviceType is ClusterIP; use NodePort",
    ),
    wrong(
        "two ways to probe",
        web("readiness", {"httpGet": {}, "tcpSocket": {}}),
        f"kubia:services.kubia.readiness: has httpGet and tcpSocket; {_WAYS}",
    ),
    wrong(
        "two services with node ports of each other's",
        together(
            put({"image": "shop:v1", "serviceType": "NodePort", "nodePort": 30080}, SERVICES, "a"),
            web("ports", {"admin": {"port": 81, "nodePort": 30090}}),
            put({"image": "shop:v1", "serviceType": "NodePort", "nodePort": 30090}, SERVICES, "b"),
        ),
        "kubia:services.a.nodePort: is 30080, as services.kubia's is; give each its own",
        "kubia:services.b.nodePort: is 30090, as services.kubia's is; give each its own",
    ),
    wrong(
        "no way to probe",
        web("liveness", {"periodSeconds": 1}),
        f"kubia:services.kubia.liveness: has none; {_WAYS}",
    ),
    wrong(
        "a request above its limit",
        put("1Gi", "kubia:resources", "requests", "memory"),
        "kubia:resources.requests.memory: is 1Gi, above limits.memory, 64Mi; "
        "raise the limit or lower the request",
    ),
    wrong(
        "a toleration of every value that names one",
        agent("tolerations", [{"key": "gpu", "value": "true"}]),
        "kubia:agents.ssd-monitor.tolerations[0].value: is 'true', but operator is Exists; "
        "use Equal or leave it out",
    ),
    wrong(
        "an operator of some namespaces and of all",
        together(operator("clusterWide", value=True), operator("namespaces", ["team"])),
        "kubia:operators.nginx-operator.namespaces: is team, but clusterWide is true; "
        "leave one of them out",
    ),
    wrong(
        "an operator that selects no label",
        operator("selector", "kubia.io/site"),
        "kubia:operators.nginx-operator.selector: is 'kubia.io/site'; "
        "must be LABEL=VALUE, such as kubia.io/site=true",
    ),
    wrong(
        "no context at all",
        put([], "kubia:contexts"),
        "kubia:contexts: is empty; name the kubeconfig contexts this stack may touch",
    ),
)

DEFAULTS = (
    wrong(
        "an unknown key of the defaults",
        put({"replica": 2}, "kubia:defaults"),
        "kubia:defaults.replica: is not a known key; did you mean 'replicas'?",
    ),
    wrong(
        "a default of the wrong type",
        put({"readiness": {"httpGet": {"path": 1}}}, "kubia:defaults"),
        "kubia:defaults.readiness.httpGet.path: is 1; must be a string; put it in quotes",
    ),
    wrong(
        "defaults out of range, of two services",
        together(
            put({"image": "shop:v1"}, SERVICES, "shop"),
            put({"port": 0, "preStopSeconds": -1}, "kubia:defaults"),
        ),
        "kubia:defaults.port: is 0; must be from 1 to 65535",
        "kubia:defaults.preStopSeconds: is -1 s; must be at least 0 s",
    ),
    wrong(
        "an image that would be of all",
        put({"image": "Kubia:v1"}, "kubia:defaults"),
        f"kubia:defaults.image: is 'Kubia:v1'; {IMAGE}",
    ),
    wrong(
        "a secret in the defaults",
        put({"secretEnv": {"TOKEN": "hunter2"}}, "kubia:defaults"),
        "kubia:defaults.secretEnv: stack files are in Git; give secrets in kubia:secrets",
    ),
    wrong(
        "a default beside what contradicts it",
        together(autoscaler(maxReplicas=3), put({"replicas": 2}, "kubia:defaults")),
        "kubia:services.kubia.replicas: is 2, but an autoscaler is given; leave one of them out",
    ),
    wrong(
        "no image, neither of a service nor of all",
        together(put({"port": 80}, "kubia:defaults"), put({}, SERVICES, "shop")),
        "kubia:services.shop.image: is missing; give it a value",
    ),
)
