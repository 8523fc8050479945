"""The part of bad_inputs.py about values: types, unknown keys, ranges, contradictions."""

from tests.bad_input import (
    AGENTS,
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
_WAYS = "give exactly one of httpGet, tcpSocket, exec, grpc"

WRONG_TYPES = (
    wrong(
        "an image that YAML reads as a number",
        web("image", 1.31),
        "kubia:web.image: is 1.31; must be a string; put it in quotes",
    ),
    wrong(
        "replicas in words",
        web("replicas", "three"),
        "kubia:web.replicas: is 'three'; must be a whole number",
    ),
    wrong(
        "replicas in quotes",
        web("replicas", "3"),
        "kubia:web.replicas: is '3'; must be a whole number",
    ),
    wrong(
        "half a replica",
        web("replicas", 1.5),
        "kubia:web.replicas: is 1.5; must be a whole number",
    ),
    wrong(
        "text where a mapping is due",
        put("kubia:v1", WEB),
        "kubia:web: is 'kubia:v1'; must be a mapping of keys to values",
    ),
    wrong(
        "a list where a mapping is due",
        web("env", ["A=1"]),
        "kubia:web.env: is ['A=1']; must be a mapping of keys to values",
    ),
    wrong(
        "text where a list is due",
        web("readiness", {"exec": {"command": "true"}}),
        "kubia:web.readiness.exec.command: is 'true'; must be a list",
    ),
    wrong(
        "text where true or false is due",
        put("on request", "kubia:protect"),
        "kubia:protect: is 'on request'; must be true or false",
    ),
    wrong(
        "numbers in the environment",
        web("env", {"LOG_LEVEL": 5, "PORT": 80}),
        "kubia:web.env.LOG_LEVEL: is 5; must be a string; put it in quotes",
        "kubia:web.env.PORT: is 80; must be a string; put it in quotes",
    ),
    wrong(
        "a number in the environment",
        web("env", {"LEVEL": 5}),
        "kubia:web.env.LEVEL: is 5; must be a string; put it in quotes",
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
        "kubia:web.replica: is not a known key; did you mean 'replicas'?",
    ),
    wrong(
        "an unknown key of the strategy",
        put(10, WEB, "strategy", "minReadySecond"),
        "kubia:web.strategy.minReadySecond: is not a known key; did you mean 'minReadySeconds'?",
    ),
    wrong(
        "an unknown key of a probe",
        web("readiness", {"httpGet": {"pth": "/"}}),
        "kubia:web.readiness.httpGet.pth: is not a known key; did you mean 'path'?",
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
    wrong("no web service", drop(WEB), "kubia:web: is missing; give it a value"),
    wrong("no namespace", drop("kubia:namespace"), "kubia:namespace: is missing; give it a value"),
    wrong("no image", drop(WEB, "image"), "kubia:web.image: is missing; give it a value"),
    wrong(
        "no bound of the autoscaler",
        autoscaler(minReplicas=4),
        "kubia:web.autoscaler.maxReplicas: is missing; give it a value",
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
        "kubia:web.replicas: is -1; must be at least 0",
    ),
    wrong("port 0", web("port", 0), "kubia:web.port: is 0; must be from 1 to 65535"),
    wrong(
        "a port above all",
        web("servicePort", 65536),
        "kubia:web.servicePort: is 65536; must be from 1 to 65535",
    ),
    wrong(
        "a node port below its range",
        web("nodePort", 0),
        "kubia:web.nodePort: is 0; must be from 1 to 65535",
    ),
    wrong(
        "an unknown type of Service",
        together(drop(WEB, "nodePort"), web("serviceType", "Ingress")),
        "kubia:web.serviceType: is 'Ingress'; must be 'ClusterIP', 'NodePort' or 'LoadBalancer'",
    ),
    wrong(
        "an unknown strategy",
        web("strategy", {"type": "BigBang"}),
        "kubia:web.strategy.type: is 'BigBang'; "
        "must be 'RollingUpdate', 'Recreate', 'BlueGreen' or 'Canary'",
    ),
    wrong(
        "a surge in words",
        web("strategy", {"maxSurge": "some"}),
        f"kubia:web.strategy.maxSurge: is 'some'; {_AMOUNT}",
    ),
    wrong(
        "a surge in digits that are no ASCII",
        web("strategy", {"maxSurge": "²"}),
        f"kubia:web.strategy.maxSurge: is '²'; {_AMOUNT}",
    ),
    wrong(
        "more than all pods missing",
        web("strategy", {"maxUnavailable": "150%"}),
        "kubia:web.strategy.maxUnavailable: is 150%; must be at most 100%",
    ),
    wrong(
        "a CPU target above the whole",
        autoscaler(maxReplicas=3, cpuPercent=101),
        "kubia:web.autoscaler.cpuPercent: is 101; must be from 1 to 100",
    ),
    wrong(
        "a budget that lets no node be drained",
        web("disruptionBudget", {"maxUnavailable": 0}),
        "kubia:web.disruptionBudget.maxUnavailable: is 0; must be at least 1",
    ),
    wrong(
        "a probe without a pause",
        web("readiness", {"httpGet": {}, "periodSeconds": 0}),
        "kubia:web.readiness.periodSeconds: is 0 s; must be at least 1 s",
    ),
    wrong(
        "a path without its slash",
        web("readiness", {"httpGet": {"path": "ready"}}),
        "kubia:web.readiness.httpGet.path: is 'ready'; must begin with '/'",
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
        "kubia:web.replicas: is 1, but an autoscaler is given; leave one of them out",
    ),
    wrong(
        "an autoscaler with its bounds swapped",
        autoscaler(minReplicas=4, maxReplicas=3),
        "kubia:web.autoscaler.maxReplicas: is 3; must be at least minReplicas, 4",
    ),
    wrong(
        "neither surge nor unavailable",
        web("strategy", {"maxSurge": 0, "maxUnavailable": "0%"}),
        "kubia:web.strategy.maxSurge: is 0 and maxUnavailable 0%; "
        "one of them must be above 0, or no pod could ever be replaced",
    ),
    wrong(
        "Recreate with a surge",
        web("strategy", {"type": "Recreate", "maxSurge": 1}),
        "kubia:web.strategy.maxSurge: is 1; Recreate has no such bound: leave it out",
    ),
    wrong(
        "a deadline before a pod can count",
        web("strategy", {"minReadySeconds": 60, "progressDeadlineSeconds": 60}),
        "kubia:web.strategy.progressDeadlineSeconds: is 60 s; "
        "must be greater than minReadySeconds, 60 s",
    ),
    wrong(
        "BlueGreen without a colour",
        web("strategy", {"type": "BlueGreen", "idleImage": "kubia:v1"}),
        "kubia:web.strategy.active: is missing; "
        "BlueGreen needs the colour that serves, blue or green",
    ),
    wrong(
        "a canary without Canary",
        web("strategy", {"canaryImage": "kubia:v2"}),
        "kubia:web.strategy.canaryImage: is kubia:v2, but type is RollingUpdate; "
        "only Canary has it",
    ),
    wrong(
        "BlueGreen with an autoscaler",
        together(
            autoscaler(maxReplicas=3), web("strategy", {"type": "BlueGreen", "active": "blue"})
        ),
        "kubia:web.autoscaler: cannot follow BlueGreen's switch; give replicas instead",
    ),
    wrong(
        "a node port of a ClusterIP",
        web("serviceType", "ClusterIP"),
        "kubia:web.nodePort: is 30080, but serviceType is ClusterIP; use NodePort",
    ),
    wrong(
        "two ways to probe",
        web("readiness", {"httpGet": {}, "tcpSocket": {}}),
        f"kubia:web.readiness: has httpGet and tcpSocket; {_WAYS}",
    ),
    wrong(
        "no way to probe",
        web("liveness", {"periodSeconds": 1}),
        f"kubia:web.liveness: has none; {_WAYS}",
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
