"""What can be typed, set or imported is documented; every link leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from attrs import fields_dict

import llmhub_core
import llmhub_runtime
from llmhub_core import settings
from llmhub_core.commands import cli
from llmhub_core.plugins import KINDS, Installed, discover
from llmhub_core.spec import spec_json_schema
from llmhub_core.trace import EVENTS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = (
    ROOT / "README.md",
    ROOT / "llmhub_runtime" / "README.md",
    ROOT / "benchmarks" / "README.md",
    *sorted(DOCS.glob("**/*.md")),
)
VARIABLE = re.compile(r"\bLLMHUB_[A-Z][A-Z_]*[A-Z]\b")
LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
FENCE = re.compile(r"^(?P<fence>`{3,}).*?^(?P=fence)$", re.MULTILINE | re.DOTALL)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _code(path: Path) -> set[str]:
    """Every word that stands in code, inline or fenced."""
    spans = re.findall(r"`([^`\n]+)`", _text(path)) + [
        match[0] for match in FENCE.finditer(_text(path))
    ]
    return {word for span in spans for word in re.findall(r"[\w-]+", span)}


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _commands(below, f"{path} {name}")


COMMANDS = dict(_commands(cli, "llmhub"))


def _options_class(installed: Installed) -> Any:
    module, _, name = installed.target.partition(":")
    plugin = getattr(__import__(module, fromlist=[name]), name)
    return plugin.options_class


def _plugin_variables() -> set[str]:
    """One variable per option of a built-in plugin."""
    return {
        f"LLMHUB_{installed.name.upper().replace('-', '_')}_{option.upper()}"
        for kind in KINDS
        for installed in discover(kind)
        if installed.distribution == "llmhub-core"
        and (options := _options_class(installed)) is not None
        for option in fields_dict(options)
    }


def _own_variables() -> set[str]:
    """The variables of the settings, and whatever the sources of all packages name."""
    named = {
        variable
        for package in (llmhub_core, llmhub_runtime)
        for path in Path(str(package.__file__)).parent.rglob("*.py")
        for variable in VARIABLE.findall(_text(path))
    }
    keys = {f"LLMHUB_{key.upper()}" for key in settings._KEYS if key != "use"}
    return named | keys


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_is_shown_with_its_help(path: str) -> None:
    """The reference has each command's ``--help``, whole: a test runs and compares."""
    text = _text(REFERENCE / "commands.md")
    assert f"\n$ {path} --help\n" in text
    assert "\n...\n" not in text


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_option_says_what_it_does(path: str) -> None:
    """No command and no option without help."""
    command = COMMANDS[path]
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path} {parameter.opts[0]}"


def test_no_list_of_commands_cuts_a_line() -> None:
    """What a command does fits beside its name, in a terminal of 80 columns."""
    listed = re.findall(r"\nCommands:\n((?:  .+\n)+)", _text(REFERENCE / "commands.md"))
    assert len(listed) == sum(isinstance(c, click.Group) for c in COMMANDS.values())
    lines = [line for block in listed for line in block.splitlines()]
    assert [line for line in lines if line.endswith("...")] == []


def test_the_readme_lists_every_command() -> None:
    """Who reads only the README knows what there is."""
    text = _text(ROOT / "README.md")
    leaves = [
        path
        for path, command in COMMANDS.items()
        if not isinstance(command, click.Group)
    ]
    assert [path for path in leaves if f"`{path}`" not in text] == []


def test_every_variable_is_documented_and_exists() -> None:
    """The settings page names all variables that are read, and no others."""
    documented = set(VARIABLE.findall(_text(REFERENCE / "settings.md")))
    assert documented == _own_variables() | _plugin_variables()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_variable_that_a_page_names_exists(page: Path) -> None:
    """No page speaks of a variable that nobody reads, but for an example plugin's."""
    examples = (
        "LLMHUB_FRUGAL_",
        "LLMHUB_NEWEST_",
        "LLMHUB_OPENROUTER_",
        "LLMHUB_OUR_PRICES_",
        "LLMHUB_TFVARS_",
        "LLMHUB_THRIFTY_",
    )
    named = {n for n in VARIABLE.findall(_text(page)) if not n.startswith(examples)}
    assert named <= _own_variables() | _plugin_variables()


def test_every_key_of_the_settings_file_is_documented() -> None:
    """``config.toml`` has no secret key."""
    assert {*settings._KEYS, *settings._TABLES} <= _code(REFERENCE / "settings.md")


def test_every_event_is_documented_with_its_meaning() -> None:
    """The events page is the list of the code, in its order."""
    row = re.compile(r"^\| `(.+?)` \| (.+?) \|$", re.MULTILINE)
    rows = row.findall(_text(REFERENCE / "events.md"))
    assert rows == sorted(EVENTS.items())


def _keys(schema: object) -> Iterator[str]:
    if isinstance(schema, Mapping):
        yield from schema.get("properties", ())
        for value in schema.values():
            yield from _keys(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _keys(value)


def test_every_key_of_the_spec_is_documented() -> None:
    """Whatever the JSON Schema allows is explained in the reference."""
    keys = set(_keys(spec_json_schema()))
    assert {"relax", "max_price", "env_key"} <= keys
    assert keys - _code(REFERENCE / "spec.md") == set()


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("python-api.md", llmhub_core.__all__),
        ("runtime.md", llmhub_runtime.__all__),
        ("sources.md", [plugin.name for plugin in discover("source")]),
        ("selectors.md", [plugin.name for plugin in discover("selector")]),
    ],
    ids=["core", "runtime", "sources", "selectors"],
)
def test_every_public_name_is_documented(page: str, names: list[str]) -> None:
    """Each name that can be imported, or typed as a plugin's, has its place."""
    assert set(names) - _code(REFERENCE / page) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_installs_from_a_registry(page: Path) -> None:
    """Neither distribution may be uploaded, so a registry has them from strangers."""
    assert not re.search(r"pip install [^\n`]*(?<!/)llmhub-core", _text(page))


def test_the_index_leads_to_every_page() -> None:
    """No page of the documentation is lost."""
    index = DOCS / "README.md"
    linked = {(DOCS / link.partition("#")[0]) for link in LINK.findall(_text(index))}
    pages = {
        path
        for path in DOCS.glob("*/*.md")
        if path.parent.name in {"tutorial", "how-to", "reference", "explanation"}
    }
    assert linked == pages


def _anchors(path: Path) -> set[str]:
    """Anchors as GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", _text(path)), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """Relative links name files that exist, and headings that these have."""
    for link in LINK.findall(FENCE.sub("", _text(page))):
        if re.match(r"https?:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page}: {link}"
        assert not anchor or anchor in _anchors(target), f"{page}: {link}"
