"""Answers of upstreams: the only door to aiohttp."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit
from urllib.request import url2pathname

from attrs import frozen

from llmhub_core.errors import SourceUnavailableError
from llmhub_core.redaction import redacted_url
from llmhub_core.trace import emit

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

__all__ = ["MAX_BYTES", "Answer", "Client"]

#: An answer larger than this is junk: the largest known one is 2.4 MB.
MAX_BYTES = 24 * 1024 * 1024

_TRANSIENT = frozenset({408, 425, 429, 502, 503, 504})
_ATTEMPTS = 3
_BACKOFF_SECONDS = 0.25
_LONGEST_WAIT_SECONDS = 10.0


@frozen(kw_only=True)
class Answer:
    """What an upstream answered.

    Attributes:
        status: 200, or 304 when the kept copy is still valid.
        body: Decoded bytes; empty for 304.
        etag: Validator for the next request, or None.
        last_modified: Validator for the next request, or None.
    """

    status: int
    body: bytes
    etag: str | None
    last_modified: str | None


class _PassingError(Exception):
    """A failure that may be over in a moment.

    Args:
        reason: What happened.
        wait_seconds: How long the upstream asks to wait, or None.
    """

    def __init__(self, reason: str, wait_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait_seconds = wait_seconds


class Client:
    """One connection pool for one run.

    Args:
        timeout_seconds: Limit of one request, from connection to last byte.
        proxy: Address of a proxy; None lets the standard variables decide.
        max_bytes: Largest answer that is read.
        max_connections: Requests under way at once to one host.
    """

    def __init__(
        self,
        *,
        timeout_seconds: float = 30.0,
        proxy: str | None = None,
        max_bytes: int = MAX_BYTES,
        max_connections: int = 6,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._proxy = proxy
        self._max_bytes = max_bytes
        self._max_connections = max_connections
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> ClientSession:
        # aiohttp takes 0.16 s to import: a run that stays offline never pays.
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._timeout_seconds),
                connector=aiohttp.TCPConnector(limit_per_host=self._max_connections),
                trust_env=self._proxy is None,
                headers={"Accept": "application/json, text/plain;q=0.9"},
            )
        return self._session

    async def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Answer:
        """Fetch one document; a passing failure is tried twice more.

        Args:
            url: ``http:`` or ``https:`` address.
            etag: Validator of the kept copy.
            last_modified: Validator of the kept copy.

        Raises:
            SourceUnavailableError: Connection, status, time, size, or HTML where
                a document was expected.
        """
        validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in validators.items() if value}
        attempt = 1
        while True:
            try:
                return await self._ask(url, headers)
            except _PassingError as error:
                wait = error.wait_seconds
                if wait is None:
                    wait = _BACKOFF_SECONDS * 2 ** (attempt - 1)
                if attempt == _ATTEMPTS or wait > _LONGEST_WAIT_SECONDS:
                    raise _unavailable(url, error.reason) from error
                emit("http.retried", url=redacted_url(url), reason=error.reason)
            await asyncio.sleep(wait)
            attempt += 1

    async def _ask(self, url: str, headers: Mapping[str, str]) -> Answer:
        import aiohttp

        try:
            async with self._open().get(
                url, headers=headers, proxy=self._proxy
            ) as response:
                return await self._accept(url, response, validated=bool(headers))
        # The limit of the whole request is a bare TimeoutError, no ClientError.
        except TimeoutError as error:
            reason = f"no answer within {self._timeout_seconds:g} s"
            raise _unavailable(url, reason) from error
        except aiohttp.ClientPayloadError as error:
            raise _PassingError("the answer broke off or can't be decoded") from error
        except aiohttp.ClientConnectionError as error:
            raise _PassingError(_in_words(error)) from error
        # An address, a redirect, a proxy's refusal: no better the next time. The
        # cause stays out of the traceback, because it quotes the whole address.
        except (aiohttp.ClientError, ValueError) as error:
            raise _unavailable(url, _in_words(error)) from None

    async def _accept(
        self, url: str, response: ClientResponse, *, validated: bool
    ) -> Answer:
        status = response.status
        if status in _TRANSIENT:
            wait = _retry_after_seconds(response.headers.get("Retry-After"))
            asked = f" and asks to wait {wait:.0f} s" if wait else ""
            raise _PassingError(f"HTTP {status}{asked}", wait)
        if status != 200 and not (status == 304 and validated):
            raise _unavailable(url, f"HTTP {status}")
        if status == 200 and response.content_type == "text/html":
            raise _unavailable(url, "answered a web page, not a document")
        body = await self._read(url, response)
        emit("http.fetched", url=redacted_url(url), status=status, size_bytes=len(body))
        return Answer(
            status=status,
            body=body,
            etag=response.headers.get("ETag"),
            last_modified=response.headers.get("Last-Modified"),
        )

    async def _read(self, url: str, response: ClientResponse) -> bytes:
        chunks: list[bytes] = []
        left = self._max_bytes - (response.content_length or 0)
        if left >= 0:
            left = self._max_bytes
            async for chunk in response.content.iter_chunked(1 << 18):
                chunks.append(chunk)
                left -= len(chunk)
                if left < 0:
                    break
        if left < 0:
            # Leaving would read the rest of it to save the connection.
            response.close()
            raise _unavailable(url, f"the answer is larger than {self._limit}")
        return b"".join(chunks)

    @property
    def _limit(self) -> str:
        return f"{self._max_bytes / (1024 * 1024):g} MB"

    def read_file(self, url: str) -> Answer:
        """Read a local file as if it had been served.

        Args:
            url: ``file:`` address or a path.

        Raises:
            SourceUnavailableError: Absent, unreadable, too large, or an address
                of another kind.
        """
        try:
            with _path(url).open("rb") as file:
                body = file.read(self._max_bytes + 1)
        except OSError as error:
            raise _unavailable(url, f"can't be read: {error.strerror}") from error
        except ValueError as error:
            raise _unavailable(url, str(error)) from error
        if len(body) > self._max_bytes:
            raise _unavailable(url, f"the file is larger than {self._limit}")
        return Answer(status=200, body=body, etag=None, last_modified=None)


def _path(url: str) -> Path:
    parts = urlsplit(url)
    # One letter is a Windows drive, not a scheme.
    if len(parts.scheme) < 2:
        return Path(url)
    if parts.scheme != "file":
        message = f"{parts.scheme}: addresses are not supported"
        raise ValueError(message)
    if parts.netloc not in {"", "localhost"}:
        message = f"a file: address can't name the host {parts.netloc!r}"
        raise ValueError(message)
    return Path(url2pathname(parts.path))


def _unavailable(url: str, reason: str) -> SourceUnavailableError:
    return SourceUnavailableError(redacted_url(url), reason)


def _in_words(error: Exception) -> str:
    """Say what happened without the address, which may hold a credential."""
    import aiohttp

    match error:
        case aiohttp.ClientConnectorError(os_error=cause):
            proxied = isinstance(error, aiohttp.ClientProxyConnectionError)
            whom = " to the proxy" if proxied else ""
            return f"no connection{whom}: {cause.strerror or cause}"
        case aiohttp.ClientConnectionError():
            return f"no connection: {error}"
        case aiohttp.ClientHttpProxyError(status=status):
            return f"the proxy answered HTTP {status}"
        case aiohttp.TooManyRedirects():
            return "redirects without end"
        case aiohttp.ClientResponseError():
            return "the answer is not HTTP"
        case _:
            return "the address, or one that it redirects to, can't be used"


def _retry_after_seconds(header: str | None) -> float | None:
    """Read both forms of ``Retry-After``: seconds, or a date (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        when = parsedate_to_datetime(header)
    except ValueError:
        return None
    if when.tzinfo is None:  # a date in "-0000" is in UTC, too
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
