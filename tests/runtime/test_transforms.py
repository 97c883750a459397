"""Parameters leave as the SDKs' own transforms would have made them."""

from __future__ import annotations

import asyncio
import base64
import importlib
import sys
from collections.abc import Callable, Iterable
from contextvars import Context
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Required

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from typing_extensions import TypedDict

from llmhub_runtime import LLMHub, UnsendableRequestError
from llmhub_runtime.sending import nothing_sent
from llmhub_runtime.transforms import skip_needless_transforms

openai = pytest.importorskip("openai")
anthropic = pytest.importorskip("anthropic")

PropertyInfo = importlib.import_module("openai._utils").PropertyInfo
WHOLE = {
    name: importlib.import_module(f"{name}._utils._transform").async_transform
    for name in ("openai", "anthropic")
}
TOOL = {
    "type": "function",
    "function": {"name": "f", "parameters": {"type": "object", "properties": {}}},
}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
CHAT: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": [{"type": "text", "text": "hello"}, IMAGE]},
        {"role": "assistant", "tool_calls": [{"id": "t", "type": "function"}]},
        {"role": "tool", "content": "1", "tool_call_id": "t"},
    ],
    "tools": [TOOL, TOOL],
    "temperature": 0.5,
    "stop": None,
    "stream": True,
}


class Letter(TypedDict, total=False):
    """Parameters with a key that Python has no name for."""

    from_: Annotated[str, PropertyInfo(alias="from")]
    to: str


class Letters(TypedDict):
    """What holds such parameters."""

    letters: Required[Iterable[Letter | str]]


class Said(BaseModel):
    """A message as a record."""

    role: str = "user"
    content: str


def kinds() -> dict[str, tuple[str, Any, dict[str, Any]]]:
    """Return the SDK, the type and an example of each kind of parameters."""
    from anthropic.types import message_create_params as message
    from openai.types import embedding_create_params as embedding
    from openai.types.chat import completion_create_params as chat
    from openai.types.responses import response_create_params as response

    said = [{"role": "user", "content": "hello"}]
    claude = {"model": "m", "max_tokens": 1, "messages": said}
    return {
        "chat": ("openai", chat.CompletionCreateParamsStreaming, CHAT),
        "response": (
            "openai",
            response.ResponseCreateParamsNonStreaming,
            {"model": "m", "input": said, "tools": [TOOL]},
        ),
        "embedding": (
            "openai",
            embedding.EmbeddingCreateParams,
            {"model": "m", "input": ["a", "b"]},
        ),
        "message": ("anthropic", message.MessageCreateParamsNonStreaming, claude),
    }


KINDS = kinds()


@pytest.fixture(autouse=True)
def original(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test the SDKs as they are installed."""
    for name, whole in WHOLE.items():
        tools = sys.modules[f"{name}._utils._transform"]
        monkeypatch.setattr(tools, "async_transform", whole)


def transform_of(package: str) -> Callable[[Any, Any], Any]:
    """Return what an SDK transforms with after one of its clients was mended."""
    sdk = {"openai": openai.AsyncOpenAI, "anthropic": anthropic.AsyncAnthropic}
    skip_needless_transforms(sdk[package](api_key="x"))
    found: Callable[[Any, Any], Any] = sys.modules[
        f"{package}._utils._transform"
    ].async_transform
    return found


def both(package: str, kind: Any, data: Any) -> tuple[Any, Any]:
    """Return what the shortcut and the SDK make of data for one of our requests."""
    shortcut, whole = transform_of(package), WHOLE[package]

    async def main() -> tuple[Any, Any]:
        nothing_sent()
        return await shortcut(data, kind), await whole(data, kind)

    return asyncio.run(main())


def transforms(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a list to which all is added that OpenAI's SDK looks through."""
    tools = sys.modules["openai._utils._transform"]
    looked: list[Any] = []
    look_through = tools._async_transform_recursive

    def note(data: Any, **how: Any) -> Any:
        looked.append(data)
        return look_through(data, **how)

    monkeypatch.setattr(tools, "_async_transform_recursive", note)
    return looked


@pytest.mark.parametrize("name", KINDS)
def test_json_leaves_as_it_is(name: str) -> None:
    """The SDK would have made a copy of it, and changed nothing."""
    package, kind, data = KINDS[name]
    ours, theirs = both(package, kind, data)
    assert ours == theirs == data
    assert all(one is data[key] for key, one in ours.items())


@pytest.mark.parametrize(
    "odd",
    [
        {"seen": datetime(2026, 1, 1, tzinfo=UTC)},
        {"stop": openai.NOT_GIVEN, "n": openai.omit},
        {"messages": [Said(content="hello")]},
        {"messages": ({"role": "user", "content": "hello"},)},
        {"messages": [{"role": "user", "content": openai.omit}]},
        {"metadata": {"a": b"bytes"}},
    ],
)
def test_what_is_not_json_is_transformed(odd: dict[str, Any]) -> None:
    """Records become JSON, tuples lists, and what was not given is left out."""
    package, kind, data = KINDS["chat"]
    ours, theirs = both(package, kind, data | odd)
    assert ours == theirs
    assert not any(one is openai.omit for one in ours.values())


def test_files_are_written_out(tmp_path: Path) -> None:
    """Where an API has them in its JSON."""
    (tmp_path / "a.png").write_bytes(b"picture")
    source = {"type": "base64", "media_type": "image/png", "data": tmp_path / "a.png"}
    content = [{"type": "image", "source": source}]
    package, kind, data = KINDS["message"]
    data = data | {"messages": [{"role": "user", "content": content}]}
    ours, theirs = both(package, kind, data)
    assert ours == theirs
    written = ours["messages"][0]["content"][0]["source"]["data"]
    assert base64.b64decode(written) == b"picture"


def test_key_with_another_name_gets_it() -> None:
    """At any depth; what is around it is transformed as well."""
    data = {"letters": [{"from_": "me", "to": "you"}]}
    ours, theirs = both("openai", Letters, data)
    assert ours == theirs == {"letters": [{"from": "me", "to": "you"}]}
    data = {"letters": [{"to": "you"}]}
    assert both("openai", Letters, data)[0]["letters"] is data["letters"]
    package, kind, data = KINDS["message"]
    ours, theirs = both(package, kind, data | {"user_profile_id": "u"})
    assert ours == theirs


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=3)
    | st.sampled_from([datetime(2026, 1, 1, tzinfo=UTC), Said(content="x"), b"x", (1,)])
    | st.just(openai.omit),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "type", "text", "source", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("name", KINDS)
@given(
    more=st.dictionaries(
        st.sampled_from(["messages", "input", "tools", "system", "user", "x"]), _VALUES
    )
)
def test_both_make_the_same_of_anything(name: str, more: dict[str, Any]) -> None:
    """JSON and not, known and unknown, where it belongs and where it does not."""
    package, kind, data = KINDS[name]
    shortcut, whole = transform_of(package), WHOLE[package]

    async def made(by: Callable[[Any, Any], Any]) -> Any:
        nothing_sent()
        try:
            return await by(data | more, kind)
        except Exception as error:  # noqa: BLE001 (any at all, if it is the same)
            return type(error)

    assert asyncio.run(made(shortcut)) == asyncio.run(made(whole))


def test_only_requests_of_the_hub_take_the_short_way(
    hub: LLMHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Theirs are not looked through; who else uses the SDK gets what he always got."""
    looked = transforms(monkeypatch)
    client = openai.AsyncOpenAI(
        api_key="x", base_url=hub.config.providers["openai"].api_base
    )

    async def main() -> None:
        async with hub, client:
            await hub.acompletion("llm.chat", CHAT["messages"])
            with pytest.raises(UnsendableRequestError):
                await hub.acompletion("llm.chat", CHAT["messages"], temperature="hot")
            assert looked == []
            await client.chat.completions.create(model="m", messages=CHAT["messages"])
            assert looked

    Context().run(asyncio.run, main())


def test_json_that_holds_itself_comes_to_an_end() -> None:
    """What is wrong with it whoever writes it out will say."""
    package, kind, data = KINDS["chat"]
    tool: dict[str, Any] = {"type": "function"}
    tool["function"] = {"name": "f", "parameters": [tool]}
    shortcut = transform_of(package)

    async def main() -> Any:
        nothing_sent()
        return await shortcut(data | {"tools": [tool]}, kind)

    assert asyncio.run(main())["tools"][0] is tool


def test_sdk_without_these_transforms_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And so does one whose next version has them in another way."""
    client = type("Client", (), {"__module__": "sdk_of_a_test.client"})()
    skip_needless_transforms(client)
    skip_needless_transforms(None)
    tools: Any = ModuleType("sdk_of_a_test._utils._transform")
    monkeypatch.setitem(sys.modules, tools.__name__, tools)
    names = vars(sys.modules["openai._utils._transform"])
    vars(tools).update({k: v for k, v in names.items() if k != "get_type_hints"})
    skip_needless_transforms(client)
    assert tools.async_transform is names["async_transform"]
    tools.get_type_hints = names["get_type_hints"]
    skip_needless_transforms(client)
    shortcut = tools.async_transform
    assert shortcut is not names["async_transform"]
    skip_needless_transforms(client)
    assert tools.async_transform is shortcut
