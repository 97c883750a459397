"""Served rows taken apart: whose each is, what its id and its name say."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from attrs import evolve

from llmhub_core.catalog.identity.lexicon import Lexicon, lexicon, spaced
from llmhub_core.catalog.identity.naming import owner_of, parse_name
from llmhub_core.catalog.identity.providers import canonical_provider
from llmhub_core.catalog.identity.reading import Names, Reading, compare, undisputed
from llmhub_core.catalog.identity.records import ServedRow
from llmhub_core.catalog.identity.signature import Signature
from llmhub_core.catalog.identity.tables import Tables

__all__ = ["parse", "read_rows"]


def parse(name: str, *, display_name: str | None = None) -> Signature:
    """Take one name apart, completed by its display name where they agree.

    Args:
        name: An id, a path ending in one, or a display name, in any style.
        display_name: What the source calls it for people, or None.
    """
    named = Names(
        row=ServedRow(provider="", model_id=name, display_name=display_name),
        provider="",
        by_id=parse_name(name),
        by_name=parse_name(display_name) if display_name else None,
    )
    return compare(named, {}).signature


def read_rows(rows: Iterable[ServedRow], tables: Tables) -> list[Reading]:
    """Read served rows, comparing the id of each with its display name.

    A name that names another known model than the id does makes a row
    suspicious; one that only adds (a date, a size, a format) completes it; one
    that is neither is a nickname and is left alone.
    """
    words = lexicon()
    rows = list(rows)
    hosts = _hosts(rows)
    named = [_take_apart(row, words, hosts, tables) for row in rows]
    known: dict[str, set[str]] = {}
    for names in named:
        for stem in undisputed(names.by_id, names.by_name):
            known.setdefault(stem, set()).add(names.row.model_id)
    return [compare(names, known) for names in named]


def _take_apart(
    row: ServedRow, words: Lexicon, hosts: AbstractSet[str], tables: Tables
) -> Names:
    provider = canonical_provider(row.provider)
    rules: list[str] = []
    leaf = _without_host_words(row.model_id, row.provider, provider, words)
    if leaf != row.model_id:
        rules.append("host-words")
    by_id = parse_name(leaf)
    reworker = _reworker(row, by_id, provider, hosts)
    if reworker is not None:
        by_id = evolve(by_id, vendor=reworker)
        rules.append("derivative")
    elif by_id.vendor is None and words.generic.issuperset(by_id.core):
        by_id = evolve(by_id, vendor=provider)
        rules.append("hosts-own")
    released = row.release_date or ""
    by_id, alias = tables.resolve(by_id, released)
    if alias is not None:
        rules.append("alias")
    by_name = None
    if row.display_name and row.display_name != row.model_id:
        by_name, _ = tables.resolve(parse_name(row.display_name), released)
    return Names(
        row=row, provider=provider, by_id=by_id, by_name=by_name, rules=tuple(rules)
    )


def _without_host_words(
    model_id: str, source_name: str, provider: str, words: Lexicon
) -> str:
    """Cut off what the host itself puts before or behind everybody's names."""
    prefixes, suffixes = _host_words(source_name, provider)
    path, slash, leaf = model_id.rpartition("/")
    lowered = leaf.lower()
    if lowered.startswith(prefixes):
        start = next(prefix for prefix in prefixes if lowered.startswith(prefix))
        rest = parse_name(leaf[len(start) :])
        if rest.core and words.lab_of_word(rest.core[0]) is not None:
            leaf = leaf[len(start) :]
    while suffixes and leaf.lower().endswith(suffixes):
        leaf = leaf.rpartition("-")[0]
    return path + slash + leaf


@functools.lru_cache(maxsize=1024)
def _host_words(
    source_name: str, provider: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    words = lexicon()
    prefixes = {
        *words.host_prefixes.get(provider, ()),
        source_name.lower().partition("-")[0],
        provider.partition("-")[0],
    }
    return (
        tuple(sorted(prefix.replace(" ", "-") + "-" for prefix in prefixes)),
        tuple(f"-{suffix}" for suffix in words.host_suffixes.get(provider, ())),
    )


def _reworker(
    row: ServedRow, by_id: Signature, provider: str, hosts: AbstractSet[str]
) -> str | None:
    """Return whose derivative a row is, or None for the brand's own model.

    What stands before a model's name is its lab, a host or somebody who reworked
    it. Only open weights can be reworked, and those name a size. An everyday word
    in another lab's own shop is that lab's: Deepgram's ``nova-3``.
    """
    words = lexicon()
    owner = _owner(row.model_id)
    brand = by_id.vendor
    if brand is None or words.is_vendor(provider, brand):
        return None
    is_common = not words.labs[brand].common.isdisjoint(by_id.core[:1])
    if owner is None:
        owner = spaced(provider) if is_common else ""
        if owner not in words.lab_of_name:
            return None
    lab = words.lab_of_name.get(owner)
    if lab == brand or any(word in words.precision for word in by_id.serving):
        return None  # requantised weights are still the model's
    if lab is not None:
        return None if words.labs[lab].is_host else lab
    if owner in hosts or owner in words.mirrors:
        return None
    return owner if is_common or by_id.sizes else None


def _owner(model_id: str) -> str | None:
    path, slash, _ = model_id.rpartition("/")
    return owner_of(path.split("/")) if slash else None


def _hosts(rows: Iterable[ServedRow]) -> frozenset[str]:
    """Return who stands before models as their host.

    Providers do, and whoever stands before models of two labs or before one that
    can't be reworked.
    """
    words = lexicon()
    hosts: set[str] = set()
    labs: dict[str, set[str]] = {}
    for row in rows:
        hosts |= {spaced(row.provider), spaced(canonical_provider(row.provider))}
        owner = _owner(row.model_id)
        if owner is None or owner in words.lab_of_name:
            continue
        signature = parse_name(row.model_id)
        lab = words.labs.get(signature.vendor or "")
        if lab is None or not lab.common.isdisjoint(signature.core[:1]):
            continue
        labs.setdefault(owner, set()).add(lab.name)
        if not signature.sizes:
            hosts.add(owner)
    return frozenset(hosts | {owner for owner, seen in labs.items() if len(seen) > 1})
