"""The package's schema, made in-process by Pulumi's own analyzer: components/schema.json."""

import json
from pathlib import Path

from pulumi.provider.experimental.component import ComponentProvider

from kubia import __version__
from plugin.__main__ import SERVED

FILE = Path(__file__).resolve().parent.parent / "components/schema.json"
"""Beside the components, so that it is installed with them."""


def text() -> str:
    """Return the schema as components/schema.json holds it."""
    provider = ComponentProvider(SERVED, "kubia", version=__version__)
    return json.dumps(json.loads(provider.schema or "{}"), indent=2, sort_keys=True) + "\n"
