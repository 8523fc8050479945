"""Writes the committed schemas anew (`make schemas`); a test fails while they are out of date."""

import plugin.schema
import stacks.schema

for schema in (plugin.schema, stacks.schema):
    schema.FILE.write_text(schema.text(), encoding="utf-8")
