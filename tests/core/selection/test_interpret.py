"""From a role of the spec to its need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmhub_core.errors import SpecError
from llmhub_core.records.need import RatingKey, RoleNeed
from llmhub_core.records.spec import (
    MaxPrice,
    Policy,
    Preferences,
    ProviderSpec,
    Require,
    RoleSpec,
    Spec,
    Workload,
)
from llmhub_core.selection import interpret
from llmhub_core.selection.interpret import rating_keys


def need_of(spec: dict[str, Any] | None = None, **role: Any) -> RoleNeed:
    """The need of a spec with one role."""
    made = RoleSpec(name="r", **role)
    return interpret(Spec(project="p", roles={"r": made}, **(spec or {})), "r")


def limits(need: RoleNeed) -> dict[str, Any]:
    """What each named limit wants; several under one name as a list."""
    found: dict[str, Any] = {}
    for constraint in need.constraints:
        if constraint.name in found:
            found[constraint.name] = [found[constraint.name], constraint.wanted]
        else:
            found[constraint.name] = constraint.wanted
    return found


def test_a_bare_role_asks_for_a_chat_model_that_lives() -> None:
    """Of it are asked kind, reachability, a price list, and not to be deprecated."""
    need = need_of()
    assert limits(need) == {
        "kind": "chat",
        "callable": "not_probed",
        "status": (),
        "endpoint": True,
        "free": True,
    }
    assert need.ratings == (RatingKey(board="text", category="overall"),)
    assert (need.task, need.backups, need.explicit_backups) == ("general", 2, ())


def test_every_requirement_becomes_a_limit_under_its_key() -> None:
    """The name of a limit is the key that a user would edit."""
    need = need_of(
        require=Require(
            tools=True,
            structured_output=False,
            reasoning=True,
            open_weights=False,
            input_modalities=("text", "image"),
            output_modalities=("text",),
            context_tokens=100_000,
            max_output_tokens=4_000,
            knowledge_after="2024-06",
            max_price=MaxPrice(input=3.0, output=15.0),
            min_quality=1350,
            measured_quality=True,
            status=("stable",),
        )
    )
    assert limits(need) == {
        "kind": "chat",
        "callable": "not_probed",
        "status": (),
        "endpoint": True,
        "free": True,
        "require.tools": True,
        "require.structured_output": False,
        "require.reasoning": True,
        "require.open_weights": False,
        "require.input_modalities": ("text", "image"),
        "require.output_modalities": ("text",),
        "require.context_tokens": 100_000,
        "require.max_output_tokens": 4_000,
        "require.knowledge_after": "2024-06",
        "require.max_price": [3.0, 15.0],
        "require.min_quality": 1350,
        "require.measured_quality": True,
        "require.status": ("stable",),
    }


def test_policy_and_lists_become_limits_with_canonical_names() -> None:
    """models.dev's names of providers are any-llm's from here on."""
    need = need_of(
        {
            "policy": Policy(
                providers_allow=("google", "openai", "gemini"),
                providers_deny=("togetherai",),
                models_allow=("google:gemini-*", "*:gpt-*"),
                models_deny=("*:free",),
                open_weights_only=True,
                max_price=MaxPrice(output=30.0),
            ),
            "providers": {"fireworks-ai": ProviderSpec(enabled=False)},
        },
        preferences=Preferences(
            providers=("google",),
            provider_blocklist=("amazon-bedrock",),
            model_denylist=("google:gemma-*", "g?[a]*:x"),
        ),
    )
    found = limits(need)
    assert found["policy.providers.allow"] == ("gemini", "openai")
    assert found["policy.providers.deny"] == ("together",)
    assert found["policy.models.allow"] == ("gemini:gemini-*", "*:gpt-*")
    assert found["policy.models.deny"] == ("*:free",)
    assert found["policy.open_weights_only"] is True
    assert found["policy.max_price"] == 30.0
    assert found["providers.fireworks-ai.enabled"] == ("fireworks",)
    assert found["preferences.providers"] == ("gemini",)
    assert found["preferences.provider_blocklist"] == ("bedrock",)
    assert found["preferences.model_denylist"] == ("gemini:gemma-*", "g?[a]*:x")
    assert need.preferred_providers == ("gemini",)


@pytest.mark.parametrize(
    ("wishes", "shares"),
    [
        (Preferences(), (2, 2, 1)),
        (Preferences(quality="medium", cost="medium", latency="medium"), (2, 2, 2)),
        (Preferences(quality="high"), (8, 2, 1)),
        (Preferences(quality="low", cost="low"), (1, 8, 1)),
        (Preferences(cost="high", latency="low"), (2, 1, 8)),
        (Preferences(latency="high"), (2, 2, 1)),
    ],
)
def test_levels_become_weights(
    wishes: Preferences, shares: tuple[int, int, int]
) -> None:
    """Quality counts when wished high, cost and latency when wished low."""
    weights = need_of(preferences=wishes).weights
    total = sum(shares)
    assert (weights.quality, weights.cost, weights.latency) == tuple(
        share / total for share in shares
    )


@pytest.mark.parametrize(
    ("task", "keys"),
    [
        ("general", ["text/overall"]),
        ("coding", ["text/coding", "text/overall"]),
        ("math", ["text/math", "text/overall"]),
        ("reasoning", ["text/hard_prompts", "text/math", "text/overall"]),
        ("creative_writing", ["text/creative_writing", "text/overall"]),
        ("instruction_following", ["text/instruction_following", "text/overall"]),
        ("long_context", ["text/longer_query", "text/overall"]),
        ("multi_turn", ["text/multi_turn", "text/overall"]),
        ("vision", ["vision/overall", "text/overall"]),
        ("german", ["text/german", "text/overall"]),
    ],
)
def test_a_task_says_where_quality_is_looked_up(task: str, keys: list[str]) -> None:
    """The task's own category first, overall behind it."""
    assert [str(key) for key in need_of(task=task).ratings] == keys


def test_images_as_input_ask_the_vision_board() -> None:
    """A general role that reads images is judged on images; a coder stays a coder."""
    images = Require(input_modalities=("text", "image"))
    assert str(need_of(require=images).ratings[0]) == "vision/overall"
    assert str(need_of(task="coding", require=images).ratings[0]) == "text/coding"


@pytest.mark.parametrize("kind", ["embedding", "rerank", "moderation", "audio"])
def test_kinds_without_a_board_have_no_rating(kind: str) -> None:
    """Nothing is looked up where nobody votes."""
    assert need_of(kind=kind).ratings == ()


def test_images_as_output_have_boards_of_their_own() -> None:
    """Image models are not rated as text."""
    assert [key.board for key in rating_keys("image", "general", images=False)] == [
        "text_to_image",
        "image",
    ]


def test_a_tool_role_is_a_chat_that_calls_tools() -> None:
    """The kind alone asks for tools."""
    need = need_of(kind="tool")
    assert need.kind == "chat"
    assert limits(need)["kind"] == ["chat", True]


def test_the_vision_task_asks_for_images() -> None:
    """Whoever takes no image is out, under the key `task`."""
    assert limits(need_of(task="vision"))["task"] == ("image",)


def test_callable_only_asks_for_a_listing() -> None:
    """Not probed is then not enough."""
    spec = Spec(project="p", roles={"r": RoleSpec(name="r")})
    need = interpret(spec, "r", callable_only=True)
    assert limits(need)["--callable-only"] == "yes"


def test_naming_deprecated_lets_it_in() -> None:
    """Deprecated models are out unless `status` names them."""
    assert "status" not in limits(need_of(require=Require(status=("deprecated",))))


def test_what_is_passed_on_is_passed_on() -> None:
    """Workload, relax, parameters, description and backups come along."""
    need = need_of(
        description="Answers questions",
        relax=("context_tokens",),
        require=Require(context_tokens=5),
        workload=Workload(input_tokens=7),
        mode_params={"temperature": 0.1},
        fallbacks=("google:gemini-3-pro", "openai:gpt-5"),
    )
    assert need.description == "Answers questions"
    assert need.relax == ("context_tokens",)
    assert need.workload.input_tokens == 7
    assert need.mode_params == {"temperature": 0.1}
    assert need.backups == 0
    assert need.explicit_backups == ("gemini:gemini-3-pro", "openai:gpt-5")


def test_a_forced_model_sets_wishes_and_requirements_aside() -> None:
    """What is set aside is kept for warnings; policy and deny lists stay."""
    need = need_of(
        {"policy": Policy(models_deny=("*:free",))},
        force_provider="google",
        force_model="gemini-3-pro",
        task="vision",
        preferences=Preferences(
            providers=("google",), model_denylist=("openai:*",), quality="high"
        ),
        require=Require(tools=True),
    )
    assert need.forced == "gemini:gemini-3-pro"
    assert limits(need) == {
        "kind": "chat",
        "force_provider": ("gemini",),
        "force_model": "gemini-3-pro",
        "policy.models.deny": ("*:free",),
        "preferences.model_denylist": ("openai:*",),
    }
    assert {limit.name for limit in need.waived} == {
        "callable",
        "status",
        "endpoint",
        "free",
        "preferences.providers",
        "task",
        "require.tools",
    }


@pytest.mark.parametrize(
    "asked",
    [
        need_of(require=Require(max_price=MaxPrice(input=0.0))),
        need_of(require=Require(max_price=MaxPrice(output=0.0))),
        need_of({"policy": Policy(max_price=MaxPrice(output=0.0))}),
    ],
    ids=["input", "output", "policy"],
)
def test_a_ceiling_of_zero_asks_for_free_offers(asked: RoleNeed) -> None:
    """Who wants to pay nothing gets what costs nothing."""
    assert "free" not in limits(asked)


def test_a_forced_provider_alone_is_one_more_limit() -> None:
    """Nothing is set aside for it."""
    need = need_of(force_provider="openai", require=Require(tools=True))
    assert need.forced is None
    assert need.waived == ()
    assert limits(need)["force_provider"] == ("openai",)
    assert limits(need)["require.tools"] is True


def test_a_forced_model_without_a_provider_keeps_its_name() -> None:
    """The allowlist says where to look for it."""
    need = need_of(force_model="gpt-5", preferences=Preferences(providers=("openai",)))
    assert need.forced == "gpt-5"


def test_addresses_of_the_author_open_a_provider() -> None:
    """A provider with an api_base may serve ids that no catalog knows."""
    need = need_of(
        {"providers": {"mygw": ProviderSpec(api_base="http://127.0.0.1:1/v1")}}
    )
    assert need.open_providers == ("mygw",)


def test_an_unknown_role_names_the_known_ones() -> None:
    """A typo in a role's name is answered with the spec's own names."""
    spec = Spec(project="p", roles={"a": RoleSpec(name="a")}, path=Path("s.yaml"))
    with pytest.raises(SpecError, match=r"s\.yaml: there is no role 'b'; .* has: a\."):
        interpret(spec, "b")


def test_a_tool_role_without_tools_contradicts_itself() -> None:
    """Said with the line, before anything is chosen."""
    role = RoleSpec(name="r", kind="tool", require=Require(tools=False))
    spec = Spec(project="p", roles={"r": role}, lines={"roles/r/require/tools": 9})
    with pytest.raises(SpecError, match="of kind tool and requires no tools") as caught:
        interpret(spec, "r")
    assert caught.value.line == 9


def test_equal_specs_give_equal_needs() -> None:
    """Interpretation reads nothing but the spec."""
    assert need_of(task="coding") == need_of(task="coding")
