"""From a ranking to a primary with backups, ready to be locked."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from llmhub_core.catalog.endpoints import elsewhere
from llmhub_core.errors import IneligibleModelError
from llmhub_core.records.candidate import Candidate, Candidates, Ranked, Ranking
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RoleNeed
from llmhub_core.selection.chain import ONE_MODEL, apart, shared_fate
from llmhub_core.selection.eligibility import warnings, why_not
from llmhub_core.selection.measures import Measures
from llmhub_core.selection.parameters import fit
from llmhub_core.selection.remarks import on_choice, on_model
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
    primary = ranked[0]
    notes = [] if need.forced else [*ranking.notes, *on_choice(need, primary[0])]
    if need.explicit_backups:
        chosen = _named(need, ranking, measures)
        backups = [pair for pair in chosen if pair[0] != primary[0]]
        if len(backups) < len(chosen):
            notes.append(f"the fallback {primary[0].canonical_id} is the primary")
    else:
        backups = apart(need, primary, ranked[1:])
        if len(backups) < need.backups and not need.forced:
            why = "no other host" if need.kind in ONE_MODEL else "no more candidates"
            notes.append(f"{len(backups)} of {need.backups} backups: {why}")
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
    # What forces the primary does not bind its backups, and who names a free offer,
    # or a model that is served elsewhere, wants it; all other limits bind.
    limits = (
        limit
        for limit in need.constraints
        if not limit.name.startswith("force_")
        and limit.name not in {"free", "endpoint"}
    )
    every = evolve(need, constraints=(*limits, *need.waived))
    found: list[tuple[Candidate, Ranked]] = []
    for name in dict.fromkeys(need.explicit_backups):
        model = measures.catalog.get(name) or stranger(name, need, measures)
        reasons = why_not(model, every, measures).reasons
        if reasons:
            raise IneligibleModelError(need.role, name, reasons, "fallback")
        where = elsewhere(model.provider, model.model_id)
        said = ("named as a fallback", where and f"it is {where}", places.get(name))
        reason = "; ".join(part for part in said if part)
        place = Ranked(canonical_id=name, reason=reason)
        (candidate,) = measures.candidates([model], need)
        found.append((candidate, place))
    return found


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
            *on_model(candidate, measures),
            *warnings(model, need, measures),
            *fitted.notes,
            *shared_fate(model, chain),
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
