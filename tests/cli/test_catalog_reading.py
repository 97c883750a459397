"""``llmhub catalog show, search, unmatched, refused, export``: as processes."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import io
import json
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pytest
from pyarrow import parquet

from llmhub_core.catalog.search import Hit
from llmhub_core.commands.catalog.search import _told
from llmhub_core.records.model import CanonicalModel
from tests.cli.conftest import script
from tests.upstreams import serving


class Read(Protocol):
    """Read the catalog that is kept, and wait for the end."""

    def __call__(
        self, *arguments: str, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Return what was printed."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A cache with a catalog in it, and the environment to read it offline."""
    folder = tmp_path_factory.mktemp("kept")
    mine = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LLMHUB_") and not name.endswith("_API_KEY")
    } | {
        "LLMHUB_CACHE_DIR": str(folder / "cache"),
        "LLMHUB_CONFIG_DIR": str(folder / "config"),
    }
    with serving() as server:
        upstreams = {
            "LLMHUB_MODELS_DEV_URL": f"{server.url}/models_dev",
            "LLMHUB_ARENA_DATASET_URL": server.url,
            "LLMHUB_ARENA_CATALOG_URL": f"{server.url}/none",
            "LLMHUB_SOURCES": "any-llm,arena,models-dev",
        }
        subprocess.run(
            [script(), "catalog", "refresh"],
            env=mine | upstreams,
            check=True,
            capture_output=True,
            timeout=120,
        )
    return mine | {"LLMHUB_OFFLINE": "1", "COLUMNS": "60"}


@pytest.fixture
def read(kept: dict[str, str], tmp_path: Path) -> Read:
    """Run ``llmhub catalog`` on the kept catalog."""

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [script(), "catalog", *arguments],
            cwd=tmp_path,
            env=kept | environ,
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=120,
        )

    return run


def _ids(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 0, done.stderr
    return [row["canonical_id"] for row in json.loads(done.stdout)]


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (
            "--provider groq --capability tools",
            "groq:openai/gpt-oss-120b groq:openai/gpt-oss-safeguard-20b",
        ),
        (
            "--kind embedding --sort price",
            (
                "openai:text-embedding-3-small mistral:mistral-embed "
                "gemini:gemini-embedding-001"
            ),
        ),
        (
            "--min-rating 1400 --max-price-input 5 --max-price-output 25",
            (
                "anthropic:claude-opus-4-5 anthropic:claude-opus-4-5-20251101 "
                "azure:gpt-5.1"
            ),
        ),
        (
            (
                "--provider google --min-context 1000000 --capability audio-input "
                "--capability vision"
            ),
            "gemini:gemini-2.5-pro",
        ),
        ("--lab anthropic --tag deprecated", "anthropic:claude-3-5-sonnet-20240620"),
        (
            "--open-weights --capability vision --sort released",
            "openrouter:google/gemma-4-31b-it:free mistral:mistral-large-latest",
        ),
        ("--callable", ""),
    ],
)
def test_show_lists_what_is_asked_for(read: Read, options: str, ids: str) -> None:
    """Filters narrow, by any-llm's or models.dev's name; the order is the asked one."""
    done = read("show", *options.split(), "--json")
    assert _ids(done) == ids.split()


def test_show_says_what_it_leaves_out(read: Read) -> None:
    """Models beyond the limit, and those of which too little is known."""
    done = read("show", "--max-price-input", "1", "--limit", "2")
    assert len(done.stdout.split("─\n")[1].split("\n")) == 4
    assert "more; see --limit" in done.stderr
    assert "not listed: 11 models of which something" in done.stderr
    nothing = read("show", "--callable")
    assert nothing.stdout == ""
    assert "nothing fits" in nothing.stderr
    assert "no provider was asked with a key" in nothing.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("show --provider opnai", "no provider 'opnai' in the catalog. Did you mean"),
        ("show --kind chatt", "Did you mean 'chat'?"),
        ("search x --capability tool", "Did you mean 'tools'"),
        ("export --lab antropic", "Did you mean 'anthropic'?"),
        ("show openai:gpt-5.6", "Did you mean openai:gpt-5.5"),
        ("show nosuchmodel", "no model 'nosuchmodel'"),
        ("show --max-price-input nan", "'nan' is not a finite number"),
        ("search x --min-rating inf", "'inf' is not a finite number"),
        ("conflicts --min-size nan", "'nan' is not a finite number"),
        ("conflicts --suspicious --kind price", "--kind does not narrow"),
        ("conflicts --suspicious --min-size 0.5", "--min-size does not narrow"),
        ("unmatched --board vison", "Did you mean 'vision'?"),
        ("refused --source models.dev", "Did you mean 'models-dev'?"),
        ("changes --provider opnai", "Did you mean 'openai'"),
        ("changes --model gpt-5.55", "no model 'gpt-5.55'"),
        ("serch x", "Did you mean 'search'?"),
    ],
)
def test_what_is_mistyped_is_refused_with_a_hint(
    read: Read, arguments: str, said: str
) -> None:
    """Exit 2, one line, nothing on stdout."""
    done = read(*arguments.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_list_by_release_shows_it(read: Read) -> None:
    """The one column that nothing else has a use for."""
    heads = read("show", "--sort", "released").stdout.splitlines()[1].split()
    assert "released" in heads
    assert "released" not in read("show").stdout


def test_one_model_is_narrowed_by_nothing(read: Read) -> None:
    """Options that would be ignored are refused."""
    for option in (("--provider", "azure"), ("--sort", "price")):
        done = read("show", "anthropic:claude-opus-4-5", *option)
        assert (done.returncode, done.stdout) == (2, "")
        assert "is one model" in done.stderr


def test_hosts_are_listed_by_price_with_what_it_means(read: Read) -> None:
    """No 0 is printed as a price, and what can't be called says why."""
    done = read("show", "gpt-5.1")
    assert "openai/gpt-5.1  1 host, rated 1439 (1435-1442)" in done.stdout
    assert "azure:gpt-5.1" in done.stdout
    listed = read("show", "--limit", "100").stdout
    lines = {line.split()[0]: line for line in listed.splitlines() if ":" in line}
    assert " free " in lines["openrouter:google/gemma-4-31b-it:free"]
    assert "in a plan" in lines["github:openai/gpt-4o"]
    assert "0, unclear" in lines["zai:glm-4.5-flash"]
    assert " unknown " in lines["openai:gpt-image-1"]
    assert "$0.00" not in lines["zai:glm-4.5-flash"]
    assert "no: not in any-llm" in lines["poe:openai/gpt-5.4"]


def test_one_model_is_explained(read: Read) -> None:
    """Origins, the id in each source, why a rating is its own, what can't be right."""
    shown = read("show", "anthropic/claude-opus-4-5").stdout
    for words in (
        "in models-dev     anthropic/claude-opus-4-5",
        "rated as claude-opus-4-5-20251101",
        "joined by ",
        "the rules that joined these names:",
        "2 hosts of anthropic/claude-opus-4.5, by price:",
    ):
        assert words in shown
    (told,) = [
        model
        for model in json.loads(read("export").stdout)["models"]
        if model["canonical_id"] == "anthropic:claude-opus-4-5"
    ]
    assert (
        json.loads(read("show", "anthropic/claude-opus-4-5", "--json").stdout) == told
    )
    assert told["source_ids"] == {"models-dev": "anthropic/claude-opus-4-5"}
    rating = told["ratings"][0]
    assert rating["name"] == "claude-opus-4-5-20251101"
    assert rating["rules"]
    assert rating["ci_low"] < rating["score"] < rating["ci_high"]


def test_search_finds_models_and_their_hosts(read: Read) -> None:
    """One line per model, or one per host; near names when there is nothing else."""
    (hit,) = json.loads(read("search", "claude", "opus", "--json").stdout)
    assert (hit["group"], hit["match"]) == ("anthropic/claude-opus-4.5", "prefix")
    assert hit["cheapest_listed"] == "anthropic:claude-opus-4-5"
    assert len(hit["models"]) == 2
    done = read("search", "claude opus")
    assert "anthropic/claude-opus-4.5   chat   1470" in done.stdout
    assert "$5.00 / $25.00" in done.stdout
    every = read("search", "opus", "--all")
    assert "anthropic:claude-opus-4-5-20251101" in every.stdout
    assert _ids(read("search", "opus", "--all", "--json")) == hit["models"]
    near = read("search", "antropic opsu")
    assert "anthropic/claude-opus-4.5" in near.stdout
    assert "these come near" in near.stderr
    free = read("search", "gemma")
    assert "none" in free.stdout
    assert "nothing fits" in read("search", "zzzzz").stderr


def test_a_found_model_is_called_what_most_hosts_call_it() -> None:
    """Not what the first of them advertises; unknown where nobody says a name."""

    def told(*names: str | None) -> Any:
        models = tuple(
            CanonicalModel(
                canonical_id=f"host{place}:m",
                provider=f"host{place}",
                model_id="m",
                group="lab/m",
                display_name=name,
            )
            for place, name in enumerate(names)
        )
        return _told(Hit(group="lab/m", match="exact", models=models))["display_name"]

    assert told("M (20% off)", None, "M", "M") == "M"
    assert told(None) is None


def test_unmatched_names_are_listed_with_reasons(read: Read) -> None:
    """One line per name, all boards on it; text, board and reason narrow it."""
    rows = json.loads(read("unmatched", "--json").stdout)
    assert {row["reason"] for row in rows} <= {"no-row", "denied", "ambiguous"}
    assert all(row["detail"] for row in rows)
    shown = read("unmatched", "deepseek").stdout
    assert "nothing served is called deepseek/deepseek-v3.2-exp" in shown
    assert "claude" not in shown
    vision = json.loads(read("unmatched", "--board", "vision", "--json").stdout)
    assert {row["board"] for row in vision} == {"vision"}
    assert 0 < len(vision) < len(rows)
    assert json.loads(read("unmatched", "--reason", "denied", "--json").stdout) == [
        row for row in rows if row["reason"] == "denied"
    ]
    assert "more; see --limit" in read("unmatched", "--limit", "1").stderr


def test_refused_records_are_listed_with_reasons(read: Read) -> None:
    """Whole records and single fields; source, record, field and reason narrow it."""
    rows = json.loads(read("refused", "--json").stdout)
    assert {row["source"] for row in rows} == {"arena", "models-dev"}
    counted = {
        source["name"]: source["refused"]
        for source in json.loads(read("export").stdout)["sources"]
    }
    for source in ("arena", "models-dev"):
        of_it = [row for row in rows if row["source"] == source]
        assert len(of_it) >= counted[source] > 0
    done = read("refused", "--source", "models-dev", "--record", "FROGBOT")
    assert "'1970-01-01' is not a date of a model" in done.stdout
    assert "azure" not in done.stdout
    (field,) = json.loads(read("refused", "--field", "cost.output", "--json").stdout)
    assert field["record"] == "azure/model-router"
    found = json.loads(read("refused", "--reason", "listed 2 times", "--json").stdout)
    assert {row["source"] for row in found} == {"arena"}
    assert "all of it" in read("refused", "--source", "arena").stdout


def test_an_export_goes_to_stdout_or_a_file(read: Read, tmp_path: Path) -> None:
    """The same bytes, whatever the locale, time zone and hash seed."""
    printed = read("export")
    assert printed.stderr == ""
    wrote = read(
        "export",
        "--output",
        "all.json",
        PYTHONHASHSEED="7",
        LC_ALL="C",
        TZ="Asia/Tokyo",
    )
    assert wrote.stdout == ""
    assert "all.json: 35 models" in wrote.stderr
    assert (tmp_path / "all.json").read_text("utf-8") == printed.stdout
    assert list(tmp_path.iterdir()) == [tmp_path / "all.json"]
    told = json.loads(printed.stdout)
    assert len(told["models"]) == told["models_in_catalog"] == 35
    assert told["unmatched"]
    assert told["refused"]


def test_an_export_of_some_models_is_a_table_too(read: Read, tmp_path: Path) -> None:
    """CSV and Parquet have the models that fit."""
    done = read("export", "--format", "csv", "--provider", "openai")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 5
    assert {row["provider"] for row in rows} == {"openai"}
    done = read(
        *("export", "--format", "parquet", "--kind", "embedding", "-o", "e.parquet")
    )
    assert done.returncode == 0, done.stderr
    with pa.OSFile(str(tmp_path / "e.parquet")) as file:
        table: Any = parquet.read_table(file)
    assert table.num_rows == 3


def test_a_file_that_cannot_be_written_is_said(read: Read) -> None:
    """Exit 2, and nothing is left behind."""
    done = read("export", "-o", "no/such/folder.json")
    assert done.returncode == 2
    assert "can't be written" in done.stderr


def test_a_reader_that_stops_early_is_no_error(kept: dict[str, str]) -> None:
    """As with ``head``: no traceback."""
    with subprocess.Popen(
        [script(), "catalog", "export"],
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def _on_terminal(
    environ: dict[str, str], width: int, *arguments: str
) -> tuple[str, int]:
    """Run on a real terminal of a width; return all that it shows, and the status."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    mine = {name: value for name, value in environ.items() if name != "COLUMNS"}
    with subprocess.Popen(
        [script(), "catalog", *arguments],
        env=mine,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        said = b""
        # The end of a terminal that nobody holds any more is an error on Linux.
        with contextlib.suppress(OSError):
            while more := os.read(ours, 4096):
                said += more
        status = process.wait(timeout=60)
    os.close(ours)
    return said.decode().replace("\r\n", "\n"), status


@pytest.mark.parametrize(
    ("width", "arguments"),
    [
        *((width, ("show", "--limit", "100")) for width in (60, 80, 120, 200)),
        (60, ("show", "anthropic:claude-opus-4-5")),
        (100, ("show", "anthropic:claude-opus-4-5")),
        (60, ("search", "gpt")),
        (60, ("unmatched",)),
        (100, ("unmatched",)),
    ],
)
def test_tables_fit_the_terminal(
    kept: dict[str, str], width: int, arguments: tuple[str, ...]
) -> None:
    """Lines of tables are no longer than it is wide, and ids are whole."""
    shown, status = _on_terminal(kept | {"NO_COLOR": "1"}, width, *arguments)
    assert status == 0
    lines = shown.splitlines()
    rules = [place for place, line in enumerate(lines) if line.startswith(" ──")]
    assert rules
    for place in rules:
        table = lines[place - 1 : lines.index("", place)]
        assert max(map(len, table)) <= width
    if arguments[0] == "show" and len(arguments) == 3:
        assert "anthropic:claude-3-5-sonnet-20240620" in shown.split()
        assert ("no room for" in shown) is (width < 200)


def test_colour_is_for_terminals_that_want_it(kept: dict[str, str]) -> None:
    """Heads are bold on a terminal; with NO_COLOR, or in a pipe, nothing is."""
    arguments = ("show", "--limit", "2")
    assert "\x1b[1m" in _on_terminal(kept, 100, *arguments)[0]
    assert "\x1b" not in _on_terminal(kept | {"NO_COLOR": "1"}, 100, *arguments)[0]


def test_parquet_is_kept_off_terminals(kept: dict[str, str]) -> None:
    """Binary data would ruin it."""
    shown, status = _on_terminal(kept, 100, "export", "--format", "parquet")
    assert status == 2
    assert "name a file" in shown
