"""Plugins with wrong signatures: checked by mypy, never run.

mypy must refuse each of them. The comments say so; where mypy accepts one after all,
its comment is unused, which ``strict`` reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

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


class _Declared:
    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = None


class NotAsync(_Declared):
    def fetch(self, context: SourceContext) -> Harvest:
        return Harvest()


class WrongAnswer(_Declared):
    async def fetch(self, context: SourceContext) -> dict[str, str]:
        return {}


class Undeclared:
    async def fetch(self, context: SourceContext) -> Harvest:
        return Harvest()


class TextualVersion:
    contract_version: ClassVar[str] = "1"
    options_class: ClassVar[type[Any] | None] = None

    async def fetch(self, context: SourceContext) -> Harvest:
        return Harvest()


class NoContext(_Declared):
    def rank(self, need: RoleNeed, candidates: Sequence[Candidate]) -> Ranking:
        return Ranking(order=())


class Unordered(_Declared):
    def rank(
        self, need: RoleNeed, candidates: set[Candidate], context: SelectorContext
    ) -> Ranking:
        return Ranking(order=())


class NamesOnly(_Declared):
    def rank(
        self, need: RoleNeed, candidates: Sequence[Candidate], context: SelectorContext
    ) -> list[str]:
        return [candidate.canonical_id for candidate in candidates]


class TextOnly(_Declared):
    def export(self, context: ExportContext) -> str:
        return ""


class Misnamed(_Declared):
    def write(self, context: ExportContext) -> Sequence[ExportedFile]:
        return ()


not_async: CatalogSource = NotAsync()  # type: ignore[assignment]
wrong_answer: CatalogSource = WrongAnswer()  # type: ignore[assignment]
undeclared: CatalogSource = Undeclared()  # type: ignore[assignment]
textual_version: CatalogSource = TextualVersion()  # type: ignore[assignment]
no_context: Selector = NoContext()  # type: ignore[assignment]
unordered: Selector = Unordered()  # type: ignore[assignment]
names_only: Selector = NamesOnly()  # type: ignore[assignment]
text_only: Exporter = TextOnly()  # type: ignore[assignment]
misnamed: Exporter = Misnamed()  # type: ignore[assignment]

ExportedFile(name="a", text=b"b")  # type: ignore[arg-type]
Ranked(canonical_id="a:b")  # type: ignore[call-arg]
Ranking(order=[])  # type: ignore[arg-type]
