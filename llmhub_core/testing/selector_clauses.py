"""The contract of selectors, clause by clause."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, TypeAlias

from attrs import field, frozen

from llmhub_core.contracts import Ask, Selector, SelectorContext
from llmhub_core.errors import SelectionError
from llmhub_core.records.candidate import Candidate, Ranked, Ranking
from llmhub_core.records.need import RoleNeed
from llmhub_core.selection.ranking import is_line, is_text
from llmhub_core.testing.clause import (
    BreachError,
    declares_its_version,
    has_sound_options,
    in_words,
    observed,
)
from llmhub_core.testing.samples import offers, twins

__all__ = ["SELECTOR_CLAUSES", "SelectorSubject", "keeps_to_its_candidates"]


@frozen(kw_only=True)
class SelectorSubject:
    """A selector under examination.

    Attributes:
        instance: The selector.
        breaks_ties_by_id: False when equals come in an order of its own.
        seconds: How long one ranking may take.
    """

    instance: Selector = field(repr=False)
    breaks_ties_by_id: bool = True
    seconds: float = 10.0

    def rank(
        self,
        need: RoleNeed,
        candidates: Sequence[Candidate],
        ask: Ask | None = None,
    ) -> Ranking:
        """Rank as the core does.

        Raises:
            BreachError: It raises, prints, hangs, or answers with something else.
        """
        context = SelectorContext(ask=ask, unasked=None if ask else "not configured")
        answer: object = observed(
            lambda: _ranked(self.instance, need, candidates, context),
            method="rank",
            instead="return a Ranking",
            seconds=self.seconds,
        )
        if not isinstance(answer, Ranking):
            raise BreachError(
                f"rank() returned {type(answer).__name__}. Return a Ranking, best "
                "first: Ranking(order=(Ranked(canonical_id=..., reason=...), ...))."
            )
        places: object = answer.order
        if not isinstance(places, tuple) or not all(
            isinstance(place, Ranked) for place in places
        ):
            raise BreachError(
                "Ranking.order is not a tuple of Ranked: write "
                "`order=tuple(Ranked(canonical_id=..., reason=...) for ...)`."
            )
        notes: object = answer.notes
        if not isinstance(notes, tuple) or not all(map(is_line, notes)):
            raise BreachError(
                f"Ranking.notes is {notes!r:.60}. Give a tuple of lines of text, such "
                "as `notes=('the model gave no answer',)`: users see them."
            )
        pinned: object = answer.answer
        if pinned is not None and not is_text(pinned):
            raise BreachError(
                f"Ranking.answer is {pinned!r:.60}. Give a text or None: it is written "
                "into the lock."
            )
        return answer


def _ranked(
    selector: Selector,
    need: RoleNeed,
    candidates: Sequence[Candidate],
    context: SelectorContext,
) -> Ranking:
    try:
        return selector.rank(need, candidates, context)
    except Exception as error:
        raise BreachError(
            f"rank() raised {in_words(error)}, for {_said(candidates)}. A selector "
            "ranks whatever it is handed: cost and quality are None where they are "
            "unknown, and wishes are None where nothing is wished."
        ) from error


def _said(candidates: Sequence[Candidate]) -> str:
    names = [candidate.canonical_id for candidate in candidates]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"the candidates {', '.join(names[:3])}{more}"


def keeps_to_its_candidates(
    ranking: Ranking, candidates: Sequence[Candidate]
) -> Ranking:
    """Hold a ranking against what was offered.

    Raises:
        BreachError: It is empty, names a stranger, or one candidate twice.
    """
    if not ranking.order:
        raise BreachError(
            f"rank() ranked nobody, of {_said(candidates)}. All of them satisfy every "
            "limit: rank at least one, the least bad first if need be."
        )
    offered = {candidate.canonical_id for candidate in candidates}
    seen: set[str] = set()
    for place in ranking.order:
        if place.canonical_id not in offered:
            raise BreachError(
                f"rank() chose {place.canonical_id!r}, which is not a candidate. Only "
                "candidates satisfy the limits of the role: make every Ranked from "
                "one of them, with canonical_id=candidate.canonical_id."
            )
        if place.canonical_id in seen:
            raise BreachError(
                f"rank() ranked {place.canonical_id!r} twice. Give each candidate one "
                "place at most."
            )
        seen.add(place.canonical_id)
    return ranking


# ---------------------------------------------------------------- clauses


def ranks_what_it_is_handed(subject: SelectorSubject) -> None:
    """A ranking for any need and any candidates, however little is known of them."""
    for need, candidates in offers():
        subject.rank(need, candidates)


def chooses_among_the_candidates(subject: SelectorSubject) -> None:
    """At least one candidate, none twice, and nobody else."""
    for need, candidates in offers():
        keeps_to_its_candidates(subject.rank(need, candidates), candidates)


def gives_reasons(subject: SelectorSubject) -> None:
    """Every place has a reason in one line."""
    for need, candidates in offers():
        for place in subject.rank(need, candidates).order:
            reason: object = place.reason
            if not is_line(reason) or not place.reason.strip():
                raise BreachError(
                    f"the reason for {place.canonical_id!r} is {reason!r}. Say in one "
                    "line why it stands here, with a number: users see it in "
                    "`llmhub explain` and in the lock."
                )


def scores_in_numbers(subject: SelectorSubject) -> None:
    """A score is a finite number or None."""
    for need, candidates in offers():
        for place in subject.rank(need, candidates).order:
            score: object = place.score
            if score is not None and not _is_finite(score):
                raise BreachError(
                    f"the score of {place.canonical_id!r} is {score!r}. Give a finite "
                    "number, larger is better, or None: it is written into the lock."
                )


def _is_finite(value: object) -> bool:
    return type(value) in {int, float} and math.isfinite(value)  # type: ignore[arg-type]


def answers_the_same_again(subject: SelectorSubject) -> None:
    """Same input, same answer."""
    for need, candidates in offers():
        first, second = (subject.rank(need, candidates) for _ in range(2))
        if first != second:
            raise BreachError(
                f"rank() gave two answers to one question, {_said(candidates)}: "
                f"{_order(first)}, then {_order(second)}. Drop what changes between "
                "calls: random numbers, the clock, counters, the order of sets."
            )


def _order(ranking: Ranking) -> str:
    return " > ".join(place.canonical_id for place in ranking.order[:4])


def ends_ties_in_the_id(subject: SelectorSubject) -> None:
    """Candidates that differ in nothing but their names come in order of their ids."""
    if not subject.breaks_ties_by_id:
        return
    for offered in (twins(), tuple(reversed(twins()))):
        ranking = subject.rank(RoleNeed(role="answer"), offered)
        ids = [place.canonical_id for place in ranking.order]
        if ids != sorted(ids):
            raise BreachError(
                f"equals came in the order {_order(ranking)} ... End the sort key "
                "with candidate.canonical_id, so that every machine chooses the same."
            )


def leaves_its_input_alone(subject: SelectorSubject) -> None:
    """The need and the candidates are not changed."""
    for need, candidates in offers():
        offered = list(candidates)
        before = deepcopy((need, offered))
        subject.rank(need, offered)
        if before != (need, offered):
            raise BreachError(
                "rank() changed what it was handed. Sort a copy: "
                "`sorted(candidates, key=...)`."
            )


def survives_the_model_it_asks(subject: SelectorSubject) -> None:
    """A model that is silent, or talks nonsense, spoils no ranking."""

    def silent(
        messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        raise SelectionError("no answer in time")

    def empty(
        messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        return {}

    def nonsense(
        messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        named = schema.get("properties", {})
        return {name: ["openai:made-up", None, {"a": 1}] for name in named}

    for need, candidates in list(offers())[:6]:
        for ask in (silent, empty, nonsense):
            try:
                ranking = subject.rank(need, candidates, ask)
                keeps_to_its_candidates(ranking, candidates)
            except BreachError as error:
                raise BreachError(
                    f"when the model it asks is no help ({ask.__name__}): {error} "
                    "Check its answer, and rank without it if need be; say so in "
                    "Ranking.notes."
                ) from error.__cause__


SelectorClause: TypeAlias = Callable[[SelectorSubject], None]

SELECTOR_CLAUSES: Final[tuple[SelectorClause, ...]] = (
    declares_its_version,
    has_sound_options,
    ranks_what_it_is_handed,
    chooses_among_the_candidates,
    gives_reasons,
    scores_in_numbers,
    answers_the_same_again,
    ends_ties_in_the_id,
    leaves_its_input_alone,
    survives_the_model_it_asks,
)
