"""A selector at work: watched, and its answer held against its contract."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final, cast

from attrs import frozen

from llmhub_core.contracts import Selector, SelectorContext
from llmhub_core.errors import InvalidChoiceError, LLMHubError, PluginFailedError
from llmhub_core.isolation import aconfined, confined, in_words
from llmhub_core.plugins import Plugin
from llmhub_core.records.candidate import Candidate, Candidates, Ranked, Ranking
from llmhub_core.records.need import RoleNeed
from llmhub_core.redaction import redacted

__all__ = ["Watched", "check_ranking", "is_line", "is_text"]

_LONGEST_LINE: Final = 100_000
_LONGEST_TEXT: Final = 1_000_000
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


@frozen(kw_only=True)
class Watched:
    """A selector that is cut off when it hangs, and named when it fails.

    Attributes:
        plugin: The selector.
        seconds: How long one ranking may take.
        memory_mb: By how much the process may grow meanwhile.
    """

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = None

    plugin: Plugin[Selector]
    seconds: float
    memory_mb: float

    def rank(
        self, need: RoleNeed, candidates: Sequence[Candidate], context: SelectorContext
    ) -> Ranking:
        """Rank; the answer is not checked.

        Raises:
            PluginFailedError: It raised, hung or took too much memory.
            LLMHubError: What it raised on purpose.
        """
        try:
            return confined(
                self._call(need, candidates, context),
                seconds=self.seconds,
                memory_mb=self.memory_mb,
            )
        except LLMHubError:
            raise
        except Exception as error:
            raise self._failed(error) from error

    async def arank(
        self, need: RoleNeed, candidates: Sequence[Candidate], context: SelectorContext
    ) -> Ranking:
        """Rank without blocking the loop; see :meth:`rank`."""
        try:
            return await aconfined(
                self._call(need, candidates, context),
                seconds=self.seconds,
                memory_mb=self.memory_mb,
            )
        except LLMHubError:
            raise
        except Exception as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> PluginFailedError:
        # What an SDK says may quote the key.
        reason = redacted(in_words(error), os.environ)
        return PluginFailedError(str(self.plugin.installed), reason)

    def _call(
        self, need: RoleNeed, candidates: Sequence[Candidate], context: SelectorContext
    ) -> Callable[[], Ranking]:
        return lambda: self.plugin.instance.rank(need, candidates, context)


def check_ranking(
    ranking: object, candidates: Candidates, *, selector: str, owner: str | None = None
) -> Ranking:
    """Refuse a ranking that its selector was not free to give.

    Args:
        ranking: The selector's answer.
        candidates: What it was handed.
        selector: Its name.
        owner: Distribution and version that it is of, or None for our own.

    Returns:
        The ranking, unchanged.

    Raises:
        InvalidChoiceError: It is no ranking, names nobody, names somebody outside
            the candidates (so breaks a hard limit), or names somebody twice; a reason,
            a score, a note or an answer that can't be written into the lock.
    """
    problem = _problem(ranking, candidates)
    if problem is not None:
        raise InvalidChoiceError(selector, candidates.need.role, problem, owner)
    assert isinstance(ranking, Ranking)  # noqa: S101 - `_problem` looked
    return ranking


def _problem(ranking: object, candidates: Candidates) -> str | None:
    if not isinstance(ranking, Ranking):
        return f"answered with {type(ranking).__name__}, not with a Ranking."
    order: object = ranking.order
    if not isinstance(order, Sequence):
        return f"answered with a Ranking of {type(order).__name__}, not of a tuple."
    if not order:
        return "ranked no candidate at all."
    eligible = {candidate.canonical_id for candidate in candidates.kept}
    seen: set[str] = set()
    problems = (_bad_place(ranked, eligible, seen) for ranked in order)
    return next((p for p in problems if p), None) or _bad_words(ranking)


def _bad_place(ranked: object, eligible: set[str], seen: set[str]) -> str | None:
    if not isinstance(ranked, Ranked):
        return f"ranked {type(ranked).__name__}, not Ranked."
    name: object = ranked.canonical_id
    if not isinstance(name, str) or name not in eligible:
        return f"chose {name!r}, which is not a candidate."
    if name in seen:
        return f"ranked {name!r} twice."
    seen.add(name)
    reason, score = cast("tuple[object, object]", (ranked.reason, ranked.score))
    if not is_line(reason):
        return f"gave {_brief(reason)} as the reason for {name!r}, not a line of text."
    if score is not None and not _finite(score):
        return f"scored {name!r} with {_brief(score)}, not with a finite number."
    return None


def _bad_words(ranking: Ranking) -> str | None:
    notes, answer = cast("tuple[object, object]", (ranking.notes, ranking.answer))
    if isinstance(notes, str) or not isinstance(notes, Sequence):
        return f"gave {_brief(notes)} for its notes, not a tuple of lines of text."
    for note in notes:
        if not is_line(note):
            return f"gave {_brief(note)} as a note, not a line of text."
    if answer is not None and not is_text(answer):
        return f"gave {_brief(answer)} as the answer to pin, not a text or None."
    return None


def _finite(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False


def is_text(value: object) -> bool:
    """Whether UTF-8 can write it, and a lock should hold it."""
    fits = isinstance(value, str) and len(value) <= _LONGEST_TEXT
    return fits and _SURROGATE.search(cast("str", value)) is None


def is_line(value: object) -> bool:
    """Whether a terminal can show it in one line."""
    fits = is_text(value) and len(cast("str", value)) <= _LONGEST_LINE
    return fits and _CONTROL.search(cast("str", value)) is None


def _brief(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
