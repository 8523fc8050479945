"""What the operator remembers of an object, and what it reads of one."""

from typing import Literal, NamedTuple

import msgspec

from kubia.manifests.site_source import Source
from kubia.manifests.values import Object
from kubia.operator.api import CONFIG_MAP, DEPLOYMENT, Resource

_CHARACTER_BYTES = 4
"""What each character of a text takes in memory if one of them is an emoji."""


class SiteKey(NamedTuple):
    """Names a source, and thereby its site."""

    namespace: str
    name: str


class ChildId(NamedTuple):
    """Names an object of a site."""

    resource: Resource
    namespace: str
    name: str


Repair = Literal["", "seize", "replace"]
"""Nothing; that all of its spec is made ours, as one of its items is another by its key; that it is
made anew, as a Service that has no address."""


class Child(NamedTuple):
    """What is remembered of an object of ours."""

    key: SiteKey
    uid: str
    version: int
    owner: str
    """Uid of the ConfigMap that owns it; empty if none does."""
    applied: bool
    """Whether our field manager has applied it, and no other controller owns it."""
    satisfies: str
    """The fingerprint of the desired state that it satisfies; empty if it satisfies none."""
    generation_hash: int
    """Changes whenever a field that we set may have changed; 0 where only comparing tells."""
    scaled: bool = False
    """Whether an autoscaler keeps its number of replicas."""
    settled: bool = False
    """Whether all its pods are of the newest template, and available."""
    trouble: str = ""
    """Why it is not up, in the words of its conditions."""
    repair: Repair = ""
    """What must come before an apply can make it what it should be."""
    mark: str = ""
    """Which operator keeps it, and for which selector, as it says itself; empty if it does not."""
    mounted: str = ""
    """Name of the content ConfigMap that a Deployment's pods mount."""


def fingerprint(resource: Resource, source: Source) -> str:
    """Return what the desired state of an object depends on, apart from the settings."""
    return f"{source.uid}/{source.content_name}" if resource is DEPLOYMENT else source.uid


def mounts(deployment: Child, source: Source) -> bool:
    """Return whether a Deployment's pods serve the source's content as it is now."""
    return deployment.mounted in {source.content_name, source.former_name}


def owner_reference(live: Object, name: str = "") -> Object | None:
    """Return the reference to the ConfigMap, of that name if given, that owns an object, if any.

    Others may own it, too; then it is the one that controls it.
    """
    every = live["metadata"].get("ownerReferences") or ()
    owners = [each for each in every if each["kind"] == CONFIG_MAP.kind]
    named = [each for each in owners if name in {"", each["name"]}]
    return max(named, key=lambda each: bool(each.get("controller")), default=None)


def generation_hash(deployment: Object) -> int:
    """Return a hash of a Deployment's generation, which counts its spec's changes, and metadata."""
    metadata = deployment["metadata"]
    parts = ("uid", "generation", "labels", "annotations", "ownerReferences")
    return hash(msgspec.json.encode([metadata.get(part) for part in parts]))


def mounted_content(deployment: Object) -> str:
    """Return the name of the ConfigMap that a Deployment's pods serve, or "" if there is none."""
    volumes = deployment["spec"]["template"]["spec"].get("volumes") or ()
    by_name = {each["name"]: each for each in volumes}
    return str(by_name.get("content", {}).get("configMap", {}).get("name", ""))


def content_size(config_map: Object) -> int:
    """Return the bytes that a ConfigMap's values take in memory, at most."""
    files = (config_map.get("data") or {}, config_map.get("binaryData") or {})
    texts = [value for part in files for value in part.values()]
    return sum(len(text) * (1 if text.isascii() else _CHARACTER_BYTES) for text in texts)
