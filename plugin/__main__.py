"""Serves the components to programs in every Pulumi language; run by Pulumi itself."""

from pulumi.provider.experimental import component_provider_host

from kubia import __version__
from kubia.components import DriftCheck, NginxOperator, NginxSite, NodeAgent, WebService

SERVED = [DriftCheck, NginxOperator, NginxSite, NodeAgent, WebService]

if __name__ == "__main__":
    component_provider_host(SERVED, "kubia", version=__version__)
