"""Mocks that answer like an API server that has only heard, not stored."""

import copy
import secrets
from typing import Any

from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

KUBERNETES = "kubernetes:"
NONCE = secrets.token_hex(8)
"""What no content holds by chance or because it quotes somebody."""
SERVER_MARK = f"\u00ab{NONCE}, only the server knows: "
"""Opens a placeholder for a value that a server fills in; no Kubernetes field may hold it."""
OUTPUT_AS_TEXT = f"\u00ab{NONCE}, an Output\u00bb"
"""What an Output is as a text, into which it should not be put."""


class ServerMocks(Mocks):
    """Gives each resource its inputs back, with placeholders for what only a server knows.

    A placeholder is text, so it survives `apply`, `concat` and f-strings, and is found (with the
    field it stands for) wherever the program puts it. `status` is left out: unknown in a preview.
    """

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Return the identifier and state of the resource."""
        if not args.custom:
            return None, args.inputs
        if not args.typ.startswith(KUBERNETES):
            return f"{args.name}-id", args.inputs
        state = copy.deepcopy(args.inputs)
        metadata = state.setdefault("metadata", {})
        if not isinstance(metadata, dict):
            return None, state
        for key in ("uid", "resourceVersion", "creationTimestamp"):
            metadata.setdefault(key, placeholder(args, f"metadata.{key}"))
        metadata.setdefault("name", placeholder(args, "metadata.name"))
        spec = state.get("spec")
        if args.typ.endswith(":Service") and isinstance(spec, dict):
            for key in ("clusterIP", "healthCheckNodePort"):
                spec.setdefault(key, placeholder(args, f"spec.{key}"))
            spec.setdefault("clusterIPs", [spec["clusterIP"]])
        namespace = metadata.get("namespace", "default")
        return f"{namespace}/{metadata['name']}", state

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], None]:
        """Nothing: the monitor refuses calls before they come here."""
        raise NotImplementedError(args.token)


def placeholder(args: MockResourceArgs, field: str) -> str:
    """Return the text that stands for a field which a server fills in."""
    return f"{SERVER_MARK}{field} of {args.name!r} ({args.typ})\u00bb"
