"""Plugins from real distributions on the path: good ones, and each way to be bad."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import pytest
from structlog.testing import capture_logs

from llmhub_core.contracts import CatalogSource, Exporter, Selector
from llmhub_core.errors import (
    PluginConflictError,
    PluginLoadError,
    PluginNotFoundError,
    PluginOptionsError,
)
from llmhub_core.plugins import (
    KINDS,
    Installed,
    discover,
    find,
    load,
    load_exporter,
    load_selector,
    load_sources,
)
from llmhub_core.settings import Settings, load_settings

Install: TypeAlias = Callable[..., None]

GOOD = """
    import attrs


    @attrs.frozen(kw_only=True)
    class Options:
        url: str = "https://example.com"
        pages: int = 3
        strict: bool = False
        boards: tuple[str, ...] = ()


    class Source:
        options_class = Options

        def __init__(self, options):
            self.options = options

        async def fetch(self, context):
            raise NotImplementedError


    class Plain:
        contract_version = 1

        async def fetch(self, context): ...

        def rank(self, need, candidates, context): ...

        def export(self, context): ...
"""


def _write(
    folder: Path,
    name: str,
    version: str,
    points: Mapping[str, str],
    *,
    code: str = GOOD,
    kind: str = "source",
) -> None:
    """Lay out what an installer lays out: metadata, entry points, a module."""
    module = name.replace("-", "_")
    info = folder / f"{module}-{version}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8"
    )
    lines = [f"[llmhub.{kind}s]", *(f"{key} = {to}" for key, to in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    (folder / f"{module}.py").write_text(textwrap.dedent(code), encoding="utf-8")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a distribution; its entry points name classes of its one module."""
    monkeypatch.syspath_prepend(str(tmp_path))
    installed: list[str] = []

    def install(
        name: str,
        points: Mapping[str, str],
        code: str = GOOD,
        *,
        version: str = "1.2",
        kind: str = "source",
    ) -> None:
        module = name.replace("-", "_")
        installed.append(module)
        targets = {key: f"{module}:{cls}" for key, cls in points.items()}
        _write(tmp_path, name, version, targets, code=code, kind=kind)

    yield install
    for module in installed:
        sys.modules.pop(module, None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that nobody touched."""
    return load_settings({}, config_dir=tmp_path / "config")


# ---------------------------------------------------------------- what is there


def test_what_is_installed_is_listed_with_its_owner(install: Install) -> None:
    """Name, distribution, version and target, sorted, importing none of it."""
    install("my-prices", {"zz-prices": "Source", "aa-prices": "Plain"}, "raise OSError")
    found = [p for p in discover("source") if p.distribution == "my-prices"]
    assert found == [
        Installed(
            kind="source",
            name=name,
            distribution="my-prices",
            version="1.2",
            target=f"my_prices:{cls}",
        )
        for name, cls in (("aa-prices", "Plain"), ("zz-prices", "Source"))
    ]
    assert "my_prices" not in sys.modules


def test_built_ins_are_found_like_anybodys() -> None:
    """Ours are entry points of the installed distribution, each of a known kind."""
    names = {kind: {plugin.name for plugin in discover(kind)} for kind in KINDS}
    assert names["source"] >= {"any-llm", "arena", "models-dev"}
    assert names["selector"] >= {"balanced", "cost-first", "quality-first"}
    assert names["exporter"] >= {"llmhub"}
    assert find("source", "arena").distribution == "llmhub-core"


def test_a_plugin_that_was_just_installed_is_seen(tmp_path: Path) -> None:
    """The cache on disk of stevedore misses it for two minutes; we do without."""
    look = """
        import sys
        from stevedore import ExtensionManager
        from llmhub_core.plugins import discover

        class Look(ExtensionManager):
            def _load_one_plugin(self, *_, **__):
                return None

        Look("llmhub.sources")  # writes stevedore's cache
        print(*(p.name for p in discover("source") if p.distribution == "fresh"))
    """
    environ = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environ["PYTHONPATH"] = str(tmp_path / "path")
    seen = []
    for names in (["one"], ["one", "two"], ["two"]):
        points = dict.fromkeys(names, "fresh:Source")
        _write(tmp_path / "path", "fresh", "1", points)
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(look)],
            env=environ,
            check=True,
            capture_output=True,
            text=True,
        )
        seen.append(done.stdout.split())
    assert seen == [["one"], ["one", "two"], ["two"]]


# ---------------------------------------------------------------- names


def test_an_unknown_name_gets_a_suggestion() -> None:
    """The nearest name, and all that are installed."""
    with pytest.raises(PluginNotFoundError) as caught:
        find("selector", "cost-frist")
    assert caught.value.suggestion == "cost-first"
    text = str(caught.value)
    assert text.startswith("no selector is named 'cost-frist'.")
    assert "Did you mean 'cost-first'?" in text
    assert "balanced, cost-first, " in text


def test_a_name_like_no_other_gets_none(settings: Settings) -> None:
    """No far-fetched suggestion."""
    with pytest.raises(PluginNotFoundError) as caught:
        load("exporter", "xyzzy", settings)
    assert caught.value.suggestion is None
    assert "Did you mean" not in str(caught.value)


def test_two_distributions_with_one_name_are_both_named(
    install: Install, settings: Settings
) -> None:
    """Neither is picked; the user decides which one goes."""
    install("prices-one", {"prices": "Source"})
    install("prices-two", {"prices": "Plain"})
    for ask in (find, lambda kind, name: load(kind, name, settings)):
        with pytest.raises(PluginConflictError) as caught:
            ask("source", "prices")
        assert caught.value.distributions == (
            "prices-one (prices_one:Source)",
            "prices-two (prices_two:Plain)",
        )
        assert "uninstall one of them" in str(caught.value)


def test_a_distribution_found_twice_is_one(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editable install over a wheel: the first on the path counts."""
    install("my-prices", {"prices": "Source"}, version="2.0")
    later = tmp_path / "later"
    points = {"prices": "my_prices:Old"}
    _write(later, "my-prices", "1.0", points)
    monkeypatch.setattr(sys, "path", [*sys.path, str(later)])
    assert find("source", "prices").version == "2.0"


# ---------------------------------------------------------------- loading


def test_metadata_that_lacks_everything_is_no_hindrance(
    install: Install, settings: Settings, tmp_path: Path
) -> None:
    """What is left of a package half removed, and a line that is no entry point."""
    install("left", {"left": "Source", "odd": "Plain"})
    (info,) = tmp_path.glob("left*.dist-info")
    (info / "METADATA").unlink()
    text = (info / "entry_points.txt").read_text("utf-8")
    (info / "entry_points.txt").write_text(text.replace("left:Plain", "a plugin!"))
    found = {p.name: p for p in discover("source") if p.name in {"left", "odd"}}
    assert found["left"].distribution is None
    assert load("source", "left", settings).name == "left"
    with pytest.raises(PluginLoadError) as caught:
        load("source", "odd", settings)
    assert str(caught.value) == (
        "the source 'odd' of an unknown distribution does not load: TypeError: its "
        "entry point is 'a plugin!', not MODULE:CLASS"
    )


def test_each_kind_loads(install: Install, settings: Settings) -> None:
    """A class with the contract's method is all that it takes."""
    for kind in KINDS:
        install(f"plain-{kind}", {f"plain-{kind}": "Plain"}, kind=kind)
    (source,) = load_sources(_using(settings, "plain-source"))[0]
    selector = load_selector("plain-selector", settings)
    exporter = load_exporter("plain-exporter", settings)
    assert [p.name for p in (source, selector, exporter)] == [
        "plain-source",
        "plain-selector",
        "plain-exporter",
    ]
    assert callable(exporter.instance.export)


def _using(settings: Settings, *names: str) -> Settings:
    return attrs.evolve(settings, sources=names)


BAD = {
    "import of nothing": ("import no_such_module", "ModuleNotFoundError: No module"),
    "syntax error": ("def :", "SyntaxError: invalid syntax"),
    "exit at import": ("import sys; sys.exit(3)", "SystemExit: 3"),
    "interrupt at import": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "base exception at import": (
        "raise type('OddError', (BaseException,), {})('so')",
        "OddError: so",
    ),
    "signal handler at import": (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)",
        "ValueError: signal only works in main thread",
    ),
    "assert at import": ("assert False, 'not on this machine'", "not on this machine"),
    "silent assert at import": ("assert False", "AssertionError"),
    "no such class": ("x = 1", "AttributeError: module 'bad'"),
    "no method": ("class Source: pass", "TypeError: it has no method 'fetch'"),
    "method is no method": (
        "class Source:\n    fetch = 3",
        "TypeError: it has no method 'fetch'",
    ),
    "a module": ("from types import SimpleNamespace as Source", "no method 'fetch'"),
    "another contract": (
        "class Source:\n    contract_version = 2\n    def fetch(self): ...",
        (
            "TypeError: it was written for contract 2, and this llmhub-core speaks "
            "contract 1: upgrade llmhub-core"
        ),
    ),
    "raises when made": (
        (
            "class Source:\n    fetch = print\n"
            "    def __init__(self): raise RuntimeError('one\\ntwo')"
        ),
        "RuntimeError: one",
    ),
    "asserts when made": (
        "class Source:\n    def __init__(self): assert False\n    def fetch(self): ...",
        "AssertionError",
    ),
    "exits when made": (
        (
            "class Source:\n"
            "    def __init__(self): raise SystemExit(1)\n"
            "    def fetch(self): ..."
        ),
        "SystemExit: 1",
    ),
    "wants arguments": (
        "class Source:\n    def __init__(self, key): ...\n    def fetch(self): ...",
        "TypeError: Source.__init__() missing 1 required positional argument: 'key'",
    ),
    "abstract": (
        (
            "import abc\n"
            "class Source(abc.ABC):\n"
            "    @abc.abstractmethod\n    def fetch(self): ..."
        ),
        "TypeError: Can't instantiate abstract class",
    ),
    "options are no attrs class": (
        "class Source:\n    options_class = dict\n    def fetch(self): ...",
        "NotAnAttrsClassError: ",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_plugin_is_named_with_its_distribution(
    install: Install, settings: Settings, name: str
) -> None:
    """Whatever it does, the error says whose plugin it is and what it did."""
    code, problem = BAD[name]
    install("bad", {"bad-source": "Source"}, code, version="0.1")
    with pytest.raises(PluginLoadError) as caught:
        load("source", "bad-source", settings)
    assert caught.value.distribution == "bad"
    assert caught.value.version == "0.1"
    text = str(caught.value)
    assert text.startswith("the source 'bad-source' of bad 0.1 does not load: ")
    assert problem in text
    assert "\n" not in text


def test_ctrl_c_is_not_swallowed(
    install: Install, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's interrupt reaches the main thread, and is no fault of the plugin."""
    code = """
        import os, signal, threading
        os.kill(os.getpid(), signal.SIGINT)
        threading.Event().wait(30)
    """
    install("slow", {"slow": "Source"}, code)
    with pytest.raises(KeyboardInterrupt):
        load("source", "slow", settings)


HANGING = {
    "import": "threading.Event().wait(600)",
    "busy import": "while True: pass",
    "constructor": """
class Source:
    def __init__(self): threading.Event().wait(600)
    async def fetch(self, context): ...
""",
    "option": """
import attrs
@attrs.frozen(kw_only=True)
class Options:
    pages: int = attrs.field(default=1, converter=lambda _: time.sleep(600))
class Source:
    options_class = Options
    def __init__(self, options): ...
    async def fetch(self, context): ...
""",
}


@pytest.mark.parametrize("where", HANGING)
def test_a_plugin_that_hangs_while_it_loads_is_cut_off(
    install: Install, settings: Settings, where: str
) -> None:
    """Import, constructor or a converter of its options: it is named, others load."""
    install("good", {"good": "Source"})
    install("stuck", {"stuck": "Source"}, f"import threading, time\n{HANGING[where]}")
    brief = attrs.evolve(
        _using(settings, "stuck", "good"), plugin_load_timeout_seconds=0.2
    )
    (good,), (bad,) = load_sources(brief)
    assert good.name == "good"
    assert str(bad) == (
        "the source 'stuck' of stuck 1.2 does not load: not done within 0.2 s"
    )


def test_a_bad_source_spoils_no_other(install: Install, settings: Settings) -> None:
    """The others load; the bad ones come back with their errors, and an event."""
    install("good", {"good": "Source"})
    install("bad", {"bad": "Source"}, "import no_such_module")
    install("one", {"twice": "Plain"})
    install("two", {"twice": "Plain"})
    with capture_logs() as logs:
        good, bad = load_sources(_using(settings, "twice", "bad", "good"))
    assert [plugin.name for plugin in good] == ["good"]
    assert [type(error) for error in bad] == [PluginConflictError, PluginLoadError]
    assert [(e["event"], e["name"]) for e in logs] == [
        ("plugin.skipped", "twice"),
        ("plugin.skipped", "bad"),
    ]


def test_a_source_that_is_asked_for_must_be_installed(settings: Settings) -> None:
    """A typing error in the settings is the user's to mend, so it is no skip."""
    with pytest.raises(PluginNotFoundError, match="Did you mean 'arena'"):
        load_sources(_using(settings, "arean"))


def test_without_names_every_source_is_loaded(
    install: Install, settings: Settings
) -> None:
    """All that are installed, by name, whoever brought them."""
    install("mine", {"aaa-mine": "Source"})
    good, bad = load_sources(settings)
    names = [plugin.name for plugin in good] + [error.name for error in bad]
    assert sorted(names) == sorted({plugin.name for plugin in discover("source")})
    assert good[0].name == "aaa-mine"


# ---------------------------------------------------------------- options


@pytest.fixture
def options(install: Install, tmp_path: Path) -> Callable[..., Any]:
    """Load a source with options from these places and return what it was given."""
    install("my-prices", {"my-prices": "Source", "plain": "Plain"})

    def options(
        spec: Mapping[str, Any] | None = None,
        *,
        toml: str = "",
        environ: Mapping[str, str] | None = None,
        name: str = "my-prices",
    ) -> Any:
        (tmp_path / "config.toml").write_text(toml, encoding="utf-8")
        settings = load_settings(environ or {}, config_dir=tmp_path)
        return getattr(load("source", name, settings, spec).instance, "options", None)

    return options


KNOWN = "(known: url, pages, strict, boards)"


def test_options_arrive_typed_from_everywhere(options: Callable[..., Any]) -> None:
    """Text of variables becomes what the class asks for; the spec stands on top."""
    got = options(
        {"strict": True},
        toml='[sources.my-prices]\nurl = "https://file"\npages = 1',
        environ={
            "LLMHUB_MY_PRICES_PAGES": "7",
            "LLMHUB_MY_PRICES_BOARDS": "text, webdev",
        },
    )
    assert (got.url, got.pages, got.strict) == ("https://file", 7, True)
    assert got.boards == ("text", "webdev")
    assert options().pages == 3


@pytest.mark.parametrize(
    ("written", "origin", "problem"),
    [
        (
            {"spec": {"pages": "many"}},
            "sources/my-prices/pages",
            "'many' is not a whole number",
        ),
        (
            {
                "spec": {"url": "https://spec"},
                "environ": {"LLMHUB_MY_PRICES_STRICT": "perhaps"},
            },
            "LLMHUB_MY_PRICES_STRICT",
            "'perhaps' is not true or false",
        ),
        (
            {
                "spec": {"url": "https://spec"},
                "toml": '[sources.my-prices]\nboards = ["a", 1]',
                "environ": {"LLMHUB_MY_PRICES_STRICT": "yes"},
            },
            "config.toml:2: sources.my-prices.boards",
            "item 1: expected str, got int",
        ),
        (
            {"toml": "[sources.my-prices]\npagse = 3"},
            "config.toml:2: sources.my-prices.pagse",
            "unknown option 'pagse'; did you mean 'pages'? " + KNOWN,
        ),
        (
            {"spec": {"xyzzy": 3}},
            "sources/my-prices/xyzzy",
            f"unknown option 'xyzzy' {KNOWN}",
        ),
    ],
)
def test_a_bad_option_is_traced_to_where_it_was_written(
    options: Callable[..., Any], written: Mapping[str, Any], origin: str, problem: str
) -> None:
    """The one place that is wrong is named, not the others."""
    with pytest.raises(PluginOptionsError) as caught:
        options(**written)
    assert caught.value.origin.endswith(origin)
    assert caught.value.problem == problem
    assert str(caught.value).startswith(caught.value.origin)


@pytest.mark.parametrize(
    ("spec", "toml", "origin"),
    [
        ({"x": 1}, "", "sources/plain/x"),
        (None, "[sources.plain]\nx = 1", "config.toml:2: sources.plain.x"),
    ],
)
def test_a_plugin_without_options_takes_none(
    options: Callable[..., Any],
    spec: Mapping[str, Any] | None,
    toml: str,
    origin: str,
) -> None:
    """What would have no effect is refused, wherever it was written."""
    with pytest.raises(PluginOptionsError, match="takes no options, so 'x'") as caught:
        options(spec, toml=toml, name="plain")
    assert caught.value.origin.endswith(origin)


PICKY = """
    import attrs


    @attrs.frozen(kw_only=True)
    class Options:
        token: str
        low: int = 1
        high: int = 2

        def __attrs_post_init__(self):
            if self.low > self.high:
                raise ValueError("low is above high")


    class Source:
        options_class = Options

        def __init__(self, options): ...

        async def fetch(self, context): ...
"""


@pytest.mark.parametrize(
    ("spec", "origin", "problem"),
    [
        ({}, "config.toml: sources.picky", "token is missing"),
        (
            {"token": "t", "low": 3},
            "sources/picky/token, sources/picky/low",
            "low is above high",
        ),
    ],
)
def test_what_a_class_itself_refuses_is_told(
    install: Install,
    settings: Settings,
    spec: Mapping[str, Any],
    origin: str,
    problem: str,
) -> None:
    """A missing option, and rules over several options."""
    install("picky", {"picky": "Source"}, PICKY)
    with pytest.raises(PluginOptionsError) as caught:
        load("source", "picky", settings, spec)
    assert caught.value.origin.endswith(origin)
    assert caught.value.problem == problem


def test_bad_options_stop_a_refresh(install: Install, settings: Settings) -> None:
    """They are the user's own words: skipping the source would hide the mistake."""
    install("my-prices", {"my-prices": "Source"})
    with pytest.raises(PluginOptionsError):
        load_sources(_using(settings, "my-prices"), {"my-prices": {"pages": "many"}})


def test_contracts_may_be_inherited() -> None:
    """The Protocols carry the defaults that a plugin need not write."""
    for contract in (CatalogSource, Selector, Exporter):
        assert contract.contract_version == 1
        assert contract.options_class is None
