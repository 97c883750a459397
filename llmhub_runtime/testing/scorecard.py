"""The scorecard of a drill: data first, then JSON, Markdown and plain text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias, get_args

from attrs import asdict, field, frozen

from llmhub_runtime.testing.scoring import Finding, Verdict

__all__ = ["Form", "Row", "Scorecard", "Style", "as_markdown", "as_text"]

Form: TypeAlias = Literal["whole", "stream"]
Style: TypeAlias = Literal["async", "sync"]


@frozen(kw_only=True)
class Row:
    """One fault.

    Attributes:
        id: ``S01`` to ``S16``.
        name: What the fault is.
        verdict: See ``Judgement``.
        reason: Why.
        seconds: How long the longest call took, in the time of the fault; None when
            it was not played.
        primary_requests: How often the first candidate was asked.
        other_requests: How often the others were.
        findings: The checks that were made.
    """

    id: str
    name: str
    verdict: Verdict
    reason: str
    seconds: float | None = None
    primary_requests: int = 0
    other_requests: int = 0
    findings: tuple[Finding, ...] = field(default=(), converter=tuple[Finding, ...])


@frozen(kw_only=True)
class Scorecard:
    """What the sixteen faults came to for one role.

    Attributes:
        role: Its name.
        form: Whether its answers came in one piece or as streams.
        style: Which of the hub's interfaces was called.
        scale: How fast time went.
        candidates: The role's models, as ``provider/model``, the first one first.
        notes: What was not as it is in production.
        rows: One per fault.
    """

    role: str
    form: Form
    style: Style
    scale: float
    candidates: tuple[str, ...] = field(converter=tuple[str, ...])
    notes: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    rows: tuple[Row, ...] = field(converter=tuple[Row, ...])

    @property
    def counts(self) -> dict[Verdict, int]:
        """How often each verdict was given."""
        verdicts = [row.verdict for row in self.rows]
        return {one: verdicts.count(one) for one in get_args(Verdict)}

    @property
    def failed(self) -> bool:
        """Whether a fault was failed."""
        return self.counts["fail"] > 0

    @property
    def summary(self) -> str:
        """The counts in words, without those that are zero."""
        named = [f"{count} {one}" for one, count in self.counts.items() if count]
        return ", ".join(named)

    @property
    def title(self) -> str:
        """The role, and how it was called."""
        kind = "streams" if self.form == "stream" else "whole answers"
        return f"{self.role}: {kind}, {self.style}"

    def as_data(self) -> dict[str, Any]:
        """Return the card as plain data, for JSON."""
        return {**asdict(self), "counts": self.counts}


def as_markdown(cards: Iterable[Scorecard]) -> str:
    """Write cards as Markdown, one table each."""
    parts = []
    for card in cards:
        lines = [
            f"## {card.title}",
            "",
            f"{' → '.join(f'`{one}`' for one in card.candidates)}. {card.summary}.",
            "",
            *(f"- {_cell(note)}" for note in card.notes),
            *([""] if card.notes else []),
            "| Fault | | Verdict | Why | Seconds | Requests |",
            "|---|---|---|---|---:|---:|",
        ]
        for row in card.rows:
            cells = [row.id, row.name, f"**{row.verdict}**", row.reason, *_numbers(row)]
            lines.append(f"| {' | '.join(_cell(one) for one in cells)} |")
        parts.append("\n".join(lines))
    return "# Failure drill\n\n" + "\n\n".join(parts) + "\n"


def as_text(cards: Iterable[Scorecard]) -> str:
    """Write cards as plain text, for a test's output or a terminal without colours."""
    parts = []
    for card in cards:
        lines = [card.title, " -> ".join(card.candidates), *card.notes]
        for row in card.rows:
            seconds, requests = _numbers(row)
            lines.append(
                f"{row.id}  {row.name:<24}{row.verdict:<8}{seconds:>7} s {requests:>6}"
                f"  {row.reason}"
            )
        parts.append("\n".join([*lines, card.summary]))
    return "\n\n".join(parts) + "\n"


def _numbers(row: Row) -> tuple[str, str]:
    seconds = "-" if row.seconds is None else f"{row.seconds:.1f}"
    return seconds, f"{row.primary_requests}+{row.other_requests}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
