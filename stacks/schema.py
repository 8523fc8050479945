"""The JSON schema of stack files, for editors: generated from the settings' own types."""

import json
from pathlib import Path

from kubia.manifests.nginx_site import NginxSite
from kubia.manifests.parse import json_schema
from kubia.manifests.values import Object
from stacks.settings import PREFIX, Settings

FILE = Path(__file__).with_name("schema.json")
_BOOL = [True, False, "true", "false"]
"""As a stack file may say it: `pulumi config set` and `pulumi stack init` write it as text, and to
the program it is text in any case."""
_SECURE = {
    "type": "object",
    "properties": {"secure": {"type": "string"}},
    "required": ["secure"],
    "additionalProperties": False,
}


def stack_file_schema() -> Object:
    """Return the schema of stacks/Pulumi.NAME.yaml; other projects' keys are left to them."""
    schema = json_schema(Settings)
    definitions = schema.pop("$defs")
    properties = schema["properties"]
    # Of a class only its own docstrings are read: these fields are described where they are.
    services, defaults = (definitions[name]["properties"] for name in ("WebService", "Defaults"))
    defaults |= {**services, "image": defaults["image"]}
    site = definitions["Site"]["properties"]
    site |= {**json_schema(NginxSite)["properties"], "directory": site["directory"]}
    properties["secrets"]["additionalProperties"]["additionalProperties"] = _SECURE
    for value in properties.values():
        if value.get("type") == "boolean":
            del value["type"]
            value["enum"] = _BOOL
    config = {
        "type": "object",
        "properties": {f"{PREFIX}{key}": value for key, value in properties.items()},
        "required": [f"{PREFIX}{key}" for key in schema["required"]],
        "propertyNames": {"not": {"pattern": f"^{PREFIX}(?!({'|'.join(properties)})$)"}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stack of kubia",
        "description": "stacks/Pulumi.NAME.yaml: one environment.",
        "type": "object",
        "properties": {"config": config},
        "required": ["config"],
        "$defs": definitions,
    }


def text() -> str:
    """Return the schema as stacks/schema.json holds it."""
    return json.dumps(stack_file_schema(), indent=2) + "\n"
