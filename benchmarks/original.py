"""Refresh with the original LLM Hub against the same upstreams, and count what it got.

    python benchmarks/original.py ADDRESS FOLDER

runs where ``rethink-llmhub`` is installed, with the keys that the environment holds.
Its addresses are fixed, so requests to models.dev are sent to loopback. Its script that
fetches ratings is not in its wheel: it is handed the file that the script would write.
The last line of the output is JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

requests: Any = import_module("requests")

OVERALL = "full"


def main() -> None:
    """Refresh once and print what came of it."""
    address, folder = sys.argv[1], Path(sys.argv[2])
    board = folder / "leaderboard-text.json"
    source = f"{address}/arena_catalog/leaderboard-text-style-control.json"
    board.write_bytes(requests.get(source, timeout=30).content)
    os.environ["LLMHUB_ARENA_CACHE_DIR"] = str(folder)
    plain = requests.get

    def redirected(url: str, **options: object) -> Any:
        here = url.replace("https://models.dev", f"{address}/models_dev")
        return plain(here, **options)

    requests.get = redirected
    build: Any = import_module("llmhub_cli.catalog").build_catalog
    started = time.perf_counter()
    catalog = build(force_refresh=True)
    seconds = time.perf_counter() - started
    overall = {
        round(entry["rating"], 6)
        for entry in json.loads(board.read_bytes())[OVERALL].values()
    }
    rated = [model for model in catalog.models if model.arena_score is not None]
    numbers = {
        "refresh_seconds": round(seconds, 3),
        "models": len(catalog.models),
        "priced": sum(m.price_input_per_million is not None for m in catalog.models),
        "rated": len(rated),
        "rated_by_another_board": sum(
            round(model.arena_score, 6) not in overall for model in rated
        ),
    }
    print(json.dumps(numbers))


if __name__ == "__main__":
    main()
