"""What those containers of a pod request that run on, with what `raw` makes of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kubia.manifests import raw as raws
from kubia.manifests.pods import Container, Resources
from kubia.manifests.values import Object
from kubia.manifests.web_pod import Pod

_FIELDS = ("$patch", "name", "resources", "restartPolicy")
"""What is merged; all else may be faulty yet."""


def resources(
    main: str, own: Resources, pod: Pod, raw: Mapping[str, Any]
) -> dict[str, Mapping[str, Any]]:
    """Return the resources of containers by name, as they are sent; `own` are the main one's."""
    added = raws.pod_spec(raw)
    beside = [{"name": main, "resources": own.manifest()}, *_parts(pod.containers)]
    first = _merged(_parts(pod.init_containers), added, "initContainers")
    lasting = [
        *_merged(beside, added, "containers"),
        *(each for each in first if each.get("restartPolicy")),
    ]
    return {str(each.get("name")): raws.inside(each, "resources") for each in lasting}


def _parts(containers: Iterable[Container]) -> list[Object]:
    return [
        {
            "name": each.name,
            "resources": each.resources.manifest(),
            "restartPolicy": each.restart_policy,
        }
        for each in containers
    ]


def _merged(base: Sequence[Object], added: Object, field: str) -> list[Object]:
    """Return containers with what is added in a field of their pod."""
    patch = [
        {key: value for key, value in item.items() if key in _FIELDS}
        for item in raws.items(added, field)
    ]
    merged: list[Object] = raws.merged({field: base}, {field: patch})[field]
    return merged
