"""Decisions become entries of the lock; what stays is not touched."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from llmhub_core.errors import LockError
from llmhub_core.lock.file import dump_lock, parse_lock
from llmhub_core.lock.freeze import choices, freeze, merge
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.records.lock import Lock, LockedEnvironment
from llmhub_core.records.spec import Spec
from llmhub_core.spec import parse_spec, role_digest, spec_digest


def test_writes_down_the_facts_that_decided(
    spec: Spec, locked: LockedEnvironment, chosen: tuple[Choice, ...], catalog: Catalog
) -> None:
    """Digests of the spec, the catalog and its sources, selector, and the choice."""
    assert locked.spec_digest == spec_digest(spec)
    assert locked.catalog_digest == catalog.digest
    assert {name: s.as_of for name, s in locked.sources.items()} == {
        "models-dev": "2026-11-19"  # a source that gave nothing is not among them
    }
    entry = locked.roles["llm.answers"]
    assert entry.digest == role_digest(spec, "llm.answers")
    assert entry.catalog_digest == catalog.digest
    assert entry.selector_version == "26.11.0"
    assert entry.choice == chosen[0]


def test_is_at_once_what_a_later_reading_gives(lock: Lock) -> None:
    """Nothing differs between a lock just made and the same one read back."""
    assert repr(parse_lock(dump_lock(lock).decode())) == repr(lock)


def test_takes_whole_numbers_for_fractions(
    spec: Spec, catalog: Catalog, make_choice: Callable[..., Choice]
) -> None:
    """A price of 2 is written as 2.0, so that it reads back as what it was."""
    whole = make_choice("embed", "mistral:embed")
    whole = evolve(whole, primary=evolve(whole.primary, price_input_per_million=2))
    text = dump_lock(
        merge(
            None,
            spec,
            freeze(spec, [whole, make_choice("llm.answers", "xai:g")], catalog=catalog),
        )
    ).decode()
    assert '"price_input_per_million": 2.0' in text
    assert dump_lock(parse_lock(text)).decode() == text


def test_keeps_pinned_entries_as_they_are(
    spec: Spec,
    locked: LockedEnvironment,
    catalog: Catalog,
    make_choice: Callable[..., Choice],
) -> None:
    """A role that is not chosen now keeps its entry, its catalog and its checksum."""
    newer = evolve(catalog, digest="d" * 64, sources=())
    after = freeze(
        spec, [make_choice("embed", "openai:e")], catalog=newer, locked=locked
    )
    assert after.roles["llm.answers"] == locked.roles["llm.answers"]
    assert after.roles["embed"].catalog_digest == newer.digest
    assert after.roles["embed"].integrity != locked.roles["embed"].integrity
    assert after.catalog_digest == newer.digest
    assert after.sources == {}


def test_is_of_no_other_catalog_when_nothing_was_chosen(
    spec: Spec, locked: LockedEnvironment, catalog: Catalog
) -> None:
    """A catalog that was looked at and not chosen from leaves no trace."""
    newer = evolve(catalog, digest="d" * 64, sources=())
    assert freeze(spec, (), catalog=newer, locked=locked) == locked
    assert freeze(spec, (), catalog=None, locked=locked) == locked


def test_drops_roles_that_the_spec_no_longer_has(
    spec: Spec, locked: LockedEnvironment
) -> None:
    """The lock covers the spec and nothing else."""
    fewer = evolve(spec, roles={"llm.answers": spec.roles["llm.answers"]})
    after = freeze(fewer, (), catalog=None, locked=locked)
    assert set(after.roles) == {"llm.answers"}


def test_refuses_a_role_without_a_decision(spec: Spec, catalog: Catalog) -> None:
    """A role can't be locked out of thin air."""
    with pytest.raises(LockError, match=r"'llm\.answers' was neither chosen"):
        freeze(spec, (), catalog=catalog)


def test_refuses_a_choice_that_came_from_no_catalog(
    spec: Spec, chosen: tuple[Choice, ...]
) -> None:
    """Without the catalog, the lock could not say what it was chosen from."""
    with pytest.raises(LockError, match=r"'llm\.answers' was neither chosen"):
        freeze(spec, chosen, catalog=None)


def test_keeps_other_environments_untouched(
    spec_text: str, lock: Lock, chosen: tuple[Choice, ...], catalog: Catalog
) -> None:
    """Generating for one environment changes no byte of another."""
    prod = parse_spec(spec_text, env="prod")
    both = merge(lock, prod, freeze(prod, chosen, catalog=catalog))
    assert set(both.environments) == {"dev", "prod"}
    assert both.environments["dev"] == lock.environments["dev"]


def test_drops_environments_that_the_spec_no_longer_has(
    spec_text: str, spec: Spec, lock: Lock, chosen: tuple[Choice, ...], catalog: Catalog
) -> None:
    """An environment that was taken out of the spec leaves the lock as well."""
    prod = parse_spec(spec_text, env="prod")
    both = merge(lock, prod, freeze(prod, chosen, catalog=catalog))
    alone = parse_spec(spec_text.partition("environments:")[0])
    after = merge(both, alone, both.environments["dev"])
    assert set(after.environments) == {"dev"}


def test_gives_choices_in_the_order_of_the_spec(
    spec: Spec, lock: Lock, locked: LockedEnvironment, chosen: tuple[Choice, ...]
) -> None:
    """The file sorts roles by name, the spec has its own order."""
    read = parse_lock(dump_lock(lock).decode()).environments["dev"]
    assert [*read.roles] == ["embed", "llm.answers"]
    assert choices(spec, read) == chosen
    fewer = evolve(locked, roles={"embed": locked.roles["embed"]})
    assert [choice.role for choice in choices(spec, fewer)] == ["embed"]


def test_says_nothing_of_this_machine(
    lock: Lock, make_pick: Callable[..., Pick]
) -> None:
    """No host name, no path and no time of writing are in the file."""
    text = dump_lock(lock).decode()
    for secret in (socket.gethostname(), str(Path.cwd()), str(Path.home())):
        assert secret not in text
    assert text.count("2026") == 2  # the source's data, and its transfer


SCRIPT = """
import sys
from llmhub_core.lock.emit import emit, head
from llmhub_core.lock.file import dump_lock
from llmhub_core.lock.freeze import choices, freeze, merge
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.records.catalog import Catalog, SourceStatus
from llmhub_core.spec import parse_spec

spec = parse_spec(sys.stdin.read())
pick = Pick(canonical_id="openai:gpt-x", provider="openai", model_id="gpt-x",
            reason="größte Güte", price_input_per_million=0.1 + 0.2,
            params={"z": 1, "a": {"y": (1, 2), "b": None}})
chosen = [Choice(role=role, mode="chat", primary=pick, selector="balanced",
                 eligible=1, considered=2) for role in spec.roles]
sources = tuple(SourceStatus(name=n, state="fresh") for n in {"x", "y", "z"})
environment = freeze(spec, chosen, catalog=Catalog(models=(), sources=sources))
sys.stdout.buffer.write(dump_lock(merge(None, spec, environment)))
sys.stdout.buffer.write(
    emit(spec, choices(spec, environment), head("1", environment)).encode())
"""


def test_gives_the_same_bytes_everywhere(spec_text: str, tmp_path: Path) -> None:
    """Hash seed, time zone, locale and folder change no byte of lock and config."""
    seen = set()
    for seed, zone, locale in [
        ("0", "UTC", "C"),
        ("1", "Asia/Kolkata", "C.UTF-8"),
        ("4242", "America/St_Johns", "POSIX"),
    ]:
        folder = tmp_path / seed
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            input=spec_text.encode(),
            capture_output=True,
            check=True,
            cwd=folder,
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "TZ": zone,
                "LC_ALL": locale,
                "PYTHONIOENCODING": "utf-8",
            },
        )
        seen.add(done.stdout)
    assert len(seen) == 1
