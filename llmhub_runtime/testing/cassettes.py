"""Record the answers of providers once, and replay them without a network.

A cassette is a file of JSON lines, one per attempt: what was asked, in a form that is
the same for the same question, and what was answered. It holds no key and no header.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, define, field

from llmhub_runtime.config import RuntimeConfig
from llmhub_runtime.errors import LLMHubRuntimeError
from llmhub_runtime.metering.usage import Usage, read_usage
from llmhub_runtime.redaction import REDACTED
from llmhub_runtime.request import Request
from llmhub_runtime.resilience.incoming import Incoming
from llmhub_runtime.resolve import Candidate
from llmhub_runtime.testing.double import DoubleHub
from llmhub_runtime.testing.tape import (
    dumped,
    dumped_error,
    is_answer,
    parsed,
    question_of,
    rebuilt,
    rebuilt_error,
)

__all__ = ["CassetteError", "RecordingHub", "ReplayHub", "UnknownRequestError"]

_FORMAT = 1


class CassetteError(LLMHubRuntimeError):
    """A cassette can't be read.

    Args:
        path: The file.
        line: 1-based line, or None.
        problem: What is wrong.
    """

    def __init__(self, path: Path, line: int | None, problem: str) -> None:
        super().__init__(path, line, problem)
        self.path = path
        self.line = line
        self.problem = problem

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.problem}"


class UnknownRequestError(LLMHubRuntimeError):
    """A cassette has no answer to a request, or none left.

    Args:
        path: The cassette.
        asked: The request, as JSON.
        nearest: What the cassette has for the same model, as JSON, or None.
        used: How often this very request was answered before.
    """

    def __init__(self, path: Path, asked: str, nearest: str | None, used: int) -> None:
        super().__init__(path, asked, nearest, used)
        self.path = path
        self.asked = asked
        self.nearest = nearest
        self.used = used

    def __str__(self) -> str:
        if self.used:
            told = f"its {self.used} answers to this request are used up"
        elif self.nearest is None:
            told = "it has no request to this model"
        else:
            told = f"the nearest that it has is {self.nearest}"
        return (
            f"{self.path}: no answer to {self.asked}: {told}. Record it anew when the "
            "application has changed."
        )


@define
class _Track:
    """The answers to one request, in the order in which they came."""

    answers: list[Mapping[str, Any]] = field(factory=list)
    used: int = 0


class RecordingHub(DoubleHub):
    """An ``LLMHub`` that asks its providers, and writes down what they answer.

    Args:
        cassette: The file; what it held is replaced.
        **hub: As for ``LLMHub``.
    """

    def __init__(self, cassette: str | os.PathLike[str], **hub: Any) -> None:
        super().__init__(**hub)
        self._cassette = Path(cassette)
        self._cassette.parent.mkdir(parents=True, exist_ok=True)
        self._cassette.write_text("", encoding="utf-8")
        self._guard = threading.Lock()

    async def _answer(self, role: str, candidate: Candidate, request: Request) -> Any:
        question = question_of(candidate, request)
        backend = self._real_backend
        try:
            answer = await backend.ask(candidate, request)
        except (Exception, asyncio.CancelledError) as error:
            if is_answer(error):
                self._write(question, {"error": dumped_error(error)})
            raise
        self._write(question, {"answer": dumped(answer)})
        return answer

    async def _stream(
        self, role: str, candidate: Candidate, request: Request
    ) -> Incoming[Any]:
        return Incoming.of(self._parts(candidate, request))

    async def _parts(
        self, candidate: Candidate, request: Request
    ) -> AsyncGenerator[Any, None]:
        question = question_of(candidate, request)
        told: dict[str, Any] = {"parts": []}
        incoming: Incoming[Any] | None = None
        try:
            incoming = await self._real_backend.stream(candidate, request)
            part = incoming.first
            while part is not None:
                request.usage = read_usage(part) or request.usage
                if incoming.hands_out(part):
                    told["parts"].append(dumped(part))
                    yield part
                part = await anext(incoming.parts, None)
        except (Exception, asyncio.CancelledError) as error:
            if incoming is not None and isinstance(error, Exception):
                incoming.clear(error)
            if is_answer(error):
                told["error"] = dumped_error(error)
            raise
        finally:
            if incoming is not None:
                await incoming.close()
            if request.usage is not None:  # it may come in a part that is kept back
                told["usage"] = asdict(request.usage)
            self._write(question, told)

    @property
    def _real_backend(self) -> Any:
        return super()._open()[0].backend

    def _write(self, question: Mapping[str, Any], told: Mapping[str, Any]) -> None:
        line = json.dumps(
            {"format": _FORMAT, "request": question, **told},
            sort_keys=True,
            ensure_ascii=False,
        )
        with self._guard, self._cassette.open("a", encoding="utf-8") as file:
            file.write(f"{_redacted(line, self.config)}\n")


class ReplayHub(DoubleHub):
    """An ``LLMHub`` that answers from a cassette, and sends nothing.

    The same request, asked again, gets the answer that it got the next time it was
    recorded. Retries, fallbacks and hooks are real, errors are raised as they were.

    Args:
        cassette: The file.
        **hub: As for ``LLMHub``.

    Raises:
        CassetteError: The file can't be read.
    """

    def __init__(self, cassette: str | os.PathLike[str], **hub: Any) -> None:
        super().__init__(**hub)
        self._cassette = Path(cassette)
        self._tracks = _read(self._cassette)
        self._guard = threading.Lock()

    @property
    def unused(self) -> int:
        """How many recorded answers nobody has asked for."""
        with self._guard:
            tracks = self._tracks.values()
            return sum(len(one.answers) - one.used for one in tracks)

    async def _answer(self, role: str, candidate: Candidate, request: Request) -> Any:
        told = self._told(candidate, request)
        if "error" in told:
            raise rebuilt_error(told["error"], candidate)
        wished = candidate.params.get("response_format")
        return parsed(rebuilt(told["answer"]), wished)

    async def _stream(
        self, role: str, candidate: Candidate, request: Request
    ) -> Incoming[Any]:
        return Incoming.of(self._parts(candidate, request))

    async def _parts(
        self, candidate: Candidate, request: Request
    ) -> AsyncGenerator[Any, None]:
        told = self._told(candidate, request)
        for part in told.get("parts", ()):
            yield rebuilt(part)
        if "usage" in told:
            request.usage = Usage(**told["usage"])
        if "error" in told:
            raise rebuilt_error(told["error"], candidate)

    def _told(self, candidate: Candidate, request: Request) -> Mapping[str, Any]:
        asked = _redacted(_text(question_of(candidate, request)), self.config)
        with self._guard:
            track = self._tracks.get(asked, _Track())
            if track.used >= len(track.answers):
                nearest = _nearest(asked, self._tracks)
                raise UnknownRequestError(self._cassette, asked, nearest, track.used)
            track.used += 1
            return track.answers[track.used - 1]


def _text(question: Mapping[str, Any]) -> str:
    return json.dumps(question, sort_keys=True, ensure_ascii=False)


def _redacted(text: str, config: RuntimeConfig) -> str:
    """Take the keys that the config may send out of some JSON."""
    for endpoint in config.providers.values():
        for name in (endpoint.env_key, *endpoint.env_keys):
            key = os.environ.get(name, "").strip() if name else ""
            if key:
                text = text.replace(json.dumps(key)[1:-1], REDACTED)
    return text


def _read(path: Path) -> dict[str, _Track]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        problem = f"can't be read: {error.strerror}: record it with RecordingHub"
        raise CassetteError(path, None, problem) from None
    tracks: dict[str, _Track] = {}
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            version, asked = entry["format"], _text(entry["request"])
        except (ValueError, KeyError, TypeError):
            raise CassetteError(path, number, "is not a line of a cassette") from None
        if version != _FORMAT:
            raise CassetteError(path, number, f"has format {version}, not {_FORMAT}")
        tracks.setdefault(asked, _Track()).answers.append(entry)
    return tracks


def _nearest(asked: str, tracks: Mapping[str, _Track]) -> str | None:
    from difflib import SequenceMatcher

    wanted = json.loads(asked)
    same = [
        one
        for one in tracks
        if (found := json.loads(one))["model"] == wanted["model"]
        and found["call"] == wanted["call"]
    ]
    return max(
        same,
        key=lambda one: SequenceMatcher(None, asked, one).ratio(),
        default=None,
    )
