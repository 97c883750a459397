"""Plugins as somebody else writes them: checked by mypy, never run.

Each class is what a contract asks for and no more; where mypy refuses an assignment at
the end, a contract has become narrower than what is documented.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from attrs import frozen

from llmhub_core.contracts import (
    CatalogSource,
    ExportContext,
    ExportedFile,
    Exporter,
    Selector,
    SelectorContext,
    SourceContext,
)
from llmhub_core.records.candidate import Candidate, Ranked, Ranking
from llmhub_core.records.need import RoleNeed
from llmhub_core.records.observation import Harvest


@frozen(kw_only=True)
class Options:
    url: str = "https://models.example"


class PlainSource:
    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = None

    async def fetch(self, context: SourceContext) -> Harvest:
        payload = await context.get("https://models.example/list.json")
        return Harvest(as_of=None, notes=(f"{len(payload.body)} bytes",))


class SourceWithOptions:
    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = Options

    def __init__(self, *, options: Options) -> None:
        self.options = options

    async def fetch(self, context: SourceContext) -> Harvest:
        await context.get(self.options.url)
        return Harvest()


class AlphabeticalSelector:
    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = None

    def rank(
        self, need: RoleNeed, candidates: Sequence[Candidate], context: SelectorContext
    ) -> Ranking:
        names = sorted(candidate.canonical_id for candidate in candidates)
        order = (
            Ranked(canonical_id=name, reason=f"number {place} by name", score=-place)
            for place, name in enumerate(names, start=1)
        )
        return Ranking(order=tuple(order))


class ListExporter:
    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = None

    def export(self, context: ExportContext) -> Sequence[ExportedFile]:
        lines = [f"{c.role} {c.primary.canonical_id}\n" for c in context.choices]
        return [ExportedFile(name="models.txt", text="".join(lines))]


sources: tuple[CatalogSource, ...] = (
    PlainSource(),
    SourceWithOptions(options=Options()),
)
selectors: tuple[Selector, ...] = (AlphabeticalSelector(),)
exporters: tuple[Exporter, ...] = (ListExporter(),)
