"""Forms of a stack file that are said in words of their own, before the rest is parsed."""

from collections.abc import Iterator, Mapping

from kubia.config import SECRET_KINDS, of_no_service
from kubia.errors import did_you_mean

_NO_VALUE = "kubia:secrets: a key has no value; write NAME: VALUE, with a space between"
"""Without the key's name: of `NAME:VALUE`, which YAML takes for a key, it is the secret."""
_WEB = (
    "kubia:web: is kubia:services.kubia now; write `kubia:services:`, below it `kubia:`, and below "
    "that what stands here"
)

Config = dict[str, object]


def read(own: Config) -> tuple[Config, list[str]]:
    """Return the configuration as it can be parsed, and what is wrong with the form it had."""
    own, problems = dict(own), list[str]()
    if "web" in own:
        problems.append(_WEB)
        web = own.pop("web")
        own.setdefault("services", {"kubia": web})
    secrets = own.get("secrets")
    if isinstance(secrets, Mapping):
        parts = (own.get(kind) for kind in SECRET_KINDS)
        known = {
            name: each for part in parts if isinstance(part, Mapping) for name, each in part.items()
        }
        problems += dict.fromkeys(_problems(secrets, known))
        own["secrets"] = {
            service: {name: value for name, value in each.items() if value is not None}
            for service, each in secrets.items()
            if isinstance(each, Mapping)
        }
    return own, problems


def _problems(secrets: Mapping[object, object], known: Mapping[object, object]) -> Iterator[str]:
    names = sorted(map(str, known))
    for service, each in secrets.items():
        if each is None or (isinstance(each, Mapping) and None in each.values()):
            yield _NO_VALUE
        elif not isinstance(each, Mapping):
            yield of_no_service("kubia:secrets", str(service), names)
        elif service not in known:
            hint = did_you_mean(str(service), names) or f"there is {', '.join(names) or 'none'}"
            yield f"kubia:secrets.{service}: is the name of no service; {hint}"
