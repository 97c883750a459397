"""What arrives and what comes back is the same with the shortcuts and without."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from llmhub_runtime import LLMHub, RuntimeConfig, connecting

pytest.importorskip("openai")
pytest.importorskip("anthropic")

SHORTCUTS = ("skip_needless_transforms", "use_network", "validate_first")
SAY = [{"role": "user", "content": "h\u00e9llo"}]
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
LOOK = [{"role": "user", "content": [{"type": "text", "text": "what?"}, PICTURE]}]
TOOL = {
    "type": "function",
    "function": {"name": "f", "parameters": {"type": "object", "properties": {}}},
}


class Answer(BaseModel):
    """The form of an answer."""

    word: str


CALLS: dict[str, Callable[[LLMHub], Any]] = {
    "chat": lambda hub: hub.completion("llm.chat", SAY),
    "tools": lambda hub: hub.completion(
        "llm.chat", SAY * 3, tools=[TOOL, TOOL], tool_choice="auto", stop=("a", "b")
    ),
    "picture": lambda hub: hub.completion("llm.chat", LOOK, seed=None),
    "extra": lambda hub: hub.completion(
        "llm.chat", tuple(SAY), extra_body={"x": {"y": (1, 2)}}, metadata={"a": "b"}
    ),
    "stream": lambda hub: list(hub.completion("llm.chat", SAY, stream=True)),
    "schema": lambda hub: hub.completion("llm.chat", SAY, response_format=Answer),
    "claude": lambda hub: hub.completion("llm.claude", LOOK, tools=[TOOL]),
    "claude's stream": lambda hub: list(hub.completion("llm.claude", SAY, stream=True)),
    "embedding": lambda hub: hub.embedding("llm.embedding", ["a", "b"]),
    "image": lambda hub: hub.image("image", "a cat", n=2),
    "speech": lambda hub: hub.speech("voice", "hello"),
    "transcription": lambda hub: hub.transcription("ear", b"ID3", language="de"),
    "responses": lambda hub: hub.responses("llm.chat", SAY),
    "responses' stream": lambda hub: list(hub.responses("llm.chat", SAY, stream=True)),
}


def outcome(config: RuntimeConfig, provider: Any, call: Callable[[LLMHub], Any]) -> Any:
    """Return what a hub made of a call, and the requests that arrived for it."""
    provider.seen.clear()
    with LLMHub(config_obj=config) as hub:
        try:
            answer = call(hub)
        except Exception as error:  # noqa: BLE001 (any at all, if it is the same one)
            answer = type(error)
    sent = [(one.path, one.headers, one.body) for one in provider.seen]
    for _, headers, body in sent:
        headers.pop("idempotency-key", None)
        if "form" in body:  # its boundaries are drawn by lot
            del headers["content-type"], body["form"]
    parts = answer if isinstance(answer, list) else [answer]
    return [
        (type(one), one.model_dump() if isinstance(one, BaseModel) else one)
        for one in parts
    ], sent


@pytest.mark.parametrize("name", CALLS)
def test_calls_are_the_same_without_shortcuts(
    name: str, config: RuntimeConfig, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes of each answer, the heads and bodies of all requests."""
    provider.words = ('{"word": ', '"yes"}') if name == "schema" else provider.words
    found = outcome(config, provider, CALLS[name])
    for shortcut in SHORTCUTS:
        monkeypatch.setattr(connecting, shortcut, lambda sdk: None)
    for sdk in ("openai", "anthropic"):
        tools: Any = sys.modules[f"{sdk}._utils._transform"]
        unwrapped = inspect.unwrap(tools.async_transform)
        monkeypatch.setattr(tools, "async_transform", unwrapped)
    assert found == outcome(config, provider, CALLS[name])
    answers, sent = found
    assert sent
    assert answers[0][0] is not type
