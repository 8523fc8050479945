"""Where Pulumi keeps its state where nobody has chosen a backend, and what a state holds."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kubia.program.mocks import KUBERNETES
from kubia.program.objects import ObjectRef
from kubia.project.passphrase import VARIABLE as PASSPHRASE

FOLDER = ".pulumi-state"
"""The folder of the project that keeps the state where no backend was chosen; git ignores it."""
BACKEND = "PULUMI_BACKEND_URL"
CORE = "core"
"""What Pulumi's types call the API group that has no name."""


def environment(root: Path) -> dict[str, str]:
    """Return the variables that choose a local backend where the user has chosen none.

    Its secrets are then encrypted with an empty passphrase unless one is set.
    """
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    if BACKEND in os.environ or (home / "credentials.json").is_file():
        return {}
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    chosen = {BACKEND: folder.as_uri()}
    if not {PASSPHRASE, f"{PASSPHRASE}_FILE"} & os.environ.keys():
        chosen[PASSPHRASE] = ""
    return chosen


def objects(deployment: Mapping[str, Any]) -> frozenset[ObjectRef]:
    """Return the Kubernetes objects that a stack's state holds.

    Their ids are NAMESPACE/NAME, or NAME; the rest of what identifies them is in their types.
    """
    resources = deployment.get("resources") or ()
    return frozenset(
        _object(resource["type"], resource["id"])
        for resource in resources
        if resource["type"].startswith(KUBERNETES) and resource.get("id")
    )


def _object(type_: str, identifier: str) -> ObjectRef:
    _, version, kind = type_.split(":")
    group = version.partition("/")[0]
    namespace, _, name = identifier.rpartition("/")
    return ObjectRef("" if group == CORE else group, kind, namespace, name)
