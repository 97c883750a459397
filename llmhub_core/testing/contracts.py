"""The contracts as test classes for pytest: inherit, give one fixture, done.

::

    from llmhub_core.testing import SelectorContract

    class TestFrugal(SelectorContract):
        @pytest.fixture
        def selector(self):
            return Frugal(FrugalOptions(usd_per_month=20))

Each clause of the contract is a test of its own. What a plugin can't do is said by
overriding a fixture, and so stands in its tests for everyone to read. New clauses
come in releases of llmhub-core that say so; see ``docs/reference/plugins.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

import pytest

from llmhub_core.contracts import CatalogSource, Exporter, Selector
from llmhub_core.records.spec import ProviderSpec
from llmhub_core.testing.clause import BreachError, UncheckedError
from llmhub_core.testing.exporter_clauses import EXPORTER_CLAUSES, ExporterSubject
from llmhub_core.testing.selector_clauses import SELECTOR_CLAUSES, SelectorSubject
from llmhub_core.testing.source_clauses import SOURCE_CLAUSES, SourceSubject

__all__ = ["CatalogSourceContract", "ExporterContract", "SelectorContract"]

S = TypeVar("S")


def _name(clause: Callable[..., None]) -> str:
    return clause.__name__


def _missing(contract: object, name: str, kind: str) -> NoReturn:
    pytest.fail(
        f"{type(contract).__name__} has no fixture {name!r}. Define it in the class: "
        f"a function of that name under `@pytest.fixture` that returns your {kind}.",
        pytrace=False,
    )


def _hold(clause: Callable[[S], None], subject: S) -> None:
    try:
        clause(subject)
    except UncheckedError as error:
        pytest.skip(str(error))
    except BreachError as error:
        # The plugin's own traceback helps its author; the kit's does not.
        if error.__cause__ is not None:
            raise
        sentence = str(error)
    else:
        return
    pytest.fail(sentence, pytrace=False)


class CatalogSourceContract:
    """Everything that a source promises.

    Give the fixture ``source``; one that asks an upstream needs ``answers`` too.
    """

    @pytest.fixture
    def source(self) -> CatalogSource:
        """The source under test."""
        _missing(self, "source", "CatalogSource")

    @pytest.fixture
    def answers(self) -> Mapping[str, Any]:
        """What upstreams answer: by address, query included; bytes, or JSON data."""
        return {}

    @pytest.fixture
    def environ(self) -> Mapping[str, str]:
        """Environment variables that the source reads."""
        return {}

    @pytest.fixture
    def providers(self) -> Mapping[str, ProviderSpec]:
        """Provider settings of a spec that the source reads."""
        return {}

    @pytest.fixture
    def has_upstream(self) -> bool:
        """False when the source needs nobody's answers."""
        return True

    @pytest.fixture
    def seconds(self) -> float:
        """How long one fetch may take."""
        return 10.0

    @pytest.mark.parametrize("clause", SOURCE_CLAUSES, ids=_name)
    def test_contract(
        self,
        *,
        clause: Callable[[SourceSubject], None],
        source: CatalogSource,
        answers: Mapping[str, Any],
        environ: Mapping[str, str],
        providers: Mapping[str, ProviderSpec],
        has_upstream: bool,
        seconds: float,
    ) -> None:
        """Keeps one clause of the contract."""
        subject = SourceSubject(
            instance=source,
            answers=answers,
            environ=environ,
            providers=providers,
            has_upstream=has_upstream,
            seconds=seconds,
        )
        _hold(clause, subject)


class SelectorContract:
    """Everything that a selector promises; give the fixture ``selector``."""

    @pytest.fixture
    def selector(self) -> Selector:
        """The selector under test."""
        _missing(self, "selector", "Selector")

    @pytest.fixture
    def breaks_ties_by_id(self) -> bool:
        """False when equals come in an order of the selector's own."""
        return True

    @pytest.fixture
    def seconds(self) -> float:
        """How long one ranking may take."""
        return 10.0

    @pytest.mark.parametrize("clause", SELECTOR_CLAUSES, ids=_name)
    def test_contract(
        self,
        *,
        clause: Callable[[SelectorSubject], None],
        selector: Selector,
        breaks_ties_by_id: bool,
        seconds: float,
    ) -> None:
        """Keeps one clause of the contract."""
        subject = SelectorSubject(
            instance=selector, breaks_ties_by_id=breaks_ties_by_id, seconds=seconds
        )
        _hold(clause, subject)


class ExporterContract:
    """Everything that an exporter promises; give the fixture ``exporter``."""

    @pytest.fixture
    def exporter(self) -> Exporter:
        """The exporter under test."""
        _missing(self, "exporter", "Exporter")

    @pytest.fixture
    def writes_every_role(self) -> bool:
        """False when some roles have no place in the format."""
        return True

    @pytest.fixture
    def writes_head(self) -> bool:
        """False when the format has no comments."""
        return True

    @pytest.fixture
    def seconds(self) -> float:
        """How long one export may take."""
        return 10.0

    @pytest.mark.parametrize("clause", EXPORTER_CLAUSES, ids=_name)
    def test_contract(
        self,
        *,
        clause: Callable[[ExporterSubject], None],
        exporter: Exporter,
        writes_every_role: bool,
        writes_head: bool,
        seconds: float,
    ) -> None:
        """Keeps one clause of the contract."""
        subject = ExporterSubject(
            instance=exporter,
            writes_every_role=writes_every_role,
            writes_head=writes_head,
            seconds=seconds,
        )
        _hold(clause, subject)
