"""Serves the components to programs in every Pulumi language; run by Pulumi itself."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pulumi.provider.experimental import component_provider_host

import components

VERSION = "0.1.0"
SERVED = [
    components.DriftCheck,
    components.NginxOperator,
    components.NginxSite,
    components.NodeAgent,
    components.WebService,
]

if __name__ == "__main__":
    component_provider_host(SERVED, "kubia", version=VERSION)
