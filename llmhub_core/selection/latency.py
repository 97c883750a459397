"""How fast a model answers: a proxy, as long as no source measures it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping

from llmhub_core.numerals import plain
from llmhub_core.records.candidate import Latency
from llmhub_core.records.model import CanonicalModel

__all__ = ["latency"]

#: Parameters in an id, in billions: ``8b``, ``a22b`` (active in a mixture of
#: experts), ``8x7b``. The active ones decide, and stand last where both are named.
_SIZE = re.compile(r"(?<![a-z0-9.])(?:\d+x)?a?(\d+(?:\.\d+)?)b(?![a-z0-9])")

#: Words by which labs name their smaller models, with the class that they mean; the
#: first of them decides where a name has several.
_WORDS: Mapping[str, int] = {
    "nano": 0,
    "micro": 0,
    "tiny": 0,
    "lite": 0,
    "mini": 1,
    "small": 1,
    "flash": 1,
    "turbo": 1,
    "fast": 1,
    "air": 1,
    "haiku": 1,
}
_WORD = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(_WORDS)})(?![a-z0-9])")

#: Upper bounds of the classes 0 to 3, in billions of active parameters.
_PARAMETERS = (4.0, 16.0, 40.0, 120.0)

#: Upper bounds of the classes 0 to 3, in US dollars per million output tokens.
_PRICES = (0.4, 1.5, 6.0, 20.0)

_CLASSES = ("very small", "small", "middle", "large", "very large")


def latency(model: CanonicalModel) -> Latency:
    """Rank a model by what makes models slow; 0 is fastest, 7 slowest.

    Size gives 0 to 4: by the active parameters that the id names, else by a word
    such as ``mini``, else by the output price, else 2. Reasoning adds 1 when it can
    be switched off, 2 when it takes a budget of its own, else 3.

    Args:
        model: The catalog's record.
    """
    size, ground = _size(model)
    waiting, mode = _reasoning(model)
    reason = f"{_CLASSES[size]} by {ground}, {mode}"
    return Latency(value=float(size + waiting), basis="proxy", reason=reason)


def _size(model: CanonicalModel) -> tuple[int, str]:
    name = model.model_id.lower()
    named = _SIZE.findall(name)
    if named:
        size = bisect_left(_PARAMETERS, float(named[-1]))
        return size, f"{named[-1]}B parameters"
    words = _WORD.findall(name)
    if words:
        word = next(each for each in _WORDS if each in words)
        return _WORDS[word], f"its name ({word})"
    price = model.price_output_per_million
    if price is not None and model.price_basis == "listed" and price > 0:
        return bisect_left(_PRICES, price), f"its output price ({plain(price)})"
    return 2, "default"


def _reasoning(model: CanonicalModel) -> tuple[int, str]:
    if model.supports_reasoning is not True:
        return 0, "no known reasoning mode"
    least = model.reasoning_budget_min_tokens
    if (
        model.reasoning_toggle
        or "none" in (model.reasoning_efforts or ())
        or (least is not None and least <= 0)
    ):
        return 1, "reasoning can be switched off"
    if least is not None:
        return 2, f"reasons with a budget of at least {least} tokens"
    return 3, "reasons, with no known switch"
