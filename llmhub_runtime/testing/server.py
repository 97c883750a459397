"""Providers on loopback that fail as they are told.

One server plays any number of providers. Each test or fault has a lane of its own:
addresses, scripts, a clock and a journal that no other lane touches.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeAlias

from attrs import field, frozen

from llmhub_runtime.runner import LoopThread
from llmhub_runtime.testing.acts import HEALTHY, Act, Script
from llmhub_runtime.testing.dialects import Asked, dialect_of
from llmhub_runtime.testing.wire import Connection, HungUp, Request

__all__ = ["FaultServer", "Lane", "Received"]

_LONGEST_HEAD_BYTES = 1 << 20

Scripts: TypeAlias = Mapping[tuple[str, str], Script]


@frozen(kw_only=True)
class Received:
    """A request that reached a provider. Keys and headers are not kept.

    Attributes:
        provider: The name in the address that was asked.
        model: The model that was asked.
        at_seconds: When, since the lane was armed.
        body: The JSON that was sent.
        usage: Input and output tokens that a whole answer reports.
        act: What the script had in store for it.
    """

    provider: str
    model: str
    at_seconds: float
    body: Mapping[str, Any] = field(repr=False)
    usage: tuple[int, int]
    act: Act


class Lane:
    """A set of providers with scripts, a clock and a journal of their own.

    Args:
        root: The address of the lane.
        changed: Notified when a request comes in or ends.
    """

    def __init__(self, root: str, changed: threading.Condition) -> None:
        self.root = root
        self._changed = changed
        self._scripts: Scripts = {}
        self._all = Script()
        self._numbers: dict[tuple[str, str], int] = {}
        self._armed_at = time.monotonic()
        self._received: list[Received] = []
        self._done: list[str] = []

    def url(self, provider: str = "openai") -> str:
        """Return the base address that OpenAI's SDK wants, which ends in ``/v1``."""
        return f"{self.root}/{provider}/v1"

    def bare_url(self, provider: str = "anthropic") -> str:
        """Return the base address that Anthropic's SDK wants, without ``/v1``."""
        return f"{self.root}/{provider}"

    def arm(self, scripts: Scripts | Script | Act) -> None:
        """Begin anew: clock at zero, empty journal.

        Args:
            scripts: What is played, by provider and model; who has no script is
                healthy. One script, or one act, is for every model.
        """
        with self._changed:
            self._scripts = scripts if isinstance(scripts, Mapping) else {}
            match scripts:
                case Script():
                    self._all = scripts
                case Mapping():
                    self._all = Script()
                case act:
                    self._all = Script(acts=(act,))
            self._numbers = {}
            self._received = []
            self._done = []
            self._armed_at = time.monotonic()

    @property
    def received(self) -> tuple[Received, ...]:
        """The requests since the lane was armed, in order."""
        with self._changed:
            return tuple(self._received)

    @property
    def done(self) -> tuple[str, ...]:
        """What became of the requests that have ended, in words, as they ended."""
        with self._changed:
            return tuple(self._done)

    def wait_until(
        self, condition: Callable[[Lane], bool], timeout_seconds: float = 60.0
    ) -> bool:
        """Wait for something that a request changes; say whether it came."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(self), timeout_seconds)

    def _note(self, provider: str, body: Mapping[str, Any]) -> tuple[Act, Asked]:
        with self._changed:
            key = provider, str(body.get("model", ""))
            number = self._numbers.get(key, 0)
            self._numbers[key] = number + 1
            asked = Asked(body=body, number=len(self._received))
            at = time.monotonic() - self._armed_at
            act = self._scripts.get(key, self._all).act(number, at)
            self._received.append(
                Received(
                    provider=provider,
                    model=asked.model,
                    at_seconds=at,
                    body=body,
                    usage=asked.usage,
                    act=act,
                )
            )
            self._changed.notify_all()
            return act, asked

    def _end(self, what: str) -> None:
        with self._changed:
            self._done.append(what)
            self._changed.notify_all()


class FaultServer:
    """A loopback server of providers that fail as they are told.

    It speaks OpenAI's chat completions and embeddings and Anthropic's messages, and
    has a thread of its own. Use it with ``with``.

    Args:
        word_seconds: The pause between two words of a stream.
    """

    def __init__(self, *, word_seconds: float = 0.0) -> None:
        self._word_seconds = word_seconds
        self._thread = LoopThread()
        self._changed = threading.Condition()
        self._lanes: dict[str, Lane] = {}
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._connections = 0

    def lane(self, scripts: Scripts | Script | Act = HEALTHY) -> Lane:
        """Open a new lane; see ``Lane.arm`` for the scripts.

        Raises:
            RuntimeError: The server is not running.
        """
        if self._server is None:
            raise RuntimeError("the server is not running: use it in a with statement")
        name = str(next(self._numbers))
        port = self._server.sockets[0].getsockname()[1]
        lane = Lane(f"http://127.0.0.1:{port}/{name}", self._changed)
        lane.arm(scripts)
        self._lanes[name] = lane
        return lane

    @property
    def connections(self) -> int:
        """How many connections were ever opened."""
        return self._connections

    @property
    def open_connections(self) -> int:
        """How many connections are open now."""
        return len(self._tasks)

    def wait_until(
        self, condition: Callable[[FaultServer], bool], timeout_seconds: float = 60.0
    ) -> bool:
        """Wait for something that a request or a connection changes."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(self), timeout_seconds)

    def __enter__(self) -> Self:
        self._server = self._thread.run(self._listen())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.run(self._stop())
        self._thread.stop()
        self._server = None

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(
            self._accept, "127.0.0.1", 0, limit=_LONGEST_HEAD_BYTES, backlog=1024
        )

    async def _stop(self) -> None:
        assert self._server is not None  # noqa: S101 (for the type checker)
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        # A plain function: the task is ours then, to be cancelled and counted.
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        with self._changed:
            self._connections += 1
            self._tasks.add(task)
            self._changed.notify_all()

        def ended(task: asyncio.Task[None]) -> None:
            with self._changed:
                self._tasks.discard(task)
                self._changed.notify_all()

        task.add_done_callback(ended)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        connection = Connection(reader, writer, self._word_seconds)
        try:
            while not connection.closed:
                request = await connection.request()
                if request is None:
                    break
                await self._answer(connection, request)
        except HungUp:
            pass
        finally:
            connection.hang_up()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, connection: Connection, request: Request) -> None:
        _, name, provider, *_ = [*request.path.split("/"), "", ""]
        lane, dialect = self._lanes.get(name), dialect_of(request.path)
        if lane is None or dialect is None or request.method != "POST":
            await connection.refuse(404, f"no {request.method} {request.path} here")
            return
        act, asked = lane._note(provider, request.body)  # noqa: SLF001
        what = "the client hung up"
        try:
            what = await connection.perform(act, dialect, asked)
        finally:
            lane._end(what)  # noqa: SLF001
