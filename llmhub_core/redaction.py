"""Secrets taken out of text before it is logged, kept or shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

__all__ = ["redacted", "redacted_url"]

_MARK = "***"

#: Query parameters whose value is a credential, and variables likewise.
_SECRET_PARAMETER = re.compile(
    r"(?i)(?<=[?&;])([^=&;#]*(?:key|token|secret|signature|sig|password|pwd|auth)"
    r"[^=&;#]*)=[^&;#]*"
)
_SECRET_VARIABLE = re.compile(
    r"(?i)(^|_)(api_?key|key|token|secret|password|passwd|credentials?)(_|$)"
)

#: Anything shorter also occurs in innocent text.
_SHORTEST_SECRET = 8


def redacted_url(url: str) -> str:
    """Return an address without user, password and secret query parameters.

    Args:
        url: Any address, or a path, which comes back as it is.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return _MARK
    if "@" in parts.netloc:
        host = parts.netloc.rpartition("@")[2]
        parts = parts._replace(netloc=f"{_MARK}@{host}")
        url = urlunsplit(parts)
    return _SECRET_PARAMETER.sub(rf"\1={_MARK}", url)


def redacted(text: str, environ: Mapping[str, str]) -> str:
    """Return a text without the secrets that the environment holds.

    What a provider's SDK or a plugin says when it fails may quote the key.

    Args:
        text: A message.
        environ: Variables; the values of those named like a secret are masked.
    """
    for name, value in environ.items():
        if len(value) >= _SHORTEST_SECRET and _SECRET_VARIABLE.search(name):
            text = text.replace(value, _MARK)
    return text
