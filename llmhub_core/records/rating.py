"""What is known about how good a model is: human ratings, benchmark results."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

__all__ = ["Benchmark", "Rating", "RatingBasis"]

RatingBasis = Literal["measured", "inherited"]


@frozen(kw_only=True)
class Rating:
    """One human-preference rating of an underlying model.

    Attributes:
        name: The name on the board.
        board: ``text``, ``vision``, ``webdev``, ``search``, ...
        category: ``overall``, ``coding``, ``math``, ...
        score: Bradley-Terry rating on the board's Elo-like scale.
        ci_low: Lower end of the 95 % interval.
        ci_high: Upper end of the 95 % interval.
        votes: Number of votes, or None where the board does not say.
        published_on: Date of the board, ``YYYY-MM-DD``, or None.
        mode: ``thinking``, ``no-thinking`` or None: the mode that was rated.
        effort: Reasoning effort that was rated, or None.
        label: Under which settings it was rated, for people: ``plain``, or such as
            ``thinking, 32,000 tokens``.
        proxy: True when the rating was earned in a mode or at an effort that a
            plain call does not use.
        rules: Names of the identity rules that joined the name to the model.
        basis: ``inherited`` when it belongs to a predecessor: the score is that
            model's, the interval is wider than the board's.
        inherited_from: Group of the predecessor that earned it, or None.
        source: Name of the source plugin that brought it.
    """

    name: str
    board: str
    category: str
    score: float
    ci_low: float | None = None
    ci_high: float | None = None
    votes: int | None = None
    published_on: str | None = None
    mode: str | None = None
    effort: str | None = None
    label: str = "plain"
    proxy: bool = False
    rules: tuple[str, ...] = ()
    basis: RatingBasis = "measured"
    inherited_from: str | None = None
    source: str = ""


@frozen(kw_only=True)
class Benchmark:
    """One result of an underlying model on an automated benchmark.

    Results of different harnesses, variants or versions can't be compared.

    Attributes:
        name: Name of the benchmark, such as ``SWE-Bench Verified``.
        score: The result as it was published, in the unit of ``metric``.
        metric: What the score counts, such as ``resolved`` or ``%``, or None.
        harness: The program that ran the model, or None.
        variant: The part or the setting of the benchmark, or None.
        dataset: The data that was used, or None.
        version: Version of the benchmark, or None.
        url: Where the result was published, or None.
        dated_on: Date of the result, ``YYYY-MM`` or ``YYYY-MM-DD``, or None.
        source: Name of the source plugin that brought it.
    """

    name: str
    score: float
    metric: str | None = None
    harness: str | None = None
    variant: str | None = None
    dataset: str | None = None
    version: str | None = None
    url: str | None = None
    dated_on: str | None = None
    source: str = ""
