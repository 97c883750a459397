"""The error tree is the one that is drawn, and every error says enough."""

from __future__ import annotations

import copy
import pickle
import re
from pathlib import Path
from typing import Any

import pytest

from llmhub_core import errors
from llmhub_core.errors import LLMHubError

EXAMPLES: dict[str, tuple[tuple[Any, ...], dict[str, Any], str, int]] = {
    "SpecError": (
        ("unknown key",),
        {"path": "llmhub.spec.yaml", "line": 3},
        "llmhub.spec.yaml:3: unknown key",
        2,
    ),
    "SettingsError": (("LLMHUB_OFFLINE", "is odd"), {}, "LLMHUB_OFFLINE: is odd", 2),
    "LockError": (
        ("is damaged",),
        {"path": "llmhub.lock"},
        "llmhub.lock: is damaged",
        2,
    ),
    "OutputError": (("x.yaml", "can't be written"), {}, "x.yaml: can't be written", 2),
    "PluginNotFoundError": (
        ("selector", "cost-frist", ["balanced", "cost-first"], "cost-first"),
        {},
        (
            "no selector is named 'cost-frist'. Did you mean 'cost-first'? "
            "Installed: balanced, cost-first."
        ),
        2,
    ),
    "PluginConflictError": (
        ("source", "arena", ["one", "two"]),
        {},
        (
            "the source 'arena' is claimed by one and two: uninstall one of them, or "
            'say which one counts: prefer = ["one"] under [plugins] in config.toml.'
        ),
        2,
    ),
    "PluginLoadError": (
        ("source", "arena"),
        {"distribution": "one", "version": "1.0", "reason": "OSError: no"},
        "the source 'arena' of one 1.0 does not load: OSError: no",
        2,
    ),
    "PluginOptionsError": (
        ("source", "arena", "LLMHUB_ARENA_URL", "is odd"),
        {},
        "LLMHUB_ARENA_URL: options of the source 'arena': is odd",
        2,
    ),
    "PluginFailedError": (
        ("selector 'frugal' of llmhub-frugal 1.0", "ValueError: no"),
        {},
        "the selector 'frugal' of llmhub-frugal 1.0 failed: ValueError: no",
        2,
    ),
    "ExportError": (
        ("litellm", "it has no words for this: leave it out"),
        {},
        "exporter litellm: it has no words for this: leave it out",
        2,
    ),
    "PluginNameError": (
        ("My Plugin", "is no name in kebab-case"),
        {},
        "'My Plugin' is no name in kebab-case.",
        2,
    ),
    "InvalidExportError": (
        ("'env' of llmhub-env 1.0", "returned no file: return at least one."),
        {},
        "the exporter 'env' of llmhub-env 1.0 returned no file: return at least one.",
        2,
    ),
    "SourceUnavailableError": (("https://x", "HTTP 503"), {}, "https://x: HTTP 503", 3),
    "SourceDataError": (("https://x", "is not JSON"), {}, "https://x: is not JSON", 3),
    "CatalogUnavailableError": (
        (["a: no", "b: no"],),
        {},
        "no catalog: a: no; b: no",
        3,
    ),
    "HandEditedError": (
        (Path("llmhub.yaml"), "was edited by hand"),
        {},
        "llmhub.yaml: was edited by hand",
        2,
    ),
    "MissingExtraError": (
        ("Parquet", "pyarrow", "parquet"),
        {},
        (
            "Parquet needs pyarrow, which is not installed: "
            "pip install pyarrow, or llmhub-core with its extra [parquet]."
        ),
        2,
    ),
    "FilterError": (
        ("provider", "opnai", ["openai"]),
        {},
        "no provider 'opnai' in the catalog. Did you mean 'openai'?",
        2,
    ),
    "UnknownModelError": (
        ("openai:gpt-55", ["openai:gpt-5", "openai:gpt-5.5"]),
        {},
        (
            "no model 'openai:gpt-55' in the catalog. "
            "Did you mean openai:gpt-5 or openai:gpt-5.5?"
        ),
        2,
    ),
    "NoCandidatesError": (
        ("llm.chat", {"kind": 2, "providers": 3}),
        {"helps": [("providers", 3)], "absent": ["ollama"]},
        (
            "role 'llm.chat': none of 5 models satisfies its constraints. The catalog "
            "has no model of ollama: refresh it when a key is set or the server runs, "
            "or name the model by force_provider and force_model. "
            "Loosening one of these helps most: providers (3 models)."
        ),
        2,
    ),
    "IneligibleModelError": (
        ("llm.chat", "openai:gpt-5", [("require.tools", "takes no tools")]),
        {"use": "fallback"},
        (
            "role 'llm.chat': the fallback 'openai:gpt-5' can't serve: "
            "it takes no tools (require.tools)."
        ),
        2,
    ),
    "InvalidChoiceError": (
        ("mine", "llm.chat", "chose nothing"),
        {},
        "role 'llm.chat': the selector 'mine' chose nothing",
        2,
    ),
}


def _subclasses(cls: type[Exception]) -> set[type[Exception]]:
    return {cls}.union(*map(_subclasses, cls.__subclasses__()))


def test_the_tree_is_the_one_that_is_drawn() -> None:
    """Names, parents and exit codes in the drawing are those of the classes."""
    drawn: dict[str, str] = {}
    above = {0: "LLMHubError"}
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"^    ([│ ]*)[├└]── (\w+Error)", line):
            depth = len(found[1]) // 4 + 1
            above[depth] = found[2]
            drawn[found[2]] = above[depth - 1]
            code = re.search(r"exit code (\d)", line)
            if code:
                assert getattr(errors, found[2]).exit_code == int(code[1])
    real = {
        cls.__name__: cls.__bases__[0].__name__
        for cls in _subclasses(LLMHubError)
        if cls.__module__ == errors.__name__ and cls is not LLMHubError
    }
    assert drawn == real


def test_every_error_is_exported() -> None:
    """And nothing else, in order."""
    names = {cls.__name__ for cls in _subclasses(LLMHubError)}
    assert set(errors.__all__) == {n for n in names if hasattr(errors, n)}
    assert list(errors.__all__) == sorted(errors.__all__)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_error_says_what_is_wrong_where(name: str) -> None:
    """In one line, with the exit code of its kind."""
    arguments, named, text, code = EXAMPLES[name]
    error = getattr(errors, name)(*arguments, **named)
    assert str(error) == text
    assert error.exit_code == code
    assert isinstance(error, LLMHubError)


def test_every_error_has_an_example() -> None:
    """But for those that only group others."""
    leaves = {
        cls.__name__ for cls in _subclasses(LLMHubError) if "__init__" in vars(cls)
    }
    assert leaves & set(errors.__all__) <= set(EXAMPLES)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_error_crosses_from_process_to_process(name: str, protocol: int) -> None:
    """Pickled in any protocol it comes back whole, what was noted on it as well."""
    arguments, named, text, _ = EXAMPLES[name]
    error = getattr(errors, name)(*arguments, **named)
    error.add_note("while choosing")
    got = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301
    assert type(got) is type(error)
    assert str(got) == text
    assert got.args == error.args
    assert vars(got) == vars(error)
    assert vars(copy.copy(error)) == vars(error)


def test_a_model_that_is_gone_is_told_with_its_fate() -> None:
    """Rather than with ids that merely look like it."""
    fate = "no longer listed since 2026-08-18"
    error = errors.UnknownModelError("openai:gpt-4", ["openai:gpt-4o"], fate)
    assert str(error) == "model 'openai:gpt-4' is no longer listed since 2026-08-18."
    assert error.suggestions == ("openai:gpt-4o",)


@pytest.mark.parametrize("cls", [errors.SpecError, errors.LockError])
@pytest.mark.parametrize(
    ("place", "text"),
    [
        ({}, "is odd"),
        ({"path": "a.yaml"}, "a.yaml: is odd"),
        ({"line": 7}, "is odd"),
        ({"path": "a.yaml", "line": 7}, "a.yaml:7: is odd"),
    ],
)
def test_a_place_is_named_as_far_as_it_is_known(
    cls: Any, place: dict[str, Any], text: str
) -> None:
    """Text from code has no file, a whole file has no line."""
    assert str(cls("is odd", **place)) == text


def test_an_owner_that_nobody_knows_is_said_so() -> None:
    """A plugin without metadata."""
    error = errors.PluginLoadError(
        "source", "x", distribution=None, version=None, reason="no"
    )
    assert str(error) == "the source 'x' of an unknown distribution does not load: no"


def test_nothing_installed_and_nothing_tried_are_said() -> None:
    """An empty list reads as a sentence."""
    assert str(errors.PluginNotFoundError("exporter", "x", [], None)).endswith(
        "Installed: none."
    )
    assert str(errors.CatalogUnavailableError([])) == "no catalog: nothing was tried"
    assert str(errors.UnknownModelError("x", [])) == "no model 'x' in the catalog."
    assert str(errors.NoCandidatesError("x", {"kind": 1})) == (
        "role 'x': none of 1 models satisfies its constraints."
    )
