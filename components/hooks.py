"""What Pulumi asks before it changes an object: the program alone does not see what is live."""

from collections.abc import Callable, Mapping
from typing import Any, Optional

import pulumi
from pulumi.runtime import settings
from pulumi.runtime.proto import resource_pb2

_HOOKS = resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS
_Manifest = Mapping[str, Any]


def refusing(
    kind: str, name: str, problem: Callable[[str, _Manifest, _Manifest, _Manifest], str]
) -> Optional[pulumi.ResourceHookBinding]:
    """Return the hook of an object: its update fails, in a preview too, with the `problem`.

    That gets the name, what was declared, what is live as Pulumi last saw it, and what is declared.
    None where nobody would call the hook: on mocks, and where the kubectl engine renders, which
    looks into the cluster itself.
    """
    if not settings.monitor_supports_feature(_HOOKS):
        return None

    def check(args: pulumi.ResourceHookArgs) -> None:
        text = problem(name, args.old_inputs or {}, args.old_outputs or {}, args.new_inputs or {})
        if text:
            raise RuntimeError(text)

    options = pulumi.ResourceHookOptions(on_dry_run=True)
    hook = pulumi.ResourceHook(f"{kind} {name}", check, options)
    return pulumi.ResourceHookBinding(before_update=[hook])
