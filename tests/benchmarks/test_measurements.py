"""The benchmark harness measures what it says, against upstreams of real shape."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SLOW_AND_BIG = """
import sys, time
from pathlib import Path
from measure import Case, measure, report, table

PROGRAM = "import time; held = b'x' * 64_000_000; time.sleep(0.2)"
case = Case(
    name="sleeps and holds",
    command=(sys.executable, "-c", PROGRAM),
    environment={},
    folder=Path(),
    limit_seconds=LIMIT,
    limit_mb=1_000,
)
result = measure(case, runs=3)
print(table([result]))
report([result], Path(sys.argv[1]))
"""


def _python(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=BENCHMARKS, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("limit", "within"), [(30.0, True), (0.1, False)])
def test_a_process_is_timed_and_weighed(
    limit: float, within: bool, tmp_path: Path
) -> None:
    """Wall time, peak memory and the ratio to a bare interpreter are the process's."""
    path = tmp_path / "results.json"
    done = _python("-c", SLOW_AND_BIG.replace("LIMIT", str(limit)), path)
    assert done.returncode == 0, done.stderr
    assert ("OVER" in done.stdout) is not within
    (result,) = json.loads(path.read_text(encoding="utf-8"))["results"]
    assert result["within"] is within
    assert result["runs"] == 3
    assert 0.2 <= result["fastest_seconds"] <= result["median_seconds"]
    assert result["median_seconds"] <= result["slowest_seconds"]
    assert result["ratio"] > 0
    assert result["peak_mb"] > 64


def test_a_failing_command_stops_the_benchmark() -> None:
    """The time of a command that failed is never reported."""
    done = _python(
        "-c",
        SLOW_AND_BIG.replace("LIMIT", "1").replace("import time;", "raise OSError;"),
    )
    assert done.returncode != 0
    assert "exit code 1" in done.stderr
    assert "OSError" in done.stderr


PLUGGED = """
import sys
from pathlib import Path
from plugged import install, table

install(Path(sys.argv[1]))
medians = {"wall_none": 0.5, "wall_ten": 0.6, "wall_more": 0.1}
for more in (0.06, 0.061):
    cpu = {"cpu_none": 0.3, "cpu_ten": 0.4, "cpu_more": more}
    print(table({"generate": medians | cpu}))
"""


def test_ten_plugins_are_installed_and_two_are_broken(tmp_path: Path) -> None:
    """What is measured is what the command line finds; the limit is on the CPU."""
    done = _python("-c", PLUGGED, tmp_path)
    assert done.returncode == 0, done.stderr
    (_, kept, _, broken) = done.stdout.splitlines()
    assert kept.split() == ["generate", *"500 600 100 300 400 60 60".split()]
    assert broken.endswith(" OVER")
    listed = subprocess.run(
        [Path(sys.executable).with_name("llmhub"), "plugins", "list", "--json"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )
    rows = [r for r in json.loads(listed.stdout) if r["name"].startswith("stranger")]
    assert len(rows) == 10
    broken_ones = {row["name"] for row in rows if not row["works"]}
    assert broken_ones == {"stranger-4", "stranger-9"}


def test_the_table_and_the_file_name_every_limit(tmp_path: Path) -> None:
    """One case of the real list runs from start to end."""
    path = tmp_path / "results.json"
    done = _python("processes.py", "--only=import", "--runs=1", "--json", path)
    assert done.returncode == 0, done.stderr
    assert re.search(
        r"^import llmhub_runtime .* 0\.10 .* 30", done.stdout, re.MULTILINE
    )
    (result,) = json.loads(path.read_text(encoding="utf-8"))["results"]
    assert result["limit_seconds"] == 0.10
    assert result["limit_mb"] == 30


@pytest.fixture(scope="module")
def upstream() -> Iterator[HTTPConnection]:
    """Connect to made-up upstreams in a process of their own."""
    command = [sys.executable, BENCHMARKS / "upstream.py"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2])
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        yield connection
        connection.close()
        process.terminate()


def _get(
    connection: HTTPConnection, path: str, **headers: str
) -> tuple[HTTPResponse, Any]:
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    return response, json.loads(body) if body else None


def test_made_up_payloads_have_the_real_size(upstream: HTTPConnection) -> None:
    """As many providers, served models and bytes as the real answer has."""
    response, api = _get(upstream, "/models_dev/api.json")
    assert len(api) == 147
    assert sum(len(provider["models"]) for provider in api.values()) == 5_276
    assert 2.2e6 < int(response.headers["Content-Length"]) < 2.7e6
    assert len(_get(upstream, "/models_dev/models.json")[1]) == 231


def test_boards_come_in_pages(upstream: HTTPConnection) -> None:
    """The dataset is paged by 100 rows, the overall category first."""
    query = "/rows?config=text_style_control&split=latest&offset={}&length={}"
    first = _get(upstream, query.format(0, 100))[1]
    last = _get(upstream, query.format(3_300, 100))[1]
    assert first["num_rows_total"] == 3_304
    assert {entry["row"]["category"] for entry in first["rows"]} == {"overall"}
    assert [len(page["rows"]) for page in (first, last)] == [100, 4]
    assert _get(upstream, query.format(0, 101))[0].status == 422


def test_an_unchanged_answer_is_not_sent_again(upstream: HTTPConnection) -> None:
    """The upstreams revalidate by ETag, as the real ones do."""
    tag = str(_get(upstream, "/models_dev/api.json")[0].headers["ETag"])
    again, body = _get(upstream, "/models_dev/api.json", **{"If-None-Match": tag})
    assert again.status == 304
    assert body is None


@pytest.mark.parametrize("provider", ["openai", "deepseek", "openrouter"])
def test_providers_list_what_models_dev_says(
    upstream: HTTPConnection, provider: str
) -> None:
    """A listing has exactly the models that the big file gives that provider."""
    listed = _get(upstream, f"/openai/{provider}/v1/models")[1]["data"]
    api = _get(upstream, "/models_dev/api.json")[1]
    assert [entry["id"] for entry in listed] == list(api[provider]["models"])
