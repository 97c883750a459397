"""``llmhub catalog show`` of models that changed, or are gone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.cli.conftest import Run
from tests.upstreams import DATA, Upstreams


def _list(upstreams: Upstreams, folder: Path, *, price: float | None) -> None:
    """List GPT-5 mini at another price, or not at all."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DATA, folder)
    path = folder / "models_dev" / "api.json"
    listing = json.loads(path.read_text("utf-8"))
    if price is None:
        del listing["openai"]["models"]["gpt-5-mini"]
    else:
        listing["openai"]["models"]["gpt-5-mini"]["cost"]["input"] = price
    path.write_text(json.dumps(listing), "utf-8")
    upstreams.data = folder


def test_what_changed_is_shown_with_a_model_and_outlives_it(
    llmhub: Run, upstreams: Upstreams, tmp_path: Path
) -> None:
    """Its last changes, then when it was last listed and what is there instead."""
    assert llmhub("catalog", "refresh").returncode == 0
    assert "last changes" not in llmhub("catalog", "show", "openai:gpt-5-mini").stdout
    for price in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        _list(upstreams, tmp_path / "data", price=price)
        assert llmhub("catalog", "refresh").returncode == 0
    shown = llmhub("catalog", "show", "openai:gpt-5-mini").stdout
    below = shown.partition("last changes:\n")[2].splitlines()
    assert all("price_input_per_million 0." in line for line in below[:5])
    assert len(below) == 6
    assert below[-1] == "  1 more: llmhub catalog changes --model openai:gpt-5-mini"

    _list(upstreams, tmp_path / "data", price=None)
    assert llmhub("catalog", "refresh").returncode == 0
    gone = llmhub("catalog", "show", "openai/gpt-5-mini")
    assert gone.returncode == 0, gone.stderr
    assert "no longer listed since" in gone.stdout
    assert "last price $0.8 in, $2 out" in gone.stdout
    assert "removed" in gone.stdout
    told = json.loads(llmhub("catalog", "show", "openai:gpt-5-mini", "--json").stdout)
    assert told["tombstone"]["price_input_per_million"] == 0.8


def test_a_model_that_is_gone_is_shown_by_its_bare_name(
    llmhub: Run, upstreams: Upstreams, tmp_path: Path
) -> None:
    """When everybody left it off; while others list it, who does no more is told."""
    _list(upstreams, tmp_path / "data", price=0.3)
    path = tmp_path / "data" / "models_dev" / "api.json"
    listing = json.loads(path.read_text("utf-8"))
    hosts = [host for host in listing.values() if host["id"] != "openai"]
    hosts[0]["models"]["gpt-5-mini"] = listing["openai"]["models"]["gpt-5-mini"]
    path.write_text(json.dumps(listing), "utf-8")
    assert llmhub("catalog", "refresh").returncode == 0

    del listing["openai"]["models"]["gpt-5-mini"]
    path.write_text(json.dumps(listing), "utf-8")
    assert llmhub("catalog", "refresh").returncode == 0
    shown = llmhub("catalog", "show", "gpt-5-mini").stdout
    assert "1 host" in shown
    assert "\nno longer listed: openai:gpt-5-mini since 20" in shown

    del hosts[0]["models"]["gpt-5-mini"]
    path.write_text(json.dumps(listing), "utf-8")
    assert llmhub("catalog", "refresh").returncode == 0
    gone = llmhub("catalog", "show", "gpt-5-mini")
    assert gone.returncode == 0, gone.stderr
    assert gone.stdout.startswith("openai:gpt-5-mini  ")
    assert gone.stdout.count("no longer listed since 20") == 2
    assert "last price $0.3 in, $2 out" in gone.stdout
    told = json.loads(llmhub("catalog", "show", "gpt-5-mini", "--json").stdout)
    assert [stone["price_input_per_million"] for stone in told["tombstones"]] == [
        0.3,
        0.3,
    ]
