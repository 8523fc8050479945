"""The fields of a web service's pods: what each refuses, word for word."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests.environment import escaped
from kubia.manifests.parse import parse
from kubia.manifests.web_service import WebService

SIDE = {"name": "side", "image": "side:1"}
EMPTY: Mapping[str, Any] = {"emptyDir": {}}


def pod(**fields: Any) -> Mapping[str, Any]:
    return {"pod": fields}


def volume(**kinds: Any) -> Mapping[str, Any]:
    return pod(volumes={"data": kinds})


def side(**fields: Any) -> Mapping[str, Any]:
    return pod(containers=[{**SIDE, **fields}])


NO_SUBDOMAIN = (
    "is not a DNS subdomain; use lower-case letters, digits, '-' and '.', "
    "and begin and end each part with a letter or digit"
)
NO_PATH = (
    "is not the path of a file; use at most 189 letters, digits, '-', '_', '.' and '/', "
    "begin with '/', and name the file at the end"
)
NO_ENV = "is not the name of an environment variable; use ASCII's letters, digits and signs but '='"
NO_LABEL = (
    "is not a DNS label; use lower-case letters, digits and '-', "
    "begin with a letter and end with a letter or digit"
)
NO_KEY = (
    "is not a label key; use at most 63 letters, digits, '-', '_' and '.', "
    "and begin and end with a letter or digit"
)
NO_QUANTITY = "must be a quantity such as 50m, 0.5, 64Mi or 1Gi"
LARGE = "x" * (1024 * 1024)

REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "a command that is a text": (
        {"command": "serve"},
        "command: is 'serve'; must be a list",
    ),
    "a container's name that is none": (
        {"containerName": "Web server"},
        (
            "containerName: 'Web server' is not a DNS label; use lower-case letters, digits and "
            "'-', begin with a letter and end with a letter or digit"
        ),
    ),
    "another container of its name": (
        {"containerName": "web", "pod": {"containers": [{"name": "web", "image": "a:1"}]}},
        "pod.containers[0].name: is 'web', as the main container's is; choose another name",
    ),
    "its image taken away under its own name": (
        {
            "containerName": "web",
            "raw": {
                "deployment": {
                    "spec": {
                        "template": {"spec": {"containers": [{"name": "web", "image": "b:1"}]}}
                    }
                }
            },
        },
        (
            "raw.deployment.spec.template.spec.containers.web: has image, but releases set its "
            "image; leave it out, and give image"
        ),
    ),
    "a working folder that is none": (
        {"workingDir": "srv"},
        "workingDir: is 'srv'; must begin with '/'",
    ),
    "a variable twice": (
        {"env": {"A": "1"}, "envValueFrom": {"A": {"fieldRef": {"fieldPath": "status.podIP"}}}},
        "env.A: is in envValueFrom too; keep one of them",
    ),
    "a variable that is a secret too": (
        {
            "secretEnv": {"A": "1"},
            "envValueFrom": {"A": {"fieldRef": {"fieldPath": "status.podIP"}}},
        },
        "envValueFrom.A: is in secretEnv too; keep one of them",
    ),
    "a variable from elsewhere with an odd name": (
        {"envValueFrom": {"A=B": {"fieldRef": {"fieldPath": "status.podIP"}}}},
        f"envValueFrom: 'A=B' {NO_ENV}",
    ),
    "a variable from nowhere": (
        {"envValueFrom": {"A": {}}},
        (
            "envValueFrom.A: has none; give exactly one of fieldRef, resourceFieldRef, "
            "configMapKeyRef, secretKeyRef"
        ),
    ),
    "a variable from a Secret that cannot be": (
        {"envValueFrom": {"A": {"secretKeyRef": {"name": "A_B", "key": "a"}}}},
        f"envValueFrom.A.secretKeyRef.name: 'A_B' {NO_SUBDOMAIN}",
    ),
    "variables from two places": (
        {"envFrom": [{"configMapRef": {"name": "a"}, "secretRef": {"name": "b"}}]},
        "envFrom[0]: has configMapRef and secretRef; give exactly one of configMapRef, secretRef",
    ),
    "variables from a ConfigMap that cannot be": (
        {"envFrom": [{"configMapRef": {"name": "A_B"}}]},
        f"envFrom[0].configMapRef.name: 'A_B' {NO_SUBDOMAIN}",
    ),
    "a file without a place": ({"files": {"web.conf": ""}}, f"files: 'web.conf' {NO_PATH}"),
    "a file above the root": ({"files": {"/a/../b": ""}}, f"files: '/a/../b' {NO_PATH}"),
    "a file that is a folder": (
        {"secretFiles": {"/etc/": "a"}},
        f"secretFiles: '/etc/' {NO_PATH}",
    ),
    "a file that is no text": (
        {"files": {"/etc/a": 1}},
        "files./etc/a: is 1; must be a string; put it in quotes",
    ),
    "a secret file that is no text": (
        {"secretFiles": {"/etc/a": 1}},
        "secretFiles./etc/a: is [secret]; must be a string; put it in quotes",
    ),
    "two files of one key": (
        {"files": {"/a/b": "", "/a_b": ""}},
        "files: '/a_b' and '/a/b' would be one key: rename a file, or mount a volume",
    ),
    "a file twice": (
        {"files": {"/etc/a": ""}, "secretFiles": {"/etc/a": "b"}},
        "secretFiles: '/etc/a' is in files too; keep one of them",
    ),
    "files that are too large together": (
        {"files": {"/a": LARGE}, **side(files={"/b": "b"})},
        ("files: have 1048577 bytes together; at most 1048576 are allowed: mount a volume instead"),
    ),
    "a mount of no volume": (
        {"volumeMounts": [{"name": "data", "mountPath": "/data"}]},
        "volumeMounts[0].name: is 'data', no volume of the pod; known are tmp",
    ),
    "a mount of no volume in another container": (
        side(volumeMounts=[{"name": "data", "mountPath": "/data"}]),
        "pod.containers[0].volumeMounts[0].name: is 'data', no volume of the pod; known are tmp",
    ),
    "a mount at no place": (
        {"volumeMounts": [{"name": "tmp", "mountPath": "data"}]},
        (
            "volumeMounts[0].mountPath: 'data' is no place in a container; "
            "begin with '/', without '..' and ':'"
        ),
    ),
    "a mount of what lies outside": (
        {"volumeMounts": [{"name": "tmp", "mountPath": "/data", "subPath": "../a"}]},
        (
            "volumeMounts[0].subPath: is '../a'; must be a path within the volume: no '/' first, "
            "no '..'"
        ),
    ),
    "two mounts at one place": (
        {
            "volumeMounts": [
                {"name": "tmp", "mountPath": "/data"},
                {"name": "tmp", "mountPath": "/data/"},
            ]
        },
        "volumeMounts[1].mountPath: is '/data/', as in volumeMounts[0]; choose another place",
    ),
    "a file in a file": (
        {"files": {"/etc/a": ""}, "secretFiles": {"/etc/a/b": "c"}},
        "files: '/etc/a' is a file, and secretFiles has '/etc/a/b' in it; move one",
    ),
    "a start that has to succeed twice": (
        {"startup": {"exec": {"command": ["a"]}, "successThreshold": 2}},
        "startup.successThreshold: is 2; must be 1, only readiness can have more",
    ),
    "a probe of two ways": (
        {"startup": {"exec": {"command": ["a"]}, "grpc": {}}},
        "startup: has exec and grpc; give exactly one of httpGet, tcpSocket, exec, grpc",
    ),
    "a gRPC probe of port 0": (
        {"startup": {"grpc": {"port": 0}}},
        "startup.grpc.port: is 0; must be from 1 to 65535",
    ),
    "a probe with an odd header": (
        {"startup": {"httpGet": {"httpHeaders": [{"name": "a b", "value": "c"}]}}},
        (
            "startup.httpGet.httpHeaders[0].name: is 'a b'; "
            "must be a header's name: letters, digits and '-'"
        ),
    ),
    "a probe of another scheme": (
        {"startup": {"httpGet": {"scheme": "https"}}},
        "startup.httpGet.scheme: is 'https'; must be 'HTTP' or 'HTTPS'",
    ),
    "a probe of a container without a port": (
        side(readiness={"httpGet": {}}),
        "pod.containers[0].readiness: names no port, and the container has none; give it a port",
    ),
    "a container of an odd name": (side(name="A"), f"pod.containers[0].name: 'A' {NO_LABEL}"),
    "a container of no image": (
        pod(initContainers=[{"name": "a"}]),
        "pod.initContainers[0].image: is missing; give it a value",
    ),
    "a container of the web server's name": (
        side(name="nodejs"),
        "pod.containers[0].name: is 'nodejs', as the main container's is; choose another name",
    ),
    "two containers of one name": (
        pod(initContainers=[SIDE], containers=[SIDE]),
        "pod.containers[0].name: is 'side', as another container's is; choose another name",
    ),
    "a container that always restarts": (
        side(restartPolicy="Always"),
        (
            "pod.containers[0].restartPolicy: is Always, which every container here is; "
            "only initContainers have it"
        ),
    ),
    "a pull policy that there is not": (
        {"imagePullPolicy": "Sometimes"},
        "imagePullPolicy: is 'Sometimes'; must be 'IfNotPresent', 'Always' or 'Never'",
    ),
    "a user below all": (
        {"securityContext": {"runAsUser": -1}},
        "securityContext.runAsUser: is -1; must be at least 0",
    ),
    "a volume that is nothing": (
        volume(),
        (
            "pod.volumes.data: has none; give exactly one of emptyDir, claim, "
            "persistentVolumeClaim, configMap, secret, image"
        ),
    ),
    "a volume that is two things": (
        volume(emptyDir={}, secret={"secretName": "a"}),
        (
            "pod.volumes.data: has emptyDir and secret; give exactly one of emptyDir, claim, "
            "persistentVolumeClaim, configMap, secret, image"
        ),
    ),
    "a volume of an odd name": (pod(volumes={"A": EMPTY}), f"pod.volumes: 'A' {NO_LABEL}"),
    "a volume of the files' name": (
        pod(volumes={"files": EMPTY}),
        "pod.volumes.files: is the name of what is declared as files; choose another name",
    ),
    "a folder of an odd size": (
        volume(emptyDir={"sizeLimit": "much"}),
        f"pod.volumes.data.emptyDir.sizeLimit: is 'much'; {NO_QUANTITY}",
    ),
    "a folder in an odd medium": (
        volume(emptyDir={"medium": "Paper"}),
        "pod.volumes.data.emptyDir.medium: is 'Paper'; must be 'Memory' or 'HugePages'",
    ),
    "a claim of no size": (
        volume(claim={}),
        "pod.volumes.data.claim.storage: is missing; give it a value",
    ),
    "a claim of an odd size": (
        volume(claim={"storage": "much"}),
        f"pod.volumes.data.claim.storage: is 'much'; {NO_QUANTITY}",
    ),
    "a claim that nobody may mount": (
        volume(claim={"storage": "1Gi", "accessModes": []}),
        "pod.volumes.data.claim.accessModes: is empty; name one, such as ReadWriteOnce",
    ),
    "a claim of an odd class": (
        volume(claim={"storage": "1Gi", "storageClassName": "A_B"}),
        f"pod.volumes.data.claim.storageClassName: 'A_B' {NO_SUBDOMAIN}",
    ),
    "a claim that two versions cannot share": (
        volume(claim={"storage": "1Gi", "accessModes": ["ReadWriteOncePod"]}),
        (
            "pod.volumes.data: is ReadWriteOncePod, which the next pod cannot mount before the "
            "last one is gone; set strategy.type to Recreate, and replicas to 1"
        ),
    ),
    "an image that is none": (
        volume(image={"reference": "A"}),
        (
            "pod.volumes.data.image.reference: is 'A'; must be an image's reference, "
            "[REGISTRY/]NAME[:TAG][@DIGEST] such as kubia:v1: the name in lower-case letters and "
            "digits, with '.', '_', '-' or '/' between them"
        ),
    ),
    "two accounts": (
        pod(serviceAccount={}, serviceAccountName="a"),
        "pod.serviceAccountName: is given, and serviceAccount makes another; keep one of them",
    ),
    "an account of an odd name": (
        pod(serviceAccountName="A_B"),
        f"pod.serviceAccountName: 'A_B' {NO_SUBDOMAIN}",
    ),
    "a pull secret of an odd name": (
        pod(imagePullSecrets=["A_B"]),
        f"pod.imagePullSecrets: 'A_B' {NO_SUBDOMAIN}",
    ),
    "a node of an odd label": (pod(nodeSelector={"a b": "c"}), f"pod.nodeSelector: 'a b' {NO_KEY}"),
    "a toleration without a key": (
        pod(tolerations=[{"operator": "Equal"}]),
        "pod.tolerations[0].key: is missing; operator Equal needs one",
    ),
    "an affinity to nothing": (
        pod(affinity={"nodeAffinty": {}}),
        "pod.affinity.nodeAffinty: is not a known key; did you mean 'nodeAffinity'?",
    ),
    "an affinity that is a text": (
        pod(affinity={"nodeAffinity": "a"}),
        "pod.affinity.nodeAffinity: is 'a'; must be a mapping of keys to values",
    ),
    "an affinity at no time": (
        pod(affinity={"nodeAffinity": {"required": []}}),
        (
            "pod.affinity.nodeAffinity.required: is not a known key; known are "
            "requiredDuringSchedulingIgnoredDuringExecution, "
            "preferredDuringSchedulingIgnoredDuringExecution"
        ),
    ),
    "a spread over no label": (pod(spread=["a b"]), f"pod.spread: 'a b' {NO_KEY}"),
    "a spread twice": (
        pod(spread=["zone"], topologySpreadConstraints=[{"topologyKey": "zone"}]),
        "pod.spread: 'zone' is in topologySpreadConstraints too; keep one of them",
    ),
    "a spread of no skew": (
        pod(topologySpreadConstraints=[{"topologyKey": "zone", "maxSkew": 0}]),
        "pod.topologySpreadConstraints[0].maxSkew: is 0; must be at least 1",
    ),
    "domains of a preference": (
        pod(topologySpreadConstraints=[{"topologyKey": "zone", "minDomains": 2}]),
        (
            "pod.topologySpreadConstraints[0].minDomains: is 2, but whenUnsatisfiable is "
            "ScheduleAnyway; use DoNotSchedule"
        ),
    ),
    "a priority of an odd name": (
        pod(priorityClassName="A_B"),
        f"pod.priorityClassName: 'A_B' {NO_SUBDOMAIN}",
    ),
    "a host of no address": (
        pod(hostAliases=[{"ip": "a", "hostnames": ["b"]}]),
        "pod.hostAliases[0].ip: is 'a'; must be an address such as 10.0.0.10 or fd00::10",
    ),
    "a host of no name": (
        pod(hostAliases=[{"ip": "10.0.0.7", "hostnames": []}]),
        "pod.hostAliases[0].hostnames: is empty; give a name",
    ),
    "a host of an odd name": (
        pod(hostAliases=[{"ip": "10.0.0.7", "hostnames": ["A_B"]}]),
        f"pod.hostAliases[0].hostnames: 'A_B' {NO_SUBDOMAIN}",
    ),
    "names from nowhere": (
        pod(dnsPolicy="None"),
        "pod.dnsPolicy: is None, but dnsConfig has no nameservers; give one",
    ),
    "a server of no address": (
        pod(dnsConfig={"nameservers": ["a"]}),
        "pod.dnsConfig.nameservers[0]: is 'a'; must be an address such as 10.0.0.10 or fd00::10",
    ),
    "a user that the cluster assigns": (
        pod(securityContext={"runAsUser": 1000, "clusterAssigns": True}),
        (
            "pod.securityContext.runAsUser: is 1000, but clusterAssigns is true; "
            "leave one of them out"
        ),
    ),
    "a label that kubia sets": (
        pod(labels={"rel": "a"}),
        "pod.labels: 'rel' is set by kubia; choose another key",
    ),
    "a level that there is not": (
        {"podSecurity": "high"},
        "podSecurity: is 'high'; must be 'restricted', 'baseline' or 'privileged'",
    ),
}


@pytest.mark.parametrize(("given", "text"), REFUSED.values(), ids=REFUSED)
def test_refuses(given: Mapping[str, Any], text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse(WebService, {"image": "kubia:v1", **given})
    assert str(caught.value) == text


def expanded(text: str, values: Mapping[str, str]) -> str:
    """Return a variable's value as a kubelet makes it of what a container holds.

    Source: https://github.com/kubernetes/kubernetes/blob/master/third_party/forked/golang/expansion/expand.go
    """
    result, at = "", 0
    while at < len(text):
        rest = text[at + 1 :]
        if text[at] != "$" or not rest:
            result, at = result + text[at], at + 1
        elif rest[0] == "$":
            result, at = result + "$", at + 2
        elif rest[0] == "(" and ")" in rest:
            name, _, _ = rest[1:].partition(")")
            result, at = result + values.get(name, f"$({name})"), at + len(name) + 3
        elif rest[0] == "(":
            result, at = result + "$(", at + 2
        else:
            result, at = result + "$" + rest[0], at + 2
    return result


@pytest.mark.parametrize(
    "value",
    ["", "$", "$$", "$$$", "a$b", "$(A)", "$$(A)", "$$$(A)", "x$(A", "$(", "$($(A))", "$$a", "$5$"],
)
def test_a_variable_arrives_as_it_is_declared(value: str) -> None:
    assert expanded(escaped(value), {"A": "1"}) == value


def test_without_escaping_it_would_not() -> None:
    assert expanded("$(A) $$", {"A": "1"}) == "1 $"
