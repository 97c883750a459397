"""The upstreams on loopback, from a folder of real payloads or from made-up ones.

    python benchmarks/upstream.py [--data DIR]

prints its address and serves until it is told to stop. A data folder holds
``models_dev/{api,models}.json``, ``arena_catalog/leaderboard-*.json`` and
``arena_dataset/<config>.json``, the rows of each board as one list.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import payloads

__all__ = ["Payloads", "serve"]

PAGE = 100
BOARD = "text_style_control"


class Payloads:
    """What the upstreams answer.

    Args:
        data: The folder to read from, or None for made-up payloads.
    """

    def __init__(self, data: Path | None) -> None:
        self.files: dict[str, bytes] = {}
        self.boards: dict[str, list[dict[str, Any]]] = {}
        if data is None:
            self.files["models_dev/api.json"] = payloads.models_dev_api()
            self.files["models_dev/models.json"] = payloads.models_dev_models()
            name = "arena_catalog/leaderboard-text-style-control.json"
            self.files[name] = payloads.arena_catalog()
            self.boards[BOARD] = payloads.arena_rows()
        else:
            for folder in ("models_dev", "arena_catalog"):
                for path in (data / folder).glob("*.json"):
                    self.files[f"{folder}/{path.name}"] = path.read_bytes()
            for path in (data / "arena_dataset").glob("*.json"):
                self.boards[path.stem] = json.loads(path.read_bytes())
        api = json.loads(self.files["models_dev/api.json"])
        self.served = {name: list(entry["models"]) for name, entry in api.items()}

    @cache  # noqa: B019 - one instance, for the life of the process
    def answer(self, path: str, query: str) -> tuple[int, bytes]:
        """Return status and body for a path below the server's address."""
        if path in self.files:
            return 200, self.files[path]
        match path.split("/"):
            case ["rows"]:
                return self._rows(query)
            case ["openai", provider, "v1", "models"] if provider in self.served:
                return 200, _listing(self.served[provider], provider)
            case ["anthropic", "v1", "models"]:
                return 200, _anthropic_listing(self.served["anthropic"])
            case _:
                return 404, b'{"error": "not found"}'

    def _rows(self, query: str) -> tuple[int, bytes]:
        asked = {key: values[0] for key, values in parse_qs(query).items()}
        rows = self.boards.get(asked.get("config", ""))
        if rows is None:
            return 404, b'{"error": "The config does not exist."}'
        start, length = int(asked.get("offset", 0)), int(asked.get("length", PAGE))
        if length > PAGE:
            return 422, b'{"error": "length must not be greater than 100"}'
        page = {
            "features": [{"feature_idx": i, "name": n} for i, n in enumerate(rows[0])],
            "rows": [
                {"row_idx": start + place, "row": row, "truncated_cells": []}
                for place, row in enumerate(rows[start : start + length])
            ],
            "num_rows_total": len(rows),
            "num_rows_per_page": PAGE,
            "partial": False,
        }
        return 200, json.dumps(page).encode()


def _listing(models: Iterable[str], owner: str) -> bytes:
    data = [
        {"id": model, "object": "model", "created": 0, "owned_by": owner}
        for model in models
    ]
    return json.dumps({"object": "list", "data": data}).encode()


def _anthropic_listing(models: Iterable[str]) -> bytes:
    data = [
        {
            "id": model,
            "type": "model",
            "display_name": model,
            "created_at": "2026-01-01T00:00:00Z",
        }
        for model in models
    ]
    return json.dumps({"data": data, "has_more": False}).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    upstream: Payloads

    def do_GET(self) -> None:
        """Answer from memory; an ETag that still holds gets 304."""
        url = urlsplit(self.path)
        status, body = self.upstream.answer(url.path.strip("/"), url.query)
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if status == 200 and self.headers.get("If-None-Match") == tag:
            status, body = 304, b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", tag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet: stdout carries the address only."""


def serve(data: Path | None) -> None:
    """Serve on a free port of loopback and print the address."""
    handler = type("Handler", (_Handler,), {"upstream": Payloads(data)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of real payloads")
    serve(parser.parse_args().data)
