"""The source any-llm, against providers on loopback."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from llmhub_core.errors import SourceUnavailableError
from llmhub_core.records.model import Facts
from llmhub_core.records.observation import Harvest, Probe, ServedModel
from llmhub_core.records.spec import ProviderSpec
from llmhub_sources.any_llm import AnyLLMOptions, AnyLLMSource
from llmhub_sources.any_llm import listing as listing_module
from llmhub_sources.any_llm.listing import list_models
from llmhub_sources.any_llm.providers import Target, load_providers

KEY = "sk-very-secret-1234"


class Upstream(ThreadingHTTPServer):
    """Providers on loopback, one per first segment of the path.

    Attributes:
        listed: Ids per provider.
        status: Status per provider, 200 where nothing is said.
        hold: Providers in here answer when ``release`` is set.
        seen: Provider and credential of every request.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.listed: dict[str, list[str]] = {}
        self.status: dict[str, int] = {}
        self.hold: set[str] = set()
        self.release = threading.Event()
        self.seen: list[tuple[str, str | None]] = []

    def base(self, provider: str) -> str:
        """Base address of a provider."""
        return f"http://127.0.0.1:{self.server_port}/{provider}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream
    quiet: ClassVar[bool] = True

    def do_GET(self) -> None:
        provider = self.path.split("/")[1]
        key = self.headers.get("x-api-key") or self.headers.get("Authorization")
        self.server.seen.append((provider, key))
        if provider in self.server.hold:
            self.server.release.wait(30)
        status = self.server.status.get(provider, 200)
        models = [
            {"id": name, "object": "model", "created": 0, "owned_by": "x"}
            for name in self.server.listed.get(provider, [])
        ]
        # A provider that quotes the credential in its refusal.
        error = {"error": {"message": f"bad key {key}", "type": "x"}}
        body = json.dumps(
            {"object": "list", "data": models} if status == 200 else error
        )
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """Serve providers until the test ends."""
    with Upstream() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.release.set()
        server.shutdown()


def _fetch(context: Any, **options: Any) -> Harvest:
    return asyncio.run(AnyLLMSource(AnyLLMOptions(**options)).fetch(context))


def _environ(upstream: Upstream, *providers: str) -> dict[str, str]:
    known = load_providers()
    environ = {}
    for name in providers:
        base = known[name].base
        assert base is not None
        environ |= {base: upstream.base(name), known[name].keys[0][0]: KEY}
    return environ


def test_every_keyed_provider_is_asked_at_once(
    upstream: Upstream, answers: Callable[..., Any]
) -> None:
    """Three answer, each gets its key, and every id is a served model."""
    upstream.listed = {
        "openai": ["gpt-5.5", "gpt-5-mini", "gpt-5.5"],
        "anthropic": ["claude-opus-4-5-20251101"],
        "moonshot": ["kimi-k2.6"],
    }
    context = answers(environ=_environ(upstream, "openai", "anthropic", "moonshot"))
    harvest = _fetch(context)
    assert harvest.probes == (
        # Anthropic serves aliases that it does not list.
        Probe(
            provider="anthropic",
            model_ids=("claude-opus-4-5-20251101",),
            complete=False,
        ),
        Probe(provider="moonshot", model_ids=("kimi-k2.6",)),
        Probe(provider="openai", model_ids=("gpt-5-mini", "gpt-5.5")),
    )
    assert harvest.served[1] == ServedModel(
        provider="moonshot",
        model_id="kimi-k2.6",
        record="moonshot:kimi-k2.6",
        facts=Facts(),
    )
    assert len(harvest.served) == 4
    assert harvest.notes == ()
    assert sorted(upstream.seen) == [
        ("anthropic", KEY),
        ("moonshot", f"Bearer {KEY}"),
        ("openai", f"Bearer {KEY}"),
    ]


def test_a_provider_of_the_spec_has_its_own_key_and_address(
    upstream: Upstream, answers: Callable[..., Any]
) -> None:
    """The spec's variable is what goes out, to the spec's address."""
    upstream.listed = {"team": ["gpt-5.5"]}
    specs = {"openai": ProviderSpec(env_key="TEAM", api_base=upstream.base("team"))}
    context = answers(environ={"TEAM": "t-1", "OPENAI_API_KEY": KEY}, providers=specs)
    (probe,) = _fetch(context).probes
    assert probe.model_ids == ("gpt-5.5",)
    assert upstream.seen == [("team", "Bearer t-1")]


def test_a_local_server_needs_no_key(
    upstream: Upstream, answers: Callable[..., Any]
) -> None:
    """Its address in the environment is invitation enough."""
    upstream.listed = {"vllm": ["my-model"]}
    context = answers(environ={"VLLM_API_BASE": upstream.base("vllm")})
    (probe,) = _fetch(context).probes
    assert probe == Probe(provider="vllm", model_ids=("my-model",))


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "AuthenticationError (HTTP 401)"),
        (429, "RateLimitError (HTTP 429)"),
        (500, "ProviderError (HTTP 500)"),
        (404, "ModelNotFoundError (HTTP 404)"),
    ],
)
def test_a_refusal_is_a_note_without_the_key_and_without_a_retry(
    upstream: Upstream, answers: Callable[..., Any], status: int, reason: str
) -> None:
    """The others count; the provider that quotes the key is not quoted."""
    upstream.listed = {"moonshot": ["kimi-k2.6"]}
    upstream.status = {"openai": status}
    harvest = _fetch(answers(environ=_environ(upstream, "openai", "moonshot")))
    moonshot, openai = harvest.probes
    assert moonshot.model_ids == ("kimi-k2.6",)
    assert openai == Probe(provider="openai", model_ids=None, note=reason)
    assert harvest.notes == (f"openai: {reason}",)
    assert [provider for provider, _ in upstream.seen].count("openai") == 1


def test_a_provider_that_hangs_is_left_behind(
    upstream: Upstream, answers: Callable[..., Any]
) -> None:
    """Its time limit ends it, and the others do not wait for more than that."""
    upstream.listed = {"openai": ["gpt-5.5"], "moonshot": ["kimi-k2.6"]}
    upstream.hold = {"openai"}
    context = answers(environ=_environ(upstream, "openai", "moonshot"))
    harvest = _fetch(context, probe_timeout_seconds=2.0)
    moonshot, openai = harvest.probes
    assert moonshot.model_ids == ("kimi-k2.6",)
    assert openai.note == "no answer within 2 s"


def test_nobody_listens(answers: Callable[..., Any]) -> None:
    """A closed port is a note in words."""
    environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    environ["VLLM_API_BASE"] = "http://127.0.0.1:9/v1"
    openai, vllm = _fetch(answers(environ=environ)).notes
    assert openai.startswith("openai: ProviderError: ")
    assert vllm.startswith("vllm: ProviderError: ")
    assert KEY not in openai


def test_an_empty_listing_is_none(
    upstream: Upstream, answers: Callable[..., Any]
) -> None:
    """Believed, it would turn away every model of the provider."""
    (probe,) = _fetch(answers(environ=_environ(upstream, "openai"))).probes
    assert probe == Probe(provider="openai", model_ids=None, note="lists no model")


def test_an_id_that_cannot_be_one_is_left_out(
    upstream: Upstream, answers: Callable[..., Any]
) -> None:
    """A name with a space or a line break is not something to call."""
    upstream.listed = {"openai": ["good", "two words", "line\nbreak", ""]}
    (probe,) = _fetch(answers(environ=_environ(upstream, "openai"))).probes
    assert probe.model_ids == ("good",)


def test_a_provider_without_a_listing_is_not_asked(
    upstream: Upstream, answers: Callable[..., Any]
) -> None:
    """It says nothing about any model, and that is no trouble to report."""
    upstream.listed = {"moonshot": ["kimi-k2.6"]}
    environ = _environ(upstream, "perplexity", "moonshot")
    harvest = _fetch(answers(environ=environ))
    _, probe = harvest.probes
    assert probe.model_ids is None
    assert probe.note == "any-llm has no listing for it"
    assert harvest.notes == ()
    assert [key for key, _ in upstream.seen] == ["moonshot"]


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ((), "no provider key is set"),
        (("perplexity", "minimax"), "any-llm has no listing for minimax, perplexity"),
    ],
)
def test_it_says_why_nobody_was_asked(
    upstream: Upstream, answers: Callable[..., Any], names: tuple[str, ...], why: str
) -> None:
    """No model and no word would look like an answer."""
    harvest = _fetch(answers(environ=_environ(upstream, *names)))
    assert harvest.served == ()
    assert harvest.notes == (f"nobody was asked for models: {why}",)
    assert upstream.seen == []


def test_a_listed_id_tells_its_kind(answers: Callable[..., Any]) -> None:
    """A listing mixes purposes; where the id tells nothing, nothing is claimed."""
    listed = {"openai": ["gpt-5.5", "text-embedding-3-small", "whisper-1"]}
    harvest = _fetch(answers(listed, environ={"OPENAI_API_KEY": KEY}))
    assert [model.facts for model in harvest.served] == [
        Facts(),
        Facts(kind="embedding"),
        Facts(kind="audio"),
    ]


@pytest.mark.parametrize("name", ["mistral", "gemini"])
def test_a_missing_sdk_names_what_to_install(
    answers: Callable[..., Any], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways in which any-llm says so end in one."""
    for module in ("mistralai", "google", "google.genai"):
        monkeypatch.setitem(sys.modules, module, None)
    for module in [m for m in sys.modules if m.startswith(f"any_llm.providers.{name}")]:
        monkeypatch.delitem(sys.modules, module)
    environ = {load_providers()[name].keys[0][0]: KEY}
    (note,) = _fetch(answers(environ=environ)).notes
    assert note.startswith(f"{name}: needs any-llm-sdk[{name}] (")


def test_kept_answers_are_used_offline(answers: Callable[..., Any]) -> None:
    """What was listed last time stands; what was not kept is a note."""
    context = answers(
        {"openai": ["gpt-5.5"]},
        environ={"OPENAI_API_KEY": KEY, "MOONSHOT_API_KEY": KEY},
        offline=True,
    )
    harvest = _fetch(context)
    moonshot, openai = harvest.probes
    assert openai.model_ids == ("gpt-5.5",)
    assert moonshot.note == "offline, and no answer is kept"


@pytest.mark.parametrize("kept", [b"<html>", {}, [5], ["two words"], "x"])
def test_a_damaged_kept_answer_is_none(
    answers: Callable[..., Any], kept: object
) -> None:
    """A cache that something else wrote into teaches nothing."""
    context = answers({"openai": kept}, environ={"OPENAI_API_KEY": KEY})
    (probe,) = _fetch(context).probes
    assert probe.model_ids is None
    assert probe.note


LAZY = """
import asyncio, sys
from llmhub_core.records.observation import Payload
from llmhub_sources.any_llm import AnyLLMSource

class Context:
    environ = {environ!r}
    providers = {{}}
    offline = True
    timeout_seconds = 1.0
    async def recorded(self, key, probe):
        return Payload(url=key, body=b'["m"]', fetched_at="", transferred=False)

harvest = asyncio.run(AnyLLMSource().fetch(Context()))
print(len(harvest.probes), "any_llm" in sys.modules)
"""


@pytest.mark.parametrize(
    ("environ", "printed"),
    [
        ({}, "0 False"),
        ({"OPENAI_API_KEY": ""}, "0 False"),
        ({"PERPLEXITY_API_KEY": "k"}, "1 False"),
        ({"OPENAI_API_KEY": "k"}, "1 False"),
    ],
)
def test_any_llm_is_imported_when_somebody_is_asked(
    environ: dict[str, str], printed: str
) -> None:
    """Not without a key, not for a provider without a listing, not offline."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", LAZY.format(environ=environ)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == printed


class _Sdk:
    """Stands in for any-llm's class and for the provider that it makes."""

    MAX_RETRIES_SUPPORT = "unsupported"

    def __init__(self, listing: Callable[[], Any], client: object = None) -> None:
        self._listing = listing
        self.client = client
        self.given: dict[str, Any] = {}

    def get_provider_class(self, _: str) -> _Sdk:
        return self

    def create(self, _: str, **given: Any) -> _Sdk:
        self.given = given
        return self

    async def alist_models(self, **arguments: Any) -> Any:
        self.given |= arguments
        return self._listing()


def _target(name: str = "openai") -> Target:
    return Target(name=name, provider=load_providers()[name], api_key=KEY)


def _ask(monkeypatch: pytest.MonkeyPatch, sdk: _Sdk, name: str = "openai") -> bytes:
    import any_llm

    monkeypatch.setattr(any_llm, "AnyLLM", sdk)
    return asyncio.run(list_models(_target(name), timeout_seconds=0.2))


class _Model:
    id = "m-1"


def test_an_sdk_that_counts_no_retries_is_not_told_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """any-llm refuses the argument there; errors are always unified."""
    sdk = _Sdk(lambda: [_Model()])
    assert _ask(monkeypatch, sdk) == b'["m-1"]'
    assert sdk.given == {
        "api_key": KEY,
        "api_base": None,
        "unified_exceptions": True,
    }


def test_pages_are_asked_for_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """SDKs read the first page alone, and the default one holds twenty."""
    sdk = _Sdk(lambda: [_Model()])
    _ask(monkeypatch, sdk, "anthropic")
    assert sdk.given["limit"] == 1000
    _ask(monkeypatch, sdk, "gemini")
    assert sdk.given["config"] == {"page_size": 1000}


@pytest.mark.parametrize("works", [True, False])
def test_the_client_is_closed(monkeypatch: pytest.MonkeyPatch, *, works: bool) -> None:
    """After an answer and after a failure, and a close that fails is no failure."""
    closed: list[str] = []

    class Client:
        async def close(self) -> None:
            closed.append("closed")
            raise ConnectionError

    def listing() -> list[_Model]:
        if works:
            return [_Model()]
        raise ValueError

    if works:
        assert _ask(monkeypatch, _Sdk(listing, Client())) == b'["m-1"]'
    else:
        with pytest.raises(SourceUnavailableError):
            _ask(monkeypatch, _Sdk(listing, Client()))
    assert closed == ["closed"]


def test_whatever_an_sdk_raises_is_a_reason_without_the_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One line, cut to a length, with nothing chained to it."""

    def listing() -> None:
        message = f"no\nroute for {KEY} " + "x" * 500
        raise LookupError(message)

    with pytest.raises(SourceUnavailableError) as caught:
        _ask(monkeypatch, _Sdk(listing))
    assert caught.value.reason.startswith("LookupError: no route for *** xxx")
    assert len(caught.value.reason) < 250
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_dummy_key_spoils_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of one letter is no secret, and is in every word."""
    import any_llm

    def listing() -> None:
        message = "no route known"
        raise LookupError(message)

    monkeypatch.setattr(any_llm, "AnyLLM", _Sdk(listing))
    target = Target(name="openai", provider=load_providers()["openai"], api_key="n")
    with pytest.raises(SourceUnavailableError, match="no route known"):
        asyncio.run(list_models(target, timeout_seconds=1.0))


def test_an_sdk_that_blocks_its_thread_blocks_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The question ends at its limit; the thread ends later, and quietly."""
    release = threading.Event()
    monkeypatch.setattr(listing_module, "_GRACE_SECONDS", 0.05)

    def listing() -> list[_Model]:
        release.wait(30)
        return [_Model()]

    with pytest.raises(SourceUnavailableError, match=r"no answer within 0\.2 s"):
        _ask(monkeypatch, _Sdk(listing))
    (left,) = (t for t in threading.enumerate() if t.name == "llmhub-any-llm")
    release.set()
    left.join(10)
    assert not left.is_alive()


def test_a_late_answer_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes while the loop still runs and nobody waits any more."""
    release = threading.Event()
    monkeypatch.setattr(listing_module, "_GRACE_SECONDS", 0.05)
    import any_llm

    def listing() -> list[_Model]:
        release.wait(30)
        return [_Model()]

    monkeypatch.setattr(any_llm, "AnyLLM", _Sdk(listing))

    complaints: list[dict[str, Any]] = []

    async def ask_and_stay() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, complaint: complaints.append(complaint))
        with pytest.raises(SourceUnavailableError):
            await list_models(_target(), timeout_seconds=0.1)
        release.set()
        for thread in threading.enumerate():
            if thread.name == "llmhub-any-llm":
                await asyncio.to_thread(thread.join)
        await asyncio.sleep(0)

    asyncio.run(ask_and_stay())
    assert complaints == []


@pytest.mark.parametrize("seconds", [0, -1, "soon"])
def test_a_time_limit_is_a_positive_number(seconds: Any) -> None:
    """A setting that is none is refused at once."""
    with pytest.raises(ValueError, match=r"probe_timeout_seconds|soon"):
        AnyLLMOptions(probe_timeout_seconds=seconds)


def test_a_time_limit_may_come_as_text() -> None:
    """Environment variables are text."""
    assert AnyLLMOptions(probe_timeout_seconds="2.5").probe_timeout_seconds == 2.5  # type: ignore[arg-type]
