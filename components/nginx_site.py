"""NginxSite: files in ConfigMaps, served by nginx."""

from typing import Any, NotRequired, Optional, TypedDict, cast

import pulumi
import pulumi_kubernetes as k8s

from kubia.manifests import nginx_site as manifests
from kubia.manifests.values import Object
from kubia.manifests.web_service import url
from kubia.mistakes import mistakes

from . import outside
from .common import ResourcesArgs, specified, versioned
from .containers import PullPolicy
from .content import Site
from .exposure import IngressArgs, RouteArgs, ServiceFieldsArgs, ServiceType


class ContentImageArgs(TypedDict):
    """The files of an image or OCI artifact, of any size; of Kubernetes 1.35 on."""

    reference: pulumi.Input[str]
    """Image reference."""
    pull_policy: NotRequired[PullPolicy]
    """When it is pulled. Default: IfNotPresent, of the tag latest Always."""
    sub_path: NotRequired[str]
    """Folder of the image whose files are served, such as usr/share/nginx/html. Default: all."""


class NginxSiteArgs(TypedDict):
    """What an NginxSite should be."""

    namespace: pulumi.Input[str]
    """Namespace of all its objects."""
    content: NotRequired[dict[str, str]]
    """Text files by path, such as css/site.css. Default: none."""
    binary_content: NotRequired[dict[str, str]]
    """Other files by path, in base64. Default: none."""
    directory: NotRequired[str]
    """Folder whose files, and its folders', are served too, but hidden ones; relative to the
    program's folder."""
    content_image: NotRequired[ContentImageArgs]
    """Image whose files are served in place of these. Give it by digest or a tag of its own for
    each content: what a tag leads to, a pod asks when it starts. Default: none."""
    labels: NotRequired[dict[str, str]]
    """Further labels of every object and pod; never part of a selector."""
    image: NotRequired[pulumi.Input[str]]
    """Image of an unprivileged nginx on port 8080. Default: kubia-nginx:1.31."""
    replicas: NotRequired[int]
    """Number of pods. Default: 1."""
    resources: NotRequired[ResourcesArgs]
    """Requests and limits of each pod."""
    service_type: NotRequired[ServiceType]
    """Who can reach the Service. Default: ClusterIP."""
    node_port: NotRequired[int]
    """Port on every node, 30000 to 32767 in most clusters, for a NodePort Service. Default: the
    server chooses."""
    service: NotRequired[ServiceFieldsArgs]
    """What else the Service is."""
    ingress: NotRequired[IngressArgs]
    """Hosts and paths of the world that lead to the Service, by an ingress controller. Default:
    none."""
    route: NotRequired[RouteArgs]
    """Hosts and paths of a Gateway that lead to the Service. Default: none."""
    progress_deadline_seconds: NotRequired[int]
    """Seconds without progress after which a roll-out of content has failed. Default: 120."""


class NginxSite(pulumi.ComponentResource):
    """A site: content ConfigMaps, nginx Deployment and Service, and if wanted what opens it.

    ConfigMaps are immutable and named by their content's hash, each a resource of its own: changed
    content makes new ones, rolls this site's pods to them, and deletes the old ones last.
    """

    name: pulumi.Output[str]
    """Name of the Service and the Deployment."""
    url: pulumi.Output[str]
    """Address for the cluster's pods, such as http://hello.dev.svc.cluster.local."""

    def __init__(
        self, name: str, args: NginxSiteArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        """Declare the site.

        Raises:
            MistakeError: everything that is wrong with `args`, or with the folder that they name.

        """
        meta, spec = specified("NginxSite", name, args, Site, "site")
        with mistakes(f"NginxSite {name!r}: "):
            site = manifests.objects(meta, spec.with_files())
        super().__init__("kubia:index:NginxSite", name, cast("dict[str, Any]", args), opts)
        content = [self._content(name, manifest) for manifest in site.config_maps]
        k8s.apps.v1.Deployment(
            name,
            metadata=site.deployment["metadata"],
            spec=site.deployment["spec"],
            # The names in its volume are plain, so the order has to be said.
            opts=pulumi.ResourceOptions(parent=self, depends_on=content),
        )
        service = k8s.core.v1.Service(
            name,
            metadata=site.service["metadata"],
            spec=site.service["spec"],
            opts=pulumi.ResourceOptions(parent=self),
        )
        outside.lead_to([service], self, meta, spec, manifests.SERVICE_PORT)
        self.name = service.metadata.apply(lambda metadata: str(metadata.name))
        self.url = pulumi.Output.all(self.name, meta.namespace).apply(lambda known: url(*known))
        self.register_outputs({"name": self.name, "url": self.url})

    def _content(self, stem: str, manifest: Object) -> k8s.core.v1.ConfigMap:
        """Declare one ConfigMap of the content; `stem` is the site's name."""
        called = manifest["metadata"]["name"]
        number = called.rpartition("-")[0].removeprefix(stem)
        logical, options = versioned(self, f"{stem}-content{number}", called)
        return k8s.core.v1.ConfigMap(
            logical,
            metadata=manifest["metadata"],
            immutable=manifest["immutable"],
            data=manifest.get("data"),
            binary_data=manifest.get("binaryData"),
            opts=options,
        )
