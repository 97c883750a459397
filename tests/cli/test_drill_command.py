"""``llmhub drill``: a process, a config, no network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

CONFIG = """\
project: shop
env: prod
providers:
  openai: {env_key: OPENAI_API_KEY}
  anthropic: {env_key: ANTHROPIC_API_KEY}
  faraway: {env_key: FARAWAY_KEY, api_base: "https://models.example/v1"}
roles:
  answers:
    provider: openai
    model: gpt-x
    mode: chat
    commit: complete
    fallbacks:
      - {provider: anthropic, model: claude-y, params: {max_tokens: 500}}
      - {provider: faraway, model: far-z}
  search: {provider: faraway, model: embed-z, mode: embedding}
  pictures: {provider: openai, model: image-x, mode: image}
"""
KEYS = {
    "OPENAI_API_KEY": "canary-openai",
    "ANTHROPIC_API_KEY": "canary-anthropic",
    "FARAWAY_KEY": "canary-faraway",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
}


@pytest.fixture
def config(project: Path) -> Path:
    """The config above, where ``drill`` looks for it."""
    path = project / "llmhub.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def test_drill_prints_a_card(llmhub: Run, config: Path, tmp_path: Path) -> None:
    """One row per fault and the counts; also as a file, and no key anywhere."""
    page = tmp_path / "card.md"
    done = llmhub(
        *("drill", "answers", "--form", "stream", "--markdown", str(page)), **KEYS
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "16 pass" in done.stdout, done.stdout
    assert "S16" in done.stdout
    assert "faraway is driven as an OpenAI-compatible provider" in done.stdout
    assert "time runs 10 times as fast" in done.stdout
    assert "attempt.failed" not in done.stderr
    text = page.read_text("utf-8")
    assert "| S16 | Who is paid | **pass** |" in text
    assert "canary" not in done.stdout + done.stderr + text


def test_drill_prints_json(llmhub: Run, config: Path) -> None:
    """Every role that can be drilled, with every check."""
    done = llmhub("drill", "--json", "--time-scale", "0.05", "--sync", **KEYS)
    assert done.returncode == 0, done.stdout + done.stderr
    cards = json.loads(done.stdout)
    assert [(one["role"], one["form"], one["style"]) for one in cards] == [
        ("answers", "whole", "sync"),
        ("answers", "stream", "sync"),
        ("search", "whole", "sync"),
    ]
    assert cards[0]["scale"] == 0.05
    assert cards[2]["counts"]["safe"] > 0
    assert "pictures: there are no faults for image calls" in done.stderr


def test_drill_fails_with_a_fault(llmhub: Run, config: Path) -> None:
    """Exit 1 when a client waits for longer than anybody should."""
    patient = "deadline: 300s\ntimeout: 110s\nttft_timeout: 110s\n"
    config.write_text(f"{CONFIG}{patient}", encoding="utf-8")
    done = llmhub(*("drill", "search", "--time-scale", "0.02"), COLUMNS="200", **KEYS)
    assert done.returncode == 1, done.stdout
    assert "ends within 100 s" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("drill", "anwers"), "Did you mean 'answers'"),
        (("drill", "--config", "nowhere.yaml"), "no such file"),
        (("drill", "--time-scale", "2"), "0.01<=x<=1.0"),
        (("drill", "--commit", "never"), "never"),
    ],
)
def test_drill_refuses(
    llmhub: Run, config: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Wrong usage and wrong files: exit 2, one line, nothing was sent."""
    done = llmhub(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
