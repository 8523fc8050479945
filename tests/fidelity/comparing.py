"""What two sets of objects differ in, by what Kubernetes makes of them.

Not compared is who an object is: names, labels and selectors, which every chart has its own of.
Equal are a field that is unset and one that has Kubernetes' own default; a port's name and its
number; what a pod and what each of its containers says of users; a file, however it is mounted,
and a variable, wherever it comes from.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Objects = Mapping[str, Any]
"""An app's objects by kind."""
Differences = Mapping[str, tuple[Any, Any]]
"""What the reference has and what is here, by path; None: nothing."""

MAIN = "nodejs"
_KEYS = {
    "containers": ("name",),
    "env": ("name",),
    "ports": ("containerPort", "port"),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
}
_OF_EACH_CONTAINER = ("runAsUser", "runAsGroup", "runAsNonRoot", "seccompProfile")
_DEFAULTS: Mapping[str, Sequence[object]] = {
    "allowPrivilegeEscalation": [True],
    "automountServiceAccountToken": [True],
    "defaultMode": [0o644],
    "dnsPolicy": ["ClusterFirst"],
    "enableServiceLinks": [True],
    "failureThreshold": [3],
    "hostNetwork": [False],
    "imagePullPolicy": ["IfNotPresent"],  # no image here has the tag latest
    "initialDelaySeconds": [0],
    "maxSurge": ["25%"],
    "maxUnavailable": ["25%"],
    "minReadySeconds": [0],
    "paused": [False],
    "periodSeconds": [10],
    "privileged": [False],
    "progressDeadlineSeconds": [600],
    "protocol": ["TCP"],
    "readOnlyRootFilesystem": [False],
    "replicas": [1],
    "restartPolicy": ["Always"],
    "revisionHistoryLimit": [10],
    "runAsNonRoot": [False],
    "scheme": ["HTTP"],
    "sessionAffinity": ["None"],
    "successThreshold": [1],
    "terminationGracePeriodSeconds": [30],
    "timeoutSeconds": [1],
    "type": ["ClusterIP", "Opaque", "RollingUpdate"],
}


def differences(reference: Objects, here: Objects) -> Differences:
    """Return what the reference has and what is here, wherever that is not the same."""
    one, other = (dict(_flat(_effective(objects))) for objects in (reference, here))
    return {
        path: (one.get(path), other.get(path))
        for path in sorted(one.keys() | other.keys())
        if one.get(path) != other.get(path)
    }


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each field that says something, with its path."""
    key = path.rpartition(".")[2]
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _flat(item, f"{path}.{name}" if path else name)
    elif key in _KEYS:
        for item in value or ():
            number = next(item[name] for name in _KEYS[key] if name in item)
            yield from _flat(item, f"{path}[{number}]")
    elif value not in (None, [], "") and value not in _DEFAULTS.get(key, ()):
        yield path, value


def _effective(objects: Objects) -> dict[str, Any]:
    """Return the objects with each thing said in one way."""
    effective: dict[str, Any] = copy.deepcopy(dict(objects))
    pod = effective["Deployment"]["spec"]["template"]["spec"]
    pod["containers"][0]["name"] = MAIN
    numbers = {
        port["name"]: port["containerPort"]
        for container in pod["containers"]
        for port in container.get("ports", ())
    }
    for container in pod["containers"]:
        _name_ports_by_number(container, numbers)
        _say_users_of_each(container, pod.get("securityContext", {}))
        _say_variables(container, effective.get("ConfigMap", {}))
        _say_files(container, pod, effective.get("ConfigMap", {}))
    for name in _OF_EACH_CONTAINER:
        pod.get("securityContext", {}).pop(name, None)
    for port in effective["Service"]["spec"]["ports"]:
        target = port.pop("targetPort", port["port"])
        number = numbers.get(target, target)
        port["targetPort"] = None if number == port["port"] else number
    for kind, value in effective.items():
        value["declared"] = True
        _forget_identity(kind, value)
    return effective


def _name_ports_by_number(container: dict[str, Any], numbers: Mapping[str, int]) -> None:
    for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
        for way in container.get(probe, {}).values():
            if isinstance(way, dict) and "port" in way:
                way["port"] = numbers.get(way["port"], way["port"])


def _say_users_of_each(container: dict[str, Any], of_pod: Mapping[str, Any]) -> None:
    shared = {name: of_pod[name] for name in _OF_EACH_CONTAINER if name in of_pod}
    container["securityContext"] = {**shared, **container.get("securityContext", {})}


def _say_variables(container: dict[str, Any], config_map: Mapping[str, Any]) -> None:
    """Replace a reference to all of the app's ConfigMap by the variables that it gives."""
    if any("configMapRef" in each for each in container.get("envFrom", ())):
        given = [{"name": key, "value": value} for key, value in config_map["data"].items()]
        container["env"] = [*given, *container.get("env", ())]
        del container["envFrom"]


def _say_files(
    container: dict[str, Any], pod: dict[str, Any], config_map: Mapping[str, Any]
) -> None:
    """Replace mounts of the app's ConfigMap by what is read there."""
    if not config_map:
        return
    volumes = pod.get("volumes", [])
    sources = {each["name"]: each["configMap"] for each in volumes if each.get("configMap")}
    mounts = container.get("volumeMounts", [])
    container["volumeMounts"] = [each for each in mounts if each["name"] not in sources]
    container["files"] = dict(
        file
        for each in mounts
        if each["name"] in sources
        for file in _files(each, sources[each["name"]], config_map["data"])
    )
    pod["volumes"] = [each for each in volumes if each["name"] not in sources]


def _files(
    mount: Mapping[str, Any], source: Mapping[str, Any], data: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    paths = {item["path"]: item["key"] for item in source.get("items", ())}
    paths = paths or {key: key for key in data}
    if "subPath" in mount:
        yield mount["mountPath"], data[paths[mount["subPath"]]]
        return
    for path, key in paths.items():
        yield f"{mount['mountPath']}/{path}", data[key]


def _forget_identity(kind: str, value: dict[str, Any]) -> None:
    metadata = value.get("metadata", {})
    value["metadata"] = {"annotations": metadata.get("annotations", {})}
    for name in ("apiVersion", "kind"):
        value.pop(name, None)
    for name in ("data", "stringData"):  # what is in it is compared where it is read
        value.pop(name, None)
    spec = value.get("spec", {})
    spec.pop("selector", None)
    if kind == "Deployment":
        spec["template"]["metadata"] = {
            "annotations": spec["template"].get("metadata", {}).get("annotations", {})
        }
