"""What kubia must know of a project: any Pulumi program in Python that keeps to this page will do.

The keys are those below `config` in a stack file, with or without the project's name before them
(`shop:sites`, `sites`). Only `contexts` must be there; a program may ask for any others of its own.

key                         what kubia does with it                     without it
--------------------------  ------------------------------------------  ----------------------------
contexts                    A list of patterns ("kind-*"): touches no   Refuses the stack.
                            cluster but those whose kubeconfig context
                            matches one. None may be sealed.
namespace                   Keeps the stack's releases, and the record  Runs the program and takes
                            of its objects, in this namespace; draws    its provider's namespace, or
                            the pods there (`up --timeline`).           the only one that it makes,
                                                                        or `default`.
protect                     If true, `up` and `drift --repair`, too,    Asks before deletions and
                            ask before they change anything; refuses    edits of files alone.
                            what is neither true nor false.
services                    A map of web services by name: edits one    Refuses these commands.
                            by `promote`, `abort`, `pause`, `resume`,
                            which change no other field than these;
                            the program obeys them.
  NAME.image                `promote` sets it to the canary's.
  NAME.replicas             With 0 of them, does not say after an       Says it.
                            `up` how to ask at the nodePort.
  NAME.nodePort             Knows by it whose address one is.
  NAME.strategy.type        "Canary" has one to promote or to abort.    `promote`, `abort` refuse.
  NAME.strategy.canaryImage `promote` and `abort` remove it.            `promote`, `abort` refuse.
  NAME.strategy.canaryWeight
                            `promote` and `abort` remove it.            Remove the image alone.
  NAME.strategy.paused      `pause` makes it true, `resume` removes it. Nothing is paused.
defaults                    A map of a service's fields: what services  A service has what it gives.
                            do not give themselves, each field whole.
sites                       A map of sites by name: keeps the files     Keeps no files.
                            that they are made of with each release.
  NAME.replicas             As a service's.                             Says it.
  NAME.nodePort             As a service's.
  NAME.directory            Keeps the files of this folder (its path    Keeps no files of this site.
                            within the project); `rollback` puts them
                            back.
  NAME.content              Puts a kept folder's files here, by name,   Holds the folder's alone.
  NAME.binaryContent        while a failed release is undone: text, and
                            what is none in base64.
jobs, cronJobs              Maps of tasks by name: `secret` keeps       Secrets are of services.
                            secrets of these, too.
secrets                     A map of maps, by service: `secret` sets    Leaves what has a `secure:`
                            and removes their values, sealed; refuses   value.
                            plain text beside them; leaves all as the
                            file has it when it goes back to an earlier
                            release.
any with a `secure:` value  Opens it for the program by the stack's     Nothing is secret but what
                            passphrase, and masks it in what it shows.  the program makes so.

The kubectl engine alone keeps releases in the cluster; under the pulumi engine Pulumi does, without
the files. Of what the program exports, kubia knows one output:

nodePortUrls                A list or map of addresses: shows after an  Shows nothing.
                            `up` how to ask each.

The program learns which context it is for from the variable KUBIA_CONTEXT.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict, cast

from kubia.config import SECRET_KINDS, unsealed
from kubia.errors import MASK, InvalidError, refuse
from kubia.project import stackfile
from kubia.project.stackfile import Stack, is_secure

NODE_PORT_URLS = "nodePortUrls"
"""The output that holds addresses at which the stack answers outside of the cluster."""


class Strategy(TypedDict, total=False):
    """How a new version of a web service takes over."""

    type: str
    canaryImage: str
    canaryWeight: int
    paused: bool


class Service(TypedDict, total=False):
    """A web service, or what is the default of all."""

    image: str
    replicas: int
    nodePort: int
    strategy: Strategy


class Site(TypedDict, total=False):
    """A site, whose files stand in a folder or in the stack file itself."""

    replicas: int
    nodePort: int
    directory: str
    content: dict[str, str]
    binaryContent: dict[str, str]


def stack(folder: Path, name: str) -> Stack:
    """Return the stack, whose secrets are all sealed if one is: a program cannot tell.

    Raises:
        InvalidError: no such stack, or one of its secrets stands beside another for all to read.

    """
    project = stackfile.project(folder)
    file, document = stackfile.content(project, name)
    plain = plain_secrets(document, project.name)
    if len(plain) < sum(map(len, secrets(document, project.name).values())):
        place = f"{stackfile.place(project, file)}: {project.name}:secrets"
        refuse(unsealed(place, service, secret, name) for service, secret in plain)
    return stackfile.of_document(project, name, file, document)


def contexts(stack: Stack) -> tuple[str, ...]:
    """Return the patterns of the contexts that the stack may touch, at least one.

    Raises:
        InvalidError: the stack names none, or as a secret.

    """
    key = f"{stack.project.name}:contexts"
    given = stack.config.get(key)
    sealed = key in stack.secret_keys  # and each would be shown wherever a context is refused
    if not sealed and isinstance(given, list) and given and all(isinstance(i, str) for i in given):
        return tuple(given)
    wrong = (
        "is sealed, which a context cannot be"
        if sealed
        else f"is {given!r}"
        if given
        else "is empty"
    )
    place = stackfile.place(stack.project, stack.file)
    problem = f"{place}: {key}: {wrong}; name the kubeconfig contexts this stack may touch"
    raise InvalidError([problem])


def patterns(document: Mapping[str, Any], project: str) -> tuple[str, ...]:
    """Return the patterns of contexts in a stack file's content, if it has any."""
    config = _config(document)
    given = config.get(f"{project}:contexts", config.get("contexts"))
    return tuple(map(str, given)) if isinstance(given, list) else ()


def namespace(stack: Stack) -> str | None:
    """Return the namespace that the stack names as its own; None if it names none."""
    given = stack.config.get(f"{stack.project.name}:namespace")
    return given if isinstance(given, str) else None


def is_protected(stack: Stack) -> bool:
    """Return whether changes of the stack are asked about first.

    Raises:
        InvalidError: the stack says neither true nor false of it.

    """
    key = f"{stack.project.name}:protect"
    given = stack.config.get(key, False)
    if given is True or given == "true":
        return True
    if given is False or given == "false":
        return False
    shown = MASK if key in stack.secret_keys else repr(given)
    place = stackfile.place(stack.project, stack.file)
    raise InvalidError([f"{place}: {key}: is {shown}; must be true or false"])


def services(document: Mapping[str, Any], project: str) -> dict[str, Service]:
    """Return the web services in a stack file's content by name, themselves and no copies.

    `project` is the project's name.
    """
    section = section_of(document, project, "services") or {}
    return {name: cast("Service", each) for name, each in section.items() if isinstance(each, dict)}


def secret_owners(document: Mapping[str, Any], project: str) -> list[str]:
    """Return the names of all in a stack file's content that may have secrets, services first."""
    return [name for kind in SECRET_KINDS for name in section_of(document, project, kind) or {}]


def whole_services(document: Mapping[str, Any], project: str) -> dict[str, Service]:
    """Return the web services by name, each with the defaults of what it does not give."""
    shared = defaults(document, project)
    return {
        name: cast("Service", {**shared, **service})
        for name, service in services(document, project).items()
    }


def defaults(document: Mapping[str, Any], project: str) -> Service:
    """Return the fields, in a stack file's content, of services that do not give them."""
    return cast("Service", section_of(document, project, "defaults") or {})


def sites(document: Mapping[str, Any], project: str) -> dict[str, Site]:
    """Return the sites in a stack file's content by name, themselves and no copies.

    `project` is the project's name.
    """
    section = section_of(document, project, "sites") or {}
    return {name: cast("Site", site) for name, site in section.items() if isinstance(site, dict)}


def secrets(document: Mapping[str, Any], project: str) -> dict[str, dict[str, Any]]:
    """Return a stack file's secrets by service and name, sealed as they are there.

    What belongs to no service is left out, and so is all if it is sealed as one.
    """
    given = section_of(document, project, "secrets") or {}
    return {name: dict(each) for name, each in given.items() if not is_leaf(each)}


def plain_secrets(document: Mapping[str, Any], project: str) -> list[tuple[str, str]]:
    """Return the services and names of the secrets that stand in a stack file unsealed."""
    return [
        (service, name)
        for service, each in secrets(document, project).items()
        for name, value in each.items()
        if not is_secure(value)
    ]


def is_leaf(value: Any) -> bool:
    """Whether the value is a secret, sealed or not, rather than a service's secrets."""
    return is_secure(value) or not isinstance(value, dict)


def secrets_given(document: Mapping[str, Any], project: str) -> Any:
    """Return what a stack file has as its secrets, whatever it is; None if it has none."""
    config, keys = _config(document), secrets_keys(project)
    return next((value for key, value in config.items() if key in keys), None)


def secrets_keys(project: str) -> frozenset[str]:
    """Return the names, below `config`, of the key whose values are all secret."""
    return frozenset({f"{project}:secrets", "secrets"})


def node_port_urls(outputs: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the addresses at which the stack answers outside of the cluster, by its outputs."""
    urls = outputs.get(NODE_PORT_URLS) or ()
    return tuple(urls.values() if isinstance(urls, dict) else urls)


def section_of(document: Mapping[str, Any], project: str, key: str) -> dict[str, Any] | None:
    """Return the map below `config` that has this key, by its full or its short name."""
    config = _config(document)
    full_and_short = (config.get(f"{project}:{key}"), config.get(key))
    return next((section for section in full_and_short if isinstance(section, dict)), None)


def _config(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands below `config`; what is no map is refused where a stack is made of it."""
    config = document.get("config")
    return config if isinstance(config, dict) else {}
