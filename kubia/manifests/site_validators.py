"""Validators of a site's files, by which a browser asks whether what it has is still right.

They are hashes of the content, so they are the same in all pods and after each restart. The image's
nginx.conf reads them as entries of a map from paths, of which nginx itself can hash none.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping

KEY = ".kubia.validators"
"""Key of the ConfigMap that holds them; no page, for it is hidden."""
FOLDER = "/etc/nginx/site"
"""Where nginx.conf has them included from."""
FILE = "validators"
_LENGTH = 16
"""Hex digits."""


def entries(files: Mapping[str, bytes]) -> str:
    """Return the entries of the map for files by path.

    The hash of what is not UTF-8, so that nginx does not say it were, has -bytes at its end.
    """
    alike = Counter(path.encode().lower() for path in files)
    return "".join(
        f"{_quoted(_pattern(path) if alike[path.encode().lower()] > 1 else f'/{path}')} "
        f"'\"{_hash(data)}\"';\n"
        for path, data in sorted(files.items())
    )


def _pattern(path: str) -> str:
    """Return what a path alone matches: nginx takes no notice of the case of plain ones."""
    return rf"~^/{re.escape(path)}\z"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def _hash(data: bytes) -> str:
    hashed = hashlib.sha256(data).hexdigest()[:_LENGTH]
    try:
        data.decode()
    except UnicodeDecodeError:
        return f"{hashed}-bytes"
    return hashed
