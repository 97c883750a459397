"""From a ranking to a primary with backups, ready to be locked."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from llmhub_core.errors import IneligibleModelError
from llmhub_core.records.candidate import Candidate, Candidates, Ranked, Ranking
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RoleNeed
from llmhub_core.selection.eligibility import warnings, why_not
from llmhub_core.selection.measures import Measures
from llmhub_core.selection.parameters import fit
from llmhub_core.selection.stranger import stranger

__all__ = ["assemble"]


def assemble(
    candidates: Candidates, ranking: Ranking, measures: Measures, *, selector: str
) -> Choice:
    """Take the first of a ranking, find its backups, and write down the facts.

    Backups that the author names are taken as they are, when they satisfy every
    hard limit. Others are found one by one: of the candidates that are left, the
    one that shares least with the primary and the backups before it (no provider
    and no lab; then no provider and no model; then no provider; then no model),
    and among these the highest in the ranking.

    Args:
        candidates: The eligible models and the need that they satisfy.
        ranking: A checked ranking of them.
        measures: Numbers of the catalog.
        selector: Name of the selector that ranked.

    Raises:
        IneligibleModelError: A named backup breaks a hard limit.
        UnknownModelError: A named backup is not in the catalog.
    """
    need = candidates.need
    by_id = {candidate.canonical_id: candidate for candidate in candidates.kept}
    ranked = [(by_id[place.canonical_id], place) for place in ranking.order]
    # Of a forced model there is nothing to say about how it was found.
    notes = [] if need.forced else list(ranking.notes)
    primary = ranked[0]
    if need.explicit_backups:
        chosen = _named(need, ranking, measures)
        backups = [pair for pair in chosen if pair[0] != primary[0]]
        if len(backups) < len(chosen):
            notes.append(f"the fallback {primary[0].canonical_id} is the primary")
    else:
        backups = _apart(primary, ranked[1:], need.backups)
        if len(backups) < need.backups and not need.forced:
            notes.append(
                f"{len(backups)} of {need.backups} backups: no more candidates"
            )
    chain: list[Candidate] = []
    picks: list[Pick] = []
    for candidate, place in (primary, *backups):
        picks.append(_pick(candidate, place, need, measures, chain))
        chain.append(candidate)
    return Choice(
        role=need.role,
        mode=need.kind,
        primary=picks[0],
        selector=selector,
        eligible=len(candidates.kept),
        considered=candidates.considered,
        backups=tuple(picks[1:]),
        relaxed=candidates.relaxed,
        notes=tuple(notes),
        answer=ranking.answer,
    )


def _named(
    need: RoleNeed, ranking: Ranking, measures: Measures
) -> list[tuple[Candidate, Ranked]]:
    places = {place.canonical_id: place.reason for place in ranking.order}
    # What forces the primary does not bind its backups, and who names a free offer
    # wants it; all other limits bind.
    limits = (
        limit
        for limit in need.constraints
        if not limit.name.startswith("force_") and limit.name != "free"
    )
    every = evolve(need, constraints=(*limits, *need.waived))
    found: list[tuple[Candidate, Ranked]] = []
    for name in dict.fromkeys(need.explicit_backups):
        model = measures.catalog.get(name) or stranger(name, need, measures)
        reasons = why_not(model, every, measures).reasons
        if reasons:
            raise IneligibleModelError(need.role, name, reasons, "fallback")
        said = ("named as a fallback", places.get(name))
        reason = "; ".join(part for part in said if part)
        place = Ranked(canonical_id=name, reason=reason)
        (candidate,) = measures.candidates([model], need)
        found.append((candidate, place))
    return found


def _apart(
    primary: tuple[Candidate, Ranked],
    rest: Sequence[tuple[Candidate, Ranked]],
    count: int,
) -> list[tuple[Candidate, Ranked]]:
    chain = [primary[0]]
    left = list(rest)
    found: list[tuple[Candidate, Ranked]] = []
    while left and len(found) < count:
        best, least = 0, 5
        for place, (candidate, _) in enumerate(left):
            shared = _shared(candidate.model, chain)
            if shared < least:
                best, least = place, shared
            if not shared:
                break  # nobody below shares less
        found.append(left.pop(best))
        chain.append(found[-1][0])
    return found


def _shared(model: CanonicalModel, chain: Sequence[Candidate]) -> int:
    """How much fate a model shares with those before it: 0 none, 4 everything."""
    provider = any(model.provider == other.model.provider for other in chain)
    same = any(_same(model.group, other.model.group) for other in chain)
    lab = any(_same(model.lab, other.model.lab) for other in chain)
    if provider:
        return 4 if same else 3
    return 2 if same else int(lab)


def _same(one: str | None, other: str | None) -> bool:
    """Whether two names are known and equal: unknown is not held against anyone."""
    return one is not None and one == other


def _pick(
    candidate: Candidate,
    place: Ranked,
    need: RoleNeed,
    measures: Measures,
    chain: Sequence[Candidate],
) -> Pick:
    model = candidate.model
    fitted = fit(need, model)
    return Pick(
        canonical_id=model.canonical_id,
        provider=model.provider,
        model_id=model.model_id,
        reason=place.reason,
        group=model.group,
        lab=model.lab,
        score=place.score,
        cost=candidate.cost,
        quality=candidate.quality,
        latency=candidate.latency,
        price_input_per_million=model.price_input_per_million,
        price_output_per_million=model.price_output_per_million,
        price_cache_read_per_million=model.price_cache_read_per_million,
        price_cache_write_per_million=model.price_cache_write_per_million,
        price_reasoning_per_million=model.price_reasoning_per_million,
        price_input_audio_per_million=model.price_input_audio_per_million,
        price_output_audio_per_million=model.price_output_audio_per_million,
        price_tiers=model.price_tiers or (),
        context_tokens=model.context_tokens,
        max_output_tokens=model.max_output_tokens,
        capabilities=_capabilities(model),
        params=fitted.params,
        dropped_params=fitted.dropped,
        notes=(
            *_remarks(candidate, measures),
            *warnings(model, need, measures),
            *fitted.notes,
            *_fate(model, chain),
        ),
    )


def _capabilities(model: CanonicalModel) -> tuple[str, ...]:
    """What a model is known to do, in the words of ``require``."""
    known = {
        "open_weights": model.open_weights,
        "reasoning": model.supports_reasoning,
        "structured_output": model.supports_structured_output,
        "tools": model.supports_tool_call,
        **{f"takes {name}": name != "text" for name in model.input_modalities or ()},
        **{f"gives {name}": name != "text" for name in model.output_modalities or ()},
    }
    return tuple(sorted(name for name, holds in known.items() if holds))


def _remarks(candidate: Candidate, measures: Measures) -> tuple[str, ...]:
    model = candidate.model
    notes: list[str] = []
    if measures.catalog.get(model.canonical_id) is None:
        notes.append("not in the catalog: nothing is known of it")
    elif candidate.cost is None:
        notes.append("its price is unknown")
    elif candidate.cost.basis == "free":
        notes.append("free of charge: expect tight rate limits")
    return tuple(notes)


def _fate(model: CanonicalModel, chain: Sequence[Candidate]) -> tuple[str, ...]:
    """Say what a backup shares with the models before it."""
    same_model = any(_same(model.group, other.model.group) for other in chain)
    shared: dict[str, list[str]] = {}
    for field, noun in (
        ("provider", "provider"),
        # Who shares the model shares its lab: no news.
        ("group", "model") if same_model else ("lab", "lab"),
    ):
        name = getattr(model, field)
        others = [o for o in chain if _same(name, getattr(o.model, field))]
        if others:
            shared.setdefault(others[0].canonical_id, []).append(noun)
    return tuple(
        f"shared fate: same {' and '.join(nouns)} as {other}"
        for other, nouns in shared.items()
    )
