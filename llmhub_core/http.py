"""Answers of upstreams: the only door to aiohttp."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from attrs import frozen

from llmhub_core.errors import SourceUnavailableError
from llmhub_core.trace import emit

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

__all__ = ["MAX_BYTES", "Answer", "Client"]

#: An answer larger than this is junk: the largest known one is 2.4 MB.
MAX_BYTES = 64 * 1024 * 1024

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
        params: Mapping[str, str] | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Answer:
        """Fetch one document; a passing failure is tried twice more.

        Args:
            url: ``http:``, ``https:`` or ``file:`` address, or a path.
            params: Query parameters.
            etag: Validator of the kept copy.
            last_modified: Validator of the kept copy.

        Raises:
            SourceUnavailableError: Connection, status, time, size, or HTML where
                a document was expected.
        """
        scheme = urlsplit(url).scheme
        if scheme not in {"http", "https"}:
            return self.read_file(url)
        validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in validators.items() if value}
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self._request(url, params, headers) as response:
                    wait = _wait_seconds(response, attempt)
                    if wait is None:
                        return await self._accept(url, response)
                    reason = f"HTTP {response.status}"
            except SourceUnavailableError as error:
                wait, reason = _BACKOFF_SECONDS * 2 ** (attempt - 1), error.reason
                if attempt == _ATTEMPTS or not isinstance(
                    error.__cause__, ConnectionError
                ):
                    raise
            emit("http.retried", url=url, reason=reason, attempt=attempt)
            await asyncio.sleep(wait)
        raise AssertionError  # the last attempt returns or raises

    @contextlib.asynccontextmanager
    async def _request(
        self, url: str, params: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> AsyncIterator[ClientResponse]:
        import aiohttp

        try:
            async with self._open().get(
                url, params=params, headers=headers, proxy=self._proxy
            ) as response:
                yield response
        # The limit of the whole request is a bare TimeoutError, no ClientError.
        except TimeoutError as error:
            reason = f"no answer within {self._timeout_seconds:g} s"
            raise SourceUnavailableError(url, reason) from error
        except aiohttp.ClientConnectionError as error:
            reason = f"no connection: {_plain(error)}"
            cause = error if isinstance(error, ConnectionError) else None
            raise SourceUnavailableError(url, reason) from (
                cause or ConnectionError(str(error))
            )
        except (aiohttp.ClientError, ValueError) as error:
            raise SourceUnavailableError(url, _plain(error)) from error

    async def _accept(self, url: str, response: ClientResponse) -> Answer:
        if response.status not in {200, 304}:
            raise SourceUnavailableError(url, f"HTTP {response.status}")
        if response.status == 200 and response.content_type == "text/html":
            raise SourceUnavailableError(url, "answered a web page, not a document")
        body = bytearray()
        async for chunk in response.content.iter_chunked(1 << 18):
            body += chunk
            if len(body) > self._max_bytes:
                # Leaving would read the rest of it to save the connection.
                response.close()
                limit = self._max_bytes // (1024 * 1024)
                raise SourceUnavailableError(url, f"answer is larger than {limit} MB")
        emit("http.fetched", url=url, status=response.status, size_bytes=len(body))
        return Answer(
            status=response.status,
            body=bytes(body),
            etag=response.headers.get("ETag"),
            last_modified=response.headers.get("Last-Modified"),
        )

    def read_file(self, url: str) -> Answer:
        """Read a local file as if it had been served.

        Raises:
            SourceUnavailableError: Absent, unreadable or too large.
        """
        parts = urlsplit(url)
        # One letter is a Windows drive, not a scheme.
        if parts.scheme not in {"", "file"} and len(parts.scheme) > 1:
            raise SourceUnavailableError(url, f"{parts.scheme}: is not supported")
        path = Path(unquote(parts.path) if parts.scheme == "file" else url)
        try:
            if path.stat().st_size > self._max_bytes:
                limit = self._max_bytes // (1024 * 1024)
                raise SourceUnavailableError(url, f"file is larger than {limit} MB")
            body = path.read_bytes()
        except OSError as error:
            raise SourceUnavailableError(url, str(error.strerror)) from error
        return Answer(status=200, body=body, etag=None, last_modified=None)


def _plain(error: Exception) -> str:
    return str(error) or type(error).__name__


def _wait_seconds(response: ClientResponse, attempt: int) -> float | None:
    """Seconds to wait before asking again; None when the answer is final."""
    if response.status not in _TRANSIENT or attempt == _ATTEMPTS:
        return None
    asked = _retry_after_seconds(response.headers.get("Retry-After"))
    wait = _BACKOFF_SECONDS * 2 ** (attempt - 1) if asked is None else asked
    return wait if wait <= _LONGEST_WAIT_SECONDS else None


def _retry_after_seconds(header: str | None) -> float | None:
    """Read both forms of ``Retry-After``: seconds, or a date (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        when = parsedate_to_datetime(header)
    except ValueError:
        return None
    from datetime import UTC, datetime

    return max(0.0, (when - datetime.now(UTC)).total_seconds())
