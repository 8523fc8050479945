"""What an application's pods need before they can start: secrets, files, claims, an account."""

from collections.abc import Mapping, Sequence
from typing import Any, Optional

import pulumi
import pulumi_kubernetes as k8s

from kubia.manifests import files, raw, volumes, web_pod
from kubia.manifests import web_service as manifests
from kubia.manifests.application import Application
from kubia.manifests.meta import Meta
from kubia.manifests.names import by_content
from kubia.manifests.values import Leaf
from kubia.manifests.web_pod import Content

from .common import versioned

_SECRET = {"secret_env", "secretEnv", "secret_files", "secretFiles"}


def hidden(args: Any, name: str = "") -> Any:
    """Return Args whose secrets, wherever they stand, are secret in Pulumi's state too."""
    if isinstance(args, Mapping):
        if name in _SECRET:
            return {key: pulumi.Output.secret(value) for key, value in args.items()}
        return {key: hidden(value, key) for key, value in args.items()}
    return [hidden(item) for item in args] if isinstance(args, list | tuple) else args


def _joined(names: Sequence[Leaf]) -> Leaf:
    """Return names in one text; `none` if there are none."""
    return pulumi.Output.all(*names).apply(", ".join) if names else Content().names


class Backing:
    """The objects that back the pods of an application."""

    needed: Sequence[pulumi.Resource]
    """What has to be there before a workload, and is not named by an Output in it."""

    def __init__(self, parent: pulumi.Resource, meta: Meta, spec: Application) -> None:
        """Declare what `spec` needs."""
        self._parent = parent
        self._meta = meta
        self._spec = spec
        containers = spec.containers
        env = self._secret("env", spec.secret_env)
        config = self._files(web_pod.all_files(containers))
        secret = self._secret("secret-files", web_pod.all_secret_files(containers))
        account = [meta.name] if spec.pod.service_account else []
        names = [*(each for each in (env, config, secret) if each is not None), *account]
        joined = pulumi.Output.all(*names).apply(" ".join) if names else web_pod.NONE
        self.content = Content(env=env, files=config, secret_files=secret, names=joined)
        self.needed = [*self._claims(), *self._account()]

    def _files(self, given: Mapping[str, str]) -> Optional[pulumi.Output[str]]:
        """Declare the ConfigMap with the files, if there are any, and return its name."""
        if not given:
            return None
        manifest = raw.applied(files.config_map(self._meta, given), self._spec.raw)
        logical, options = versioned(
            self._parent, f"{self._meta.name}-files", manifest["metadata"]["name"]
        )
        config = k8s.core.v1.ConfigMap(
            logical,
            metadata=manifest["metadata"],
            immutable=manifest["immutable"],
            data=manifest["data"],
            opts=options,
        )
        return config.metadata.apply(lambda metadata: str(metadata.name))

    def _claims(self) -> list[pulumi.Resource]:
        """Declare the claims, which hold data: neither Pulumi nor the kubectl engine deletes one.

        Pulumi would replace one whose class or modes change: it must not delete it first.
        """
        options = pulumi.ResourceOptions(
            parent=self._parent, protect=False, retain_on_delete=True, delete_before_replace=False
        )
        declared: list[pulumi.Resource] = []
        for name, claim in volumes.claims(self._meta, self._spec.pod.volumes).items():
            manifest = raw.applied(claim, self._spec.raw)
            declared.append(
                k8s.core.v1.PersistentVolumeClaim(
                    f"{self._meta.name}-{name}",
                    metadata=manifest["metadata"],
                    spec=manifest["spec"],
                    opts=options,
                )
            )
        return declared

    def _account(self) -> list[pulumi.Resource]:
        """Declare the ServiceAccount, if the application has one of its own."""
        if self._spec.pod.service_account is None:
            return []
        account = web_pod.service_account(self._meta, self._spec.pod.service_account)
        manifest = raw.applied(account, self._spec.raw)
        declared = k8s.core.v1.ServiceAccount(
            self._meta.name,
            metadata=manifest["metadata"],
            automount_service_account_token=manifest.get("automountServiceAccountToken"),
            image_pull_secrets=manifest.get("imagePullSecrets"),
            secrets=manifest.get("secrets"),
            opts=pulumi.ResourceOptions(parent=self._parent, protect=False),
        )
        return [declared]

    def _secret(self, suffix: str, given: Mapping[str, Leaf]) -> Optional[pulumi.Output[str]]:
        """Declare the Secret with these values, if there are any, and return its name.

        Values that other resources make, or that Pulumi hands over as secret Outputs, are awaited:
        the Secret is declared once they are known. A preview that does not know them shows none.
        """
        if not given:
            return None
        stem = f"{self._meta.name}-{suffix}"
        plain = {key: value for key, value in given.items() if isinstance(value, str)}
        if plain.keys() == given.keys():
            return self._version(stem, plain)
        secrets = {key: pulumi.Output.secret(value) for key, value in given.items()}

        def declare(known: Mapping[str, str]) -> pulumi.Output[str]:
            return self._version(stem, known)

        every: pulumi.Output[dict[str, str]] = pulumi.Output.all(**secrets)
        return pulumi.Output.unsecret(every.apply(declare))

    def _version(self, stem: str, values: Mapping[str, str]) -> pulumi.Output[str]:
        """Declare the Secret of these values, and return its name.

        The name holds a short hash of the content. It is not secret itself: it stands in the
        Deployment, where it makes the pods roll when a secret changes.
        """
        name = by_content(stem, values)
        logical, options = versioned(self._parent, stem, name)
        secrets = {key: pulumi.Output.secret(value) for key, value in values.items()}
        manifest = raw.applied(manifests.secret(self._meta, secrets, name), self._spec.raw)
        secret = k8s.core.v1.Secret(
            logical,
            metadata=manifest["metadata"],
            type=manifest["type"],
            immutable=manifest["immutable"],
            string_data=manifest["stringData"],
            opts=options,
        )
        return secret.metadata.apply(lambda metadata: str(metadata.name))
