"""The project that `pulumi new` makes of our template."""

from pathlib import Path

TEMPLATE = Path(__file__).resolve().parents[1] / "templates" / "kubia-python"
NAME, DESCRIPTION = "shop", "A shop"


def generated() -> dict[str, str]:
    """Return its files' content by path: the two words that Pulumi knows are put in.

    Into YAML it puts them as YAML, with the end of a line (`CopyTemplateFiles` of its CLI).
    """
    files = [it for it in TEMPLATE.rglob("*") if it.is_file() and "__pycache__" not in it.parts]
    texts = {str(it.relative_to(TEMPLATE)): it.read_text() for it in files}
    return {path: _filled(text, "\n" * path.endswith(".yaml")) for path, text in texts.items()}


def _filled(text: str, end: str) -> str:
    return text.replace("${PROJECT}", NAME + end).replace("${DESCRIPTION}", DESCRIPTION + end)
