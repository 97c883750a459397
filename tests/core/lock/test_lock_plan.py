"""Unchanged roles stay pinned; the others are chosen anew, with the reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from llmhub_core.errors import LockError, SpecError
from llmhub_core.lock.freeze import freeze
from llmhub_core.lock.plan import plan, refuse_renewals
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.choice import Choice
from llmhub_core.records.lock import LockedEnvironment
from llmhub_core.records.spec import Spec
from llmhub_core.spec import parse_spec


def reasons(spec: Spec, locked: LockedEnvironment | None, **asked: object) -> object:
    """Role and reason of everything that is chosen anew."""
    found = plan(spec, locked, **asked)  # type: ignore[arg-type]
    assert {*found.pinned, *(r.role for r in found.renewed)} == set(spec.roles)
    return {renewal.role: renewal.reason for renewal in found.renewed}


def test_pins_everything_when_nothing_changed(
    spec: Spec, locked: LockedEnvironment
) -> None:
    """The lock covers the spec that it was made from."""
    found = plan(spec, locked)
    assert found.pinned == ("llm.answers", "embed")
    assert (found.renewed, found.removed) == ((), ())


def test_chooses_everything_without_a_lock(spec: Spec) -> None:
    """Nothing locked in this environment: every role is chosen."""
    assert reasons(spec, None) == {"llm.answers": "no-lock", "embed": "no-lock"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("quality: high", "quality: medium", {"llm.answers": "changed"}),
        ("temperature: 0.2", "temperature: 0.3", {"llm.answers": "changed"}),
        ("deny: [deepseek]", "deny: [groq]", dict.fromkeys(("llm.answers", "embed"))),
        ("selector: balanced", "selector: cost-first", None),
        ("timeout: 60s", "timeout: 30s", {}),
        ("SHOP_OPENAI_KEY", "OTHER_KEY", {}),
        ("project: shop", "project: mall  # renamed", {}),
    ],
)
def test_chooses_anew_what_depends_on_the_change(
    spec_text: str,
    locked: LockedEnvironment,
    old: str,
    new: str,
    expected: dict[str, str | None] | None,
) -> None:
    """A change renews the roles whose choice it can change, and no others."""
    found = reasons(parse_spec(spec_text.replace(old, new)), locked)
    if expected is None:
        assert found == {"llm.answers": "selector", "embed": "selector"}
    else:
        assert found == {role: why or "changed" for role, why in expected.items()}


def test_adds_and_drops_roles(spec_text: str, locked: LockedEnvironment) -> None:
    """A new role is chosen, one that is gone drops out, the rest stays."""
    text = spec_text.replace("  embed:\n", "  search:\n")
    found = plan(parse_spec(text), locked)
    assert found.pinned == ("llm.answers",)
    assert [(r.role, r.reason) for r in found.renewed] == [("search", "new")]
    assert found.removed == ("embed",)


def test_upgrades_what_is_asked(spec: Spec, locked: LockedEnvironment) -> None:
    """No name means all roles; names mean these."""
    everything = {"llm.answers": "upgrade", "embed": "upgrade"}
    assert reasons(spec, locked, upgrade=()) == everything
    assert reasons(spec, locked, upgrade=["embed"]) == {"embed": "upgrade"}


def test_refuses_to_upgrade_an_unknown_role(
    spec: Spec, locked: LockedEnvironment
) -> None:
    """A typo is told with the nearest name and the names there are."""
    with pytest.raises(SpecError) as caught:
        plan(spec, locked, upgrade=["embd"])
    assert str(caught.value) == (
        "llmhub.spec.yaml: there is no role 'embd' to upgrade. Did you mean 'embed'? "
        "Roles: llm.answers, embed."
    )
    with pytest.raises(SpecError, match=r"to upgrade\. Roles: "):
        plan(spec, locked, upgrade=["zzz"])


def test_chooses_anew_with_another_selector(
    spec: Spec, locked: LockedEnvironment
) -> None:
    """--selector renews every role that another one chose, and says so."""
    found = plan(spec, locked, selector="cost-first")
    assert {r.reason for r in found.renewed} == {"selector"}
    assert found.renewed[0].detail == (
        "was chosen by balanced, and cost-first is asked for"
    )
    assert reasons(spec, locked, selector="balanced") == {}


def test_forgets_a_selector_that_is_no_longer_asked_for(
    spec: Spec,
    catalog: Catalog,
    make_choice: Callable[..., Choice],
) -> None:
    """--selector holds for one run: the lock pins what the spec asks for."""
    chosen = [
        make_choice(role, "openai:m", selector="cost-first") for role in spec.roles
    ]
    locked = freeze(spec, chosen, catalog=catalog, selector="cost-first")
    assert reasons(spec, locked, selector="cost-first") == {}
    assert set(reasons(spec, locked).values()) == {"selector"}


def test_calls_a_role_changed_when_more_than_its_selector_is(
    spec_text: str, locked: LockedEnvironment
) -> None:
    """Another selector and another wish: the wish is the reason."""
    text = spec_text.replace("balanced", "cost-first").replace("high", "medium")
    assert reasons(parse_spec(text), locked) == {
        "llm.answers": "changed",
        "embed": "selector",
    }


def test_refuses_to_choose_when_frozen(
    spec_text: str, locked: LockedEnvironment
) -> None:
    """--frozen names every role that the lock does not cover, and why."""
    spec = parse_spec(spec_text.replace("  embed:\n", "  search:\n"))
    with pytest.raises(LockError) as caught:
        refuse_renewals(spec, plan(spec, locked), path="llmhub.lock")
    assert str(caught.value) == (
        "llmhub.lock: does not cover the spec: role 'search' is not in the lock. Run "
        "`llmhub generate` without --frozen and commit the lock."
    )


def test_is_content_when_frozen_and_covered(
    spec: Spec, locked: LockedEnvironment
) -> None:
    """--frozen has nothing to say about a lock that covers the spec."""
    refuse_renewals(spec, plan(spec, locked))
