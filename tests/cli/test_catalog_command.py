"""``llmhub catalog``: refreshed from upstreams that work, fail and lie."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Run, script
from tests.upstreams import DATA, Upstreams

SERVED = sum(
    len(provider["models"])
    for provider in json.loads(
        (DATA / "models_dev" / "api.json").read_text("utf-8")
    ).values()
)


def _report(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, object]]:
    return {source["name"]: source for source in json.loads(done.stdout)["sources"]}


def test_refresh_accounts_for_every_model_and_transfers_nothing_twice(
    llmhub: Run, upstreams: Upstreams
) -> None:
    """Models are fused or refused; a second refresh is answered 304 throughout."""
    first = llmhub("catalog", "refresh", "--json")
    assert first.returncode == 0, first.stderr
    report = json.loads(first.stdout)
    assert report["models"] == SERVED
    assert report["replaced"]
    assert report["kept"]
    sources = _report(first)
    assert sources["models-dev"]["state"] == "fresh"
    assert sources["arena"]["rated"] == 62
    assert sources["arena"]["refused"] == 2

    upstreams.statuses.clear()
    second = llmhub("catalog", "refresh", "--json")
    assert set(upstreams.statuses) <= {304, 404}
    assert 304 in upstreams.statuses
    again = json.loads(second.stdout)
    assert again["digest"] == report["digest"]
    assert {s["transferred_bytes"] for s in again["sources"]} == {0}


def test_refresh_tells_people_what_came(llmhub: Run) -> None:
    """The summary names each source, its state, its age and what it refused."""
    done = llmhub("catalog", "refresh")
    assert done.returncode == 0
    for word in ("any-llm", "arena", "models-dev", "fresh", "just now", "with a price"):
        assert word in done.stdout
    assert "embedding" in done.stdout


@pytest.mark.parametrize(
    ("broken", "silent"),
    [
        ({"models_dev": 500}, "models-dev"),
        ({"models_dev": b"<html>moved</html>"}, "models-dev"),
        ({"models_dev": b'{"openai": {"id": "openai", "mod'}, "models-dev"),
        ({"models_dev": b"[]"}, "models-dev"),
        ({"models_dev": b"{}"}, "models-dev"),
        ({"rows": 503}, "arena"),
        ({"rows": b"<html>moved</html>"}, "arena"),
        ({"rows": b'{"rows": ['}, "arena"),
        ({"rows": b"[]"}, "arena"),
    ],
    ids=[
        "500",
        "web page",
        "truncated",
        "list",
        "empty",
        "rows 503",
        "rows web page",
        "rows truncated",
        "rows list",
    ],
)
def test_a_source_that_fails_spoils_nothing(
    llmhub: Run, upstreams: Upstreams, broken: dict[str, int | bytes], silent: str
) -> None:
    """What it said before stands in, and the summary says what is missing."""
    before = json.loads(llmhub("catalog", "refresh", "--json").stdout)
    upstreams.broken.update(broken)
    done = llmhub("catalog", "refresh", "--json")
    assert done.returncode == 0, done.stderr
    after = json.loads(done.stdout)
    assert after["digest"] == before["digest"]
    assert _report(done)[silent]["state"] == "stale"
    assert _report(done)[silent]["reason"]
    upstreams.broken.clear()
    healed = llmhub("catalog", "refresh", "--json")
    assert _report(healed)[silent]["reason"] is None


def test_the_embedded_ratings_stand_in_on_a_new_machine(
    llmhub: Run, upstreams: Upstreams
) -> None:
    """While the boards are down: dated and told, under prices that stay fresh."""
    upstreams.broken["rows"] = 500
    for _ in range(2):  # nor does the second refresh stick to the first one's prices
        done = llmhub("catalog", "refresh", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["models"] == SERVED
        assert _report(done)["arena"]["state"] == "snapshot"
        assert "500" in str(_report(done)["arena"]["reason"])
        assert _report(done)["models-dev"]["state"] in {"fresh", "cached"}
        assert "the ratings embedded on 20" in done.stderr
    (rated,) = json.loads(llmhub("catalog", "show", "gpt-5-mini", "--json").stdout)
    assert {rating["published_on"] for rating in rated["ratings"]} == {"2026-10-05"}

    upstreams.broken.clear()
    healed = llmhub("catalog", "refresh", "--json")
    assert _report(healed)["arena"]["state"] == "fresh"
    assert "embedded" not in healed.stderr


def test_a_slow_source_is_left_behind(llmhub: Run, upstreams: Upstreams) -> None:
    """A source that does not answer in its time does not hold up the others."""
    upstreams.delays["rows"] = 30
    done = llmhub("catalog", "refresh", "--json", LLMHUB_SOURCE_TIMEOUT_SECONDS="1")
    assert json.loads(done.stdout)["models"] == SERVED
    assert "not done within 1 s" in str(_report(done)["arena"]["reason"])


def test_an_answer_that_never_ends_is_cut(llmhub: Run, upstreams: Upstreams) -> None:
    """200 MB of junk is refused long before its end, and keeps nothing out."""
    upstreams.broken["models_dev"] = b"x" * (200 * 1024 * 1024)
    done = llmhub("catalog", "refresh", "--json")
    assert done.returncode == 3
    assert "larger than" in str(_report(done)["models-dev"]["reason"])


def test_when_all_fail_the_last_good_catalog_stays(
    llmhub: Run, upstreams: Upstreams, environ: dict[str, str]
) -> None:
    """Kept answers give the catalog of before; without those the kept one stays."""
    before = json.loads(llmhub("catalog", "refresh", "--json").stdout)
    upstreams.broken.update({"models_dev": 500, "rows": 500})
    stale = json.loads(llmhub("catalog", "refresh", "--json").stdout)
    assert stale["digest"] == before["digest"]
    payloads = list(Path(environ["LLMHUB_CACHE_DIR"]).rglob("payloads/*/*"))
    assert payloads
    for path in payloads:
        path.unlink()
    done = llmhub("catalog", "refresh", "--json")
    assert done.returncode == 3
    kept = json.loads(done.stdout)
    assert (kept["digest"], kept["replaced"]) == (before["digest"], False)
    assert "using the kept catalog" in done.stderr


def test_on_a_machine_without_a_catalog_the_embedded_one_answers(
    llmhub: Run, upstreams: Upstreams
) -> None:
    """With every upstream down and no cache, thousands of models are still known."""
    upstreams.broken.update({"models_dev": 500, "rows": 500})
    done = llmhub("catalog", "refresh", "--json")
    assert done.returncode == 3
    report = json.loads(done.stdout)
    assert report["origin"] == "snapshot"
    assert report["models"] > 5_000
    assert "embedded catalog" in done.stderr


def test_two_refreshes_at_once_both_succeed(
    environ: dict[str, str], project: Path, llmhub: Run
) -> None:
    """They share the cache folder; both end well and leave one sound catalog."""
    command = [script(), "catalog", "refresh", "--json"]
    both = [
        subprocess.Popen(
            command,
            cwd=project,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    digests = {json.loads(out)["digest"] for out, _ in answers}
    shown = json.loads(llmhub("status", "--json").stdout)
    assert {shown["catalog"]["digest"]} == digests


def test_ctrl_c_loses_nothing(
    environ: dict[str, str], project: Path, llmhub: Run, upstreams: Upstreams
) -> None:
    """A refresh that is interrupted leaves the catalog of before."""
    before = json.loads(llmhub("catalog", "refresh", "--json").stdout)
    upstreams.delays["rows"] = 5
    upstreams.statuses.clear()
    process = subprocess.Popen(
        [script(), "catalog", "refresh"],
        cwd=project,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not upstreams.statuses:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    status = json.loads(llmhub("status", "--json").stdout)
    assert status["catalog"]["digest"] == before["digest"]


def test_show_lists_models_and_names_origins(llmhub: Run) -> None:
    """A list is sorted by rating; one model says where each value came from."""
    listed = llmhub("catalog", "show", "--kind", "embedding")
    assert "openai:text-embedding-3-small" in listed.stdout
    assert "openai:gpt-5.5" not in listed.stdout
    shown = llmhub("catalog", "show", "anthropic/claude-opus-4-5")
    assert "anthropic:claude-opus-4-5" in shown.stdout
    assert "models-dev" in shown.stdout
    assert "unknown" in shown.stdout
    model = json.loads(
        llmhub("catalog", "show", "anthropic:claude-opus-4-5", "--json").stdout
    )
    assert model["provenance"]["price_input_per_million"]["source"] == "models-dev"
    assert model["arena_score"] is not None


def test_show_names_what_was_probably_meant(llmhub: Run) -> None:
    """A mistyped id is refused with near ones."""
    done = llmhub("catalog", "show", "anthropic:claude-opus-4-6")
    assert done.returncode == 2
    assert "claude-opus-4-5" in done.stderr


def test_show_lists_all_for_programs_and_some_for_people(llmhub: Run) -> None:
    """JSON has every model; a table is cut, and says by how many."""
    rows = json.loads(llmhub("catalog", "show", "--json").stdout)
    assert len(rows) == SERVED
    scores = [row["arena_score"] or 0 for row in rows]
    assert scores == sorted(scores, reverse=True)
    done = llmhub("catalog", "show", "--limit", "1")
    assert rows[0]["canonical_id"] in done.stdout
    assert rows[1]["canonical_id"] not in done.stdout.split()
    assert f"{SERVED - 1:,} more; see --limit" in done.stderr


def test_show_of_a_name_lists_everybody_who_serves_it(llmhub: Run) -> None:
    """Without a provider: all of the same underlying model, and no other."""
    rows = json.loads(llmhub("catalog", "show", "claude-opus-4-5", "--json").stdout)
    assert "anthropic:claude-opus-4-5" in [row["canonical_id"] for row in rows]
    assert len({row["group"] for row in rows}) == 1
    shown = llmhub("catalog", "show", "claude-opus-4-5").stdout.split()
    assert [word for word in shown if word in {r["canonical_id"] for r in rows}] == [
        row["canonical_id"] for row in rows
    ]


def test_a_cache_that_takes_nothing_is_said(llmhub: Run, tmp_path: Path) -> None:
    """The refresh counts, and the user knows that it is gone afterwards."""
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    blocked = str(tmp_path / "file" / "cache")
    done = llmhub("catalog", "refresh", "--json", LLMHUB_CACHE_DIR=blocked)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["kept"] is False
    assert "can't be written, so nothing was kept" in done.stderr
