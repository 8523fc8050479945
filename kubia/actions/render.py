"""`kubia render`: a stack as plain YAML, always the same text for the same program."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kubia import console, yaml12
from kubia.apply import ignored
from kubia.apply.diff import mask
from kubia.errors import MASK, KubiaError
from kubia.program import objects
from kubia.program.objects import Manifest, ObjectRef
from kubia.session import Session


def render(session: Session, folder: Path | None, *, show_secrets: bool) -> None:
    """Print the stack's objects as YAML, or write a file each into a folder."""
    manifests = [ignored.left_out(manifest) for manifest in objects.of_program(session.program)]
    if not show_secrets and any(is_secret(manifest) for manifest in manifests):
        console.err("secrets are masked: --show-secrets prints them in plain text")
    if folder is None:
        console.as_utf8()
        console.out(text(manifests, show_secrets=show_secrets), end="")
        return
    count = write(folder, manifests, show_secrets=show_secrets)
    console.err(f"{count} files in {folder}")


def is_secret(manifest: Manifest) -> bool:
    """Whether something in the manifest is masked unless secrets are shown."""
    return manifest.key.kind == "Secret" or bool(manifest.resource.secrets)


def text(manifests: Sequence[Manifest], *, show_secrets: bool = False) -> str:
    """All manifests in one text, in the order of applying."""
    return "".join(f"---\n{_yaml(manifest, show_secrets=show_secrets)}" for manifest in manifests)


def write(folder: Path, manifests: Sequence[Manifest], *, show_secrets: bool = False) -> int:
    """Write one file per object; the number of files.

    Raises:
        KubiaError: the folder holds YAML files that this stack does not make: they would be
            applied along with it.

    """
    files = {file_name(manifest.key): manifest for manifest in manifests}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        message = f"--out {folder}: is a file; name a folder."
        raise KubiaError(message) from None
    strange = sorted(path.name for path in folder.glob("*.yaml") if path.name not in files)
    if strange:
        message = (
            f"--out {folder}: holds files of something else or of an earlier rendering: "
            f"{', '.join(strange[:5])}{'…' if len(strange) > len(strange[:5]) else ''}; "
            "delete them or name another folder."
        )
        raise KubiaError(message)
    for name, manifest in files.items():
        (folder / name).write_text(_yaml(manifest, show_secrets=show_secrets), encoding="utf-8")
    return len(files)


def file_name(key: ObjectRef) -> str:
    """`NAMESPACE.KIND.NAME.yaml`, with the group where the kind is not a built-in one's."""
    group = f"{key.group}." if "." in key.group and not key.group.endswith(".k8s.io") else ""
    space = f"{key.namespace}." if key.namespace else ""
    return f"{space}{key.kind.lower()}.{group}{key.name}.yaml".replace(":", "_")


def _yaml(manifest: Manifest, *, show_secrets: bool) -> str:
    value = manifest.object if show_secrets else _masked(manifest)
    return yaml12.dump(value)


def _masked(manifest: Manifest) -> Any:
    secrets = manifest.resource.secrets
    if manifest.key.kind == "Secret":
        secrets = (*secrets, ("data",), ("stringData",))
    value = mask(manifest.object, (), secrets)
    if manifest.key.kind == "Secret" and "data" in value:
        # A Secret's data must stay valid base64, or the masked file is not even a Secret.
        masked = base64.b64encode(MASK.encode()).decode()
        value["data"] = dict.fromkeys(value["data"], masked)
    return value
