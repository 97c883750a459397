"""What the fault server does on the wire, seen through a bare socket."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any, Self

import pytest

from llmhub_runtime.testing import (
    HEALTHY,
    TEXT,
    Act,
    Answer,
    FaultServer,
    Refusal,
    Reset,
    Script,
    Silence,
)

OPENAI = "openai/v1/chat/completions"
ANTHROPIC = "anthropic/v1/messages"


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A fault server."""
    with FaultServer() as server:
        yield server


class Client:
    """One connection, read byte by byte."""

    def __init__(self, root: str) -> None:
        host, port = root.split("/")[2].split(":")
        self.lane = root.split("/")[3]
        self.socket = socket.create_connection((host, int(port)), timeout=30)
        self.file = self.socket.makefile("rb")

    def ask(self, path: str = OPENAI, **body: Any) -> None:
        """Send a request."""
        content = json.dumps({"model": "m", "messages": []} | body).encode()
        head = f"POST /{self.lane}/{path} HTTP/1.1\r\nHost: x\r\n"
        length = f"Content-Length: {len(content)}\r\n\r\n"
        self.socket.sendall(f"{head}{length}".encode() + content)

    def head(self) -> tuple[int, dict[str, str]]:
        """Read status and headers."""
        status = int(self.file.readline().split()[1])
        headers = {}
        while line := self.file.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name] = value
        return status, headers

    def answer(self) -> tuple[int, dict[str, str], Any]:
        """Read a whole answer that is JSON."""
        status, headers = self.head()
        content = self.file.read(int(headers["Content-Length"]))
        return status, headers, json.loads(content)

    def chunks(self) -> tuple[list[str], bool]:
        """Read a chunked body; say whether it ended as it should."""
        parts = []
        while size := self.file.readline().strip():
            content = self.file.read(int(size, 16) + 2)
            if content == b"\r\n":
                return parts, True
            parts.append(content.decode()[:-2])
        return parts, False

    def close(self) -> None:
        """Go away."""
        self.file.close()
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def text_of(events: list[str]) -> str:
    """Join the words of OpenAI's or Anthropic's events, past what is no JSON."""
    words = []
    for event in events:
        data = event.strip().rpartition("data: ")[2]
        try:
            told = json.loads(data)
        except ValueError:
            continue
        words += [one["delta"].get("content", "") for one in told.get("choices", ())]
        if told.get("type") == "content_block_delta":
            words.append(told["delta"]["text"])
    return "".join(words)


def test_healthy_answer_is_whole(server: FaultServer) -> None:
    """Sixty words, with a model, a finish reason and a usage, on one connection."""
    lane = server.lane()
    with Client(lane.root) as client:
        client.ask()
        status, _, body = client.answer()
        assert status == 200
        assert body["choices"][0]["message"]["content"] == TEXT
        assert body["choices"][0]["finish_reason"] == "stop"
        assert body["model"] == "m"
        client.ask(ANTHROPIC)
        status, _, body = client.answer()
        assert (status, body["content"][0]["text"]) == (200, TEXT)
        assert body["stop_reason"] == "end_turn"
        client.ask("openai/v1/embeddings", input=["a", "b"])
        assert len(client.answer()[2]["data"]) == 2
        assert server.connections == 1
    assert len(TEXT.split()) == 60
    assert [one.provider for one in lane.received] == ["openai", "anthropic", "openai"]
    assert lane.received[0].usage == (101, 60)


@pytest.mark.parametrize("path", [OPENAI, ANTHROPIC])
def test_healthy_stream_is_whole(server: FaultServer, path: str) -> None:
    """Word by word, and a body that ends as HTTP says."""
    with Client(server.lane().root) as client:
        client.ask(path, stream=True, stream_options={"include_usage": True})
        status, headers = client.head()
        events, ended = client.chunks()
    assert (status, ended) == (200, True)
    assert headers["Content-Type"] == "text/event-stream"
    assert text_of(events) == TEXT
    if path == OPENAI:
        assert events[-1] == "data: [DONE]\n\n"
        assert json.loads(events[-2][6:])["usage"]["completion_tokens"] == 60
        assert json.loads(events[-3][6:])["choices"][0]["finish_reason"] == "stop"
    else:
        assert '"message_stop"' in events[-1]


def test_openai_usage_is_sent_when_asked_for(server: FaultServer) -> None:
    """Without ``stream_options`` a stream tells no usage, as OpenAI's do."""
    with Client(server.lane().root) as client:
        client.ask(stream=True)
        client.head()
        assert "usage" not in "".join(client.chunks()[0])


@pytest.mark.parametrize(
    ("act", "status", "code"),
    [
        (Refusal(status=429), 429, None),
        (Refusal(status=503, code="overloaded"), 503, "overloaded"),
        (
            Refusal(status=400, code="context_length_exceeded"),
            400,
            "context_length_exceeded",
        ),
        (Refusal(status=418, message="short and stout"), 418, None),
        (Refusal(status=599), 599, None),
    ],
)
def test_refusals_have_the_form_of_the_api(
    server: FaultServer, act: Refusal, status: int, code: str | None
) -> None:
    """The error body is OpenAI's on OpenAI's path and Anthropic's on its own."""
    with Client(server.lane(act).root) as client:
        client.ask()
        got, headers, body = client.answer()
        assert (got, body["error"]["code"]) == (status, code)
        assert body["error"]["message"]
        assert "Retry-After" not in headers
        client.ask(ANTHROPIC, stream=True)
        got, _, body = client.answer()
    assert (got, body["type"]) == (status, "error")
    assert body["error"]["message"]
    if act.message:
        assert body["error"]["message"] == act.message


def test_retry_after_is_a_header(server: FaultServer) -> None:
    """In whole seconds where they are whole, in parts of one in scaled time."""
    script = Script(acts=(Refusal(status=429, retry_after_seconds=2), HEALTHY))
    with Client(server.lane(script).root) as client:
        client.ask()
        assert client.answer()[1]["Retry-After"] == "2"
        client.ask()
        assert client.answer()[0] == 200
    with Client(server.lane(script.scaled(0.1)).root) as client:
        client.ask()
        assert client.answer()[1]["Retry-After"] == "0.2"


def test_reset_is_a_reset(server: FaultServer) -> None:
    """The client's system sees a TCP RST, before any byte."""
    lane = server.lane(Reset())
    with Client(lane.root) as client:
        client.ask()
        with pytest.raises(ConnectionResetError):
            client.socket.recv(1)
    assert lane.wait_until(lambda one: one.done == ("reset the connection",))


def test_silence_says_nothing_and_hangs_up(server: FaultServer) -> None:
    """Not one byte comes, then the end."""
    lane = server.lane(Silence(seconds=0.05))
    with Client(lane.root) as client:
        client.ask()
        assert client.file.read() == b""
    assert lane.done == ("hung up after 0.05 s of silence",)


def test_silence_ends_when_the_client_goes(server: FaultServer) -> None:
    """Nothing waits for the end of a silence that nobody listens to."""
    lane = server.lane(Silence(seconds=3600))
    with Client(lane.root) as client:
        client.ask()
        assert lane.wait_until(lambda one: len(one.received) == 1)
    assert lane.wait_until(lambda one: one.done == ("the client hung up",))
    assert server.wait_until(lambda one: one.open_connections == 0)


def test_slow_answer_sends_its_headers_first(server: FaultServer) -> None:
    """The headers come at once, the rest after the wait."""
    lane = server.lane(Answer(wait_seconds=3600))
    for stream in (False, True):
        with Client(lane.root) as client:
            client.ask(stream=stream)
            assert client.head()[0] == 200
    assert lane.wait_until(lambda one: len(one.done) == 2)
    assert set(lane.done) == {"the client hung up"}
    lane.arm(Answer(wait_seconds=0.01))
    with Client(lane.root) as client:
        client.ask()
        assert client.answer()[2]["choices"]
        client.ask(stream=True)
        client.head()
        assert text_of(client.chunks()[0]) == TEXT


@pytest.mark.parametrize("path", [OPENAI, ANTHROPIC])
def test_cut_stream_does_not_end_as_it_should(server: FaultServer, path: str) -> None:
    """Forty words, then the connection is closed without the last chunk."""
    with Client(server.lane(Answer(ending="cut", words=40)).root) as client:
        client.ask(path, stream=True)
        client.head()
        events, ended = client.chunks()
    assert not ended
    assert len(text_of(events).split()) == 40


def test_cut_answer_is_shorter_than_it_says(server: FaultServer) -> None:
    """The length in the header is that of the whole answer."""
    with Client(server.lane(Answer(ending="cut", words=40)).root) as client:
        client.ask()
        _, headers = client.head()
        content = client.file.read()
    assert 0 < len(content) < int(headers["Content-Length"])


def test_stalled_stream_stays_open(server: FaultServer) -> None:
    """Twenty words, silence on an open connection, then the end of it."""
    lane = server.lane(Answer(ending="stalled", words=20, stall_seconds=3600))
    with Client(lane.root) as client:
        client.ask(stream=True)
        client.head()
        for _ in range(21):  # one for the role, and the words
            size = int(client.file.readline(), 16)
            assert client.file.read(size + 2)
        assert lane.done == ()
    assert lane.wait_until(lambda one: one.done == ("the client hung up",))
    lane.arm(Answer(ending="stalled", words=20, stall_seconds=0.01))
    for stream in (True, False):
        with Client(lane.root) as client:
            client.ask(stream=stream)
            assert client.head()[0] == 200
            assert client.file.read()
    assert lane.done == ("stalled after 20 words", "stalled after 197 of 591 bytes")


def test_stream_without_finish_ends_in_good_order(server: FaultServer) -> None:
    """HTTP sees nothing wrong; only the finish reason is missing."""
    with Client(server.lane(Answer(ending="no_finish", words=20)).root) as client:
        client.ask(stream=True)
        client.head()
        events, ended = client.chunks()
    assert ended
    assert len(text_of(events).split()) == 20
    assert '"finish_reason": "stop"' not in "".join(events)


def test_stream_without_done_is_whole(server: FaultServer) -> None:
    """Every word, a finish reason, and no sentinel."""
    with Client(server.lane(Answer(ending="no_done")).root) as client:
        client.ask(stream=True)
        client.head()
        events, ended = client.chunks()
    assert ended
    assert text_of(events) == TEXT
    assert "[DONE]" not in "".join(events)


@pytest.mark.parametrize("path", [OPENAI, ANTHROPIC])
def test_garbage_is_one_event_more(server: FaultServer, path: str) -> None:
    """The tenth word is followed by what is no JSON; no word is missing."""
    lane = server.lane(Answer(garbage_at=10))
    with Client(lane.root) as client:
        client.ask(path, stream=True)
        client.head()
        events, ended = client.chunks()
        bad = [one for one in events if '"del' in one[-8:] or "_del\n" in one]
        assert ended
        assert len(bad) == 1
        assert text_of(events) == TEXT
        client.ask(path)
        _, headers = client.head()
        content = client.file.read(int(headers["Content-Length"]))
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(content)


def test_prefill_is_refused_where_it_is_not_wanted(server: FaultServer) -> None:
    """Only a request in which the assistant has the last word is refused."""
    lane = server.lane(Answer(prefill=False))
    said = {"role": "assistant", "content": "A provider"}
    with Client(lane.root) as client:
        client.ask(messages=[said])
        status, _, body = client.answer()
        assert (status, body["error"]["code"]) == (400, "invalid_prefill")
        client.ask(messages=[said, {"role": "user", "content": "go on"}])
        assert client.answer()[0] == 200


def test_outage_ends_with_its_time(server: FaultServer) -> None:
    """The clock decides, not the number of requests."""
    down = Script(acts=(Refusal(status=503), HEALTHY), outage_seconds=0.1)
    lane = server.lane(down)
    with Client(lane.root) as client:
        statuses = []
        while 200 not in statuses:
            client.ask()
            statuses.append(client.answer()[0])
    assert set(statuses[:-1]) == {503}
    assert lane.received[-1].at_seconds >= 0.1


def test_lanes_do_not_see_each_other(server: FaultServer) -> None:
    """Each lane has scripts, a journal and counts of its own, by model."""
    scripts = {("openai", "bad"): Script(acts=(Refusal(status=500),))}
    broken, healthy = server.lane(scripts), server.lane()
    for lane, model, status in (
        (broken, "bad", 500),
        (broken, "good", 200),
        (healthy, "bad", 200),
    ):
        with Client(lane.root) as client:
            client.ask(model=model)
            assert client.answer()[0] == status
    assert [one.model for one in broken.received] == ["bad", "good"]
    broken.arm(HEALTHY)
    assert broken.received == ()


def test_unknown_addresses_are_told_so(server: FaultServer) -> None:
    """What no API has is a 404, and in nobody's journal."""
    lane = server.lane()
    with Client(lane.root) as client:
        client.ask("openai/v1/nothing")
        assert client.answer()[0] == 404
        client.socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.answer()[0] == 404
    assert lane.received == ()


def test_chunked_requests_are_read(server: FaultServer) -> None:
    """A body may come in chunks, with trailers; what is no JSON counts as empty."""
    lane = server.lane()
    with Client(lane.root) as client:
        head = f"POST /{lane.root.split('/')[3]}/{OPENAI} HTTP/1.1\r\n"
        chunked = "Transfer-Encoding: chunked\r\n\r\n"
        client.socket.sendall(f"{head}{chunked}".encode())
        client.socket.sendall(b'e\r\n{"model": "c"}\r\n0\r\nX: y\r\n\r\n')
        assert client.answer()[2]["model"] == "c"
        client.socket.sendall(f"{head}Content-Length: 2\r\n\r\n?!".encode())
        assert client.answer()[2]["model"] == ""


def test_journal_keeps_no_key(server: FaultServer) -> None:
    """Headers are read and dropped."""
    lane = server.lane()
    with Client(lane.root) as client:
        path = f"POST /{lane.root.split('/')[3]}/{OPENAI} HTTP/1.1\r\n"
        auth = "Authorization: Bearer canary-91\r\nContent-Length: 0\r\n\r\n"
        client.socket.sendall(f"{path}{auth}".encode())
        client.head()
    assert "canary" not in repr(lane.received)


def test_server_leaves_nothing_behind() -> None:
    """Clients that are still there when it stops are hung up on."""
    with FaultServer() as server:
        client = Client(server.lane(Silence(seconds=3600)).root)
        client.ask()
        assert server.wait_until(lambda one: one.open_connections == 1)
    assert client.file.read() == b""
    client.close()
    with pytest.raises(RuntimeError, match="with statement"):
        server.lane()


@pytest.mark.parametrize(
    "act",
    [
        HEALTHY,
        Silence(seconds=10),
        Answer(wait_seconds=10),
        Refusal(status=429, retry_after_seconds=10),
        Answer(ending="stalled", words=1, stall_seconds=10),
    ],
)
def test_scripts_scale_their_seconds(act: Act) -> None:
    """Whatever a script holds in seconds is scaled, and nothing else."""
    script = Script(acts=(act,), outage_seconds=10)
    scaled = script.scaled(0.1)
    assert repr(scaled) == repr(script).replace("=10", "=1.0")
