"""Made-up answers of the upstreams, of the shape and size that the real ones have.

Names of models are made up; names of providers and fields are real, because the code
under measurement looks them up. The same seed gives the same bytes.
"""

from __future__ import annotations

import json
import random
from typing import Any

__all__ = ["arena_catalog", "arena_rows", "models_dev_api", "models_dev_models"]

MODELS = 5_276
BASE_MODELS = 231
PROVIDERS = (
    "openai anthropic google mistral deepseek openrouter groq xai togetherai cohere "
    "fireworks-ai deepinfra moonshotai zai nebius"
).split()
HOSTS = 147 - len(PROVIDERS)
RATED = 413
CATEGORIES = (
    "overall hard_prompts instruction_following creative_writing coding math "
    "longer_query expert"
).split()
ROOTS = "amber birch cedar delta ember fjord grove heath iris jade karst lotus".split()
VARIANTS = ("", "-mini", "-pro", "-flash", "-max", "-lite")


def _names() -> list[str]:
    """Return the underlying models, best known first."""
    return [
        f"{root}-{major}.{minor}{variant}"
        for major in range(9, 2, -1)
        for minor in (5, 0)
        for root in ROOTS
        for variant in VARIANTS
    ]


def _model(name: str, dice: random.Random) -> dict[str, Any]:
    reasons = dice.random() < 0.6
    price = round(dice.lognormvariate(-0.5, 1.2), 3)
    model: dict[str, Any] = {
        "id": name,
        "name": name.title().replace("-", " "),
        "family": name.partition("-")[0],
        "attachment": dice.random() < 0.5,
        "reasoning": reasons,
        "tool_call": dice.random() < 0.8,
        "open_weights": dice.random() < 0.4,
        "release_date": f"202{dice.randint(4, 5)}-{dice.randint(1, 12):02}-15",
        "last_updated": f"2026-0{dice.randint(1, 6)}-01",
        "modalities": {
            "input": ["text", "image"] if dice.random() < 0.5 else ["text"],
            "output": ["text"],
        },
        "limit": {
            "context": dice.choice([32_768, 131_072, 200_000, 1_000_000]),
            "output": dice.choice([4_096, 8_192, 32_768, 65_536]),
        },
    }
    if reasons:
        efforts = {"type": "effort", "values": ["low", "medium", "high"]}
        model["reasoning_options"] = [efforts] if dice.random() < 0.4 else []
    if dice.random() < 0.87:
        model["temperature"] = dice.random() < 0.9
    if dice.random() < 0.49:
        model["structured_output"] = dice.random() < 0.8
        model["knowledge"] = f"2025-{dice.randint(1, 12):02}"
    if dice.random() < 0.93:
        model["cost"] = {"input": price, "output": round(price * 4, 3)}
        if dice.random() < 0.4:
            model["cost"]["cache_read"] = round(price / 10, 4)
    return model


def _embedding(number: int, dice: random.Random) -> dict[str, Any]:
    model = _model(f"text-embedding-{number}", dice)
    model |= {"reasoning": False, "tool_call": False, "family": "text-embedding"}
    model.pop("reasoning_options", None)
    model["modalities"] = {"input": ["text"], "output": ["text"]}
    model["limit"] = {"context": 8_192, "output": 1_536}
    model["cost"] = {"input": 0.02 * number, "output": 0}
    return model


def models_dev_api(seed: int = 0) -> bytes:
    """Return `api.json`: 147 providers with 5,276 served models."""
    dice = random.Random(seed)
    names = _names()
    providers = [*PROVIDERS, *(f"host-{number:03}" for number in range(HOSTS))]
    share, rest = divmod(MODELS, len(providers))
    document = {}
    for place, provider in enumerate(providers):
        count = share + (place < rest) - 3
        served = [_model(name, dice) for name in dice.sample(names, count)]
        served += [_embedding(number, dice) for number in (1, 2, 3)]
        document[provider] = {
            "id": provider,
            "env": [f"{provider.upper().replace('-', '_')}_API_KEY"],
            "npm": "@ai-sdk/openai-compatible",
            "api": f"https://api.{provider}.example/v1",
            "name": provider.title(),
            "doc": f"https://docs.{provider}.example/models",
            "models": {model["id"]: model for model in served},
        }
    return json.dumps(document).encode()


def models_dev_models(seed: int = 0) -> bytes:
    """Return `models.json`: 231 models apart from who serves them."""
    dice = random.Random(seed)
    document = {}
    for name in _names()[:BASE_MODELS]:
        lab = dice.choice(PROVIDERS[:5])
        model = {**_model(name, dice), "id": f"{lab}/{name}"}
        del model["attachment"]
        document[f"{lab}/{name}"] = {**model, "attachment": False}
    return json.dumps(document).encode()


def arena_rows(seed: int = 0) -> list[dict[str, Any]]:
    """Return the rows of one board of the dataset: 413 names in 8 categories."""
    dice = random.Random(seed)
    rows: list[dict[str, Any]] = []
    for category in CATEGORIES:
        for rank, name in enumerate(_names()[:RATED], start=1):
            rating = 1_500 - 1.2 * rank + dice.gauss(0, 8)
            rows.append(
                {
                    "model_name": name,
                    "organization": "",
                    "license": "",
                    "rating": rating,
                    "rating_lower": rating - 5,
                    "rating_upper": rating + 5,
                    "variance": None,
                    "vote_count": float(dice.randint(500, 90_000)),
                    "rank": rank,
                    "category": category,
                    "leaderboard_publish_date": "2026-10-05",
                }
            )
    return rows


def arena_catalog(seed: int = 0) -> bytes:
    """Return a board as the file catalog has it: ratings by category and name."""
    board: dict[str, dict[str, dict[str, float]]] = {}
    for row in arena_rows(seed):
        category = "full" if row["category"] == "overall" else row["category"]
        board.setdefault(category, {})[row["model_name"]] = {
            "rating": row["rating"],
            "rating_q975": row["rating_upper"],
            "rating_q025": row["rating_lower"],
        }
    return json.dumps(board, indent=4).encode()
