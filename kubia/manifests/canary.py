"""The Service of a canary with a weight: the route leads to it, and to the stable release's."""

from dataclasses import replace

from kubia.manifests import exposed, ports, workloads
from kubia.manifests.exposure import ServiceFields
from kubia.manifests.meta import Meta
from kubia.manifests.strategies import CANARY
from kubia.manifests.values import Object
from kubia.manifests.web_service import WebService, scraped

_ENDPOINTS_SECONDS = 60
"""Seconds that Pulumi waits for the endpoints of pods which are ready."""


def service(meta: Meta, spec: WebService) -> Object:
    """Return the Service: for the cluster alone, with the ports of the main one.

    It bears the labels of the main one: who reads metrics by these reads the canary's, too.
    """
    own = replace(meta, variant=CANARY)
    plain = replace(
        spec,
        service_type="ClusterIP",
        node_port=None,
        ports={name: replace(port, node_port=None) for name, port in spec.ports.items()},
        service=ServiceFields(app_protocol=spec.service.app_protocol),
    )
    manifest = exposed.service(
        meta,
        plain,
        selector=own.selector,
        port=spec.service_port,
        ports=ports.of_service(plain.ports),
        annotations={**workloads.await_at_most(_ENDPOINTS_SECONDS), **scraped(spec)},
        awaited=True,
    )
    return {**manifest, "metadata": {**manifest["metadata"], "name": own.instance}}
