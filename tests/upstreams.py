"""The upstreams on loopback, for every test that asks them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

__all__ = ["DATA", "Upstreams", "serving"]

DATA = Path(__file__).with_name("data")


class Upstreams(ThreadingHTTPServer):
    """models.dev, the dataset service and one provider on loopback.

    Attributes:
        data: Folder of the payloads.
        broken: Per first segment of the path, or per config of the dataset, a
            status or a body to answer with.
        delays: Per first segment of the path, seconds to wait before the answer.
        statuses: Status of every answer since it was last cleared.
    """

    daemon_threads = True

    def __init__(self, data: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.data = data
        self.broken: dict[str, int | bytes] = {}
        self.delays: dict[str, float] = {}
        self.statuses: list[int] = []

    @property
    def url(self) -> str:
        """Base address."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstreams

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        first, *rest = url.path.strip("/").split("/")
        config = parse_qs(url.query).get("config", [""])[0]
        time.sleep(self.server.delays.get(first, 0))
        broken = self.server.broken.get(first, self.server.broken.get(config))
        if isinstance(broken, int):
            self._send(b'{"error": "injected"}', broken)
        elif broken is not None:
            self._send(broken, 200)
        elif first == "rows":
            self._rows({key: value[0] for key, value in parse_qs(url.query).items()})
        elif first == "provider":
            ids = [{"id": "gpt-5.5", "object": "model", "created": 0, "owned_by": "x"}]
            self._send(json.dumps({"object": "list", "data": ids}).encode(), 200)
        else:
            self._file(self.server.data / first / "/".join(rest))

    def _rows(self, query: dict[str, str]) -> None:
        path = self.server.data / "arena" / f"{query['config']}.json"
        if not path.is_file():
            self._send(b'{"error": "The config does not exist."}', 404)
            return
        rows = json.loads(path.read_bytes())
        # Real pages hold 100 rows; shorter boards must be paged here as well.
        start, length = int(query["offset"]), int(query["length"])
        page = [
            {"row_idx": start + place, "row": row, "truncated_cells": []}
            for place, row in enumerate(rows[start : start + length])
        ]
        answer = {"features": [], "rows": page, "num_rows_total": len(rows)}
        self._send(json.dumps(answer).encode(), 200)

    def _file(self, path: Path) -> None:
        if path.is_file():
            self._send(path.read_bytes(), 200, kind="text/plain; charset=utf-8")
        else:
            self._send(b"{}", 404)

    def _send(self, body: bytes, status: int, kind: str = "application/json") -> None:
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if body.startswith(b"<"):
            kind = "text/html"
        if status == 200 and self.headers.get("If-None-Match") == tag:
            status, body = 304, b""
        self.server.statuses.append(status)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@contextlib.contextmanager
def serving(data: Path = DATA) -> Iterator[Upstreams]:
    """Serve the payloads until the block ends."""
    with Upstreams(data) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
