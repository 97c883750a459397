"""What to know about a choice before it is trusted, in a line each."""

from __future__ import annotations

from llmhub_core.records.candidate import Candidate
from llmhub_core.records.need import RoleNeed
from llmhub_core.selection.measures import Measures

__all__ = ["on_choice", "on_model"]

_UNCOUNTED = {"audio": "sound", "image": "pictures"}


def on_choice(need: RoleNeed, primary: Candidate) -> tuple[str, ...]:
    """Say what the numbers of a role do not measure.

    Args:
        need: The role.
        primary: The model that was chosen for it.
    """
    notes: list[str] = []
    quality = primary.quality
    if quality is not None:
        scale = f"{quality.board}/{quality.category}"
        if scale != str(need.ratings[0]):
            notes.append(f"too few are rated in {need.ratings[0]}: {scale} stands in")
    if need.kind == "other":
        notes.append("kind other is many things: name the model by force_model")
    if need.kind == "audio" and not _directed(need):
        notes.append(
            "speech or transcription? Say it by require.input_modalities or "
            "require.output_modalities"
        )
    if need.kind in _UNCOUNTED and primary.cost is not None:
        billed = _UNCOUNTED[need.kind]
        notes.append(f"the cost counts tokens of text; {billed} may cost more")
    return tuple(notes)


def on_model(candidate: Candidate, measures: Measures) -> tuple[str, ...]:
    """Say what is unknown or odd about a model.

    Args:
        candidate: A model, of the catalog or not.
        measures: Numbers of the catalog.
    """
    model = candidate.model
    notes: list[str] = []
    if measures.catalog.get(model.canonical_id) is None:
        notes.append("not in the catalog: nothing is known of it")
    elif candidate.cost is None:
        notes.append("its price is unknown")
    elif candidate.cost.basis == "free":
        notes.append("free of charge: expect tight rate limits")
    notes += [f"{flag}: {why}" for flag, why in sorted(model.flags.items())]
    return tuple(notes)


def _directed(need: RoleNeed) -> bool:
    return any(limit.test in {"takes", "gives"} for limit in need.constraints)
