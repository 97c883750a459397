"""What plugin authors test with: the contracts as tests, samples and fakes.

A test module of a plugin is one class that inherits a contract::

    class TestFrugal(SelectorContract):
        @pytest.fixture
        def selector(self):
            return Frugal(FrugalOptions())

Strategies for hypothesis are in :mod:`llmhub_core.testing.strategies`. Needs the extra
``llmhub-core[testing]``. Names are imported when they are looked at,
so that checking an installed plugin needs neither pytest nor hypothesis.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmhub_core.testing.clause import BreachError
    from llmhub_core.testing.contracts import (
        CatalogSourceContract,
        ExporterContract,
        SelectorContract,
    )
    from llmhub_core.testing.damage import damaged
    from llmhub_core.testing.fakes import FakeSourceContext, ScriptedSource, plugged
    from llmhub_core.testing.samples import export_contexts, make_candidate, offers
    from llmhub_core.testing.upstream import Upstream

__all__ = [
    "BreachError",
    "CatalogSourceContract",
    "ExporterContract",
    "FakeSourceContext",
    "ScriptedSource",
    "SelectorContract",
    "Upstream",
    "damaged",
    "export_contexts",
    "make_candidate",
    "offers",
    "plugged",
]

_HOMES = {
    name: home
    for home, names in {
        "clause": "BreachError",
        "contracts": "CatalogSourceContract ExporterContract SelectorContract",
        "damage": "damaged",
        "fakes": "FakeSourceContext ScriptedSource plugged",
        "samples": "export_contexts make_candidate offers",
        "upstream": "Upstream",
    }.items()
    for name in names.split()
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    module = import_module(f"{__name__}.{_HOMES[name]}")
    globals()[name] = value = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
