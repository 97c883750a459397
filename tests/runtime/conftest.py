"""A provider on loopback, with the standard library alone.

It speaks OpenAI's chat completions, responses, embeddings, images and audio and
Anthropic's messages, whole and as server-sent events, over HTTP/1.1 with connections
kept alive, and it counts them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

import pytest

from llmhub_runtime import LLMHub, ProviderConfig, RoleConfig, RuntimeConfig


class Seen:
    """One request as it arrived."""

    def __init__(
        self, path: str, headers: dict[str, str], body: dict[str, Any]
    ) -> None:
        self.path = path
        self.headers = headers
        self.body = body


Refusal: TypeAlias = tuple[int, dict[str, Any], dict[str, str]]
"""Status, body and headers of an answer."""


class LoopbackProvider(ThreadingHTTPServer):
    """Answers like a provider; ``answer_with`` makes it fail, ``gate`` makes it wait.

    ``judge`` looks at a request and may refuse it; ``usage`` is what chats are told.

    ``cut_after`` ends streams in the middle, after so many events; ``words`` is what
    the model says.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[Seen] = []
        self.connections = 0
        self.open_connections = 0
        self.changed = threading.Condition()
        self.gate = threading.Event()
        self.gate.set()
        self.failure: Refusal | None = None
        self.judge: Callable[[Seen], Refusal | None] = lambda seen: self.failure
        self.usage: dict[str, Any] = {
            "prompt_tokens": 3,
            "completion_tokens": 3,
            "total_tokens": 6,
        }
        self.cut_after: int | None = None
        self.words: tuple[str, ...] = ("He", "llo ", "there")

    @property
    def root(self) -> str:
        """The base address that Anthropic's SDK wants."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        """The base address that OpenAI's SDK wants."""
        return f"{self.root}/v1"

    def answer_with(
        self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        """Answer every request from here on like this."""
        self.failure = (status, body, headers or {})

    def wait_until(self, condition: Callable[[], bool]) -> bool:
        """Wait, at most a minute, for something that a request changes."""
        with self.changed:
            return self.changed.wait_for(condition, timeout=60)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about clients that hang up."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536
    server: LoopbackProvider

    def setup(self) -> None:
        """Count the connection."""
        super().setup()
        with self.server.changed:
            self.server.connections += 1
            self.server.open_connections += 1
            self.server.changed.notify_all()

    def finish(self) -> None:
        """Count it off."""
        try:
            super().finish()
        finally:
            with self.server.changed:
                self.server.open_connections -= 1
                self.server.changed.notify_all()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: tests read ``seen``."""

    def do_POST(self) -> None:
        """Note the request and answer it."""
        length = int(self.headers["Content-Length"])
        content = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        is_json = headers["content-type"].startswith("application/json")
        body = json.loads(content) if is_json else {"form": content}
        with self.server.changed:
            self.server.seen.append(Seen(self.path, headers, body))
            self.server.changed.notify_all()
        refusal = self.server.judge(self.server.seen[-1])
        if refusal is not None:
            self.whole(*refusal)
            return
        if not body.get("stream"):
            self.server.gate.wait(60)
        routes = {
            "/v1/chat/completions": self.chat,
            "/v1/embeddings": self.embeddings,
            "/v1/messages": self.messages,
            "/v1/responses": self.response,
            "/v1/images/generations": self.images,
            "/v1/audio/speech": self.speech,
            "/v1/audio/transcriptions": self.transcription,
            "/v1/rerank": self.rerank,
        }
        routes[self.path](body)

    def chat(self, body: dict[str, Any]) -> None:
        """OpenAI's chat completions."""
        head = {"id": "c1", "created": 1, "model": body["model"]}
        usage = self.server.usage
        if not body.get("stream"):
            message = {"role": "assistant", "content": "".join(self.server.words)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            answer = {"object": "chat.completion", "choices": [choice], "usage": usage}
            self.whole(200, head | answer, {})
            return
        head["object"] = "chat.completion.chunk"
        events = [
            head | {"choices": [{"index": 0, "delta": {"content": word}}]}
            for word in self.server.words
        ]
        if events:
            last = {"index": 0, "delta": {}, "finish_reason": "stop"}
            events.append(head | {"choices": [last]})
        if (body.get("stream_options") or {}).get("include_usage"):
            events.append(head | {"choices": [], "usage": usage})
        self.events([f"data: {json.dumps(event)}\n\n" for event in events], "[DONE]")

    def response(self, body: dict[str, Any]) -> None:
        """OpenAI's responses."""
        text = {"type": "output_text", "text": "Hello there", "annotations": []}
        message = {
            "type": "message",
            "id": "m1",
            "role": "assistant",
            "status": "completed",
            "content": [text],
        }
        usage = {
            "input_tokens": 4,
            "input_tokens_details": {"cached_tokens": 1},
            "output_tokens": 2,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 6,
        }
        answer = {
            "id": "r1",
            "object": "response",
            "created_at": 1,
            "status": "completed",
            "model": body["model"],
            "output": [message],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": usage,
        }
        if not body.get("stream"):
            self.whole(200, answer, {})
            return
        place = {"item_id": "m1", "output_index": 0, "content_index": 0}
        events: list[dict[str, Any]] = [
            {"type": "response.created", "response": answer | {"output": []}},
            {"type": "response.output_text.delta", "delta": "Hello ", **place},
            {"type": "response.output_text.delta", "delta": "there", **place},
            {"type": "response.completed", "response": answer},
        ]
        told = [event | {"sequence_number": i} for i, event in enumerate(events)]
        self.events(
            [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in told], None
        )

    def images(self, body: dict[str, Any]) -> None:
        """OpenAI's images."""
        data = [{"url": f"http://pictures/{n}"} for n in range(body.get("n", 1))]
        self.whole(200, {"created": 1, "data": data}, {})

    def speech(self, body: dict[str, Any]) -> None:
        """OpenAI's speech: the audio is the text."""
        self.raw(200, body["input"].encode(), {"Content-Type": "audio/mpeg"})

    def transcription(self, body: dict[str, Any]) -> None:
        """OpenAI's transcriptions: every audio says how long its form is."""
        self.whole(200, {"text": f"{len(body['form'])} bytes"}, {})

    def rerank(self, body: dict[str, Any]) -> None:
        """Reranking, by length."""
        texts = body["documents"]
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        rows = [{"index": i, "relevance_score": float(len(texts[i]))} for i in order]
        self.whole(200, {"results": rows, "usage": {"total_tokens": 7}}, {})

    def embeddings(self, body: dict[str, Any]) -> None:
        """OpenAI's embeddings; the vector tells the length of the text."""
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        rows = [
            {"object": "embedding", "index": i, "embedding": [float(len(text)), 1.0]}
            for i, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        answer = {
            "object": "list",
            "data": rows,
            "model": body["model"],
            "usage": usage,
        }
        self.whole(200, answer, {})

    def messages(self, body: dict[str, Any]) -> None:
        """Anthropic's messages."""
        usage = {"input_tokens": 3, "output_tokens": 3}
        head = {
            "id": "m1",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "stop_sequence": None,
        }
        if not body.get("stream"):
            content = [{"type": "text", "text": "".join(self.server.words)}]
            ending = {"stop_reason": "end_turn", "content": content, "usage": usage}
            self.whole(200, head | ending, {})
            return
        start = head | {"stop_reason": None, "content": [], "usage": usage}
        block = {"type": "text", "text": ""}
        events: list[dict[str, Any]] = [
            {"type": "message_start", "message": start},
            {"type": "content_block_start", "index": 0, "content_block": block},
            *(
                {
                    "type": "content_block_delta",
                    "index": 0,
                    "delta": {"type": "text_delta", "text": word},
                }
                for word in self.server.words
            ),
            {"type": "content_block_stop", "index": 0},
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                "usage": {"output_tokens": 3},
            },
            {"type": "message_stop"},
        ]
        self.events(
            [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events], None
        )

    def whole(self, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
        """Answer in one piece."""
        kind = {"Content-Type": "application/json"}
        self.raw(status, json.dumps(body).encode(), kind | headers)

    def raw(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        """Answer with whatever bytes."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def events(self, events: list[str], end: str | None) -> None:
        """Answer with server-sent events; the gate is after the first word."""
        said = self.server.words[:1]
        first = [n for n, event in enumerate(events) if said and said[0] in event][:1]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, event in enumerate(events):
            if number == self.server.cut_after:
                self.close_connection = True
                self.wfile.flush()
                return
            self.chunk(event)
            if [number] == (first or [0]):
                self.server.gate.wait(60)
        if end is not None:
            self.chunk(f"data: {end}\n\n")
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def chunk(self, text: str) -> None:
        """Send one piece of a streamed answer."""
        content = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        self.wfile.flush()


@pytest.fixture
def provider() -> Iterator[LoopbackProvider]:
    """A provider on loopback."""
    server = LoopbackProvider()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def config(
    provider: LoopbackProvider, monkeypatch: pytest.MonkeyPatch
) -> RuntimeConfig:
    """Roles on that provider, under OpenAI's name and under Anthropic's."""
    monkeypatch.setenv("MY_OPENAI", "canary-openai-5f3a")
    monkeypatch.setenv("MY_ANTHROPIC", "canary-anthropic-77c1")
    return RuntimeConfig(
        project="tests",
        env="dev",
        providers={
            "openai": ProviderConfig(env_key="MY_OPENAI", api_base=provider.url),
            "anthropic": ProviderConfig(env_key="MY_ANTHROPIC", api_base=provider.root),
        },
        roles={
            "llm.chat": RoleConfig(
                provider="openai", model="gpt-x", params={"temperature": 0.5}
            ),
            "llm.claude": RoleConfig(
                provider="anthropic", model="claude-y", params={"max_tokens": 64}
            ),
            "llm.embedding": RoleConfig(
                provider="openai", model="embed-z", mode="embedding"
            ),
            "image": RoleConfig(provider="openai", model="image-z", mode="image"),
            "voice": RoleConfig(
                provider="openai", model="tts", mode="audio", params={"voice": "alloy"}
            ),
            "ear": RoleConfig(provider="openai", model="whisper", mode="audio"),
            "rerank": RoleConfig(provider="openai", model="rerank-z", mode="other"),
        },
    )


@pytest.fixture
def hub(config: RuntimeConfig) -> Iterator[LLMHub]:
    """A hub on those roles, closed at the end."""
    with LLMHub(config_obj=config) as hub:
        yield hub
