"""What plugins implement, and what they are handed.

A plugin is a class behind an entry point of ``llmhub.sources``,
``llmhub.selectors`` or ``llmhub.exporters``; the entry point's name is the
plugin's name. It is constructed with no argument, or, when it has an
``options_class``, with one keyword argument ``options`` of that attrs class.

``contract_version`` is the number of the contract that a plugin was written for: write
the number, today 1. One of another number is not loaded, and the error says which side
to upgrade. The promise: within a version, contexts and records may gain optional fields
and methods, and literals that a plugin reads may gain words; nothing is taken away,
changes its type, its unit or its meaning, and no plugin is asked for more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Literal, Protocol

from attrs import field, frozen

from llmhub_core.records.candidate import Candidate, Ranking
from llmhub_core.records.choice import Choice
from llmhub_core.records.need import RoleNeed
from llmhub_core.records.observation import Harvest, Payload
from llmhub_core.records.spec import ProviderSpec, Spec

__all__ = [
    "CONTRACT_VERSION",
    "Ask",
    "CatalogSource",
    "ExportContext",
    "ExportedFile",
    "Exporter",
    "Selector",
    "SelectorContext",
    "SourceContext",
]

CONTRACT_VERSION = 1


class SourceContext(Protocol):
    """A source's way to the outside; the core keeps what comes through it."""

    @property
    def environ(self) -> Mapping[str, str]:
        """Environment variables, keys among them: never log a value. Read only."""

    @property
    def providers(self) -> Mapping[str, ProviderSpec]:
        """Provider settings of the spec, by name; empty outside a spec."""

    @property
    def offline(self) -> bool:
        """True when only kept answers are served."""

    @property
    def timeout_seconds(self) -> float:
        """How long one request may take."""

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Payload:
        """Fetch a JSON document, revalidating the kept copy when there is one.

        The answer replaces the kept copy only when the whole source succeeds.

        Args:
            url: ``http:``, ``https:`` or ``file:`` address, or a path.
            params: Query parameters.
            name: Keeps the answer under this name, unique within the source, so
                that it is found again at another address; None keeps it under
                its address.

        Raises:
            SourceUnavailableError: No usable answer: connection, status, time,
                size, or HTML where a document was expected.
        """

    async def kept(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Payload:
        """The kept copy of a document, without asking anybody.

        For what stands in when one of several documents can't be had; when the
        source as a whole fails, its kept copies are used anyway. Arguments are those
        of ``get``.

        Raises:
            SourceUnavailableError: None is kept.
        """

    def together(self) -> AbstractContextManager[SourceContext]:
        """Open a part whose answers are kept all or not at all.

        Returns:
            A context for a ``with`` block: what was fetched through it replaces
            kept copies only when the block ends without an exception.
        """

    async def recorded(
        self, key: str, probe: Callable[[], Awaitable[bytes]]
    ) -> Payload:
        """Run something that is not HTTP and keep its answer like a payload.

        Args:
            key: Names the answer, unique within the source.
            probe: Does the work; not called when offline.

        Raises:
            SourceUnavailableError: The probe raised or ran out of time, and
                offline, when nothing is kept under that key.
        """


class CatalogSource(Protocol):
    """Brings facts about models into the catalog."""

    contract_version: ClassVar[int] = CONTRACT_VERSION
    options_class: ClassVar[type[Any] | None] = None

    async def fetch(self, context: SourceContext) -> Harvest:
        """Fetch through the context and parse; never merge.

        Records that can't be used become refusals in the harvest.

        Raises:
            SourceUnavailableError: An upstream did not answer.
            SourceDataError: Its answer does not have the known form.
        """
        ...


class Ask(Protocol):
    """One structured question to a language model."""

    def __call__(
        self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return the answer as an object that should follow the JSON schema.

        Raises:
            SelectionError: No key, no answer in time, or not a JSON object.
        """


@frozen(kw_only=True)
class SelectorContext:
    """What a selector is handed beside the candidates.

    Attributes:
        ask: Puts a question to a model, or None when that is not allowed
            (``--no-llm``, offline) or not configured.
        unasked: Why there is no ``ask``, in words; None when there is.
    """

    ask: Ask | None = None
    unasked: str | None = None


class Selector(Protocol):
    """Ranks the eligible models of one role."""

    contract_version: ClassVar[int] = CONTRACT_VERSION
    options_class: ClassVar[type[Any] | None] = None

    def rank(
        self, need: RoleNeed, candidates: Sequence[Candidate], context: SelectorContext
    ) -> Ranking:
        """Rank candidates, best first.

        Args:
            need: The role.
            candidates: At least one, in canonical-id order; all of them satisfy
                every hard constraint.
            context: What else may be used.

        Returns:
            A ranking over some or all candidates. Same input, same answer; ties
            end in the canonical id.
        """
        ...


@frozen(kw_only=True)
class ExportContext:
    """What an exporter is handed.

    Attributes:
        spec: The effective spec of the environment.
        choices: The decision per role, in spec order.
        head: Comment lines for the head of a file, without comment signs:
            the tool's version and the lock's digest.
    """

    spec: Spec
    choices: Sequence[Choice]
    head: tuple[str, ...] = ()


@frozen(kw_only=True)
class ExportedFile:
    """One file that an exporter wants written.

    Attributes:
        name: File name relative to the output folder; a folder in it must be there.
        text: Its content, ending in a newline.
        comment: What starts a comment line in it, ``#`` or None. With ``#`` the core
            adds a line with a checksum, by which it knows the file again and writes
            it anew without asking; a file without one is only replaced by force.
    """

    name: str
    text: str = field(repr=False)
    comment: Literal["#"] | None = None


class Exporter(Protocol):
    """Turns decisions into files that something else reads."""

    contract_version: ClassVar[int] = CONTRACT_VERSION
    options_class: ClassVar[type[Any] | None] = None

    def export(self, context: ExportContext) -> Sequence[ExportedFile]:
        """Return the files to write; same context, same bytes."""
        ...
