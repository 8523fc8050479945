"""Writes the committed schemas anew; a test fails while they are out of date."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import plugin.schema
import stacks.schema

for schema in (plugin.schema, stacks.schema):
    schema.FILE.write_text(schema.text(), encoding="utf-8")
