"""`kubia logs` and `open`: what runs in a stack's namespace, reached by kubectl itself."""

import itertools
import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from kubia import cluster, console
from kubia.apply.api import Api, parallel, selector
from kubia.apply.connection import binary, connect
from kubia.errors import InvalidError, KubiaError, did_you_mean
from kubia.local.cluster import is_simulated
from kubia.manifests.meta import COMPONENT
from kubia.program.objects import ObjectRef
from kubia.session import Session

SELECTING = (
    ("", "Service"),
    ("apps", "Deployment"),
    ("apps", "DaemonSet"),
    ("apps", "StatefulSet"),
    ("batch", "CronJob"),
    ("batch", "Job"),
)
"""What has pods, by group and kind: a name means the first of these that bears it."""
HTTPS = 443
WITHOUT_CLUSTER = frozenset({"completion", "config", "help", "kustomize", "options", "plugin"})
"""Commands of kubectl that ask no cluster; `version --client` is another one."""


def pass_on(named: str | None, words: Sequence[str]) -> NoReturn:
    """Let kubectl take this process's place, for the cluster that the user or the words name.

    Raises:
        KubiaError: the local cluster is meant and needed, and does not run.

    """
    own = list(words[: words.index("--")] if "--" in words else words)
    meant = cluster.meant(_context(own) or named)
    if meant is None and _needs_cluster(own):
        raise KubiaError(cluster.NOT_RUNNING)
    kubectl(meant, *words)


def kubectl(context: str | None, *words: str) -> NoReturn:
    """Let kubectl take this process's place, for the cluster of a context, or for none."""
    program = str(binary())
    chosen = [f"--context={context}"] if context else []
    os.execv(program, [program, *chosen, *words])  # noqa: S606 - no shell is wanted


def _context(words: Sequence[str]) -> str | None:
    """Return the context that kubectl's own words name, the last of several as it has it."""
    found = None
    for word, following in itertools.zip_longest(words, words[1:]):
        if word == "--context":
            found = following
        elif word.startswith("--context="):
            found = word.partition("=")[2]
    return found


def _needs_cluster(words: Sequence[str]) -> bool:
    if {"-h", "--help"} & set(words):
        return False
    # An option without `=` may take the next word, which is no command then: a namespace `config`.
    remaining = (word for word in words if not (word.startswith("-") and "=" in word))
    command = next(remaining, "help")
    if command == "version":
        return not {"--client", "--client=true"} & set(words)
    return command not in WITHOUT_CLUSTER


def logs(session: Session, name: str, *, follow: bool) -> NoReturn:
    """Print the logs of all pods of a service, site, agent, operator or task.

    Raises:
        InvalidError: there is none of this name.
        KubiaError: no container runs, for the node is simulated.

    """
    _refuse_simulated(session)
    with connect(session.cluster) as connection:
        labels = pods(Api(connection), session.namespace, name)
    words = ["logs", f"--namespace={session.namespace}", f"--selector={selector(labels)}"]
    words += ["--all-containers", "--prefix", "--tail=-1", "--max-log-requests=50"]
    kubectl(session.cluster, *words, *(["--follow"] if follow else []))


def serve(session: Session, name: str, local: int | None) -> NoReturn:
    """Print an address of this machine at which a service or site answers, until Ctrl-C.

    Raises:
        InvalidError: there is none of this name.
        KubiaError: no container runs, for the node is simulated.

    """
    _refuse_simulated(session)
    with connect(session.cluster) as connection:
        port = served(Api(connection), session.namespace, name)
    local = local or _free_port()
    console.out(f"{'https' if port == HTTPS else 'http'}://127.0.0.1:{local}")
    console.err("until Ctrl-C, as soon as kubectl says that it forwards:")
    words = ["port-forward", f"--namespace={session.namespace}", f"service/{name}"]
    kubectl(session.cluster, *words, f"{local}:{port}")


def pods(api: Api, namespace: str, name: str) -> dict[str, str]:
    """Return the labels of the pods that are meant by `name`, in a namespace.

    Raises:
        InvalidError: nothing of this name has pods.

    """
    for group, kind in SELECTING:
        live = api.get(ObjectRef(group, kind, namespace, name))
        if live is not None and (labels := _labels(live)):
            return labels
    # A task is called otherwise than its Jobs, whose names tell its versions apart.
    for job in api.list(api.kind("batch", "Job"), namespace, selector({"app": name})):
        return _task(job)
    raise _unknown(api, namespace, name, SELECTING)


def served(api: Api, namespace: str, name: str) -> int:
    """Return the first port of the Service `name`.

    Raises:
        InvalidError: there is no such Service, or it leads to no pods.

    """
    live = api.get(ObjectRef("", "Service", namespace, name))
    if live is None:
        raise _unknown(api, namespace, name, SELECTING[:1])
    ports, pods = live["spec"].get("ports"), live["spec"].get("selector")
    if not (ports and pods):
        lacks = "selects no pods" if ports else "has no port"
        problem = f"Service {namespace}/{name} {lacks}, so that nothing can be forwarded to it."
        raise InvalidError([problem])
    return int(ports[0]["port"])


def names(api: Api, namespace: str, kinds: tuple[tuple[str, str], ...] = SELECTING) -> list[str]:
    """Return the names of what has pods in a namespace, sorted: of a Job its task's."""
    lists = parallel(lambda kind: api.list(api.kind(*kind), namespace), kinds)
    return sorted(
        {
            _task(item).get("app") or item["metadata"]["name"]
            for each in lists
            for item in each
            if _labels(item)
        }
    )


def _unknown(
    api: Api, namespace: str, name: str, kinds: tuple[tuple[str, str], ...]
) -> InvalidError:
    known = names(api, namespace, kinds)
    hint = did_you_mean(name, known)
    end = f"; {hint}" if hint else "."
    problem = f"nothing is called {name!r} in {namespace}: {', '.join(known) or 'nothing'} is{end}"
    return InvalidError([problem])


def _task(live: Mapping[str, Any]) -> dict[str, str]:
    """Return what is alike in the labels of all pods of a Job's or CronJob's task; {} of others."""
    labels = live["metadata"].get("labels") or {}
    if live["kind"] not in {"CronJob", "Job"} or not {"app", COMPONENT} <= labels.keys():
        return {}
    return {"app": labels["app"], COMPONENT: labels[COMPONENT]}


def _labels(live: Mapping[str, Any]) -> dict[str, str]:
    if live["kind"] == "CronJob":
        return _task(live)
    given = live["spec"].get("selector") or {}
    return dict(given if live["kind"] == "Service" else given.get("matchLabels") or {})


def _refuse_simulated(session: Session) -> None:
    if is_simulated(session.cluster):
        message = (
            f"the node of cluster {session.cluster!r} is simulated: no container runs there, so "
            "nothing answers and nothing is logged (`kubia cluster status` says why)."
        )
        raise KubiaError(message)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
