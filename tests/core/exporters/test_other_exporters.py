"""Decisions in the words of LiteLLM, of a shell, and of any program."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml

from llmhub_core.contracts import ExportContext, Exporter
from llmhub_core.errors import ExportError, HandEditedError
from llmhub_core.exporters.json import JSONExporter
from llmhub_core.exporters.litellm import LiteLLMExporter
from llmhub_core.exporters.openai_env import OpenAIEnvExporter
from llmhub_core.lock.seal import is_ours, must_write, seal, sealed_json
from llmhub_core.plugins import load_exporter
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.settings import load_settings
from llmhub_core.spec import parse_spec

SPEC = """\
project: shop
providers:
  openai: {env_key: SHOP_KEY}
  mygw: {env_key: GW_KEY, api_base: "http://127.0.0.1:9/v1"}
roles:
  chat.main:
    kind: chat
    runtime: {timeout: 30s, num_retries: 1}
  search: {kind: embedding}
environments:
  prod: {roles: {search: {task: general}}}
"""


def pick(canonical_id: str, **facts: Any) -> Pick:
    """A pick with a price."""
    provider, _, name = canonical_id.partition(":")
    known: dict[str, Any] = {
        "reason": "why",
        "price_input_per_million": 0.1,
        "price_output_per_million": 15.0,
        "context_tokens": 1000,
        "params": {"temperature": 0.2, "stop": ("a", "b")},
    }
    return Pick(
        canonical_id=canonical_id,
        provider=provider,
        model_id=name,
        **{**known, **facts},
    )


def choice(role: str, *ids: str, mode: str = "chat") -> Choice:
    """A choice, the primary first."""
    first, *others = map(pick, ids)
    return Choice(
        role=role,
        mode=mode,
        primary=first,
        backups=tuple(others),
        selector="balanced",
        eligible=1,
        considered=1,
    )


CHOICES = (
    choice("chat.main", "openai:gpt-x", "anthropic:claude-y", "mygw:my/own"),
    choice("search", "cohere:embed-z", mode="embedding"),
)


def exported(
    exporter: Exporter,
    choices: Sequence[Choice] = CHOICES,
    *,
    env: str | None = None,
    spec: str = SPEC,
) -> tuple[str, str]:
    """Name and text of the one file."""
    context = ExportContext(
        spec=parse_spec(spec, env=env), choices=choices, head=("By llmhub.",)
    )
    (file,) = exporter.export(context)
    assert file.text == exporter.export(context)[0].text
    return file.name, seal(file.text) if file.comment else file.text


@pytest.mark.parametrize("name", ["json", "litellm", "openai-env"])
def test_they_are_plugins_like_everybodys(name: str) -> None:
    """Each is found by its entry point."""
    plugin = load_exporter(name, load_settings())
    assert plugin.instance.contract_version == 1


@pytest.mark.parametrize(
    ("exporter", "stem", "suffix"),
    [
        (JSONExporter(), "llmhub", ".json"),
        (LiteLLMExporter(), "litellm.config", ".yaml"),
        (OpenAIEnvExporter(), "llmhub", ".env"),
    ],
)
def test_a_file_is_known_again_until_it_is_edited(
    exporter: Exporter, stem: str, suffix: str, tmp_path: Path
) -> None:
    """Ours is written anew without asking; somebody's work is not."""
    name, text = exported(exporter)
    assert name == f"{stem}{suffix}"
    assert exported(exporter, env="prod")[0] == f"{stem}.prod{suffix}"
    assert is_ours(text)
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    changed = exported(exporter, CHOICES[:1])[1]
    assert must_write(file, changed)
    file.write_text(text.replace("gpt-x", "gpt-mine"), encoding="utf-8")
    with pytest.raises(HandEditedError):
        must_write(file, changed)


def test_json_says_all_that_was_decided() -> None:
    """Models, backups, parameters, facts; unknown is null."""
    data = json.loads(exported(JSONExporter())[1])
    role = data["roles"]["chat.main"]
    assert (role["provider"], role["model"]) == ("openai", "gpt-x")
    assert [each["model"] for each in role["fallbacks"]] == ["claude-y", "my/own"]
    assert role["params"] == {"temperature": 0.2, "stop": ["a", "b"]}
    assert role["rating"] is None
    assert role["runtime"] == {"timeout": "30s", "num_retries": 1}
    assert data["providers"]["openai"]["env_key"] == "SHOP_KEY"


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"a": 1}', "{1}"])
def test_other_json_is_somebodys(text: str) -> None:
    """Without the checksum, or broken, a file is not ours."""
    assert not is_ours(text)
    assert is_ours(sealed_json({"a": 1}))


def test_litellm_gets_groups_order_and_fallbacks() -> None:
    """The role is a group in order; a failing call goes from backup to backup."""
    data = yaml.safe_load(exported(LiteLLMExporter())[1])
    group = [m for m in data["model_list"] if m["model_name"] == "chat.main"]
    assert [m["litellm_params"]["order"] for m in group] == [1, 2, 3]
    assert [m["litellm_params"]["model"] for m in group] == [
        "openai/gpt-x",
        "anthropic/claude-y",
        "openai/my/own",
    ]
    assert group[0]["litellm_params"]["api_key"] == "os.environ/SHOP_KEY"
    assert group[2]["litellm_params"]["api_base"] == "http://127.0.0.1:9/v1"
    assert group[0]["litellm_params"]["timeout"] == 30
    assert group[0]["litellm_params"]["num_retries"] == 1
    assert group[0]["model_info"]["input_cost_per_token"] == 1e-7
    chain = ["chat.main/backup-1", "chat.main/backup-2"]
    assert data["router_settings"]["fallbacks"] == [{"chat.main": chain}]
    names = {m["model_name"] for m in data["model_list"]}
    assert names == {"chat.main", *chain, "search"}
    (search,) = [m for m in data["model_list"] if m["model_name"] == "search"]
    assert search["litellm_params"]["model"] == "cohere/embed-z"
    assert search["model_info"]["mode"] == "embedding"


def test_litellm_is_led_to_addresses_that_it_has_no_adapter_for() -> None:
    """MiniMax speaks OpenAI's protocol; SambaNova has an adapter."""
    choices = (choice("chat.main", "minimax:m", "sambanova:s"),)
    data = yaml.safe_load(exported(LiteLLMExporter(), choices)[1])
    first = data["model_list"][0]["litellm_params"]
    assert first["model"] == "openai/m"
    assert first["api_base"] == "https://api.minimax.io/v1"
    assert data["model_list"][1]["litellm_params"]["model"] == "sambanova/s"


def test_litellm_without_adapter_and_address_is_an_error() -> None:
    """It names the role, the provider, and what to write into the spec."""
    with pytest.raises(ExportError, match=r"'chat\.main'.*liner.*api_base"):
        exported(LiteLLMExporter(), (choice("chat.main", "liner:m"),))


def test_litellm_finds_what_any_llm_reads_from_the_environment() -> None:
    """Endpoints and projects by their variables, unless the spec has an address."""
    spec = (
        'project: x\nproviders: {azure: {api_base: "https://a.example"}}\n'
        "roles: {r: {kind: chat}}\n"
    )
    models = ("azure:m", "azureopenai:m", "vertexai:m", "vertexaianthropic:m")
    text = exported(LiteLLMExporter(), (choice("r", *models),), spec=spec)[1]
    group = [m["litellm_params"] for m in yaml.safe_load(text)["model_list"]][:4]
    assert group[0]["api_base"] == "https://a.example"
    assert group[1]["api_base"] == "os.environ/AZURE_OPENAI_ENDPOINT"
    for google in group[2:]:
        assert google["vertex_project"] == "os.environ/GOOGLE_CLOUD_PROJECT"
        assert google["vertex_location"] == "os.environ/GOOGLE_CLOUD_LOCATION"


@pytest.mark.parametrize(
    ("capabilities", "mode"),
    [
        (("gives audio",), "audio_speech"),
        (("takes audio",), "audio_transcription"),
        (("gives audio", "takes audio"), "audio_speech"),
    ],
)
def test_litellm_tells_speech_from_transcription(
    capabilities: tuple[str, ...], mode: str
) -> None:
    """By what goes in and what comes out."""
    heard = attrs.evolve(
        choice("chat.main", "openai:m", mode="audio"),
        primary=pick("openai:m", capabilities=capabilities),
    )
    data = yaml.safe_load(exported(LiteLLMExporter(), (heard,))[1])
    assert data["model_list"][0]["model_info"]["mode"] == mode


def test_a_shell_reads_the_variables(tmp_path: Path) -> None:
    """Names, models and addresses come out as they went in; keys are references."""
    hostile = choice("chat.main", "openai:a b$(touch x)'\"`;", "gemini:g")
    name, text = exported(OpenAIEnvExporter(), (hostile, CHOICES[1]))
    (tmp_path / name).write_text(text, encoding="utf-8")
    script = (
        f". ./{name}; "
        'printf "%s\\n" "$CHAT_MAIN_MODEL" "$CHAT_MAIN_API_KEY" '
        '"$CHAT_MAIN_BASE_URL" "$CHAT_MAIN_FALLBACK_1_API_KEY" "$SEARCH_PROVIDER"'
    )
    said = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=tmp_path,
        env={"SHOP_KEY": "sk-1", "GEMINI_API_KEY": "sk-2"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.splitlines() == [
        "a b$(touch x)'\"`;",
        "sk-1",
        "https://api.openai.com/v1",
        "sk-2",
        "cohere",
    ]
    assert not (tmp_path / "x").exists()
    assert "sk-" not in text


class Provider(BaseHTTPRequestHandler):
    """Answers like OpenAI, with what it was asked."""

    def do_POST(self) -> None:
        """Answer one chat request."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = json.dumps([asked, self.headers["Authorization"]])
        message = {"role": "assistant", "content": said}
        answer = {"choices": [{"index": 0, "message": message}]}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@pytest.fixture
def provider() -> Iterator[str]:
    """Return the address of a provider on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


APP = """
import json, os
from openai import OpenAI

for stem in ("CHAT_MAIN", "CHAT_MAIN_FALLBACK_1"):
    client = OpenAI(
        base_url=os.environ[f"{stem}_BASE_URL"], api_key=os.environ[f"{stem}_API_KEY"]
    )
    answer = client.chat.completions.create(
        model=os.environ[f"{stem}_MODEL"],
        messages=[{"role": "user", "content": "hello"}],
        **json.loads(os.environ[f"{stem}_PARAMS"]),
    )
    print(answer.choices[0].message.content)
"""


def test_openais_own_client_calls_with_nothing_else(
    provider: str, tmp_path: Path
) -> None:
    """Address, key, model and parameters are those of the spec and the choice."""
    spec = (
        "project: shop\nproviders:\n"
        f'  mygw: {{env_key: GW_KEY, api_base: "{provider}"}}\n'
        f'  ollama: {{api_base: "{provider}"}}\n'
        "roles: {chat.main: {kind: chat}}\n"
    )
    odd = {"stop": ["it's", "${HOME}$(id)"], "temperature": 0.2}
    chosen = attrs.evolve(
        choice("chat.main", "mygw:m:x", "ollama:local"),
        primary=pick("mygw:m:x", params=odd),
    )
    name, text = exported(OpenAIEnvExporter(), (chosen,), spec=spec)
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", f"set -a; . ./{name}; exec '{sys.executable}' app.py"],
        cwd=tmp_path,
        env={"GW_KEY": "sk-ours", "HOME": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (first, key), (second, no_key) = map(json.loads, done.stdout.splitlines())
    assert first.pop("messages") == second.pop("messages")
    assert (first, key) == ({"model": "m:x", **odd}, "Bearer sk-ours")
    assert (second["model"], no_key) == ("local", "Bearer unused")


def test_a_provider_without_a_known_address_is_an_error() -> None:
    """A client without one would send the provider's key to OpenAI."""
    with pytest.raises(ExportError, match=r"'chat\.main'.*bedrock.*api_base"):
        exported(OpenAIEnvExporter(), (choice("chat.main", "openai:m", "bedrock:m"),))


def test_roles_that_share_their_variables_are_an_error() -> None:
    """One would silently hide the other."""
    spec = "project: x\nroles: {a.b: {kind: chat}, a-b: {kind: chat}}\n"
    choices = (choice("a.b", "openai:m"), choice("a-b", "openai:m"))
    with pytest.raises(ExportError, match="A_B_MODEL"):
        exported(OpenAIEnvExporter(), choices, spec=spec)


def test_a_role_that_starts_with_a_digit_makes_a_variable() -> None:
    """A shell takes no name that starts with a digit."""
    spec = "project: x\nroles: {2nd: {kind: chat}}\n"
    text = exported(OpenAIEnvExporter(), (choice("2nd", "openai:m"),), spec=spec)[1]
    assert "\n_2ND_MODEL=m\n" in text
