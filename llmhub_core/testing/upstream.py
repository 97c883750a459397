"""A web server on loopback that serves what a test puts there."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from attrs import field, frozen

__all__ = ["Upstream"]


@frozen(kw_only=True)
class _Document:
    body: bytes = field(repr=False)
    status: int
    kind: str
    wait: threading.Event | None


class Upstream:
    """Serves documents with ETags, and fails as it is told to.

    Use it as a context manager. ``asked`` lists the path and query of every
    request, ``sent_bytes`` what went out in bodies.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.sent_bytes = 0
        self._documents: dict[str, _Document] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str = "/") -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def serve(
        self,
        path: str,
        body: Any,
        *,
        status: int = 200,
        kind: str = "application/json",
        wait: threading.Event | None = None,
    ) -> str:
        """Answer a path from now on; return its address.

        Args:
            path: Without a query; every query of it gets this answer.
            body: Bytes as they are, anything else as JSON.
            status: HTTP status.
            kind: Content type.
            wait: The answer is held back until this is set.
        """
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._documents[path] = _Document(
            body=data, status=status, kind=kind, wait=wait
        )
        return self.url(path)

    def _handler(upstream) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                upstream.asked.append(self.path)
                path = self.path.partition("?")[0]
                missing = _Document(body=b"", status=404, kind="text/plain", wait=None)
                document = upstream._documents.get(path, missing)
                if document.wait is not None:
                    document.wait.wait()
                etag = f'"{hashlib.sha256(document.body).hexdigest()}"'
                known = self.headers.get("If-None-Match") == etag
                body = b"" if known else document.body
                upstream.sent_bytes += len(body)
                self.send_response(304 if known else document.status)
                self.send_header("Content-Type", document.kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("ETag", etag)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
