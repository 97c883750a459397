"""Call parameters fitted to a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RoleNeed
from llmhub_core.selection.parameters import fit

Make = Callable[..., CanonicalModel]


def need(params: dict[str, Any] | None = None, **more: Any) -> RoleNeed:
    """A need with parameters."""
    return RoleNeed(role="r", mode_params=params or {}, **more)


@pytest.mark.parametrize(
    ("params", "known", "reason"),
    [
        (
            {"temperature": 0.2},
            {"supports_temperature": False},
            "the model takes no temperature",
        ),
        (
            {"reasoning_effort": "high"},
            {"supports_reasoning": False},
            "the model does not reason",
        ),
        (
            {"reasoning_effort": "high"},
            {"supports_reasoning": True, "reasoning_efforts": ()},
            "the model's effort can't be set",
        ),
        (
            {"reasoning_effort": "max"},
            {"supports_reasoning": True, "reasoning_efforts": ("low", "high")},
            "the model takes low, high",
        ),
        ({"tools": []}, {"supports_tool_call": False}, "the model calls no tools"),
        (
            {"tool_choice": "auto"},
            {"supports_tool_call": False},
            "the model calls no tools",
        ),
        (
            {"response_format": {"type": "json_schema"}},
            {"supports_structured_output": False},
            "the model follows no JSON schema",
        ),
    ],
)
def test_what_the_model_is_known_not_to_take_is_dropped(
    model: Make, params: dict[str, Any], known: dict[str, Any], reason: str
) -> None:
    """Each with the reason; the rest is kept."""
    fitted = fit(need({**params, "top_p": 0.9}), model("a:m", **known))
    assert fitted.dropped == {next(iter(params)): reason}
    assert fitted.params == {"top_p": 0.9}


@pytest.mark.parametrize(
    ("params", "known"),
    [
        ({"temperature": 0.2}, {}),
        ({"temperature": 0.2}, {"supports_temperature": True}),
        ({"reasoning_effort": "high"}, {}),
        ({"reasoning_effort": "high"}, {"supports_reasoning": True}),
        (
            {"reasoning_effort": "high"},
            {"supports_reasoning": True, "reasoning_efforts": ("high",)},
        ),
        ({"tools": []}, {}),
        ({"tools": []}, {"supports_tool_call": True}),
        ({"response_format": {"type": "json_object"}}, {}),
        ({"some_new_key": [1]}, {"supports_temperature": False}),
    ],
)
def test_where_nothing_is_known_the_authors_word_stands(
    model: Make, params: dict[str, Any], known: dict[str, Any]
) -> None:
    """Unknown is no reason to drop."""
    fitted = fit(need(params), model("a:m", **known))
    assert fitted.params == params
    assert fitted.dropped == {}


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_limit_is_lowered_to_the_models_own(model: Make, name: str) -> None:
    """With a note; a lower limit, and one of an unknown model, stay."""
    small = model("a:m", max_output_tokens=4_096)
    fitted = fit(need({name: 9_000}), small)
    assert fitted.params == {name: 4_096}
    assert fitted.notes == (f"{name} lowered from 9000 to the model's 4096",)
    just_right = fit(need({name: 4_096}), small)
    assert (just_right.params, just_right.notes) == ({name: 4_096}, ())
    assert fit(need({name: 9_000}), model("a:n")).params == {name: 9_000}


@pytest.mark.parametrize(
    ("task", "params", "supports", "expected"),
    [
        ("coding", {}, True, 0.2),
        ("math", {}, True, 0.2),
        ("creative_writing", {}, True, 1.0),
        ("general", {}, True, None),
        ("coding", {}, None, None),
        ("coding", {}, False, None),
        ("coding", {"temperature": 0.7}, True, 0.7),
        ("coding", {"reasoning_effort": "high"}, True, None),
    ],
)
def test_a_task_suggests_a_temperature(
    model: Make,
    task: str,
    params: dict[str, Any],
    *,
    supports: bool | None,
    expected: float | None,
) -> None:
    """Only where the author is silent and the model is known to take one."""
    fitted = fit(need(params, task=task), model("a:m", supports_temperature=supports))
    assert fitted.params.get("temperature") == expected


def test_an_embedding_takes_no_parameters_of_a_chat(model: Make) -> None:
    """Dropped with the reason, whatever the task; its own stay."""
    embedder = model("a:m", kind="embedding", supports_temperature=True)
    fitted = fit(
        need(
            {"temperature": 0.1, "max_tokens": 5, "dimensions": 256},
            kind="embedding",
            task="coding",
        ),
        embedder,
    )
    assert fitted.params == {"dimensions": 256}
    assert fitted.dropped == {
        "max_tokens": "a call of kind embedding takes none",
        "temperature": "a call of kind embedding takes none",
    }


def test_parameters_come_in_one_order(model: Make) -> None:
    """The lock's bytes do not depend on the order in the spec."""
    one = fit(need({"top_p": 1, "seed": 2}), model("a:m"))
    other = fit(need({"seed": 2, "top_p": 1}), model("a:m"))
    assert list(one.params) == list(other.params) == ["seed", "top_p"]
