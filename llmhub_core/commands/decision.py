"""How commands show what was chosen for a role, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console
    from llmhub_core.records.choice import Choice, Pick
    from llmhub_core.records.explanation import Explanation, Flip

__all__ = ["described", "flipped", "print_reasons", "rated"]


def described(
    console: Console, choice: Choice, how: str, *, requests_per_month: int | None = None
) -> str:
    """Write one role's decision.

    Args:
        console: Where it will be printed.
        choice: The decision.
        how: How it came about, such as ``balanced, pinned``.
        requests_per_month: Of the role's workload; None leaves the sum out.
    """
    from llmhub_core.commands.console import dollars, per_million

    pick = choice.primary
    head = f"{console.strong(choice.role)}  {console.strong(pick.canonical_id)}"
    each = f"; {dollars(pick.cost.usd_per_request)} per request" if pick.cost else ""
    if pick.cost and requests_per_month is not None:
        each += f", ${pick.cost.usd_per_request * requests_per_month:,.2f} per month"
    price = per_million(pick.price_input_per_million, pick.price_output_per_million)
    lines = [
        f"{head}  {console.faint(how)}",
        f"  price    {price}{each}",
        f"  rating   {rated(pick)}",
        f"  why      {pick.reason}",
    ]
    lines += [f"  backup   {_backup(backup)}" for backup in choice.backups]
    if not choice.backups:
        lines.append("  backup   none")
    relaxed = [
        f"  relaxed  {step.constraint}: {step.wanted} gave way to {step.granted}"
        for step in choice.relaxed
    ]
    notes = [f"  note     {note}" for note in (*choice.notes, *_notes(pick))]
    return "\n".join([*lines, *relaxed, *notes])


def rated(pick: Pick) -> str:
    """Write the rating that was compared, and what it rests on."""
    from llmhub_core.commands.console import rating

    quality = pick.quality
    if quality is None:
        return "not rated"
    text = rating(quality.score, quality.ci_low, quality.ci_high)
    basis = "" if quality.basis == "measured" else f", {quality.basis}"
    return f"{text} {quality.board}/{quality.category} as {quality.name}{basis}"


def _notes(pick: Pick) -> tuple[str, ...]:
    """Remarks on a pick, and what its rating rests on."""
    quality = pick.quality
    if quality is None or quality.note is None:
        return pick.notes
    return (*pick.notes, f"{quality.basis} rating: {quality.note}")


def _backup(pick: Pick) -> str:
    from llmhub_core.commands.console import per_million

    price = per_million(pick.price_input_per_million, pick.price_output_per_million)
    notes = "".join(f" ({note})" for note in pick.notes)
    return f"{pick.canonical_id}: {price}; rating {rated(pick)}{notes}"


def print_reasons(console: Console, explanation: Explanation) -> None:
    """Print who is out by what, who came next, and what would make them first."""
    from llmhub_core.commands.console import dollars, rating
    from llmhub_core.commands.table import Column

    console.data(
        f"  eligible {explanation.eligible:,} of {explanation.considered:,} models; "
        "turned away by"
    )
    for name, count in explanation.rejected.items():
        console.data(f"    {name:<28}{count:>6,}")
    rows = []
    for place in explanation.places:
        found = place.quality
        rows.append(
            (
                str(place.place),
                place.canonical_id,
                f"{place.hosts:,}",
                place.use or "",
                dollars(place.cost.usd_per_request) if place.cost else "unknown",
                rating(found.score, found.ci_low, found.ci_high) if found else "-",
                {True: "yes", False: "no", None: "-"}[place.on_front],
                place.reason,
            )
        )
    console.table(
        (
            Column("", right=True),
            Column("model"),
            Column("hosts", right=True, rank=3),
            Column("use", rank=1),
            Column("per request", right=True, rank=1),
            Column("rating", right=True, rank=2),
            Column("front", rank=3),
            Column("why", folds=True, rank=4),
        ),
        rows,
    )
    for flip in explanation.flips:
        console.data(f"  {flip.canonical_id} {flipped(flip)}")


def flipped(flip: Flip) -> str:
    """Write at which price a model would be the first."""
    from llmhub_core.commands.console import dollars

    below, today = dollars(flip.below_per_million), dollars(flip.price_per_million)
    return f"would be first at {below} per 1M {flip.side} tokens, down from {today}"
