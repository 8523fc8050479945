"""`kubia secret`: a stack's secrets, sealed in its file as Pulumi's passphrase provider does it."""

import contextlib
import functools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from kubia import console
from kubia.config import of_no_service
from kubia.errors import InvalidError, did_you_mean, refuse
from kubia.project import contract, edits, passphrase, services, stackfile
from kubia.project.edits import ChangedError, Edit
from kubia.project.passphrase import ROUNDS, Passphrase
from kubia.project.stackfile import Project

_NAME = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class Secrets:
    """The secrets of one service or task of a stack."""

    project: Project
    stack: str
    service: str
    file: Path
    document: Mapping[str, Any]

    @property
    def sealed(self) -> dict[str, Any]:
        """What the file has of them, by name.

        Raises:
            InvalidError: those of all services are sealed as one, or are of none, or no map.

        """
        project = self.project.name
        given = contract.secrets_given(self.document, project) or {}
        if stackfile.is_secure(given):
            problem = f"{self.file}: all secrets are sealed as one: change them with Pulumi's CLI."
            raise InvalidError([problem])
        if not isinstance(given, dict):
            problem = (
                f"{self.place}: {project}:secrets: is no map; secrets are by service: write "
                f"`{project}:secrets: {{}}`, and set each by `kubia secret set`."
            )
            raise InvalidError([problem])
        names = contract.secret_owners(self.document, project)
        some = {name: value for name, value in given.items() if value is not None}
        loose = [name for name, value in some.items() if contract.is_leaf(value)]
        refuse(
            f"{self.place}: {of_no_service(f'{project}:secrets', name, names)}" for name in loose
        )
        return contract.secrets(self.document, project).get(self.service, {})

    @property
    def salt(self) -> str | None:
        """By what the passphrase is salted; None where nothing is sealed yet."""
        given = self.document.get("encryptionsalt")
        return str(given) if given else None

    def again(self) -> "Secrets":
        """Return the secrets as the file has them by now.

        Raises:
            InvalidError: as `of_service`.

        """
        return of_service(self.project.root, self.stack, self.service)

    def write(self, secrets: Mapping[str, Any], salt: str | None) -> None:
        """Let the file hold these; every other line stays as it is.

        Raises:
            ChangedError: somebody else has changed the file since it was read.

        """
        config = dict(self.document.get("config") or {})
        keys = contract.secrets_keys(self.project.name)
        key = next((key for key in config if key in keys), f"{self.project.name}:secrets")
        every = {**(config.get(key) or {}), self.service: dict(secrets)}
        after = {**self.document, "config": {**config, key: every}}
        if salt:
            after["encryptionsalt"] = salt
        Edit.of_document(self.file, self.document, after).carry_out()

    @property
    def place(self) -> str:
        """The file as it is called in the project."""
        return stackfile.place(self.project, self.file)


def of_service(folder: Path, stack: str, name: str | None) -> Secrets:
    """Return the secrets of a stack's service or task; without a name that is the only one.

    Raises:
        InvalidError: no such stack or service, or the stack's file is malformed.

    """
    project = stackfile.project(folder)
    file, document = stackfile.content(project, stack)
    service = services.chosen_owner(document, project.name, file.name, name)
    return Secrets(project, stack, service, file, document)


def refuse_value(name: str) -> NoReturn:
    """Refuse a secret's name that its value was given with, as NAME=VALUE or as another word.

    Raises:
        InvalidError: always, without the value.

    """
    given = name.partition("=")[0]
    problem = (
        f"{given if _NAME.fullmatch(given) else 'NAME'}: its value stands on the command line, "
        "where others can read it: give the name alone; the value is read from standard input, or "
        "asked for."
    )
    raise InvalidError([problem])


def put(secrets: Secrets, name: str, value: Callable[[], str], *, rounds: int = ROUNDS) -> None:
    """Seal a value as the secret `name`; it is asked for once all else is known to be right.

    Raises:
        InvalidError: the name or the passphrase is wrong, or another provider seals the secrets.

    """
    if "=" in name:
        refuse_value(name)
    if not _NAME.fullmatch(name):
        problem = (
            f"{name!r} is no name for a secret: use letters, digits, '_', '-' and '.'; "
            "the value is read from standard input, or asked for."
        )
        raise InvalidError([problem])

    @functools.cache
    def sealer(salt: str | None) -> tuple[str, Passphrase]:
        phrase = passphrase.from_environment()
        own = salt or passphrase.new_salt(phrase, rounds=rounds)
        return own, Passphrase(phrase, own, rounds=rounds)

    _settable(secrets, name)
    sealer(secrets.salt)
    text = value()

    def change(now: Secrets) -> None:
        before = _settable(now, name)
        salt, seal = sealer(now.salt)
        now.write({**before, name: {"secure": seal.encrypt(text)}}, salt)

    _change(secrets, change)
    console.out(
        f"{name} of {secrets.service} is set in {secrets.place}: "
        f"bring it up by `kubia up -s {secrets.stack}`"
    )


def remove(secrets: Secrets, name: str) -> None:
    """Take the secret `name` out of the file.

    Raises:
        InvalidError: there is none.

    """

    def change(now: Secrets) -> None:
        before = now.sealed
        if name not in before:
            shown = name.partition("=")[0]  # behind it may be a value
            hint = did_you_mean(shown, before)
            known = f"{now.service} has {', '.join(before) or 'none'}"
            end = f"; {hint}" if hint else "."
            raise InvalidError([f"there is no secret {shown!r}: {known}{end}"])
        now.write({key: value for key, value in before.items() if key != name}, None)

    _change(secrets, change)
    console.out(
        f"{name} of {secrets.service} is gone from {secrets.place}: "
        f"bring it up by `kubia up -s {secrets.stack}`"
    )


def _settable(secrets: Secrets, name: str) -> dict[str, Any]:
    """Return the secrets as they are sealed, if one of this name can be sealed beside them.

    Raises:
        InvalidError: it cannot.

    """
    provider = secrets.document.get("secretsprovider", "passphrase")
    path = f"{secrets.project.name}:secrets.{secrets.service}.{name}"
    if provider != "passphrase":
        problem = (
            f"{secrets.place}: the secrets provider is {provider}: set it by `pulumi config set "
            f"--secret --path '{path}' --stack {secrets.stack}`."
        )
        raise InvalidError([problem])
    edits.refuse_unwritable([secrets.file])
    return secrets.sealed


def _change(secrets: Secrets, change: Callable[[Secrets], None]) -> None:
    """Change the secrets as the file has them by now, however often others change it meanwhile."""
    while True:
        with contextlib.suppress(ChangedError):
            change(secrets.again())
            return


def show(secrets: Secrets, *, as_json: bool) -> None:
    """Print the names of the secrets; what stands in plain text is marked."""
    sealed = {name: stackfile.is_secure(value) for name, value in secrets.sealed.items()}
    if as_json:
        items = [{"name": name, "sealed": is_sealed} for name, is_sealed in sealed.items()]
        console.out(json.dumps(items, indent=2, ensure_ascii=False))
        return
    for name, is_sealed in sealed.items():
        console.out(name if is_sealed else f"{name}  (in plain text)")
