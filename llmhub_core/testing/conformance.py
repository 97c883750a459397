"""Installed plugins held against their contracts, without tests and without pytest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Final, Literal

from attrs import field, frozen

from llmhub_core.cache import Cache
from llmhub_core.catalog.outlet import Outlet
from llmhub_core.catalog.visit import visit
from llmhub_core.contracts import CatalogSource, SourceContext
from llmhub_core.errors import CatalogError, PluginError, PluginNotFoundError
from llmhub_core.http import Client
from llmhub_core.isolation import CutOffError, in_words
from llmhub_core.plugins import KINDS, Installed, Plugin, discover, load
from llmhub_core.records.observation import Harvest, Payload
from llmhub_core.records.spec import ProviderSpec
from llmhub_core.settings import Settings
from llmhub_core.testing.clause import BreachError, UncheckedError
from llmhub_core.testing.exporter_clauses import EXPORTER_CLAUSES, ExporterSubject
from llmhub_core.testing.fakes import address_of
from llmhub_core.testing.selector_clauses import SELECTOR_CLAUSES, SelectorSubject
from llmhub_core.testing.source_clauses import (
    NEED_ANSWERS,
    SOURCE_CLAUSES,
    SourceSubject,
)

__all__ = ["Report", "Verdict", "examine"]

#: What an author may opt out of, with a word in the tests, a user is not told of.
_OPTIONAL: Final = frozenset({"writes_every_role", "writes_the_head"})


@frozen(kw_only=True)
class Verdict:
    """How one clause came out.

    Attributes:
        clause: Its name, as in the tests of authors.
        promise: What it asks, in one line.
        state: ``kept``, ``broken`` or ``unchecked``.
        problem: What is wrong, or why it was not checked; None when it is kept.
    """

    clause: str
    promise: str
    state: Literal["kept", "broken", "unchecked"]
    problem: str | None = None


@frozen(kw_only=True)
class Report:
    """What came out for one plugin.

    Attributes:
        plugin: Kind, name, distribution and version.
        reason: Why it does not even load, or None.
        verdicts: One per clause of its contract.
    """

    plugin: str
    reason: str | None = None
    verdicts: tuple[Verdict, ...] = ()

    @property
    def conforms(self) -> bool:
        """Whether it loads and breaks nothing."""
        broken = any(verdict.state == "broken" for verdict in self.verdicts)
        return self.reason is None and not broken


def examine(name: str | None, settings: Settings) -> tuple[Report, ...]:
    """Run the clauses of the contracts on what is installed.

    Args:
        name: Only plugins of this name; None for all.
        settings: How sources reach their upstreams; offline uses kept answers.

    Raises:
        PluginNotFoundError: There is none of that name.
    """
    installed = [plugin for kind in KINDS for plugin in discover(kind)]
    chosen = [plugin for plugin in installed if name in {None, plugin.name}]
    if not chosen and name is not None:
        known = sorted({plugin.name for plugin in installed})
        raise PluginNotFoundError("plugin", name, known, None)
    return tuple(_examined(plugin, settings) for plugin in chosen)


def _examined(installed: Installed, settings: Settings) -> Report:
    label = str(installed)
    try:
        plugin = load(installed.kind, installed.name, settings)
    except PluginError as error:
        return Report(plugin=label, reason=str(error))
    if installed.kind == "selector":
        ranks = SelectorSubject(instance=plugin.instance)
        verdicts = [_verdict(clause, ranks) for clause in SELECTOR_CLAUSES]
    elif installed.kind == "exporter":
        writes = ExporterSubject(instance=plugin.instance)
        verdicts = [_verdict(clause, writes) for clause in EXPORTER_CLAUSES]
    else:
        verdicts = _source_verdicts(plugin, settings)
    return Report(plugin=label, verdicts=tuple(verdicts))


def _source_verdicts(
    plugin: Plugin[CatalogSource], settings: Settings
) -> list[Verdict]:
    answers, missing = asyncio.run(_asked(plugin, settings))
    subject = SourceSubject(
        instance=plugin.instance,
        answers=answers,
        environ=settings.environ,
        seconds=settings.source_timeout_seconds,
    )
    return [
        _verdict(clause, subject)
        if missing is None or clause not in NEED_ANSWERS
        else _said(clause, "unchecked", missing)
        for clause in SOURCE_CLAUSES
    ]


def _verdict(clause: Callable[[Any], None], subject: object) -> Verdict:
    try:
        clause(subject)
    except UncheckedError as error:
        return _said(clause, "unchecked", str(error))
    except BreachError as error:
        state: Literal["broken", "unchecked"] = "broken"
        if clause.__name__ in _OPTIONAL:
            state = "unchecked"
        return _said(clause, state, str(error))
    return _said(clause, "kept", None)


def _said(
    clause: Callable[[Any], None],
    state: Literal["kept", "broken", "unchecked"],
    problem: str | None,
) -> Verdict:
    promise = (clause.__doc__ or "").strip()
    return Verdict(
        clause=clause.__name__, promise=promise, state=state, problem=problem
    )


async def _asked(
    plugin: Plugin[CatalogSource], settings: Settings
) -> tuple[Mapping[str, Any], str | None]:
    """Ask a source for real; what came, and why there is nothing to go by."""
    async with Client(
        timeout_seconds=settings.timeout_seconds, proxy=settings.proxy
    ) as client:
        outlet = Outlet(
            source=plugin.name,
            cache=Cache(settings.cache_dir),
            client=client,
            environ=settings.environ,
            providers={},
            offline=settings.offline,
            timeout_seconds=settings.timeout_seconds,
        )
        recorder = _Recorder(outlet=outlet)
        source = _Recorded(plugin.instance, recorder)
        try:
            harvest = await visit(
                source,
                outlet,
                seconds=settings.source_timeout_seconds,
                memory_mb=settings.plugin_memory_mb,
            )
        except CatalogError as error:
            return {}, f"its upstream gave no answer to go by: {error}"
        except CutOffError as error:
            return {}, f"it did not come back: {error}"
        # What it raises is what the clauses are about; they say it better.
        except Exception as error:  # noqa: BLE001
            problem = None if recorder.answers else f"it raised {in_words(error)}"
            return recorder.answers, problem
    if isinstance(harvest, Harvest) and not recorder.answers and not harvest.served:
        return {}, "; ".join(("it asked nobody", *harvest.notes))
    return recorder.answers, None


class _Recorded:
    """A source whose context also takes down what comes through it."""

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = None

    def __init__(self, source: CatalogSource, recorder: _Recorder) -> None:
        self._source = source
        self._recorder = recorder

    async def fetch(self, context: SourceContext) -> Harvest:
        return await self._source.fetch(_Recorder(context, self._recorder.answers))


@frozen
class _Recorder:
    """A context that takes down what comes through it."""

    outlet: Any
    answers: dict[str, Any] = field(factory=dict)

    @property
    def environ(self) -> Mapping[str, str]:
        return self.outlet.environ  # type: ignore[no-any-return]

    @property
    def providers(self) -> Mapping[str, ProviderSpec]:
        return self.outlet.providers  # type: ignore[no-any-return]

    @property
    def offline(self) -> bool:
        return self.outlet.offline  # type: ignore[no-any-return]

    @property
    def timeout_seconds(self) -> float:
        return self.outlet.timeout_seconds  # type: ignore[no-any-return]

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Payload:
        payload: Payload = await self.outlet.get(url, params=params, name=name)
        self.answers[address_of(url, params)] = payload.body
        return payload

    async def kept(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Payload:
        payload: Payload = await self.outlet.kept(url, params=params, name=name)
        return payload

    @contextmanager
    def together(self) -> Iterator[SourceContext]:
        with self.outlet.together() as part:
            yield _Recorder(part, self.answers)

    async def recorded(
        self, key: str, probe: Callable[[], Awaitable[bytes]]
    ) -> Payload:
        payload: Payload = await self.outlet.recorded(key, probe)
        self.answers[key] = payload.body
        return payload
