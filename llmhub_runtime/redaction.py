"""Take a key out of an exception before anybody sees it.

The SDKs keep the request, with the key in its headers, on the exceptions that they
raise, and some providers repeat the key in the answer. Loggers, pickles and error
trackers would carry it away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["REDACTED", "redact"]

REDACTED = "[redacted]"

_SHORTEST = 6  # shorter is no key, but the "x" that a local server is given


def redact(error: BaseException, secret: str | None) -> None:
    """Remove a secret from an exception, its chain, and the requests they hold.

    Args:
        error: Changed in place.
        secret: The key that was sent, or None for none. What has less than six
            characters is a stand-in that ordinary words may contain, and stays.
    """
    if not secret or len(secret) < _SHORTEST:
        return
    for link in _chain(error):
        link.args = tuple(_without(item, secret) for item in link.args)
        _redact_attributes(link, secret)
        response = getattr(link, "response", None)
        for message in (
            getattr(link, "request", None),
            response,
            getattr(response, "request", None),
        ):
            _redact_message(message, secret)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        link = left.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        left += [link.__cause__, link.__context__]
        original = getattr(link, "original_exception", None)
        if isinstance(original, BaseException):
            left.append(original)


def _redact_message(message: Any, secret: str) -> None:
    """Change the headers, body and text of a request or response in place."""
    headers = getattr(message, "headers", None)
    if headers is None:
        return
    for name, value in list(headers.items()):
        clean = _without(value, secret)
        if clean != value:
            headers[name] = clean
    _redact_attributes(message, secret)


def _redact_attributes(thing: object, secret: str) -> None:
    held = getattr(thing, "__dict__", {})
    held.update({name: _without(value, secret) for name, value in held.items()})


def _without(value: Any, secret: str) -> Any:
    match value:
        case str():
            return value.replace(secret, REDACTED)
        case bytes():
            return value.replace(secret.encode(), REDACTED.encode())
        case dict() if type(value) is dict:
            return {key: _without(item, secret) for key, item in value.items()}
        case list() | tuple() if type(value) in (list, tuple):
            return type(value)(_without(item, secret) for item in value)
        case _:
            return value
