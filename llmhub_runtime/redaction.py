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


def redact(error: BaseException, secret: str | None) -> None:
    """Remove a secret from an exception, its chain, and the requests they hold.

    Args:
        error: Changed in place.
        secret: The key that was sent, or None for none.
    """
    if not secret:
        return
    for link in _chain(error):
        link.args = tuple(_without(item, secret) for item in link.args)
        for name, value in list(vars(link).items()):
            if isinstance(value, (str, dict, list, tuple)):
                setattr(link, name, _without(value, secret))
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
    """Change the headers and the body of an httpx request or response in place."""
    headers = getattr(message, "headers", None)
    if headers is None:
        return
    for name in [name for name, value in headers.items() if secret in value]:
        headers[name] = REDACTED
    body = getattr(message, "_content", None)
    if isinstance(body, bytes) and secret.encode() in body:
        message._content = body.replace(secret.encode(), REDACTED.encode())  # noqa: SLF001


def _without(value: Any, secret: str) -> Any:
    match value:
        case str():
            return value.replace(secret, REDACTED)
        case dict():
            return {key: _without(item, secret) for key, item in value.items()}
        case list() | tuple():
            return type(value)(_without(item, secret) for item in value)
        case _:
            return value
