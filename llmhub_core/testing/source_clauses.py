"""The contract of sources, clause by clause."""

from __future__ import annotations

import asyncio
import inspect
import json
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from random import Random
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from unittest.mock import patch

from attrs import define, field, frozen

from llmhub_core.catalog.bounds import check_size
from llmhub_core.catalog.inspection import inspect as inspected
from llmhub_core.contracts import CatalogSource
from llmhub_core.errors import CatalogError, SourceDataError, SourceUnavailableError
from llmhub_core.records.observation import Harvest, Payload
from llmhub_core.records.spec import ProviderSpec
from llmhub_core.testing.clause import (
    BreachError,
    UncheckedError,
    declares_its_version,
    has_sound_options,
    in_words,
    observed,
)
from llmhub_core.testing.damage import damaged
from llmhub_core.testing.fakes import FakeSourceContext

__all__ = ["NEED_ANSWERS", "SOURCE_CLAUSES", "SourceSubject"]

#: How often each answer is broken by chance; a large one takes long each time.
_TIMES: Final = 25
_FEW_TIMES: Final = 2
_LARGE_BYTES: Final = 200_000
_RUBBISH: Final = (
    b"",
    b"null",
    b"[]",
    b"{}",
    b'"text"',
    b"[null, 1, {}]",
    b'{"data": null, "models": 3}',
    b"<!doctype html><title>Sign in</title>",
    b"\xff\xfe\x00",
    b"[" * 100_000,
)


@define(kw_only=True)
class _Context(FakeSourceContext):
    """Answers with what is given; a probe that no answer is given for has none."""

    async def recorded(
        self, key: str, probe: Callable[[], Awaitable[bytes]]
    ) -> Payload:
        if not self.offline and key not in self.answers:
            self.asked.append(key)
            raise SourceUnavailableError(key, "no answer is given")
        return await FakeSourceContext.recorded(self, key, probe)


@frozen(kw_only=True)
class SourceSubject:
    """A source under examination.

    Attributes:
        instance: The source.
        answers: What its upstreams answer: by address, query included, or by key of
            a recorded probe; bytes, or something to be written as JSON.
        environ: Environment variables that it needs.
        providers: Provider settings of a spec that it needs.
        has_upstream: False when it needs nobody's answers.
        seconds: How long one fetch may take.
    """

    instance: CatalogSource = field(repr=False)
    answers: Mapping[str, Any] = field(factory=dict, repr=False)
    environ: Mapping[str, str] = field(factory=dict, repr=False)
    providers: Mapping[str, ProviderSpec] = field(factory=dict)
    has_upstream: bool = True
    seconds: float = 10.0

    def context(
        self, answers: Mapping[str, Any] | None = None, *, offline: bool = False
    ) -> FakeSourceContext:
        """A context with these answers, or the ones that are given."""
        given = self.answers if answers is None else answers
        return _Context(
            answers={} if offline else given,
            kept_answers=given if offline else {},
            environ=MappingProxyType(self.environ),
            providers=MappingProxyType(self.providers),
            offline=offline,
        )

    def fetch(self, context: FakeSourceContext) -> Harvest:
        """Fetch as the core does.

        Raises:
            CatalogError: Its upstream is no good; that is no breach.
            BreachError: It prints, hangs, goes out by itself, raises something
                else, or answers with something else.
        """
        with _guarded() as reached:
            try:
                harvest: object = observed(
                    lambda: asyncio.run(_awaited(self.instance, context)),
                    method="fetch",
                    instead="raise SourceDataError",
                    seconds=self.seconds,
                )
            finally:
                if reached:
                    raise BreachError(
                        f"fetch() opened a connection to {reached[0]} by itself. Go "
                        "through context.get(), or context.recorded() for an SDK: "
                        "then the proxy, the limits and offline runs work."
                    )
        if not isinstance(harvest, Harvest):
            raise BreachError(
                f"fetch() returned {type(harvest).__name__}. Return "
                "Harvest(served=(ServedModel(...), ...), refused=(...))."
            )
        return harvest


async def _awaited(source: CatalogSource, context: FakeSourceContext) -> object:
    awaitable: object = source.fetch(context)
    if not inspect.isawaitable(awaitable):
        raise BreachError(
            "fetch() is no coroutine. Write `async def fetch(self, context)`: sources "
            "are asked at the same time."
        )
    return await awaitable


@contextmanager
def _guarded() -> Iterator[list[str]]:
    """Note and refuse connections to elsewhere."""
    reached: list[str] = []
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            reached.append(f"{address[0]}:{address[1]}")
            raise ConnectionRefusedError("go through the context")
        connect(self, address)

    def lookup(host: Any, port: Any, *_: Any, **__: Any) -> Any:
        reached.append(f"{host}:{port}")
        raise ConnectionRefusedError("go through the context")

    with (
        patch.object(socket.socket, "connect", refuse),
        patch.object(socket, "getaddrinfo", lookup),
    ):
        yield reached


def _tried(subject: SourceSubject, context: FakeSourceContext) -> Harvest | None:
    """A harvest, or None where the source says that its upstream is no good."""
    try:
        return subject.fetch(context)
    except CatalogError:
        return None
    except (BreachError, UncheckedError):
        raise
    except Exception as error:
        raise BreachError(
            f"fetch() raised {in_words(error)}. What is wrong with a whole document is "
            "SourceDataError(payload.url, reason); with one row, a Refusal(record=..., "
            "reason=...) in Harvest.refused; let SourceUnavailableError through."
        ) from error


def _harvest(subject: SourceSubject, *, offline: bool = False) -> Harvest:
    context = subject.context(offline=offline)
    try:
        return subject.fetch(context)
    except (SourceUnavailableError, SourceDataError) as error:
        if offline:
            raise BreachError(
                f"offline, with every answer kept, fetch() raised {in_words(error)}. "
                "Ask for the same addresses as online; the context knows what is kept."
            ) from error
        asked = ", ".join(map(repr, context.asked)) or "nothing"
        raise BreachError(
            f"fetch() raised {in_words(error)}, having asked for {asked}. Override "
            "the fixture `answers`: return a dict with what each of these addresses "
            "answers, such as a small real payload."
        ) from error


def _facts(harvest: Harvest) -> tuple[object, ...]:
    # Not the notes: they may well tell why something could not be had.
    return harvest.served, harvest.bases, harvest.ratings, harvest.probes


# ---------------------------------------------------------------- clauses


def brings_what_its_upstream_says(subject: SourceSubject) -> None:
    """With sound answers there is a harvest with something in it."""
    harvest = _harvest(subject)
    if not any(_facts(harvest)):
        refused = "".join(f" ({r.record}: {r.reason})" for r in harvest.refused[:1])
        raise BreachError(
            f"the harvest is empty{refused}. Give the fixture `answers` a payload "
            "with at least one model that the source can read."
        )


def says_only_what_is_sound(subject: SourceSubject) -> None:
    """Nothing that is said has to be refused at the door."""
    harvest = _harvest(subject)
    try:
        check_size(harvest)
    except SourceDataError as error:
        raise BreachError(f"the harvest {error.reason}") from None
    refused = inspected(harvest).refused[len(harvest.refused) :]
    if refused:
        first = refused[0]
        what = f"{first.record}.{first.field}" if first.field else first.record
        raise BreachError(
            f"{what}: {first.reason}. Leave a field None when it is not known, and "
            "make a record that can't be used a Refusal; it is dropped otherwise."
        )


def says_the_same_again(subject: SourceSubject) -> None:
    """Same answers, same harvest: what changes is not the model's."""
    if _harvest(subject) != _harvest(subject):
        raise BreachError(
            "fetch() made two harvests of the same answers. Drop what changes between "
            "calls: the clock, counters, state on self, the order of sets."
        )


def works_offline(subject: SourceSubject) -> None:
    """With every answer kept, an offline run says the same."""
    if _facts(_harvest(subject, offline=True)) != _facts(_harvest(subject)):
        raise BreachError(
            "offline, with every answer kept, fetch() says something else. Do not look "
            "at context.offline: ask for the same, and the context serves what is kept."
        )


def says_what_is_down(subject: SourceSubject) -> None:
    """Without an answer from anybody it says so, and is not simply empty."""
    if not subject.has_upstream:
        return
    context = subject.context({})
    harvest = _tried(subject, context)
    if harvest is None or not context.asked:
        return
    if not any((*_facts(harvest), harvest.refused, harvest.notes)):
        raise BreachError(
            "nobody answered, and fetch() returned an empty harvest: what it brought "
            "before would be gone without a word. Let SourceUnavailableError through."
        )


def survives_rubbish(subject: SourceSubject) -> None:
    """Whatever an upstream answers, it is read, refused or said to be no good."""
    for address, answer in subject.answers.items():
        for rubbish in _bad_answers(answer):
            context = subject.context({**subject.answers, address: rubbish})
            try:
                _tried(subject, context)
            except BreachError as error:
                shown = rubbish if len(rubbish) < 80 else rubbish[:77] + b"..."
                raise BreachError(
                    f"when {address} answers {shown!r}: {error}"
                ) from error.__cause__


def _bad_answers(answer: Any) -> Iterator[bytes]:
    yield from _RUBBISH
    large = isinstance(answer, bytes) and len(answer) > _LARGE_BYTES
    if isinstance(answer, bytes):
        try:
            answer = json.loads(answer)
        except ValueError:
            yield from (answer[: len(answer) // 2], answer * 2, answer[::-1])
            return
    for seed in range(_FEW_TIMES if large else _TIMES):
        chance = Random(seed)  # noqa: S311 - no secret
        yield damaged(answer, chance, times=1 + seed % 3)


SourceClause: TypeAlias = Callable[[SourceSubject], None]

SOURCE_CLAUSES: Final[tuple[SourceClause, ...]] = (
    declares_its_version,
    has_sound_options,
    brings_what_its_upstream_says,
    says_only_what_is_sound,
    says_the_same_again,
    works_offline,
    says_what_is_down,
    survives_rubbish,
)

#: Those that mean nothing where no upstream has answered.
NEED_ANSWERS: Final[tuple[SourceClause, ...]] = (
    brings_what_its_upstream_says,
    says_only_what_is_sound,
    says_the_same_again,
    works_offline,
    survives_rubbish,
)
