"""What Pulumi asks before it changes an object: the program alone does not see what is live."""

from typing import Optional

import pulumi
from pulumi.runtime import settings
from pulumi.runtime.proto import resource_pb2

from kubia.manifests import standing

_HOOKS = resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS


def keeping_content(name: str) -> Optional[pulumi.ResourceHookBinding]:
    """Return the hook of the Deployment `name`, to be paused: it fails where content would be lost.

    None where nobody would call it: on mocks, and where the kubectl engine renders, which looks
    into the cluster itself.
    """
    if not settings.monitor_supports_feature(_HOOKS):
        return None
    options = pulumi.ResourceHookOptions(on_dry_run=True)
    hook = pulumi.ResourceHook(f"content of {name}", _refuse, options)
    return pulumi.ResourceHookBinding(before_update=[hook])


def _refuse(args: pulumi.ResourceHookArgs) -> None:
    text = standing.problem(
        args.name, args.old_inputs or {}, args.old_outputs or {}, args.new_inputs or {}
    )
    if text:
        raise RuntimeError(text)
