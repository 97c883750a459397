"""Plugins that break a contract in each way it forbids, under pytest as authors run it.

The kit must fail at the clause that is broken, with a sentence that says what to do.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from filelock import FileLock

HEAD = """\
import asyncio, itertools, json, os, random, socket, sys, time
from typing import ClassVar
import attrs
import pytest
from llmhub_core.contracts import *
from llmhub_core.contracts import CONTRACT_VERSION
from llmhub_core.errors import SourceUnavailableError
from llmhub_core.records.candidate import Ranked, Ranking
from llmhub_core.records.model import Facts
from llmhub_core.records.observation import Harvest, ServedModel
from llmhub_core.testing import (
    CatalogSourceContract, ExporterContract, SelectorContract
)

URL = "https://models.example/list.json"

def places(candidates, **more):
    return tuple(
        Ranked(canonical_id=c.canonical_id, reason="by name", **more)
        for c in candidates
    )

def sorted_places(candidates):
    return places(sorted(candidates, key=lambda c: c.canonical_id))

def model(name="m", **facts):
    return ServedModel(
        provider="p", model_id=name, record=name, facts=Facts(**facts)
    )

def file(name="models.txt", text="", context=None):
    picked = [c.primary.model_id for c in context.choices] if context else []
    lines = [*(context.head if context else []), *picked]
    return ExportedFile(name=name, text=text or "".join(f"{l}\\n" for l in lines))
"""

RANKS = """\
    contract_version: ClassVar[int] = 1
    def rank(self, need, candidates, context):
"""
FETCHES = """\
    contract_version: ClassVar[int] = 1
    async def fetch(self, context):
"""
EXPORTS = """\
    contract_version: ClassVar[int] = 1
    def export(self, context):
"""

GOOD_RANK = "return Ranking(order=sorted_places(candidates))"
GOOD_FETCH = """\
payload = await context.get(URL)
try:
    names = [str(name) for name in json.loads(payload.body)["models"]]
except Exception as error:
    raise SourceUnavailableError(URL, "is no list")
return Harvest(served=tuple(model(n) for n in names))
"""
GOOD_EXPORT = "return [file(context=context)]"

#: Per kind and case: the body, the clause that it breaks, what the author is told.
CASES: Mapping[str, Mapping[str, tuple[str, str, str]]] = {
    "selector": {
        "Raises": (
            "return Ranking(order=places(sorted(candidates, key=lambda c: c.cost)))",
            "ranks_what_it_is_handed",
            "cost and quality are None where they are unknown",
        ),
        "Exits": ("sys.exit(1)", "ranks_what_it_is_handed", "return a Ranking"),
        "Interrupts": (
            "raise KeyboardInterrupt",
            "ranks_what_it_is_handed",
            "raised KeyboardInterrupt, which ends the process of whoever asked",
        ),
        "Hangs": ("time.sleep(60)", "ranks_what_it_is_handed", "give every wait a"),
        "Prints": (
            f"print('hello')\n{GOOD_RANK}",
            "ranks_what_it_is_handed",
            "use the logging module",
        ),
        "Lists": (
            "return [c.canonical_id for c in candidates]",
            "ranks_what_it_is_handed",
            "returned list. Return a Ranking",
        ),
        "Names": (
            "return Ranking(order=[c.canonical_id for c in candidates])",
            "ranks_what_it_is_handed",
            "not a tuple of Ranked: write",
        ),
        "Nobody": (
            "return Ranking(order=())",
            "chooses_among_the_candidates",
            "rank at least one",
        ),
        "Stranger": (
            "return Ranking(order=(Ranked(canonical_id='a:b', reason='I like it'),))",
            "chooses_among_the_candidates",
            "with canonical_id=candidate.canonical_id",
        ),
        "Twice": (
            "return Ranking(order=places([*candidates, candidates[0]]))",
            "chooses_among_the_candidates",
            "one place at most",
        ),
        "Mute": (
            (
                "return Ranking(order=tuple(attrs.evolve(p, reason='')"
                " for p in sorted_places(candidates)))"
            ),
            "gives_reasons",
            "Say in one line why it stands here",
        ),
        "Colours": (
            (
                "return Ranking(order=tuple(attrs.evolve(p, reason='\\x1b[31mred')"
                " for p in sorted_places(candidates)))"
            ),
            "gives_reasons",
            "Say in one line why it stands here",
        ),
        "Notes": (
            "return Ranking(order=sorted_places(candidates), notes='rated by hand')",
            "ranks_what_it_is_handed",
            "Give a tuple of lines of text, such as `notes=(",
        ),
        "Pins": (
            "return Ranking(order=sorted_places(candidates), answer=b'{}')",
            "ranks_what_it_is_handed",
            "Ranking.answer is b'{}'. Give a text or None",
        ),
        "Infinite": (
            "return Ranking(order=places(candidates, score=float('inf')))",
            "scores_in_numbers",
            "Give a finite number, larger is better, or None",
        ),
        "Dice": (
            "return Ranking(order=places(random.sample(candidates, len(candidates))))",
            "answers_the_same_again",
            "Drop what changes between calls",
        ),
        "Backwards": (
            (
                "return Ranking(order=places(sorted(candidates, reverse=True,"
                " key=lambda c: c.canonical_id)))"
            ),
            "ends_ties_in_the_id",
            "End the sort key with candidate.canonical_id",
        ),
        "Eats": (
            (
                "order = sorted_places(candidates)\n"
                "if isinstance(candidates, list): candidates.clear()\n"
                "return Ranking(order=order)"
            ),
            "leaves_its_input_alone",
            "Sort a copy",
        ),
        "Edits": (
            (f"for c in candidates: c.model.provenance['rank'] = 'mine'\n{GOOD_RANK}"),
            "leaves_its_input_alone",
            "Sort a copy",
        ),
        "Trusts": (
            (
                "if context.ask:\n"
                "    context.ask([], {'properties': {'order': {}}})\n"
                f"{GOOD_RANK}"
            ),
            "survives_the_model_it_asks",
            "rank without it if need be",
        ),
        "Believes": (
            (
                "if context.ask:\n"
                "    try: told = context.ask([], {'properties': {'order': {}}})\n"
                "    except Exception: told = {}\n"
                "    if told.get('order'):\n"
                "        name = told['order'][0]\n"
                "        order = (Ranked(canonical_id=name, reason='its word'),)\n"
                "        return Ranking(order=order)\n"
                f"{GOOD_RANK}"
            ),
            "survives_the_model_it_asks",
            "Check its answer",
        ),
    },
    "source": {
        "Raises": (
            f"if True: raise KeyError('models')\n{GOOD_FETCH}",
            "says_what_is_down",
            "let SourceUnavailableError through",
        ),
        "Exits": ("sys.exit(1)", "survives_rubbish", "raise SourceDataError"),
        "Blocks": ("time.sleep(60)", "brings_what_its_upstream_says", "cut off"),
        "Prints": (
            f"print('hello')\n{GOOD_FETCH}",
            "brings_what_its_upstream_says",
            "what the user should know into `notes`",
        ),
        "Dict": (
            "return {'models': []}",
            "brings_what_its_upstream_says",
            "returned dict. Return Harvest(",
        ),
        "Alone": (
            (
                "try: socket.create_connection(('models.example', 443))\n"
                "except OSError: pass\n"
                f"{GOOD_FETCH}"
            ),
            "brings_what_its_upstream_says",
            "Go through context.get()",
        ),
        "Elsewhere": (
            "await context.get(URL + '?page=1')",
            "brings_what_its_upstream_says",
            "Override the fixture `answers`",
        ),
        "Exports": (
            f"context.environ['HTTP_PROXY'] = 'http://ours'\n{GOOD_FETCH}",
            "survives_rubbish",
            "object does not support item assignment",
        ),
        "Empty": (
            "await context.get(URL)\nreturn Harvest()",
            "brings_what_its_upstream_says",
            "the harvest is empty",
        ),
        "Unsound": (
            (
                "await context.get(URL)\n"
                "return Harvest(served=(model(price_input_per_million=-1.0,"
                " price_basis='listed'),))"
            ),
            "says_only_what_is_sound",
            "Leave a field None when it is not known",
        ),
        "Floods": (
            "await context.get(URL)\nreturn Harvest(served=(model(),) * 300_000)",
            "says_only_what_is_sound",
            "200,000 are allowed",
        ),
        "Counts": (
            (
                "await context.get(URL)\n"
                "self.n = getattr(self, 'n', 0) + 1\n"
                "return Harvest(served=(model(f'm{self.n}'),))"
            ),
            "says_the_same_again",
            "Drop what changes between calls",
        ),
        "Shy": (
            f"if context.offline: return Harvest()\n{GOOD_FETCH}",
            "works_offline",
            "Do not look at context.offline",
        ),
        "Swallows": (
            (
                "try: payload = await context.get(URL)\n"
                "except SourceUnavailableError: return Harvest()\n"
                f"{GOOD_FETCH}"
            ),
            "says_what_is_down",
            "gone without a word",
        ),
        "Believes": (
            (
                "payload = await context.get(URL)\n"
                "names = json.loads(payload.body)['models']\n"
                "return Harvest(served=tuple(model(n) for n in names))"
            ),
            "survives_rubbish",
            "with one row, a Refusal",
        ),
    },
    "exporter": {
        "Raises": ("raise KeyError('price')", "returns_files", "Write what can be"),
        "Exits": ("sys.exit(1)", "returns_files", "return the files"),
        "Hangs": ("time.sleep(60)", "returns_files", "give every wait a limit"),
        "Prints": (
            f"print('hello')\n{GOOD_EXPORT}",
            "returns_files",
            "use the logging module",
        ),
        "Text": ("return 'a: b'", "returns_files", "return [ExportedFile("),
        "None": ("return None", "returns_files", "return [ExportedFile("),
        "Nothing": ("return []", "returns_files", "return at least one"),
        "Others": ("return ['a']", "returns_files", "returned str among its files"),
        "Climbs": (
            "return [file('../up.txt', context=context)]",
            "returns_files",
            "give a plain name relative to the output folder",
        ),
        "Twice": (
            "return [file('a', 'x\\n'), file('A', 'x\\n')]",
            "returns_files",
            "give each file a name of its own",
        ),
        "Torn": ("return [file('a', 'x')]", "returns_files", "end it so"),
        "Clock": (
            (
                "self.n = getattr(self, 'n', 0) + 1\n"
                "return [file(context=context), file('n', f'{self.n}\\n')]"
            ),
            "returns_the_same_again",
            "Drop what changes between calls",
        ),
        "Edits": (
            (
                "for c in context.choices: c.primary.params['team'] = 'ours'\n"
                f"{GOOD_EXPORT}"
            ),
            "leaves_its_input_alone",
            "Change a copy, such as `dict(pick.params)`",
        ),
        "Comments": (
            (
                "return [ExportedFile(name='a', text=file(context=context).text,"
                " comment='//')]"
            ),
            "returns_files",
            "gave a the comment sign '//': give '#' or None",
        ),
        "Loses": (
            (
                "head = ''.join(f'{line}\\n' for line in context.head)\n"
                "return [file(text=head)]"
            ),
            "writes_every_role",
            "override the fixture `writes_every_role`",
        ),
        "Headless": (
            (
                "return [file(text=''.join(c.primary.model_id + '\\n'"
                " for c in context.choices))]"
            ),
            "writes_the_head",
            "override the fixture `writes_head`",
        ),
        "Tells": (
            (
                "return [file(context=context), file('k',"
                " os.environ.get('OPENAI_API_KEY', '') + '\\n')]"
            ),
            "writes_no_secret",
            "Write the variable's name",
        ),
        "Writes": (
            f"open('mine.txt', 'w').close()\n{GOOD_EXPORT}",
            "writes_nothing_itself",
            "the core checks for edits by hand",
        ),
    },
}

#: Whole classes, for what is wrong outside of the method.
CLASSES: Mapping[str, tuple[str, str, str]] = {
    "Silent": (
        f"    def rank(self, need, candidates, context):\n        {GOOD_RANK}",
        "declares_its_version",
        "Write `contract_version: ClassVar[int] = 1` into the class",
    ),
    "Newer": (
        RANKS.replace("= 1", "= 2") + f"        {GOOD_RANK}",
        "declares_its_version",
        "it will not load this plugin",
    ),
    "Chameleon": (
        RANKS.replace("= 1", "= CONTRACT_VERSION") + f"        {GOOD_RANK}",
        "declares_its_version",
        "Write the number",
    ),
    "PlainOptions": (
        f"    options_class = dict\n{RANKS}        {GOOD_RANK}",
        "has_sound_options",
        "decorate it with",
    ),
    "Positional": (
        (
            "    options_class = attrs.make_class('O', ['gap'], frozen=True)\n"
            f"{RANKS}        {GOOD_RANK}"
        ),
        "has_sound_options",
        "can be given by position",
    ),
    "Unreadable": (
        (
            "    options_class = attrs.make_class('O', "
            "{'gap': attrs.field(default=2.5, type=int, kw_only=True)}, frozen=True)\n"
            f"{RANKS}        {GOOD_RANK}"
        ),
        "has_sound_options",
        "Annotate it with what it is",
    ),
}

FIXTURES: Mapping[str, tuple[str, str, str]] = {
    "selector": ("SelectorContract", RANKS, "selector"),
    "source": ("CatalogSourceContract", FETCHES, "source"),
    "exporter": ("ExporterContract", EXPORTS, "exporter"),
}


def _written() -> str:
    parts = [HEAD]
    for kind, cases in CASES.items():
        contract, method, fixture = FIXTURES[kind]
        for name, (body, _, _) in cases.items():
            code = method + textwrap.indent(body, 8 * " ")
            parts.append(_case(f"{kind.title()}{name}", code, contract, fixture))
    for name, (code, _, _) in CLASSES.items():
        parts.append(_case(name, code, "SelectorContract", "selector"))
    parts.append("class TestNothing(SelectorContract):\n    pass\n")
    for kind, good in (
        ("selector", GOOD_RANK),
        ("source", GOOD_FETCH),
        ("exporter", GOOD_EXPORT),
    ):
        contract, method, fixture = FIXTURES[kind]
        code = method + textwrap.indent(good, 8 * " ")
        parts.append(_case(f"{kind.title()}Good", code, contract, fixture))
    return "\n\n".join(parts)


def _case(name: str, code: str, contract: str, fixture: str) -> str:
    answers = (
        "    @pytest.fixture\n    def answers(self):\n"
        "        return {URL: {'models': ['a', 'b']}}\n"
    )
    # Others may use this machine as well: only what never ends is cut off soon.
    seconds = 0.2 if "sleep(60)" in code else 30.0
    return (
        f"class {name}:\n{code}\n\n"
        f"class Test{name}({contract}):\n"
        f"    @pytest.fixture\n    def {fixture}(self):\n        return {name}()\n"
        f"    @pytest.fixture\n    def seconds(self):\n        return {seconds}\n"
        f"{answers if fixture == 'source' else ''}"
    )


def _ask_pytest(folder: Path) -> Path:
    (folder / "test_mine.py").write_text(_written(), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "--maxfail=999", "--tb=short",
         "-p", "no:cacheprovider", "--junitxml=out.xml", "test_mine.py"],
        cwd=folder,
        check=False,
        capture_output=True,
    )  # fmt: skip
    return folder / "out.xml"


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str], str]:
    """What pytest says of each test: by class and clause, empty where it passes."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # of all processes of this run: the first one asks
    report = folder / "breaches.xml"
    with FileLock(folder / "breaches.lock"):
        if not report.exists():
            _ask_pytest(tmp_path_factory.mktemp("author")).rename(report)
    found: dict[tuple[str, str], str] = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - our own
        cls = str(case.get("classname")).rpartition(".")[2]
        clause = str(case.get("name")).partition("[")[2].rstrip("]")
        found[cls, clause] = "".join(
            f"{bad.get('message')}\n{bad.text}"
            for sort in ("failure", "error")
            for bad in case.iter(sort)
        )
    return found


@pytest.mark.parametrize(
    ("cls", "clause", "sentence"),
    [
        (f"{kind.title()}{name}", clause, sentence)
        for kind, cases in CASES.items()
        for name, (_, clause, sentence) in cases.items()
    ]
    + [(name, clause, sentence) for name, (_, clause, sentence) in CLASSES.items()],
)
def test_a_breach_is_told_with_what_to_do(
    outcomes: Mapping[tuple[str, str], str], cls: str, clause: str, sentence: str
) -> None:
    """The clause that is broken fails, and says so."""
    told = " ".join(outcomes[f"Test{cls}", clause].split())
    assert sentence in told


@pytest.mark.parametrize("kind", FIXTURES)
def test_one_that_keeps_its_contract_passes_every_clause(
    outcomes: Mapping[tuple[str, str], str], kind: str
) -> None:
    """Each clause is a test of its own, and none of them fails."""
    own = {k: v for k, v in outcomes.items() if k[0] == f"Test{kind.title()}Good"}
    assert len(own) >= 8
    assert not any(own.values())


def test_a_forgotten_fixture_is_named(
    outcomes: Mapping[tuple[str, str], str],
) -> None:
    """The one thing that an author must give."""
    told = outcomes["TestNothing", "gives_reasons"]
    assert "TestNothing has no fixture 'selector'. Define it in the class" in told


def test_every_clause_can_fail() -> None:
    """No clause stands in the kit without a plugin here that breaks it."""
    from llmhub_core.testing.exporter_clauses import EXPORTER_CLAUSES
    from llmhub_core.testing.selector_clauses import SELECTOR_CLAUSES
    from llmhub_core.testing.source_clauses import SOURCE_CLAUSES

    broken = {clause for cases in CASES.values() for _, clause, _ in cases.values()} | {
        clause for _, clause, _ in CLASSES.values()
    }
    clauses = (*SELECTOR_CLAUSES, *SOURCE_CLAUSES, *EXPORTER_CLAUSES)
    assert {clause.__name__ for clause in clauses} == broken
