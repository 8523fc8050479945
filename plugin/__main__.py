"""Serves the components to programs in every Pulumi language; run by Pulumi itself."""

import sys
from typing import Optional

from pulumi import Inputs, ResourceOptions
from pulumi.errors import InputPropertiesError
from pulumi.provider import ConstructResult, main
from pulumi.provider.experimental.analyzer import ComponentDefinition
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError

from kubia import __version__
from kubia.components import (
    CronJob,
    DriftCheck,
    Job,
    NginxOperator,
    NginxSite,
    NodeAgent,
    WebService,
)
from kubia.mistakes import MistakeError

SERVED = [CronJob, DriftCheck, Job, NginxOperator, NginxSite, NodeAgent, WebService]


class Host(ComponentProvider):
    """Hosts components that check their inputs themselves: every mistake is told, and at once."""

    def map_inputs(self, inputs: Inputs, component_def: ComponentDefinition) -> Inputs:
        """Name the inputs as Args do; below them the components read either spelling.

        Pulumi's own mapping stops at the first mistake, drops what it does not know, and takes
        an Output for an empty mapping.
        """
        names = component_def.inputs_mapping
        return {names.get(key, key): value for key, value in inputs.items()}

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: Inputs,
        options: Optional[ResourceOptions] = None,
    ) -> ConstructResult:
        """Declare a component.

        Raises:
            InputPropertiesError: its inputs are wrong.

        """
        try:
            return super().construct(name, resource_type, inputs, options)
        except ComponentInitError as error:
            if isinstance(error.inner, MistakeError):
                # Of this Pulumi prints the text alone. The text has every property's path; given
                # apart, Pulumi would print each value beside it, those of secrets too.
                raise InputPropertiesError(str(error.inner), []) from None
            raise


if __name__ == "__main__":
    main(Host(SERVED, "kubia", version=__version__), sys.argv[1:])
