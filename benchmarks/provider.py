"""An OpenAI-compatible provider on loopback that costs next to nothing to ask.

    python benchmarks/provider.py

prints its address and serves until it is told to stop. ``GET /connections`` tells how
many connections were opened since it was last asked. The model ``broken`` answers 503.
"""

from __future__ import annotations

import asyncio
import json

COMPLETION = {
    "id": "c",
    "object": "chat.completion",
    "created": 0,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "Hello there. " * 20},
        }
    ],
    "usage": {"prompt_tokens": 10, "completion_tokens": 60, "total_tokens": 70},
}
EMBEDDING = {
    "object": "list",
    "model": "m",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.1] * 256}],
    "usage": {"prompt_tokens": 10, "total_tokens": 10},
}
PARTS = 20


def _chunk(number: int) -> bytes:
    last = number == PARTS - 1
    delta = {"content": "word "} if not last else {}
    choice = {"index": 0, "delta": delta, "finish_reason": "stop" if last else None}
    chunk = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "m",
        "choices": [choice],
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


STREAM = b"".join(map(_chunk, range(PARTS))) + b"data: [DONE]\n\n"


def _answer(
    body: bytes, kind: bytes = b"application/json", status: bytes = b"200 OK"
) -> bytes:
    head = b"HTTP/1.1 %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n"
    return head % (status, kind, len(body)) + body


ANSWERS = {
    "chat": _answer(json.dumps(COMPLETION).encode()),
    "stream": _answer(STREAM, b"text/event-stream"),
    "embed": _answer(json.dumps(EMBEDDING).encode()),
    "broken": _answer(
        b'{"error": {"message": "overloaded"}}', status=b"503 Service Unavailable"
    ),
}


class Provider(asyncio.Protocol):
    """One connection: requests of known length, answered in turn."""

    opened = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.waiting = b""
        Provider.opened += 1

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head = self.waiting[:end]
            lowered = head.lower()
            at = lowered.find(b"content-length:")
            length = int(lowered[at + 15 :].split(b"\r\n")[0]) if at >= 0 else 0
            if len(self.waiting) < end + 4 + length:
                return
            body = self.waiting[end + 4 : end + 4 + length]
            self.waiting = self.waiting[end + 4 + length :]
            self.transport.write(self._answer(head, body))

    @staticmethod
    def _answer(head: bytes, body: bytes) -> bytes:
        if head.startswith(b"GET /connections"):
            # The one that asks is not counted.
            opened, Provider.opened = Provider.opened - 1, 0
            return _answer(json.dumps(opened).encode())
        if b"/embeddings" in head.split(b"\r\n", 1)[0]:
            return ANSWERS["embed"]
        if b'"model":"broken"' in body.replace(b" ", b""):
            return ANSWERS["broken"]
        streams = b'"stream":true' in body.replace(b" ", b"")
        return ANSWERS["stream" if streams else "chat"]


async def main() -> None:
    """Serve on a free port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Provider, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
