"""Everything about which spec, lock and config do not agree is found and named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from llmhub_core.errors import LockError, SpecError
from llmhub_core.lock.check import Finding, check
from llmhub_core.lock.emit import emit, head
from llmhub_core.lock.file import dump_lock
from llmhub_core.lock.freeze import choices, freeze, merge
from llmhub_core.lock.lines import line_of
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.choice import Choice
from llmhub_core.records.lock import Lock, LockedEnvironment
from llmhub_core.records.spec import Spec
from llmhub_core.spec import parse_spec


@pytest.fixture
def lock_text(lock: Lock) -> str:
    """The lock file."""
    return dump_lock(lock).decode()


@pytest.fixture
def files(lock_text: str, config_text: str) -> dict[str, Any]:
    """Both files, as ``check`` takes them."""
    return {"lock_text": lock_text, "config_text": config_text}


@pytest.fixture
def config_text(spec: Spec, locked: LockedEnvironment) -> str:
    """The config that belongs to it."""
    return emit(spec, choices(spec, locked), head("26.11.0", locked))


def kinds(findings: tuple[Finding, ...]) -> list[tuple[str, str | None]]:
    """Kind and role of each finding."""
    return [(finding.kind, finding.role) for finding in findings]


def test_finds_nothing_where_all_agree(
    spec: Spec, lock_text: str, config_text: str
) -> None:
    """Three files of one run agree."""
    assert check(spec, lock_text=lock_text, config_text=config_text) == ()


def test_does_not_mind_another_version_of_the_tool(
    spec: Spec, locked: LockedEnvironment, lock_text: str
) -> None:
    """An upgraded tool makes no continuous integration fail."""
    older = emit(spec, choices(spec, locked), head("25.1.0", locked))
    assert check(spec, lock_text=lock_text, config_text=older) == ()


def test_misses_lock_and_config(spec: Spec, lock_text: str) -> None:
    """What is not there is told with what makes it."""
    (no_lock,) = check(spec, lock_text=None, config_text=None)
    assert (no_lock.kind, no_lock.file) == ("lock-missing", "lock")
    assert no_lock.problem == "there is no lock: run `llmhub generate`"
    (no_config,) = check(spec, lock_text=lock_text, config_text=None)
    assert (no_config.kind, no_config.file) == ("config-missing", "config")


def test_misses_an_environment(spec_text: str, lock_text: str) -> None:
    """A lock that knows only other environments covers nothing of this one."""
    prod = parse_spec(spec_text, env="prod")
    (found,) = check(prod, lock_text=lock_text, config_text=None)
    assert found.kind == "lock-missing"
    assert found.problem == (
        "nothing is locked for 'prod': run `llmhub generate --env prod`"
    )


def test_refuses_a_damaged_lock(spec: Spec, lock_text: str) -> None:
    """Damage is an error, no finding: nothing can be said of such a lock."""
    with pytest.raises(LockError, match="not JSON"):
        check(spec, lock_text=lock_text[:-20], config_text=None)


@pytest.mark.parametrize(
    ("key", "value"), [("mode", "chatx"), ("role", "somebody-else")]
)
def test_names_an_edit_that_no_config_could_follow(
    spec: Spec, lock_text: str, config_text: str, key: str, value: str
) -> None:
    """What the runtime would refuse, or find nowhere, is an edit of the lock."""
    data = json.loads(lock_text)
    data["environments"]["dev"]["roles"]["llm.answers"]["choice"][key] = value
    found = check(spec, lock_text=json.dumps(data), config_text=config_text)
    assert ("lock-edited", "llm.answers") in kinds(found)
    assert f"choice.{key} was edited by hand" in found[0].problem


def test_names_a_hand_edit_of_the_lock_and_what_follows(
    spec: Spec, lock_text: str, config_text: str
) -> None:
    """The edited value is named with its line, and the config that differs now."""
    edited = lock_text.replace('"model_id": "gpt-x"', '"model_id": "gpt-y"')
    found = check(spec, lock_text=edited, config_text=config_text)
    assert kinds(found) == [
        ("lock-edited", "llm.answers"),
        ("config-differs", "llm.answers"),
    ]
    line = next(n for n, r in enumerate(edited.splitlines(), 1) if "gpt-y" in r)
    assert (found[0].file, found[0].line) == ("lock", line)
    assert "choice.primary.model_id was edited by hand" in found[0].problem
    assert "model is 'gpt-x' and should be 'gpt-y'" in found[1].problem


def test_names_an_edit_in_another_environment(
    spec: Spec, spec_text: str, lock: Lock, config_text: str
) -> None:
    """The lock is one file: an edit anywhere in it is named."""
    prod = parse_spec(spec_text, env="prod")
    mine = lock.environments["dev"]
    other = freeze(prod, (), catalog=None, locked=mine)
    other = evolve(other, roles={}, catalog_digest="e" * 64)
    text = dump_lock(merge(lock, prod, other)).decode()
    (found,) = check(spec, lock_text=text, config_text=config_text)
    assert found.problem.startswith("environment 'prod': catalog_digest was edited")


@pytest.mark.parametrize(
    ("change", "expected", "line"),
    [
        (("quality: high", "quality: low"), [("role-changed", "llm.answers")], 8),
        (
            ("selector: balanced", "selector: cost-first"),
            [("selector-changed", "llm.answers"), ("selector-changed", "embed")],
            8,
        ),
        (
            ("  embed:\n", "  search:\n"),
            [("role-missing", "search"), ("role-extra", "embed")],
            13,
        ),
    ],
)
def test_names_roles_that_the_lock_does_not_cover(
    spec_text: str,
    files: dict[str, Any],
    change: tuple[str, str],
    expected: list[tuple[str, str]],
    line: int,
) -> None:
    """A role that is new, gone, or asked for in other words is named, with its line."""
    found = check(parse_spec(spec_text.replace(*change)), **files)
    assert kinds(found) == expected
    assert (found[0].file, found[0].line) == ("spec", line)


def test_judges_by_the_selector_that_is_asked_for(
    spec: Spec, lock_text: str, config_text: str
) -> None:
    """--check --selector asks whether that selector's choices are locked."""
    found = check(
        spec, lock_text=lock_text, config_text=config_text, selector="cost-first"
    )
    assert {finding.kind for finding in found} == {"selector-changed"}


def test_notices_settings_that_change_no_choice(
    spec_text: str, lock_text: str, config_text: str
) -> None:
    """A new timeout needs no new model, but a new config."""
    spec = parse_spec(spec_text.replace("timeout: 60s", "timeout: 30s"))
    found = check(spec, lock_text=lock_text, config_text=config_text)
    assert kinds(found) == [("spec-changed", None), ("config-differs", "llm.answers")]
    assert "timeout is '60s' and should be '30s'" in found[1].problem


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        ("providers: {deny: [google]}", "gemini:flash is at gemini"),
        ("models: {deny: ['*:gpt-*']}", r"openai:gpt-x matches \*:gpt-\*"),
        ("max_price: {output: 9.5}", "openai:gpt-x costs 10 .* over 9.5"),
        ("models: {allow: ['openai:*']}", "gemini:flash matches none of openai"),
    ],
)
def test_names_pinned_models_that_the_policy_forbids(
    spec_text: str, lock_text: str, config_text: str, policy: str, problem: str
) -> None:
    """Primary and backups are held against a policy that became stricter."""
    text = spec_text.replace("providers: {deny: [deepseek]}", policy)
    found = check(parse_spec(text), lock_text=lock_text, config_text=config_text)
    forbidden = [f for f in found if f.kind == "policy" and f.role == "llm.answers"]
    assert forbidden
    line = next(n for n, r in enumerate(lock_text.splitlines(), 1) if "llm.ans" in r)
    assert (forbidden[0].file, forbidden[0].line) == ("lock", line)
    assert re.search(problem, forbidden[0].problem)
    assert "(policy." in forbidden[0].problem


def test_names_pinned_models_of_a_provider_that_was_switched_off(
    spec_text: str, lock_text: str, config_text: str
) -> None:
    """A disabled provider is no longer to be called."""
    text = spec_text.replace("{env_key: SHOP", "{enabled: false, env_key: SHOP")
    found = check(parse_spec(text), lock_text=lock_text, config_text=config_text)
    assert ("policy", "llm.answers") in kinds(found)


def test_names_role_and_key_that_the_config_has_otherwise(
    spec: Spec, lock_text: str, config_text: str
) -> None:
    """A hand-edited config is named as such, with every key that differs."""
    edited = config_text.replace("model: gpt-x", "model: gpt-z")
    found = check(spec, lock_text=lock_text, config_text=edited)
    assert kinds(found) == [("config-differs", "llm.answers"), ("config-edited", None)]
    line = next(n for n, r in enumerate(edited.splitlines(), 1) if "gpt-z" in r)
    assert (found[0].file, found[0].line) == ("config", line)
    assert found[0].problem == (
        "role 'llm.answers': model is 'gpt-z' and should be 'gpt-x': run "
        "`llmhub generate`"
    )


def test_notices_a_comment_that_somebody_wrote(
    spec: Spec, lock_text: str, config_text: str
) -> None:
    """A comment changes nothing but would be lost: it is told."""
    edited = f"{config_text}# do not touch\n"
    found = check(spec, lock_text=lock_text, config_text=edited)
    assert kinds(found) == [("config-edited", None)]


def test_notices_a_config_of_another_lock(
    spec: Spec,
    locked: LockedEnvironment,
    config_text: str,
    catalog: Catalog,
    make_choice: Callable[..., Choice],
) -> None:
    """The same models on other facts: the config names the lock it came from."""
    newer = evolve(catalog, digest="d" * 64)
    again = freeze(
        spec,
        [make_choice("embed", "mistral:embed", considered=6000)],
        catalog=newer,
        locked=locked,
    )
    text = dump_lock(merge(None, spec, again)).decode()
    found = check(spec, lock_text=text, config_text=config_text)
    assert kinds(found) == [("config-stale", None)]


def test_does_not_blame_the_config_for_an_edited_lock(
    spec: Spec, lock_text: str, config_text: str
) -> None:
    """An edit that reaches no key of the config leaves one finding, not two."""
    edited = lock_text.replace('"eligible": 31', '"eligible": 30', 1)
    found = check(spec, lock_text=edited, config_text=config_text)
    assert kinds(found) == [("lock-edited", "embed")]


def test_tells_a_config_that_can_not_be_read(
    spec: Spec, lock_text: str, config_text: str
) -> None:
    """A broken config is a finding with the runtime's words and its line."""
    broken = config_text.replace("mode: chat", "mode: chatty")
    found = check(spec, lock_text=lock_text, config_text=broken)
    assert kinds(found) == [("config-invalid", None), ("config-edited", None)]
    assert "must be one of chat" in found[0].problem
    line = next(n for n, r in enumerate(broken.splitlines(), 1) if "chatty" in r)
    assert found[0].line == line


def test_refuses_a_spec_that_the_runtime_can_not_follow(
    spec_text: str, lock_text: str, config_text: str
) -> None:
    """What can't be emitted can't be checked either."""
    text = spec_text.replace("num_retries: 2", "budget: {limit: 5}")
    with pytest.raises(SpecError, match="budget"):
        check(parse_spec(text), lock_text=lock_text, config_text=config_text)


def test_names_roles_whose_selector_is_gone(
    spec: Spec, lock_text: str, config_text: str
) -> None:
    """A choice of a selector that is not installed stands, and is told."""
    files = {"lock_text": lock_text, "config_text": config_text}
    assert check(spec, **files, selectors={"balanced"}) == ()
    found = check(spec, **files, selectors={"cost-first"})
    assert kinds(found) == [
        ("selector-missing", "llm.answers"),
        ("selector-missing", "embed"),
    ]
    assert found[0].problem.startswith(
        "role 'llm.answers' was chosen by the selector 'balanced'"
    )
    assert found[0].problem.endswith(
        "which is not installed: install it, or name another one in the spec"
    )
    assert found[0].line == line_of(
        lock_text, ("environments", spec.env, "roles", "llm.answers")
    )


def test_says_once_of_a_role_that_its_selector_changed(
    spec_text: str, lock_text: str, config_text: str
) -> None:
    """Where another selector is asked for, it does not matter that the old is gone."""
    found = check(
        parse_spec(spec_text.replace("selector: balanced", "selector: cost-first")),
        lock_text=lock_text,
        config_text=config_text,
        selectors={"cost-first"},
    )
    assert {finding.kind for finding in found} == {"selector-changed"}
