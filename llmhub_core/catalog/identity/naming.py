"""From a name to its signature."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

import attrs

from llmhub_core.catalog.identity.dates import take_stamp
from llmhub_core.catalog.identity.lexicon import EFFORTS, Lexicon, lexicon, spaced
from llmhub_core.catalog.identity.reader import (
    FORMATS,
    NEGATIONS,
    NOT_THINKING,
    PREVIEW,
    THINKING,
    Reader,
    join_decimals,
    thinking_tokens,
)
from llmhub_core.catalog.identity.signature import Signature, stem_of
from llmhub_core.catalog.identity.tokens import clean, cut, is_version

__all__ = ["effort_reading", "owner_of", "parse_name"]

_PATH = re.compile(r"(?<!\d)/|/(?!\d)")
_BY = re.compile(r"^([^:()\[\]]{2,40}):\s+")
_ROUND = re.compile(r"\(([^()]*)\)")
_SQUARE = re.compile(r"\[([^\[\]]*)\]")
_BUDGET = re.compile(r"\d{1,3}k|\d{1,7}tok")
_HARNESS = frozenset({"harness", "search", "grounding"})
_ATTRIBUTES = (
    THINKING | NOT_THINKING | NEGATIONS | PREVIEW | FORMATS | {*EFFORTS, "latest"}
)


@functools.lru_cache(maxsize=32768)
def parse_name(name: str) -> Signature:
    """Take a name apart.

    Args:
        name: An id, a path ending in one, or a display name, in any style.

    Returns:
        Its signature. Words that nothing is known about become part of the core.
    """
    words = lexicon()
    *path, text = _PATH.split(clean(name))
    owner = owner_of(path)
    by = _BY.match(text)
    if by is not None:
        owner = by[1]
        text = text[by.end() :]
    settings: set[str] = set()
    if "[" in text:
        text = _SQUARE.sub(lambda match: _setting_or(match[1], settings), text)
    if "(" in text:
        text = _ROUND.sub(lambda match: _aside(match[1], settings, words), text)
    pieces = cut(text)
    stamp = take_stamp(pieces)
    reader = Reader(words, settings)
    reader.read(join_decimals(pieces))
    return reader.signature(stamp, words.lab(owner) if owner else None)


def owner_of(path: Sequence[str]) -> str | None:
    """Return the path segment that says whose model it is, or None.

    ``openai`` of ``openai/chat-completion/models``, ``meta`` of ``@cf/meta``; the
    last segment that names a lab, else the last that is not a mere place.
    """
    words = lexicon()
    owner = None
    for segment in reversed(path):
        name = spaced(segment).removeprefix("hf ")
        if name in words.lab_of_name:
            return name
        if owner is None and name and name not in words.neutral:
            owner = name
    return owner


def effort_reading(signature: Signature) -> Signature | None:
    """Return the name read as a model and an effort, or None.

    ``gpt-5.1-high`` is either a model of that name or GPT-5.1 at high effort;
    parsing can't know and takes the first reading. This is the second. An effort
    with a budget (``high-32k``) is what Arena renamed ``thinking-32k`` to.
    """
    core = signature.core
    budget = None
    thinking = signature.thinking
    if (
        len(core) > 2
        and _BUDGET.fullmatch(core[-1])
        and not lexicon().is_product_word(core[-2], core[:-2])
    ):
        budget = thinking_tokens(core[-1])
        thinking = True
        core = core[:-1]
    if len(core) < 2 or core[-1] not in EFFORTS or signature.effort is not None:
        return None
    if not signature.sizes and not any(map(is_version, core[:-1])):
        return None  # mistral-medium: a bare brand takes no effort
    return attrs.evolve(
        signature,
        core=core[:-1],
        stem=stem_of(core[:-1]),
        effort=core[-1],
        thinking=thinking,
        budget=budget if budget is not None else signature.budget,
    )


def _setting_or(text: str, settings: set[str]) -> str:
    """Take a harness or tool in brackets as a setting; keep the rest in place."""
    tokens = [token for _, token in cut(text)]
    if tokens and tokens[-1] in _HARNESS:
        settings.add("-".join(tokens))
        return " "
    return f" {text} "


def _aside(text: str, settings: set[str], words: Lexicon) -> str:
    """Keep what parentheses say of mode, date or size; drop nicknames."""
    kept = _setting_or(text, settings)
    pieces = cut(kept)
    stamp = take_stamp(pieces)
    for kind, word in pieces:
        if kind not in ("size", "amount") and not (
            word in _ATTRIBUTES
            or word in words.serving
            or word in words.speeds
            or word in words.altering
        ):
            return f" {stamp} " if stamp is not None else " "
    return kept
