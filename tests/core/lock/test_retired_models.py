"""Models of the lock that are deprecated, or that nobody lists any more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from llmhub_core.cache import Cache
from llmhub_core.catalog import history
from llmhub_core.catalog.retirement import Register, open_register
from llmhub_core.lock.check import Finding, check
from llmhub_core.lock.emit import emit, head
from llmhub_core.lock.file import dump_lock
from llmhub_core.lock.freeze import choices, freeze, merge
from llmhub_core.records.catalog import Catalog, SourceStatus
from llmhub_core.records.choice import Choice
from llmhub_core.records.lock import Lock, LockedEnvironment
from llmhub_core.records.model import CanonicalModel, Origin
from llmhub_core.records.spec import Spec
from llmhub_core.spec import parse_spec

LOCKED = ("openai:gpt-x", "gemini:flash", "mistral:embed")


def listed(name: str, **facts: Any) -> CanonicalModel:
    """A model of the catalog."""
    provider, _, model_id = name.partition(":")
    facts = {"price_input_per_million": 1.0, "family": provider} | facts
    return CanonicalModel(
        canonical_id=name,
        provider=provider,
        model_id=model_id,
        source_ids={"list": model_id},
        provenance={key: Origin(source="list") for key in facts},
        **facts,
    )


@pytest.fixture
def register(tmp_path: Path) -> Callable[..., Register]:
    """Make a register of catalogs, one a day."""

    def register(*catalogs: tuple[CanonicalModel, ...]) -> Register:
        cache = Cache(tmp_path)
        for day, models in enumerate(catalogs, 1):
            catalog = Catalog(
                models=models,
                sources=(SourceStatus(name="list", state="fresh"),),
                checked_at=f"2026-11-{day:02}T12:00:00Z",
            )
            history.record(cache, catalog, {}, made_with="as ever")
        made = open_register(cache)
        assert made is not None
        return made

    return register


@pytest.fixture
def files(lock: Lock, spec: Spec, locked: LockedEnvironment) -> dict[str, Any]:
    """Lock and config that agree, as ``check`` takes them."""
    return {
        "lock_text": dump_lock(lock).decode(),
        "config_text": emit(spec, choices(spec, locked), head("26.11.0", locked)),
    }


def told(findings: tuple[Finding, ...]) -> list[tuple[str, str | None, str]]:
    """Kind, role and words of each finding."""
    return [(found.kind, found.role, found.problem) for found in findings]


def test_what_is_listed_is_no_finding(
    spec: Spec, files: dict[str, Any], register: Callable[..., Register]
) -> None:
    """Nor is anything without a register."""
    assert check(spec, **files) == ()
    assert check(spec, **files, register=register(tuple(map(listed, LOCKED)))) == ()


def test_a_model_that_is_gone_is_a_finding(
    spec: Spec, files: dict[str, Any], register: Callable[..., Register]
) -> None:
    """With role, date, what may follow, and the command to run."""
    before = tuple(map(listed, LOCKED))
    after = (listed("openai:gpt-y"), *before[1:])
    (found,) = check(spec, **files, register=register(before, after))
    assert told((found,)) == [
        (
            "retired",
            "llm.answers",
            (
                "role 'llm.answers': openai:gpt-x is no longer listed since 2026-11-02 "
                "(catalog of 2026-11-02; listed: openai:gpt-y): run `llmhub generate "
                "--upgrade llm.answers`"
            ),
        )
    ]
    assert found.file == "lock"
    lines = files["lock_text"].splitlines()
    assert '"primary"' in lines[(found.line or 0) - 1]


def test_a_fallback_that_is_deprecated_is_a_finding(
    spec: Spec, files: dict[str, Any], register: Callable[..., Register]
) -> None:
    """It will fail when it is needed most."""
    models = (
        listed("gemini:flash", status="deprecated"),
        listed("mistral:embed"),
        listed("openai:gpt-x"),
    )
    ((kind, role, problem),) = told(check(spec, **files, register=register(models)))
    assert (kind, role) == ("retired", "llm.answers")
    assert problem == (
        "role 'llm.answers': fallback gemini:flash is deprecated (catalog of "
        "2026-11-01): run `llmhub generate --upgrade llm.answers`"
    )


def test_a_model_that_this_catalog_never_had_is_a_finding(
    spec: Spec, files: dict[str, Any], register: Callable[..., Register]
) -> None:
    """The lock has its price, so some catalog had it; its provider is listed."""
    models = tuple(map(listed, ("gemini:flash", "mistral:embed", "openai:gpt-y")))
    ((_, _, problem),) = told(check(spec, **files, register=register(models)))
    assert problem.startswith("role 'llm.answers': openai:gpt-x is not listed (")


def test_a_model_of_the_users_own_is_no_finding(
    spec: Spec,
    make_choice: Callable[..., Choice],
    register: Callable[..., Register],
) -> None:
    """A deployment never had a price in any catalog."""
    choice = make_choice("llm.answers", "azure:my-own", "gemini:flash")
    own = evolve(
        choice,
        primary=evolve(choice.primary, price_input_per_million=None, cost=None),
    )
    embed = make_choice("embed", "mistral:embed")
    frozen = freeze(spec, [own, embed], catalog=Catalog(models=()), locked=None)
    text = dump_lock(merge(None, spec, frozen)).decode()
    assert "azure:my-own" in text
    config = emit(spec, choices(spec, frozen), head("26.11.0", frozen))
    models = tuple(map(listed, ("azure:gpt", "gemini:flash", "mistral:embed")))
    found = check(spec, lock_text=text, config_text=config, register=register(models))
    assert found == ()


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        ("force_model: openai:gpt-x", "name another `force_model`"),
        ("fallbacks: [openai:gpt-x]", "name another in `fallbacks`"),
        ("require: {status: [stable, deprecated]}", None),
    ],
)
def test_what_the_spec_names_the_spec_must_name_anew(
    spec_text: str,
    files: dict[str, Any],
    register: Callable[..., Register],
    change: str,
    remedy: str | None,
) -> None:
    """An upgrade would choose the same again; and who asks for it may have it."""
    text = spec_text.replace(
        "    preferences: {quality: high}\n    mode_params",
        f"    preferences: {{quality: high}}\n    {change}\n    mode_params",
    )
    assert text != spec_text
    models = (
        listed("gemini:flash"),
        listed("mistral:embed"),
        listed("openai:gpt-x", status="deprecated"),
    )
    found = check(parse_spec(text), **files, register=register(models))
    retired = [f for f in found if f.kind == "retired"]
    if remedy is None:
        assert retired == []
    else:
        assert [f.problem.rpartition(": ")[2] for f in retired] == [remedy]


def test_a_role_that_left_the_spec_is_not_judged(
    spec: Spec, files: dict[str, Any], register: Callable[..., Register]
) -> None:
    """It leaves the lock with the next run."""
    fewer = evolve(spec, roles={"embed": spec.roles["embed"]})
    models = (listed("mistral:embed"), listed("openai:gpt-y"))
    found = check(fewer, **files, register=register(models))
    assert "retired" not in {f.kind for f in found}


def test_a_stale_config_is_found_beside_a_retired_model(
    spec: Spec,
    chosen: tuple[Choice, ...],
    files: dict[str, Any],
    register: Callable[..., Register],
) -> None:
    """One does not hide the other."""
    again = [evolve(choice, eligible=30) for choice in chosen]
    frozen = freeze(spec, again, catalog=Catalog(models=()), locked=None)
    text = dump_lock(merge(None, spec, frozen)).decode()
    models = (
        listed("gemini:flash", status="deprecated"),
        listed("mistral:embed"),
        listed("openai:gpt-x"),
    )
    found = check(
        spec,
        lock_text=text,
        config_text=files["config_text"],
        register=register(models),
    )
    assert [one.kind for one in found] == ["retired", "config-stale"]
