"""Measure what a user waits for: whole processes, against their limits.

    nox -s bench -- [--data DIR] [--runs N] [--json FILE] [--only WORD] [--strict]

The upstreams are on loopback; the measured processes see none of the user's keys,
settings or caches.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from measure import Case, Result, measure, report, table

HERE = Path(__file__).parent
LLMHUB = str(Path(sys.executable).with_name("llmhub"))

SPEC = """\
project: benchmark
env: dev
providers:
  openai: {enabled: true}
  anthropic: {enabled: true}
  gemini: {enabled: true}
  mistral: {enabled: true}
  deepseek: {enabled: true}
roles:
  chat.main: {kind: chat, preferences: {quality: high, cost: medium}}
  chat.cheap: {kind: chat, preferences: {quality: low, cost: low}}
  chat.fast: {kind: chat, preferences: {latency: low, cost: low}}
  code.write: {kind: chat, task: coding, preferences: {quality: high}}
  code.review: {kind: chat, task: coding, require: {tools: true}}
  think.math: {kind: chat, task: math, require: {reasoning: true}}
  text.story: {kind: chat, task: creative_writing}
  text.long: {kind: chat, task: long_context, require: {context_tokens: 200000}}
  text.image: {kind: chat, require: {input_modalities: [text, image]}}
  search.embed: {kind: embedding}
"""


@contextlib.contextmanager
def upstream(data: Path | None) -> Iterator[str]:
    """Start the loopback upstreams in a process of their own; give their address."""
    command = [sys.executable, str(HERE / "upstream.py")]
    if data is not None:
        command += ["--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def environment(address: str, home: Path) -> dict[str, str]:
    """Return the variables of a user with no key, whose upstreams are on loopback."""
    return {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "LLMHUB_CACHE_DIR": str(home / "cache"),
        "LLMHUB_CONFIG_DIR": str(home / "config"),
        "LLMHUB_MODELS_DEV_URL": f"{address}/models_dev",
        "LLMHUB_ARENA_DATASET_URL": address,
        "LLMHUB_ARENA_CATALOG_URL": f"{address}/arena_catalog",
    }


def keys(address: str) -> dict[str, str]:
    """Return what adds four providers, three OpenAI-compatible ones among them."""
    return {
        "OPENAI_API_KEY": "benchmark",
        "OPENAI_BASE_URL": f"{address}/openai/openai/v1",
        "ANTHROPIC_API_KEY": "benchmark",
        "ANTHROPIC_BASE_URL": f"{address}/anthropic",
        "DEEPSEEK_API_KEY": "benchmark",
        "DEEPSEEK_API_BASE": f"{address}/openai/deepseek/v1",
        "OPENROUTER_API_KEY": "benchmark",
        "OPENROUTER_API_BASE": f"{address}/openai/openrouter/v1",
    }


def cases(address: str, home: Path) -> list[Case]:
    """Return the commands to measure, in an order in which each finds what it needs.

    Args:
        address: The loopback upstreams.
        home: An empty folder for caches and the project.
    """
    project = home / "project"
    project.mkdir()
    (project / "llmhub.spec.yaml").write_text(SPEC, encoding="utf-8")
    bare = environment(address, home)

    def forget_catalog() -> None:
        shutil.rmtree(home / "cache", ignore_errors=True)

    def forget_choices() -> None:
        for name in ("llmhub.lock", "llmhub.yaml"):
            (project / name).unlink(missing_ok=True)

    case = partial(Case, environment=bare, folder=project)
    refresh = (LLMHUB, "catalog", "refresh")
    return [
        case(
            name="import llmhub_runtime",
            command=(sys.executable, "-c", "import llmhub_runtime"),
            limit_seconds=0.10,
            limit_mb=30,
        ),
        case(name="llmhub --help", command=(LLMHUB, "--help"), limit_seconds=0.25),
        case(
            name="catalog refresh, 4 providers",
            command=refresh,
            environment=bare | keys(address),
            prepare=forget_catalog,
            limit_seconds=3.5,
            limit_mb=220,
        ),
        case(
            name="catalog refresh, no key",
            command=refresh,
            prepare=forget_catalog,
            limit_seconds=2.0,
            limit_mb=220,
        ),
        case(name="catalog refresh, nothing new", command=refresh),
        case(
            name="generate, 10 roles, warm catalog",
            command=(LLMHUB, "generate"),
            prepare=forget_choices,
            limit_seconds=0.7,
        ),
        case(
            name="generate, from the lock",
            command=(LLMHUB, "generate"),
            limit_seconds=0.35,
        ),
    ]


def main() -> int:
    """Measure, print the table, and say by the exit code whether limits held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of real payloads")
    parser.add_argument("--runs", type=int, default=9, help="runs that count (9)")
    parser.add_argument("--json", type=Path, help="file to write the results to")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--strict", action="store_true", help="exit 1 over a limit")
    asked = parser.parse_args()
    data = asked.data.resolve() if asked.data else None
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as home, upstream(data) as address:
        for case in cases(address, Path(home)):
            if asked.only in case.name:
                print(f"{case.name} ...", file=sys.stderr)
                results.append(measure(case, runs=asked.runs))
    print(table(results))
    if asked.json:
        report(results, asked.json)
    return int(asked.strict and not all(result.within for result in results))


if __name__ == "__main__":
    sys.exit(main())
