"""What the tests of the sources share: a context whose answers are given."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from llmhub_core.errors import SourceUnavailableError
from llmhub_core.records.observation import Payload
from llmhub_core.records.spec import ProviderSpec

DATA = Path(__file__).parent.parent / "data"


class Answers:
    """A source's context that answers from a mapping and asks nobody.

    Args:
        answers: By address, with parameters in order of their names. A value that
            is no bytes is sent as JSON; an exception is raised; a list gives one
            value per question, the last one for good.
        environ: Environment variables.
        providers: Provider settings of a spec.
        kept: Kept copies, by name or by address.
        offline: Whether a probe is refused.
        fetched_at: When all answers came.
    """

    def __init__(
        self,
        answers: Mapping[str, Any] | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        providers: Mapping[str, ProviderSpec] | None = None,
        kept: Mapping[str, Any] | None = None,
        offline: bool = False,
        fetched_at: str = "2026-07-01T12:00:00Z",
    ) -> None:
        self.environ = environ or {}
        self.providers = providers or {}
        self.offline = offline
        self.timeout_seconds = 30.0
        self.asked: list[str] = []
        self.under_way = 0
        self.most_under_way = 0
        self.committed: list[str] = []
        self.names: dict[str | None, str] = {}
        self._answers = dict(answers or {})
        self._kept = dict(kept or {})
        self._fetched_at = fetched_at

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Payload:
        """Answer a request; its name is only noted."""
        self.names[name] = url
        address = f"{url}?{urlencode(sorted(params.items()))}" if params else url
        self.asked.append(address)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        return self._payload(address, self._next(address))

    async def kept(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Payload:
        """Answer with the copy kept under the name, or else under the address."""
        if name is not None and name in self._kept:
            return self._payload(url, self._kept[name])
        address = f"{url}?{urlencode(sorted(params.items()))}" if params else url
        missing = SourceUnavailableError(address, "not kept")
        return self._payload(address, self._kept.get(address, missing))

    @contextmanager
    def together(self) -> Iterator[_Part]:
        """Note in ``committed`` what was asked in a block that ended well."""
        part = _Part(self)
        yield part
        self.committed += part.asked

    async def recorded(
        self, key: str, probe: Callable[[], Awaitable[bytes]]
    ) -> Payload:
        """Answer with what is given under the key, or else run the probe."""
        if key in self._answers:
            return self._payload(key, self._next(key))
        if self.offline:
            raise SourceUnavailableError(key, "offline, and no answer is kept")
        return self._payload(key, await probe())

    def _next(self, address: str) -> Any:
        answer = self._answers.get(address, SourceUnavailableError(address, "HTTP 404"))
        if isinstance(answer, list) and answer and isinstance(answer[0], _Turn):
            return (answer.pop(0) if len(answer) > 1 else answer[0]).answer
        return answer

    def _payload(self, address: str, answer: Any) -> Payload:
        if isinstance(answer, BaseException):
            raise answer
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Payload(
            url=address, body=body, fetched_at=self._fetched_at, transferred=True
        )


class _Part:
    """A part of a context: it also knows what was asked through itself."""

    def __init__(self, whole: Answers) -> None:
        self._whole = whole
        self.asked: list[str] = []

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Payload:
        """Answer as the whole would."""
        payload = await self._whole.get(url, params=params, name=name)
        self.asked.append(payload.url)
        return payload


class _Turn:
    """One of several answers to one address."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer


def in_turn(*answers: Any) -> list[_Turn]:
    """Answers to one address, one after the other."""
    return [_Turn(answer) for answer in answers]


@pytest.fixture
def answers() -> Callable[..., Answers]:
    """Make a context that answers from a mapping."""
    return Answers


@pytest.fixture
def turns() -> Callable[..., list[Any]]:
    """Give one address several answers."""
    return in_turn


@pytest.fixture
def data() -> Path:
    """The folder of small, real payloads."""
    return DATA
