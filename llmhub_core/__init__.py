"""LLM Hub: choose, pin and explain which model serves each role of an app.

The names below are the public ones. Each is imported from its module when it is
first looked at, so ``import llmhub_core`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmhub_core.catalog.build import arefresh, refresh
    from llmhub_core.catalog.export import export_catalog
    from llmhub_core.catalog.provision import Provision, aprovide, provide
    from llmhub_core.catalog.query import Filters, Listing, list_models
    from llmhub_core.catalog.search import Hit, search
    from llmhub_core.contracts import (
        CONTRACT_VERSION,
        CatalogSource,
        ExportContext,
        ExportedFile,
        Exporter,
        Selector,
        SelectorContext,
        SourceContext,
    )
    from llmhub_core.errors import (
        CatalogError,
        CatalogUnavailableError,
        ExportError,
        FilterError,
        HandEditedError,
        IneligibleModelError,
        InvalidChoiceError,
        InvalidExportError,
        LLMHubError,
        LockError,
        MissingExtraError,
        NoCandidatesError,
        OutputError,
        PluginConflictError,
        PluginError,
        PluginFailedError,
        PluginLoadError,
        PluginNameError,
        PluginNotFoundError,
        PluginOptionsError,
        SelectionError,
        SettingsError,
        SourceDataError,
        SourceUnavailableError,
        SpecError,
        UnknownModelError,
    )
    from llmhub_core.inquiry import Answer, Inquiry, Supposed, ainquire, inquire
    from llmhub_core.outlook import Outlook, aoutdated, differences, outdated
    from llmhub_core.outputs import Output
    from llmhub_core.pipeline import Generated, agenerate, check, generate, write
    from llmhub_core.plugins import load_exporter, load_selector, load_sources
    from llmhub_core.records.candidate import (
        Candidate,
        Candidates,
        Ranked,
        Ranking,
        Rejection,
    )
    from llmhub_core.records.catalog import Catalog
    from llmhub_core.records.choice import Choice, Pick
    from llmhub_core.records.lock import Lock
    from llmhub_core.records.model import CanonicalModel
    from llmhub_core.records.need import RoleNeed
    from llmhub_core.records.rating import Rating
    from llmhub_core.records.spec import Spec
    from llmhub_core.selection import (
        Measures,
        assemble,
        explain,
        interpret,
        shortlist,
        why_not,
    )
    from llmhub_core.selection.chosen import Chosen, achoose, choose
    from llmhub_core.settings import Settings, load_settings
    from llmhub_core.spec import load_spec, parse_spec

    __version__: str

__all__ = [
    "CONTRACT_VERSION",
    "Answer",
    "Candidate",
    "Candidates",
    "CanonicalModel",
    "Catalog",
    "CatalogError",
    "CatalogSource",
    "CatalogUnavailableError",
    "Choice",
    "Chosen",
    "ExportContext",
    "ExportError",
    "ExportedFile",
    "Exporter",
    "FilterError",
    "Filters",
    "Generated",
    "HandEditedError",
    "Hit",
    "IneligibleModelError",
    "Inquiry",
    "InvalidChoiceError",
    "InvalidExportError",
    "LLMHubError",
    "Listing",
    "Lock",
    "LockError",
    "Measures",
    "MissingExtraError",
    "NoCandidatesError",
    "Outlook",
    "Output",
    "OutputError",
    "Pick",
    "PluginConflictError",
    "PluginError",
    "PluginFailedError",
    "PluginLoadError",
    "PluginNameError",
    "PluginNotFoundError",
    "PluginOptionsError",
    "Provision",
    "Ranked",
    "Ranking",
    "Rating",
    "Rejection",
    "RoleNeed",
    "SelectionError",
    "Selector",
    "SelectorContext",
    "Settings",
    "SettingsError",
    "SourceContext",
    "SourceDataError",
    "SourceUnavailableError",
    "Spec",
    "SpecError",
    "Supposed",
    "UnknownModelError",
    "__version__",
    "achoose",
    "agenerate",
    "ainquire",
    "aoutdated",
    "aprovide",
    "arefresh",
    "assemble",
    "check",
    "choose",
    "differences",
    "explain",
    "export_catalog",
    "generate",
    "inquire",
    "interpret",
    "list_models",
    "load_exporter",
    "load_selector",
    "load_settings",
    "load_sources",
    "load_spec",
    "outdated",
    "parse_spec",
    "provide",
    "refresh",
    "search",
    "shortlist",
    "why_not",
    "write",
]

#: Where each name lives.
_HOMES = {
    name: home
    for home, names in {
        "catalog.build": "arefresh refresh",
        "catalog.export": "export_catalog",
        "catalog.provision": "Provision aprovide provide",
        "catalog.query": "Filters Listing list_models",
        "catalog.search": "Hit search",
        "contracts": """
            CONTRACT_VERSION CatalogSource ExportContext ExportedFile
            Exporter Selector SelectorContext SourceContext
        """,
        "errors": """
            CatalogError CatalogUnavailableError ExportError FilterError
            HandEditedError
            IneligibleModelError InvalidChoiceError InvalidExportError
            LLMHubError LockError MissingExtraError NoCandidatesError OutputError
            PluginConflictError PluginError PluginFailedError
            PluginLoadError PluginNameError PluginNotFoundError PluginOptionsError
            SelectionError SettingsError SourceDataError
            SourceUnavailableError SpecError UnknownModelError
        """,
        "inquiry": "Answer Inquiry Supposed ainquire inquire",
        "outlook": "Outlook aoutdated differences outdated",
        "outputs": "Output",
        "pipeline": "Generated agenerate check generate write",
        "plugins": "load_exporter load_selector load_sources",
        "records.candidate": "Candidate Candidates Ranked Ranking Rejection",
        "records.catalog": "Catalog",
        "records.choice": "Choice Pick",
        "records.lock": "Lock",
        "records.model": "CanonicalModel",
        "records.need": "RoleNeed",
        "records.rating": "Rating",
        "records.spec": "Spec",
        "selection": "Measures assemble explain interpret shortlist why_not",
        "selection.chosen": "Chosen achoose choose",
        "settings": "Settings load_settings",
        "spec": "load_spec parse_spec",
    }.items()
    for name in names.split()
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        value: object = version("llmhub-core")
    elif name in _HOMES:
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    else:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message, name=name)
    globals()[name] = value  # looked up once
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
