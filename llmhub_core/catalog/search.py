"""Find models by name, also when it is typed wrong."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from attrs import frozen

from llmhub_core.catalog.query import Filters, list_models, ordered
from llmhub_core.catalog.spelling import alike, alike_whole, numbers
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel

__all__ = ["Hit", "Match", "cheapest", "search", "spokesman"]

Match: TypeAlias = Literal["exact", "prefix", "words", "near"]

_BREAK = re.compile(r"[\W_]+")
_STRENGTHS: tuple[Match, ...] = ("exact", "prefix", "words", "near")
_EXACT, _PREFIX, _WORDS, _NEAR = range(4)

_Words: TypeAlias = tuple[str, ...]
_Rank: TypeAlias = tuple[float, bool, float, int, str]


@frozen(kw_only=True)
class Hit:
    """One underlying model that was found.

    Attributes:
        group: Its id; the canonical id of a model that has no group.
        match: ``exact`` when a name of it is the text, ``prefix`` when one begins
            with it, ``words`` when all words of the text begin words of it, its
            lab or its provider, ``near`` when it may have been mistyped.
        models: Those of its hosts that fit, cheapest first.
    """

    group: str
    match: Match
    models: tuple[CanonicalModel, ...]

    @property
    def score(self) -> float | None:
        """Overall text rating of most of the rated hosts, or None."""
        rated = spokesman(self.models)
        return None if rated is None else rated.arena_score


def search(
    catalog: Catalog, text: str, filters: Filters | None = None
) -> tuple[Hit, ...]:
    """Find underlying models by id, display name, lab, provider, or name on a board.

    Case and punctuation do not matter: ``gpt5.1`` finds ``openai/gpt-5.1``. Near
    names are looked for only when nothing else is found.

    Args:
        catalog: Where to look.
        text: One or several words.
        filters: What the models must be.

    Returns:
        Best match first; among equal ones the rated before the unrated, by rating,
        then the ones with more hosts, then by id.

    Raises:
        FilterError: As in :func:`~llmhub_core.catalog.query.list_models`.
    """
    wanted = _words(text)
    if not wanted:
        return ()
    groups: dict[str, list[CanonicalModel]] = defaultdict(list)
    for model in list_models(catalog, filters).models:
        groups[model.group or model.canonical_id].append(model)
    called = {group: _Called.of(group, models) for group, models in groups.items()}
    ranked = [
        found
        for group, models in groups.items()
        if (found := _found(wanted, group, models, called[group])) is not None
    ]
    ranked = ranked or _near(wanted, groups, called)
    return tuple(hit for _, hit in sorted(ranked, key=lambda pair: pair[0]))


def cheapest(models: Iterable[CanonicalModel]) -> CanonicalModel | None:
    """Return the host with the lowest listed price; None when no price is listed.

    What is free of charge or part of a plan is no price to compare.
    """
    listed = [model for model in models if model.price_basis == "listed"]
    first = next(iter(ordered(listed, "price")), None)
    if first is None or first.price_input_per_million is None:
        return None
    return first


def spokesman(models: Iterable[CanonicalModel]) -> CanonicalModel | None:
    """Return the host whose overall rating most of the hosts have; None unrated.

    Some hosts serve a model in one mode only, whose rating is another one.
    """
    rated = sorted(
        (model for model in models if model.arena_score is not None),
        key=lambda model: model.canonical_id,
    )
    counts = Counter(model.arena_score for model in rated)
    return max(rated, key=lambda model: counts[model.arena_score], default=None)


@frozen
class _Called:
    """What a model is called: its names in words, and all words about it."""

    names: frozenset[_Words]
    words: frozenset[str]

    @classmethod
    def of(cls, group: str, models: Sequence[CanonicalModel]) -> _Called:
        """Collect ids, display names, names on boards, and the lab."""
        names = {group}
        for model in models:
            names |= {model.model_id, model.display_name or ""}
        # Hosts of one model share their ratings.
        shared = {id(model.ratings): model.ratings for model in models}
        names |= {rating.name for of in shared.values() for rating in of}
        return cls._made(names, {model.lab or "" for model in models})

    @classmethod
    def at(cls, model: CanonicalModel) -> _Called:
        """Collect the names of one host's row, and the host's."""
        names = {model.canonical_id, model.display_name or ""}
        return cls._made(names, {model.lab or ""})

    @classmethod
    def _made(cls, names: set[str], labs: set[str]) -> _Called:
        tails = {name.rpartition("/")[2] for name in names}
        split = frozenset(filter(None, map(_words, names | tails)))
        words = {word for name in (*split, *map(_words, labs)) for word in name}
        return cls(split, frozenset(words))


def _words(text: str) -> _Words:
    return tuple(filter(None, _BREAK.split(text.casefold())))


def _found(
    wanted: _Words, group: str, models: Sequence[CanonicalModel], called: _Called
) -> tuple[_Rank, Hit] | None:
    strength = _strength(wanted, called)
    if strength is not None and strength < _WORDS:
        return _hit(wanted, group, models, strength)
    # Perhaps the text names one of the hosts.
    here = [
        (at, model)
        for model in models
        if (at := _strength(wanted, _Called.at(model))) is not None
    ]
    best = min((at for at, _ in here), default=_NEAR)
    if strength is not None and strength <= best:
        return _hit(wanted, group, models, strength)
    if not here:
        return None
    return _hit(wanted, group, [model for _, model in here], best)


def _hit(
    wanted: _Words,
    group: str,
    models: Sequence[CanonicalModel],
    strength: int,
    similarity: float = 0.0,
) -> tuple[_Rank, Hit]:
    hit = Hit(group=group, match=_STRENGTHS[strength], models=ordered(models, "price"))
    score = hit.score
    own, compact = "".join(_words(group.rpartition("/")[2])), "".join(wanted)
    if strength == _NEAR:
        # Of what may be meant, that with the very numbers comes first.
        own, compact = (".".join(numbers(text)) for text in (own, compact))
    rank = (
        strength - similarity,
        bool(compact) and own != compact,
        float("inf") if score is None else -score,
        -len(models),
        group,
    )
    return rank, hit


def _strength(wanted: _Words, called: _Called) -> int | None:
    """How well a model is called what is wanted: the lower the better."""
    compact = "".join(wanted)
    if any("".join(name) == compact for name in called.names):
        return _EXACT
    # Quick, and rules out nearly all.
    if not all(any(word.startswith(part) for word in called.words) for part in wanted):
        return None
    if any(_begins(name, wanted) for name in called.names):
        return _PREFIX
    return _WORDS if _counts(wanted, called) else None


def _begins(name: _Words, wanted: _Words) -> bool:
    *whole, last = wanted
    return (
        len(name) >= len(wanted)
        and list(name[: len(whole)]) == whole
        and name[len(whole)].startswith(last)
    )


def _counts(wanted: _Words, called: _Called) -> bool:
    """Whether a number that is wanted twice is: 3.3 is not 3.1."""
    needed = Counter(word for word in wanted if word.isdigit())
    if all(count == 1 for count in needed.values()):
        return True
    return any(needed <= Counter(name) for name in called.names)


def _near(
    wanted: _Words,
    groups: Mapping[str, Sequence[CanonicalModel]],
    called: Mapping[str, _Called],
) -> list[tuple[_Rank, Hit]]:
    """Find what may have been meant: word by word, or all of it run together."""
    vocabulary = {word for one in called.values() for word in one.words}
    similar = {part: alike(part, vocabulary) for part in set(wanted)}
    compact = "".join(wanted)
    found = []
    for group, one in called.items():
        by_word = [
            max((similar[part].get(word, 0.0) for word in one.words), default=0.0)
            for part in wanted
        ]
        named = all(by_word) and _counts(wanted, one)
        likeness = sum(by_word) / len(by_word) if named else 0.0
        likeness = max(
            likeness, alike_whole(compact, {"".join(name) for name in one.names})
        )
        if likeness:
            found.append(_hit(wanted, group, groups[group], _NEAR, likeness))
    return found
