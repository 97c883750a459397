"""Which providers can be asked, told without any-llm, and checked against it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from llmhub_core.records.spec import ProviderSpec
from llmhub_sources.any_llm.providers import Target, load_providers, targets

#: What the table knows beyond any-llm's metadata: credentials that its SDKs find.
FOUND_BY_SDK = {
    "bedrock": (("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),),
    "vertexai": (("GOOGLE_CLOUD_PROJECT",),),
    "vertexaianthropic": (("GOOGLE_CLOUD_PROJECT",),),
}


def _keys(name: str, env: str) -> tuple[tuple[str, ...], ...]:
    """any-llm writes alternatives with ``/`` and joint variables with ``and``."""
    if env in {"", "None"}:
        groups: tuple[tuple[str, ...], ...] = ()
    elif " and " in env:
        groups = (tuple(env.split(" and ")),)
    else:
        groups = tuple((key,) for key in env.split("/"))
    return groups + FOUND_BY_SDK.get(name, ())


def _metadata(name: str) -> tuple[str, str | None, bool]:
    """What any-llm says of a provider, from its source where the SDK is missing."""
    from any_llm import AnyLLM

    try:
        kind = AnyLLM.get_provider_class(name)
    except ImportError:
        package = importlib.util.find_spec("any_llm")
        assert package is not None
        assert package.origin is not None
        folder = Path(package.origin).parent / "providers"
        text = (folder / name / f"{name}.py").read_text(encoding="utf-8")
        # vertexai has a helper class above the provider's own.
        key = re.findall(r"ENV_API_KEY_NAME = \"(.*)\"", text)[-1]
        base = re.findall(r"ENV_API_BASE_NAME = \"(.*)\"", text)[-1]
        google = (folder / "gemini" / "base.py").read_text(encoding="utf-8")
        return key, base, "SUPPORTS_LIST_MODELS = True" in google
    return kind.ENV_API_KEY_NAME, kind.ENV_API_BASE_NAME, kind.SUPPORTS_LIST_MODELS


def test_the_table_is_any_llms_own() -> None:
    """Names, variables and listings are those of the installed any-llm."""
    from any_llm import AnyLLM

    table = load_providers()
    assert list(table) == sorted(AnyLLM.get_supported_providers())
    for name, provider in table.items():
        key, base, listing = _metadata(name)
        assert provider.keys == _keys(name, key), name
        assert provider.base == base, name
        assert (provider.listing != "none") == listing, name


@pytest.mark.parametrize("name", ["cascadia", "llamacpp", "llamafile", "vllm"])
def test_what_is_keyless_needs_no_key(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """any-llm constructs it without one."""
    from any_llm import AnyLLM

    assert load_providers()[name].keyless
    for key in (key for group in load_providers()[name].keys for key in group):
        monkeypatch.delenv(key, raising=False)
    AnyLLM.create(name)


def test_a_partial_listing_says_why() -> None:
    """Where absence means nothing the table has the reason."""
    for name, provider in load_providers().items():
        assert (provider.listing == "some") == (provider.why is not None), name


def _names(environ: dict[str, str], **specs: ProviderSpec) -> list[str]:
    return [target.name for target in targets(environ, specs)]


def _target(environ: dict[str, str], **specs: ProviderSpec) -> Target:
    (target,) = targets(environ, specs)
    return target


def test_without_a_key_nobody_is_asked() -> None:
    """An empty variable is no key."""
    assert _names({}) == []
    assert _names({"OPENAI_API_KEY": "", "PATH": "/bin"}) == []


def test_a_key_and_a_base_address_are_taken_along() -> None:
    """any-llm's own variables hold them."""
    target = _target({"OPENAI_API_KEY": "k1", "OPENAI_BASE_URL": "http://h/v1"})
    assert (target.name, target.api_key, target.api_base) == (
        "openai",
        "k1",
        "http://h/v1",
    )
    assert _target({"OPENAI_API_KEY": "k1"}).api_base is None


def test_either_variable_of_gemini_does() -> None:
    """The first one that is not empty wins."""
    assert _target({"GOOGLE_API_KEY": "g"}).api_key == "g"
    assert _target({"GEMINI_API_KEY": "", "GOOGLE_API_KEY": "g"}).api_key == "g"
    both = {"GEMINI_API_KEY": "a", "GOOGLE_API_KEY": "g"}
    assert _target(both).api_key == "a"


def test_joint_variables_must_all_be_there() -> None:
    """Half of an AWS credential is none; the SDK reads both by itself."""
    assert _names({"AWS_ACCESS_KEY_ID": "a"}) == []
    both = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    found = targets(both, {})
    assert [target.name for target in found] == ["bedrock", "sagemaker"]
    assert [target.api_key for target in found] == [None, None]
    assert _target({"AWS_BEARER_TOKEN_BEDROCK": "t"}).api_key == "t"


def test_a_project_is_no_key() -> None:
    """Vertex AI takes the machine's own credential."""
    found = targets({"GOOGLE_CLOUD_PROJECT": "p-1"}, {})
    assert [(target.name, target.api_key) for target in found] == [
        ("vertexai", None),
        ("vertexaianthropic", None),
    ]


def test_the_spec_wins_over_the_variables() -> None:
    """Its variable is the only one, empty or not; its address comes first."""
    environ = {
        "OPENAI_API_KEY": "mine",
        "TEAM_KEY": "team",
        "OPENAI_BASE_URL": "http://env",
    }
    spec = ProviderSpec(env_key="TEAM_KEY", api_base="http://spec")
    target = _target(environ, openai=spec)
    assert (target.api_key, target.api_base) == ("team", "http://spec")
    assert _names(environ, openai=ProviderSpec(env_key="UNSET")) == []
    assert _target(environ, openai=ProviderSpec()).api_key == "mine"


def test_a_disabled_provider_is_not_asked() -> None:
    """Nor is one that any-llm does not have."""
    environ = {"OPENAI_API_KEY": "k"}
    assert _names(environ, openai=ProviderSpec(enabled=False)) == []
    assert _names({}, nobody=ProviderSpec(api_base="http://h")) == []


def test_a_local_server_is_asked_where_the_user_named_it() -> None:
    """By address, by the spec, or by a key; never because it might be there."""
    assert _names({"OLLAMA_HOST": "http://h"}) == ["ollama"]
    assert _names({}, ollama=ProviderSpec()) == ["ollama"]
    assert _names({}, vllm=ProviderSpec(api_base="http://h")) == ["vllm"]
    assert _names({"VLLM_API_KEY": "k"}) == ["vllm"]
    assert _names({}, openai=ProviderSpec()) == []


def test_a_key_is_not_shown() -> None:
    """A target in a log or a traceback gives nothing away."""
    assert "k-secret" not in repr(_target({"OPENAI_API_KEY": "k-secret"}))
