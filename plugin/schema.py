"""The package's schema: made in-process by Pulumi's own analyzer, kept in plugin/schema.json."""

import json
from pathlib import Path

from pulumi.provider.experimental.component import ComponentProvider

from kubia import __version__
from plugin.__main__ import SERVED

FILE = Path(__file__).with_name("schema.json")


def text() -> str:
    """Return the schema as plugin/schema.json holds it."""
    provider = ComponentProvider(SERVED, "kubia", version=__version__)
    return json.dumps(json.loads(provider.schema or "{}"), indent=2, sort_keys=True) + "\n"
