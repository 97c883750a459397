"""Models that a call to their provider does not reach."""

from __future__ import annotations

import re
from functools import cache

__all__ = ["elsewhere"]


@cache
def elsewhere(provider: str, model_id: str) -> str | None:
    """Say where a model is served instead, to be read after "is"; or None.

    A listing does not tell: OpenAI lists models that its chat endpoint refuses.

    Args:
        provider: any-llm's name of the provider.
        model_id: The model's id there.
    """
    name = model_id.lower()
    return next(
        (
            reason
            for providers, models, reason in _table()
            if (not providers or provider in providers) and models.fullmatch(name)
        ),
        None,
    )


@cache
def _table() -> tuple[tuple[frozenset[str], re.Pattern[str], str], ...]:
    import tomllib
    from importlib.resources import files

    text = files(__package__).joinpath("data", "endpoints.toml").read_text("utf-8")
    return tuple(
        (
            frozenset(entry.get("providers", ())),
            re.compile(entry["models"]),
            entry["reason"],
        )
        for entry in tomllib.loads(text)["elsewhere"]
    )
