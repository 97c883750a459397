"""Settings: arguments over environment over file, and errors that name the place."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import pytest

from llmhub_core.errors import SettingsError
from llmhub_core.settings import Settings, load_settings, plugin_options

Load: TypeAlias = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load settings from a text of config.toml and these variables."""

    def load(toml: str = "", **variables: str) -> Settings:
        (tmp_path / "config.toml").write_text(toml, encoding="utf-8")
        environ = {f"LLMHUB_{name}": text for name, text in variables.items()}
        return load_settings(environ, config_dir=tmp_path)

    return load


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    """No file, no variables: the network may be used, for a day old at most."""
    settings = load_settings({}, config_dir=tmp_path / "nowhere")
    assert settings.offline is False
    assert settings.ttl_seconds == 86_400.0
    assert settings.sources is None
    assert settings.proxy is None
    assert settings.cache_dir.name == "llmhub"
    assert settings.config_file == tmp_path / "nowhere" / "config.toml"
    assert not settings.config_file.exists()


def test_the_process_environment_is_the_default() -> None:
    """Tests, mirrors and containers set variables; they are found by themselves."""
    assert load_settings().cache_dir == Path(os.environ["LLMHUB_CACHE_DIR"])
    assert load_settings().config_dir == Path(os.environ["LLMHUB_CONFIG_DIR"])


def test_arguments_win_over_the_environment(tmp_path: Path) -> None:
    """What the caller says counts, whatever the variables say."""
    environ = {
        "LLMHUB_OFFLINE": "1",
        "LLMHUB_CACHE_DIR": "/elsewhere",
        "LLMHUB_CONFIG_DIR": "/elsewhere",
    }
    settings = load_settings(
        environ, offline=False, cache_dir=tmp_path, config_dir=tmp_path
    )
    assert settings.offline is False
    assert settings.cache_dir == settings.config_dir == tmp_path


FILE = """
offline = true
ttl_seconds = 60
timeout_seconds = 5
source_timeout_seconds = 10.5
proxy = "http://proxy:3128"
use = ["arena", "models-dev"]
"""


def test_the_file_is_read(load: Load) -> None:
    """Every key of config.toml has its setting."""
    settings = load(FILE)
    assert settings.offline is True
    assert settings.ttl_seconds == 60.0
    assert settings.timeout_seconds == 5.0
    assert settings.source_timeout_seconds == 10.5
    assert settings.proxy == "http://proxy:3128"
    assert settings.sources == ("arena", "models-dev")


def test_the_environment_wins_over_the_file(load: Load) -> None:
    """Every key has its variable, which stands over the file."""
    settings = load(
        FILE,
        OFFLINE="no",
        TTL_SECONDS="0",
        TIMEOUT_SECONDS="1.5",
        SOURCE_TIMEOUT_SECONDS="2",
        PROXY="https://other:8080",
        SOURCES="mine, arena,mine,",
    )
    assert settings.offline is False
    assert settings.ttl_seconds == 0.0
    assert settings.timeout_seconds == 1.5
    assert settings.source_timeout_seconds == 2.0
    assert settings.proxy == "https://other:8080"
    assert settings.sources == ("mine", "arena")


def test_an_empty_variable_says_nothing(load: Load) -> None:
    """``LLMHUB_OFFLINE=`` unsets it, as shells are used to."""
    settings = load(FILE, OFFLINE="", PROXY="", SOURCES="", TTL_SECONDS="")
    assert settings == attrs.evolve(load(FILE), environ=settings.environ)


def test_a_home_folder_may_be_written_short(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files of variables know no shell that would expand it."""
    monkeypatch.setenv("HOME", "/home/ann")
    assert load(CACHE_DIR="~/cache").cache_dir == Path("/home/ann/cache")


@pytest.mark.parametrize(
    ("variable", "text", "problem"),
    [
        ("OFFLINE", "maybe", "'maybe' is neither true nor false"),
        ("TTL_SECONDS", "a day", "'a day' is not a number of seconds"),
        ("TTL_SECONDS", "-1", "'-1' is not a number of seconds"),
        ("TTL_SECONDS", "nan", "'nan' is not a number of seconds"),
        ("TTL_SECONDS", "1e999", "'1e999' is not a number of seconds"),
        ("TIMEOUT_SECONDS", "0", "0 leaves no time to answer"),
        ("SOURCE_TIMEOUT_SECONDS", "0.0", "0 leaves no time to answer"),
        ("SOURCES", " , ", "names no source"),
    ],
)
def test_a_bad_variable_is_named(
    load: Load, variable: str, text: str, problem: str
) -> None:
    """The error names the variable, because the user has to find it."""
    with pytest.raises(SettingsError) as caught:
        load(**{variable: text})
    assert str(caught.value) == f"LLMHUB_{variable}: {problem}"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("toml", "key", "problem"),
    [
        ('offline = "maybe"', "offline", "'maybe' is neither true nor false"),
        ("offline = []", "offline", "[] is neither true nor false"),
        ("ttl_seconds = true", "ttl_seconds", "True is not a number of seconds"),
        ("ttl_seconds = inf", "ttl_seconds", "inf is not a number of seconds"),
        ("ttl_seconds = [1]", "ttl_seconds", "[1] is not a number of seconds"),
        (f"ttl_seconds = 1{'0' * 400}", "ttl_seconds", "is not a number of seconds"),
        ("timeout_seconds = 0", "timeout_seconds", "0 leaves no time to answer"),
        ("use = 3", "use", "3 is not a list of source names"),
        ("use = [3]", "use", "[3] is not a list of source names"),
        ("use = []", "use", "names no source"),
        ("sources = 3", "sources", "must hold one table per plugin"),
        ("[sources]\narena = 3", "sources", "must hold one table per plugin"),
        ("[selectors]\nx = 3", "selectors", "must hold one table per plugin"),
        ("precedence = 3", "precedence", "must be a table of lists"),
        ("[precedence]\nprice = ['a']", "precedence", "a model has no field 'price'"),
        (
            "[precedence]\nprice_input_per_million = ['a']",
            "precedence.price_input_per_million",
            "prices come from one source together: order 'price_basis'",
        ),
        ("[precedence]\nkind = 3", "precedence.kind", "3 is not a list of source"),
    ],
)
def test_a_bad_value_in_the_file_is_named(
    load: Load, tmp_path: Path, toml: str, key: str, problem: str
) -> None:
    """The error names the file and the key."""
    with pytest.raises(SettingsError) as caught:
        load(toml)
    assert str(caught.value).startswith(f"{tmp_path / 'config.toml'}: {key}: ")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "proxy",
    ["ann:s3cr3t@proxy", "socks5://u:s3cr3t@proxy", "http://", "http://[s3cr3t"],
)
def test_a_bad_proxy_is_refused_without_repeating_it(load: Load, proxy: str) -> None:
    """It may hold a password."""
    with pytest.raises(SettingsError, match="LLMHUB_PROXY: is not the http") as caught:
        load(PROXY=proxy)
    assert "s3cr3t" not in f"{caught.value!r} {caught.value}"
    with pytest.raises(SettingsError, match="proxy: is not the http"):
        load("proxy = 3")


def test_an_unknown_key_is_named_with_the_known_ones(load: Load) -> None:
    """A typing error does not pass in silence."""
    with pytest.raises(SettingsError, match="unknown key 'of_line'; known are offline"):
        load("of_line = true")


@pytest.mark.parametrize(
    ("data", "problem"),
    [(b"offline = = 1", "is not TOML"), (b"\xff\xfe", "can't be read")],
)
def test_a_file_that_is_not_toml_is_named(
    tmp_path: Path, data: bytes, problem: str
) -> None:
    """Binary or broken, it is one line with the path."""
    (tmp_path / "config.toml").write_bytes(data)
    with pytest.raises(SettingsError, match=problem):
        load_settings({}, config_dir=tmp_path)


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    """Only a file that is absent counts as empty."""
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(SettingsError, match="can't be read"):
        load_settings({}, config_dir=tmp_path)


def test_precedence_of_the_user_is_read(load: Load) -> None:
    """One order for all fields, and one for a single field."""
    settings = load('[precedence]\ndefault = ["mine"]\nkind = ["arena", "mine"]')
    assert settings.precedence == {"default": ("mine",), "kind": ("arena", "mine")}


def test_secrets_stay_out_of_the_repr(load: Load) -> None:
    """Settings end up in tracebacks; keys and passwords must not."""
    settings = load(
        '[sources.mine]\ntoken = "s3cr3t-file"',
        PROXY="http://u:s3cr3t-proxy@host",
        MINE_TOKEN="s3cr3t-env",
    )
    assert "s3cr3t" not in repr(settings)


# ---------------------------------------------------------------- plugin options


@attrs.frozen(kw_only=True)
class Options:
    """Options of a plugin."""

    url: str = "https://example.com"
    api_pages: int = 1
    mode: str = "fast"


def _gathered(
    settings: Settings, given: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    return plugin_options(settings, "source", "my-prices", Options, given)


def test_options_come_from_spec_environment_and_file(load: Load) -> None:
    """The nearest wins, and each knows where it was written."""
    settings = load(
        '[sources.my-prices]\nurl = "file"\napi_pages = 2\nmode = "file"',
        MY_PRICES_API_PAGES="3",
        MY_PRICES_MODE="environment",
        MY_PRICES_UNKNOWN="is no field, so it may be another program's",
    )
    values, origins = _gathered(settings, {"mode": "spec"})
    assert values == {"url": "file", "api_pages": "3", "mode": "spec"}
    assert origins == {
        "url": f"{settings.config_file}:2: sources.my-prices.url",
        "api_pages": "LLMHUB_MY_PRICES_API_PAGES",
        "mode": "sources/my-prices/mode",
    }


def test_an_unknown_option_is_handed_on_for_its_plugin_to_refuse(load: Load) -> None:
    """In the file and the spec every key is meant for the plugin."""
    values, _ = _gathered(load("[sources.my-prices]\nulr = 1"), {"mdoe": 2})
    assert values == {"ulr": 1, "mdoe": 2}


def test_a_plugin_without_options_looks_at_no_variables(load: Load) -> None:
    """Only what was meant for it comes through."""
    settings = load("[selectors.thrifty]\nx = 1", THRIFTY_X="2")
    values, _ = plugin_options(settings, "selector", "thrifty", None)
    assert values == {"x": 1}


def test_preferred_distributions_come_from_the_file_or_the_environment(
    load: Load,
) -> None:
    """A list in the file, commas in the variable, and nothing else in the table."""
    assert load("").prefer == ()
    assert load('[plugins]\nprefer = ["one", "two"]').prefer == ("one", "two")
    settings = load('[plugins]\nprefer = ["one"]', PLUGINS_PREFER="two, three")
    assert settings.prefer == ("two", "three")
    for text, problem in (
        ("[plugins]\nprefer = 3", "3 is not a list of distribution names"),
        ("[plugins]\nuse = 3", "holds prefer, a list of distributions"),
        ("plugins = 3", "holds prefer, a list of distributions"),
    ):
        with pytest.raises(SettingsError, match=problem):
            load(text)


def test_limits_of_plugins_are_settings(load: Load) -> None:
    """Seconds and megabytes; none of them may be nothing."""
    settings = load("plugin_memory_mb = 200", PLUGIN_TIMEOUT_SECONDS="5")
    assert (settings.plugin_memory_mb, settings.plugin_timeout_seconds) == (200.0, 5.0)
    with pytest.raises(SettingsError, match="'much' is no number of megabytes"):
        load("", PLUGIN_MEMORY_MB="much")
