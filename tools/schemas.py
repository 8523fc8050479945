"""Writes the committed schemas anew (`make schemas`); a test fails while they are out of date."""

import plugin.schema
import stacks.schema
import tools.fields

for schema in (plugin.schema, stacks.schema, tools.fields):
    schema.FILE.write_text(schema.text(), encoding="utf-8")
