"""LiteLLM itself loads what is exported for it, and routes by it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.build

#: The addresses of all three lead to loopback, where the driver listens.
SPEC = """\
project: shop
providers:
  openai: {{env_key: SHOP_KEY, api_base: "{base}/v1"}}
  anthropic: {{api_base: "{base}"}}
  mistral: {{api_base: "{base}/mistral/v1"}}
roles:
  chat.main:
    kind: chat
    preferences: {{providers: [openai, anthropic, mistral], quality: high}}
    runtime: {{timeout: 30s, num_retries: 1}}
    mode_params: {{temperature: 0.3}}
  search: {{kind: embedding, preferences: {{providers: [openai]}}, fallbacks: 0}}
  draw: {{kind: image, preferences: {{providers: [openai]}}, fallbacks: 0}}
  local: {{kind: chat, force_model: "ollama:llama3.2"}}
  office: {{kind: chat, force_model: "azureopenai:our-deployment"}}
"""

# Run by the Python that has LiteLLM: which models are asked for each call, in order,
# while more and more of them are down.
DRIVER = """\
import asyncio, json, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import litellm
import yaml

down, asked = set(), []

class Provider(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        model = body["model"]
        key = self.headers["Authorization"] or self.headers["x-api-key"]
        asked.append([model, key.removeprefix("Bearer "), body.get("temperature")])
        if "embeddings" in self.path:
            row = {"object": "embedding", "index": 0, "embedding": [0.5]}
            answer = {"object": "list", "model": model, "data": [row]}
        elif "images" in self.path:
            answer = {"created": 1, "data": [{"b64_json": "aGk="}]}
        elif self.path.endswith("/messages"):
            text = {"type": "text", "text": "hello"}
            answer = {"id": "m", "type": "message", "role": "assistant",
                      "model": model, "content": [text], "stop_reason": "end_turn",
                      "usage": {"input_tokens": 1, "output_tokens": 1}}
        else:
            message = {"role": "assistant", "content": "hello"}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            answer = {"id": "c", "object": "chat.completion", "created": 1,
                      "model": model, "choices": [choice]}
        if model in down:
            answer = {"error": {"message": "down", "type": "server_error"}}
        data = json.dumps(answer).encode()
        self.send_response(500 if model in down else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
threading.Thread(target=server.serve_forever, daemon=True).start()
text = open("litellm.config.yaml").read()
config = yaml.safe_load(text.replace("PORT", str(server.server_port)))
for name, value in config["litellm_settings"].items():
    setattr(litellm, name, value)

def router():
    return litellm.Router(model_list=config["model_list"], **config["router_settings"])

async def calls(role, method, **what):
    routing = router()  # a fresh one: nobody is in a cooldown
    asked.clear()
    await getattr(routing, method)(model=role, **what)
    return list(asked)

async def main():
    hello = {"messages": [{"role": "user", "content": "hello"}]}
    chat = []
    for _ in range(3):
        chat.append(await calls("chat.main", "acompletion", **hello))
        down.add(chat[-1][-1][0])
    down.clear()
    search = await calls("search", "aembedding", input=["hello"])
    draw = await calls("draw", "aimage_generation", prompt="a cat")
    names = sorted(set(router().get_model_names()))
    print(json.dumps({"chat": chat, "search": search, "draw": draw, "names": names}))

asyncio.run(main())
"""


def test_litellms_router_calls_as_decided(
    dist: Path, install: Callable[..., Path], tmp_path: Path
) -> None:
    """Primary first, retries as the spec says, then each backup in its turn."""
    spec = SPEC.format(base="http://127.0.0.1:7")
    (tmp_path / "llmhub.spec.yaml").write_text(spec, encoding="utf-8")
    python = install(*sorted(dist.glob("*.whl")), "litellm>=1.80,<2")
    environ = {
        **os.environ,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "ANTHROPIC_API_KEY": "sk-a",
        "AZURE_OPENAI_ENDPOINT": "https://office.example",
        "MISTRAL_API_KEY": "sk-m",
        "SHOP_KEY": "sk-o",
    }

    def run(*command: Path | str) -> str:
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    llmhub = python.with_name("llmhub")
    run(llmhub, "generate", "--offline", "--export", "litellm", "--export", "json")
    config = tmp_path / "litellm.config.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("127.0.0.1:7", "127.0.0.1:PORT"), encoding="utf-8")
    found = json.loads(run(python, "-c", DRIVER).splitlines()[-1])
    roles = json.loads((tmp_path / "llmhub.json").read_text("utf-8"))["roles"]

    def models(role: str) -> list[str]:
        return [roles[role]["model"], *(m["model"] for m in roles[role]["fallbacks"])]

    first, second, third = models("chat.main")
    sent = [[model for model, *_ in call] for call in found["chat"]]
    assert sent[0] == [first]
    assert sent[1] == [first, first, second]
    assert sent[2] == [first, first, second, second, third]
    keys = {"openai": "sk-o", "anthropic": "sk-a", "mistral": "sk-m"}
    chosen = [roles["chat.main"], *roles["chat.main"]["fallbacks"]]
    expected = {
        m["model"]: [keys[m["provider"]], m["params"].get("temperature")]
        for m in chosen
    }
    assert {model: rest for model, *rest in found["chat"][2]} == expected
    for role in ("search", "draw"):
        assert [model for model, *_ in found[role]] == models(role)
    backups = ["chat.main/backup-1", "chat.main/backup-2"]
    assert {*roles, *backups} <= {*found["names"]}
