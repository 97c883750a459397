"""The stand-ins for plugin authors behave like what they stand for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

import pytest

from llmhub_core.catalog.outlet import Outlet
from llmhub_core.contracts import SourceContext
from llmhub_core.errors import SourceUnavailableError
from llmhub_core.records.observation import Harvest
from llmhub_core.testing.fakes import FakeSourceContext, ScriptedSource, plugged

T = TypeVar("T")

URL = "https://example.com/models"


def run(awaited: Awaitable[T]) -> T:
    """Wait for it."""

    async def wait() -> T:
        return await awaited

    return asyncio.run(wait())


def test_it_has_the_whole_contract() -> None:
    """Whatever a source may use of the real context, the fake has."""
    wanted = {name for name in dir(SourceContext) if not name.startswith("_")}
    assert wanted <= set(dir(FakeSourceContext))
    assert wanted <= set(dir(Outlet))


def test_answers_are_given_by_address() -> None:
    """Bytes as they are, anything else as JSON, parameters in order of names."""
    context = FakeSourceContext(
        answers={URL: [1], f"{URL}?a=1&b=2": b"raw"}, fetched_at="2026-01-01T00:00:00Z"
    )
    payload = run(context.get(URL))
    assert (payload.body, payload.url, payload.transferred) == (b"[1]", URL, True)
    assert payload.fetched_at == "2026-01-01T00:00:00Z"
    assert run(context.get(URL, params={"b": "2", "a": "1"})).body == b"raw"
    assert context.asked == [URL, f"{URL}?a=1&b=2"]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [({}, "HTTP 404"), ({URL: SourceUnavailableError(URL, "HTTP 503")}, "HTTP 503")],
)
def test_what_is_not_there_fails(answers: dict[str, Any], reason: str) -> None:
    """As an upstream does, or with the exception that was given."""
    with pytest.raises(SourceUnavailableError) as caught:
        run(FakeSourceContext(answers=answers).get(URL))
    assert caught.value.reason == reason


def test_offline_kept_answers_serve() -> None:
    """And nothing else does."""
    context = FakeSourceContext(
        answers={URL: b"new"}, kept_answers={URL: b"old"}, offline=True
    )
    assert (run(context.get(URL)).body, run(context.get(URL)).transferred) == (
        b"old",
        False,
    )
    with pytest.raises(SourceUnavailableError, match="offline, and no answer is kept"):
        run(context.get(f"{URL}/other"))


def test_kept_answers_are_there_online_as_well() -> None:
    """For a source that falls back part by part."""
    context = FakeSourceContext(kept_answers={URL: b"old"})
    assert run(context.kept(URL)).body == b"old"
    with pytest.raises(SourceUnavailableError, match="not kept"):
        run(context.kept(URL, params={"page": "2"}))
    with context.together() as part:
        assert run(part.kept(URL)).body == b"old"


def test_kept_answers_have_names() -> None:
    """A name finds what another address gave; without one the address counts."""
    context = FakeSourceContext(kept_answers={"board": b"old"})
    assert run(context.kept(URL, name="board")).body == b"old"
    context = FakeSourceContext(kept_answers={URL: b"old"}, offline=True)
    assert run(context.get(URL, name="board")).body == b"old"


def test_probes_are_run_unless_an_answer_is_given() -> None:
    """Offline they are not."""

    async def probe() -> bytes:
        return b"probed"

    assert run(FakeSourceContext().recorded("key", probe)).body == b"probed"
    given = FakeSourceContext(answers={"key": b"given"})
    assert run(given.recorded("key", probe)).body == b"given"
    offline = FakeSourceContext(offline=True, kept_answers={"key": b"kept"})
    assert run(offline.recorded("key", probe)).body == b"kept"


def test_a_scripted_source_does_what_it_is_told() -> None:
    """And is presented as if it were installed."""

    async def script(context: SourceContext) -> Harvest:
        return Harvest(notes=(str(context.offline),))

    plugin = plugged("mine", ScriptedSource(script))
    assert (plugin.name, plugin.installed.version) == ("mine", "1.0")
    harvest = run(plugin.instance.fetch(FakeSourceContext(offline=True)))
    assert harvest.notes == ("True",)
