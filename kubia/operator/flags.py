"""The operator's command line."""

import argparse
import re
from collections.abc import Mapping, Sequence
from typing import Any

from kubia.operator.settings import FIELDS, Settings, load

_ADVICE = "several namespaces --namespaces a,b"
_FLAG = re.compile(r"--(?P<name>[^=]+)(=(?P<value>.*))?", re.DOTALL)


def parse(argv: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """Return the settings that command line, environment and file give together.

    Raises:
        InvalidError: with every problem of all three.

    """
    parser = argparse.ArgumentParser(
        prog="kubia operator run",
        description="Keep an nginx Deployment and Service for every labelled ConfigMap.",
        epilog="Each flag is also a key of the file (dryRun) and KUBIA_OPERATOR_… (DRY_RUN).",
        allow_abbrev=False,
    )
    parser.add_argument("--config", default="", help="file of settings, YAML or JSON")
    for name, each in FIELDS.items():
        default = each.default_factory() if callable(each.default_factory) else None
        switch: Any = {"nargs": "?", "const": "true"} if isinstance(default, bool) else {}
        shown = each.metadata["help"].replace("%", "%%")
        parser.add_argument("--" + name.replace("_", "-"), metavar="VALUE", help=shown, **switch)
    known, unknown = parser.parse_known_args(argv)
    flags = {k.replace("_", "-"): v for k, v in vars(known).items() if v is not None}
    file = flags.pop("config")
    strays = []
    takes_value = False
    for word in unknown:
        if match := _FLAG.fullmatch(word):
            flags[match["name"]] = match["value"] or ""
        elif not takes_value:
            strays.append(f"{word!r}: is not expected here; settings are --NAME VALUE, {_ADVICE}")
        takes_value = bool(match and match["value"] is None)
    return load(file, environ, flags, strays)
