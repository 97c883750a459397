"""Every fenced block of the README and the documentation is run as it stands.

What a block's language means is written in ``LANGUAGES``; a language that is not there
fails, so a block can't be left out. A mark in a comment right above a block says more:

* ``<!-- file: NAME -->`` saves the block as a file for the blocks below it;
* ``<!-- run-command -->`` and ``<!-- test-command -->`` are run by CI itself (see
  ``.ci/readme_command.py``), so here bash only reads them.

Output that is shown is compared. ``...`` stands for anything on its line, and alone on
a line for any lines. ``UPDATE_DOCS=1 nox -s docs`` writes what was really printed in
the place of output that is no longer true.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import socket
import subprocess
import sys
import tomllib
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sybil import Document, Example, Lexeme, Region
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

from llmhub_core.catalog.identity import load_tables
from llmhub_core.lock.file import parse_lock
from llmhub_core.plugins import KINDS, load
from llmhub_core.settings import load_settings
from llmhub_core.spec import parse_spec
from llmhub_runtime import parse_config

ROOT = Path(__file__).parents[2]
DOCUMENTS = (
    ROOT / "README.md",
    ROOT / "llmhub_runtime" / "README.md",
    *sorted(
        path for path in ROOT.glob("docs/**/*.md") if "changelog.d" not in path.parts
    ),
)
UPDATE = os.environ.get("UPDATE_DOCS") == "1"

#: Written in documents where a server listens; a free port takes its place.
PORT = "8765"

_FENCES = RawFencedCodeBlockLexer(re.compile(r"(?P<info>[^\n]*)\n"))
_MARK = re.compile(r"<!-- (?P<name>[\w-]+)(?:: (?P<argument>\S+))? -->\n+\Z")
_FENCED = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
_PROMPT = "$ "


class Reader:
    """Works through one document as a reader would.

    Args:
        terminal: Where commands are typed.
        repairs: Filled with ``(start, end, text)``, what to write where.
    """

    def __init__(self, terminal: Any) -> None:
        self.terminal = terminal
        self.port = _free_port()
        self.output: str | None = None
        self.files: set[str] = set()
        self.repairs: list[tuple[int, int, str]] = []

    def read(self, example: Example) -> str | None:
        """Do what one block says; return what is wrong with it, or None."""
        language = example.region.lexemes["info"].strip()
        source = example.region.lexemes["source"]
        mark = _MARK.search(example.document.text[: example.start])
        name, argument = mark.groups() if mark else (None, None)
        if language not in LANGUAGES:
            return f"{language!r} is not one of {', '.join(LANGUAGES)}"
        if name is None:
            return LANGUAGES[language](self, example, source)
        if name in {"run-command", "test-command"} and language == "bash":
            return _unreadable_bash(source)
        if name == "file" and argument is not None:
            return self.save(argument, language, example, source)
        return f"nobody knows what <!-- {name} --> means"

    def repaired(self, text: str) -> str:
        """The document with what was really printed."""
        for start, end, truth in sorted(self.repairs, reverse=True):
            text = text[:start] + truth + text[end:]
        return text

    def here(self, text: str) -> str:
        """The text of a document with the port that is free on this machine."""
        return text.replace(PORT, self.port)

    def there(self, output: str) -> str:
        """Output as a document shows it."""
        lines = _lines(output.replace(self.port, PORT))
        return "".join(f"{line}\n" for line in lines)

    def save(
        self, name: str, language: str, example: Example, source: Lexeme
    ) -> str | None:
        """Put a file where the reader is told to."""
        text = self.here(source)
        path = self.terminal.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.files.add(name)
        if language == "python":
            compile(text, str(path), "exec")
            rest = example.document.text[example.end :]
            if path.stem not in rest:
                return f"nothing below runs or imports {name}"
            return None
        if language in {"bash", "console", "text"}:
            return f"a {language} block can't be a file"
        return LANGUAGES[language](self, example, source)

    def python(self, example: Example, source: Lexeme) -> str | None:
        """Run code in the document's namespace."""
        above = example.document.text[: example.start].count("\n") + 1
        code = compile("\n" * above + self.here(source), example.path, "exec")
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, example.namespace)  # noqa: S102
        self.output = printed.getvalue()
        return None

    def console(self, example: Example, source: Lexeme) -> str | None:
        """Type commands and compare what they print."""
        commands = _commands(source)
        if not commands:
            return f"a console block begins with {_PROMPT!r}"
        problems = []
        truth = ""
        for index, (command, expected) in enumerate(commands):
            shown = self.here(expected)
            background = command.rstrip().endswith("&")
            until = (lambda got, e=shown: _agree(e, got)) if background else None
            got, status = self.terminal.run(self.here(command), until)
            following = commands[index + 1][0] if index + 1 < len(commands) else ""
            if status and following != "echo $?":
                return f"$ {command}\nended with {status}:\n{got}"
            agree = _agree(shown, got)
            if not agree:
                problems.append(_difference(f"$ {command}", shown, got))
            typed = command.replace("\n", "\n> ")
            printed = expected if agree else self.there(got)
            truth += f"{_PROMPT}{typed}\n{printed}"
        if problems and UPDATE:
            self.repairs.append((*_span(example, source), truth))
            return None
        return "\n".join(problems) or None

    def bash(self, example: Example, source: Lexeme) -> str | None:
        """Run a script; a command of it that fails is a mistake."""
        if "&&" not in source and "\n" in source.strip():
            source = f"set -e\n{source}"
        self.output, status = self.terminal.run(f"(\n{self.here(source)}\n)")
        return f"ended with {status}:\n{self.output}" if status else None

    def text(self, example: Example, source: Lexeme) -> str | None:
        """Compare what the block above printed."""
        if self.output is None:
            return "text is the output of the python or bash block above it"
        got, self.output = self.output, None
        if _agree(self.here(source), got):
            return None
        if UPDATE:
            self.repairs.append((*_span(example, source), self.there(got)))
            return None
        return _difference("", source, got)

    def yaml(self, example: Example, source: Lexeme) -> str | None:
        """Read a spec, a config, a part of one, or a workflow of GitHub."""
        text = self.here(source)
        data = yaml.safe_load(text)
        if "jobs" in data:
            scripts = [
                step["run"]
                for job in data["jobs"].values()
                for step in job["steps"]
                if "run" in step
            ]
            return next(filter(None, map(_unreadable_bash, scripts)), None)
        roles = [*data.get("roles", {}).values(), data.get("defaults", {})]
        if any("model" in (role or {}) for role in roles):
            parse_config({"project": "doc", "env": "dev", **data})
            return None
        head = "" if "project" in data else "project: doc\n"
        tail = "" if "roles" in data else "roles: {doc: {kind: chat}}\n"
        parse_spec(head + text + tail)
        return None

    def toml(self, example: Example, source: Lexeme) -> str | None:
        """Read a pyproject.toml, a table of names, or the settings of plugins."""
        data = tomllib.loads(source)
        if "project" in data:
            return None
        folder = self.terminal.home / f"config-{example.line}"
        folder.mkdir()
        for key, name in (("alias", "aliases.toml"), ("denial", "denials.toml")):
            if key in data:
                (folder / name).write_text(source, encoding="utf-8")
                load_tables(folder)
                return None
        (folder / "config.toml").write_text(source, encoding="utf-8")
        settings = load_settings(config_dir=folder)
        for kind in KINDS:
            for name in settings.options.get(f"{kind}s", {}):
                load(kind, name, settings)
        return None

    def json(self, example: Example, source: Lexeme) -> str | None:
        """Read JSON; a lock is read as one."""
        if "environments" in json.loads(source):
            parse_lock(source)
        return None


LANGUAGES: dict[str, Callable[[Reader, Example, Lexeme], str | None]] = {
    "bash": Reader.bash,
    "console": Reader.console,
    "json": Reader.json,
    "python": Reader.python,
    "text": Reader.text,
    "toml": Reader.toml,
    "yaml": Reader.yaml,
}


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _unreadable_bash(source: str) -> str | None:
    done = subprocess.run(
        ["bash", "-n"], input=source, capture_output=True, text=True, check=False
    )
    return done.stderr or None


def _commands(source: str) -> list[tuple[str, str]]:
    """Split a console block into commands and what is shown below each."""
    found: list[tuple[str, str]] = []
    for line in source.splitlines(keepends=True):
        if line.startswith(_PROMPT):
            found.append((line.removeprefix(_PROMPT).rstrip("\n"), ""))
        elif not found:
            return []
        elif line.startswith("> ") and not found[-1][1]:
            found[-1] = (f"{found[-1][0]}\n{line[2:].rstrip()}", "")
        else:
            found[-1] = (found[-1][0], found[-1][1] + line)
    return found


def _lines(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _agree(shown: str, got: str) -> bool:
    """Whether output is what is shown, apart from ``...``."""
    pattern = "".join(
        r"(?:.*\n)*?"
        if line.strip() == "..."
        else re.escape(line).replace(r"\.\.\.", ".*?") + r"\n"
        for line in _lines(shown)
    )
    text = "".join(f"{line}\n" for line in _lines(got))
    return re.fullmatch(pattern, text) is not None


def _difference(head: str, shown: str, got: str) -> str:
    return f"{head}\n--- the document shows\n{shown}--- but it prints\n{got}"


def _span(example: Example, source: Lexeme) -> tuple[int, int]:
    # Its own length is not that of the document: blank lines are trimmed.
    end = example.document.text.rfind("\n", 0, example.end) + 1
    return example.start + source.offset, end


def _parse(path: Path, reader: Reader) -> Document:
    def blocks(document: Document) -> Iterator[Region]:
        for region in _FENCES(document):
            region.evaluator = reader.read
            yield region

    return Document.parse(str(path), blocks)


def read(path: Path, terminal: Any, namespace: dict[str, Any] | None = None) -> Reader:
    """Work through a document from its first block to its last.

    Args:
        path: The document.
        terminal: Where commands are typed.
        namespace: Where its Python runs.
    """
    reader = Reader(terminal)
    document = _parse(path, reader)
    if namespace is not None:
        document.namespace = namespace
    for example in document.examples():
        try:
            example.evaluate()
        except Exception as error:
            error.add_note(f"{path}:{example.line}")
            raise
    return reader


@pytest.mark.parametrize(
    "path", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS]
)
def test_every_block_does_what_the_document_says(
    path: Path, terminal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader who copies the blocks in their order gets what is shown."""
    if path.name == "first-config.md":
        terminal.run("unset OPENAI_API_KEY")  # it promises to need none
    module = types.ModuleType(f"document_{path.stem}".replace("-", "_"))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    reader = read(path, terminal, module.__dict__)
    if reader.repairs:
        text = path.read_text(encoding="utf-8")
        path.write_text(reader.repaired(text), encoding="utf-8")
        pytest.fail(f"{path.name}: wrote what is really printed; read it again")


def test_no_block_escapes() -> None:
    """Each fence that opens is one block that is read, each comment a known mark."""
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        fences = re.findall(r"^[ \t>]*(?:`{3,}|~{3,})", text, re.MULTILINE)
        regions = _parse(path, Reader(None)).regions
        assert len(fences) == 2 * len(regions), f"{path}: fences do not pair up"
        prose = _FENCED.sub("", text)
        assert not re.search(r"\n\n(?: {4}|\t)", prose), f"{path}: an indented block"
        comments = text.count("<!--")
        marks = sum(
            _MARK.search(text[: region.start]) is not None for _, region in regions
        )
        assert comments == marks, f"{path}: a comment that marks no block"


_LIES = {
    "unknown language": ("```ruby\nputs 1\n```\n", "'ruby' is not one of bash, "),
    "no language": ("```\nplain\n```\n", "'' is not one of bash, "),
    "mistyped mark": (
        "<!-- fil: app.py -->\n```python\n1\n```\n",
        "nobody knows what <!-- fil --> means",
    ),
    "marked command with a mistake": (
        "<!-- test-command -->\n```bash\nif\n```\n",
        "syntax error",
    ),
    "code that raises": ("```python\n1 / 0\n```\n", "division by zero"),
    "other output": (
        "```python\nprint(1)\n```\n```text\n2\n```\n",
        "but it prints\n1\n",
    ),
    "output of nothing": ("```text\n2\n```\n", "the python or bash block above"),
    "file that nobody uses": (
        "<!-- file: app.py -->\n```python\n1\n```\n",
        "nothing below runs or imports app.py",
    ),
    "command that fails": ("```console\n$ false\n```\n", "ended with 1"),
    "command that prints more": (
        "```console\n$ seq 3\n1\n2\n```\n",
        "but it prints\n1\n2\n3\n",
    ),
    "command that prints less": (
        "```console\n$ seq 1\n1\n2\n```\n",
        "but it prints\n1\n",
    ),
    "console block without a prompt": (
        "```console\nseq 1\n```\n",
        "a console block begins with '$ '",
    ),
    "script that fails halfway": ("```bash\nfalse\ntrue\n```\n", "ended with 1"),
    "spec with an unknown key": (
        "```yaml\nproject: x\nrolls: {}\n```\n",
        "Did you mean 'roles'",
    ),
    "config with an unknown key": (
        "```yaml\nroles: {a: {provider: openai, model: m, modelx: m}}\n```\n",
        "modelx",
    ),
    "workflow with broken bash": (
        "```yaml\njobs: {a: {steps: [{run: 'if'}]}}\n```\n",
        "syntax error",
    ),
    "unknown setting": ("```toml\nofline = true\n```\n", "unknown key 'ofline'"),
    "unknown option of a plugin": (
        "```toml\n[sources.arena]\nx = 1\n```\n",
        "unknown option 'x'",
    ),
    "broken TOML": ("```toml\na =\n```\n", "Invalid value"),
    "broken JSON": ("```json\n{,}\n```\n", "Expecting property name"),
}


@pytest.mark.parametrize(("text", "found"), _LIES.values(), ids=_LIES)
def test_a_document_that_lies_is_found_out(
    text: str, found: str, terminal: Any, tmp_path: Path
) -> None:
    """Each way in which a block can be wrong fails, and the failure says how."""
    path = tmp_path / "lie.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Exception, match=re.escape(found)):  # noqa: PT012
        for example in _parse(path, Reader(terminal)).examples():
            example.evaluate()


def test_output_that_is_no_longer_true_is_renewed(
    terminal: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``UPDATE_DOCS=1`` the truth takes its place, and all else stays."""
    monkeypatch.setattr(sys.modules[__name__], "UPDATE", True)
    text = (
        "before\n\n```console\n$ seq 2\n1\n...\n"
        "$ echo \\\n> 8765 ; printf ' \\n\\n3  '\nno\n```\n"
        "\n```python\nprint('is')\n```\n\n```text\nwas\n\n```\nafter\n"
    )
    path = tmp_path / "old.md"
    path.write_text(text, encoding="utf-8")
    reader = Reader(terminal)
    for example in _parse(path, reader).examples():
        example.evaluate()
    renewed = text.replace("\nno\n", "\n8765\n\n\n3\n").replace("\nwas\n\n", "\nis\n")
    assert reader.repaired(text) == renewed


@pytest.mark.parametrize(
    ("shown", "got", "agree"),
    [
        ("a\n...\nc\n", "a\nb\nb\nc\n", True),
        ("a\n...\nc\n", "a\nc\n", True),
        ("a\n...\nc\n", "a\nb\n", False),
        ("took ... s\n", "took 0.2 s\n", True),
        ("took ... s\n", "took 0.2 s\nand more\n", False),
        ("trailing\n", "trailing   \n\n", True),
        ("", "", True),
        ("", "something\n", False),
        ("a.b\n", "axb\n", False),
    ],
)
def test_dots_stand_for_what_is_left_out(shown: str, got: str, agree: bool) -> None:
    """``...`` elides, and nothing else does."""
    assert _agree(shown, got) is agree
