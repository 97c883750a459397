"""One served row, read: its id against its display name."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence, Set

from attrs import evolve, frozen

from llmhub_core.catalog.identity.lexicon import Lexicon, lexicon, spaced
from llmhub_core.catalog.identity.parse import owner_of, parse_name
from llmhub_core.catalog.identity.providers import canonical_provider
from llmhub_core.catalog.identity.records import ServedRow
from llmhub_core.catalog.identity.signature import Signature, stem_of, words_of
from llmhub_core.catalog.identity.sizes import fits, fuller
from llmhub_core.catalog.identity.tables import Tables
from llmhub_core.catalog.identity.tokens import is_version

__all__ = ["Reading", "read_rows"]


@frozen(kw_only=True)
class Reading:
    """What one served row says about itself.

    Attributes:
        row: The row.
        row_id: ``provider:model_id`` with any-llm's provider name.
        signature: Of the id, completed from the display name where they agree.
        aka: The display name where it names a dated snapshot by its version
            (``mistral-large-2512``, "Mistral Large 3"), else None.
        is_vendor: The provider is the lab's own shop.
        named_stamp: The date comes from the display name alone.
        named_preview: That it is a preview comes from the display name alone.
        named_sizes: The sizes come from the display name alone.
        unsized_name: The display name leaves the id's sizes out.
        suspicion: Why id and name can't both be right, or None.
        rules: Names of the rules that were used.
    """

    row: ServedRow
    row_id: str
    signature: Signature
    aka: Signature | None = None
    is_vendor: bool = False
    named_stamp: bool = False
    named_preview: bool = False
    named_sizes: bool = False
    unsized_name: bool = False
    suspicion: str | None = None
    rules: tuple[str, ...] = ()


@frozen(kw_only=True)
class _Names:
    """Id and display name of one row, parsed, before they are compared."""

    row: ServedRow
    provider: str
    by_id: Signature
    by_name: Signature | None
    rules: tuple[str, ...]


def read_rows(rows: Iterable[ServedRow], tables: Tables) -> list[Reading]:
    """Read served rows, comparing the id of each with its display name.

    A name that names another known model than the id does makes a row
    suspicious; one that only adds (a date, a size, a format) completes it; one
    that is neither is a nickname and is left alone.
    """
    words = lexicon()
    rows = list(rows)
    hosts = frozenset(
        spaced(name)
        for row in rows
        for name in (row.provider, canonical_provider(row.provider))
    )
    named = [_names(row, words, hosts, tables) for row in rows]
    known: dict[str, set[str]] = {}
    for names in named:
        for stem in _undisputed(names.by_id, names.by_name):
            known.setdefault(stem, set()).add(names.row.model_id)
    return [_compare(names, known, words) for names in named]


def _names(row: ServedRow, words: Lexicon, hosts: Set[str], tables: Tables) -> _Names:
    provider = canonical_provider(row.provider)
    rules: list[str] = []
    leaf = _without_host_words(row.model_id, row.provider, provider, words)
    if leaf != row.model_id:
        rules.append("host-words")
    by_id = parse_name(leaf)
    owner = _foreign_owner(row, by_id, provider, words, hosts)
    if owner is not None:
        by_id = evolve(by_id, vendor=owner)
        rules.append("derivative")
    elif by_id.vendor is None and words.generic.issuperset(by_id.core):
        by_id = evolve(by_id, vendor=provider)
        rules.append("hosts-own")
    by_id, alias = tables.resolve(by_id, row.release_date)
    if alias is not None:
        rules.append("alias")
    by_name = None
    if row.display_name and row.display_name != row.model_id:
        by_name, _ = tables.resolve(parse_name(row.display_name), row.release_date)
        if not by_name.core:
            by_name = None
    return _Names(
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
        if rest.core and rest.core[0] in words.lab_of_brand:
            leaf = leaf[len(start) :]
    for suffix in suffixes:
        if leaf.lower().endswith(suffix):
            leaf = leaf[: -len(suffix)]
    return path + slash + leaf


@functools.lru_cache(maxsize=1024)
def _host_words(
    source_name: str, provider: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    words = lexicon()
    prefixes = {
        *words.host_prefixes.get(provider, ()),
        source_name.lower().split("-")[0],
        provider.split("-")[0],
    }
    return (
        tuple(sorted(prefix.replace(" ", "-") + "-" for prefix in prefixes)),
        tuple(f"-{suffix}" for suffix in words.host_suffixes.get(provider, ())),
    )


def _foreign_owner(
    row: ServedRow,
    by_id: Signature,
    provider: str,
    words: Lexicon,
    hosts: Set[str],
) -> str | None:
    """Return whose derivative a row is, or None for the brand's own model."""
    path = row.model_id.split("/")[:-1]
    owner = owner_of(path) if path else None
    if owner is None or by_id.vendor is None:
        return None
    lab = words.lab_of_name.get(owner)
    if lab == by_id.vendor or owner in words.mirrors:
        return None
    if lab is None and owner in hosts:
        return None
    if words.is_vendor(provider, by_id.vendor):
        return None
    if by_id.serving and any(word in words.precision for word in by_id.serving):
        return None  # requantised, the name is still the model's
    return lab or owner


def _compare(names: _Names, known: Mapping[str, Set[str]], words: Lexicon) -> Reading:
    by_id, by_name = names.by_id, names.by_name
    reading = Reading(
        row=names.row,
        row_id=f"{names.provider}:{names.row.model_id}",
        signature=by_id,
        is_vendor=words.is_vendor(names.provider, by_id.vendor),
        rules=names.rules,
    )
    if by_name is None:
        return reading
    if by_name.stem == by_id.stem:
        return _complete(reading, by_name)
    elsewhere = functools.partial(_is_known, known, names.row.model_id)
    if _squashed(by_id) == _squashed(by_name):
        if not _lost_point(by_id, by_name) or elsewhere(by_id.stem):
            return reading
        # openai-gpt-52 is "GPT-5.2": the id lost its point.
        return evolve(
            reading,
            signature=evolve(
                by_id, core=by_name.core, stem=by_name.stem, sizes=by_name.sizes
            ),
            rules=(*reading.rules, "point-from-name"),
        )
    in_id, in_name = set(by_id.stem.split()), set(by_name.stem.split())
    if in_name <= in_id:
        return reading
    altering = (in_name - in_id) & words.altering
    if altering:
        core = (*by_id.core, *sorted(altering))
        return evolve(
            reading,
            signature=evolve(by_id, core=core, stem=stem_of(core)),
            rules=(*reading.rules, "altered-by-name"),
        )
    if in_id < in_name and by_id.stamp is not None:
        if all(is_version(token) for token in in_name - in_id):
            return evolve(reading, aka=by_name)
    if not elsewhere(by_name.stem):
        return reading
    if elsewhere(by_id.stem):
        return evolve(
            reading,
            suspicion=(
                f"the id says {by_id.key}, the name "
                f"{names.row.display_name!r} another known model"
            ),
        )
    return evolve(
        reading,
        signature=evolve(
            by_name,
            vendor=by_id.vendor or by_name.vendor,
            stamp=by_id.stamp or by_name.stamp,
            thinking=by_id.thinking if by_name.thinking is None else by_name.thinking,
            sizes=by_name.sizes or by_id.sizes,
            serving=by_id.serving,
        ),
        rules=(*reading.rules, "model-from-name"),
    )


def _is_known(known: Mapping[str, Set[str]], model_id: str, stem: str) -> bool:
    """Whether an id other than this one has that stem, undisputed by its name."""
    return bool(known.get(stem, frozenset()) - {model_id})


def _complete(reading: Reading, by_name: Signature) -> Reading:
    """Complete an id by a display name of the same core."""
    by_id = reading.signature
    wrong = _contradiction(by_id, by_name)
    if wrong is not None:
        return evolve(reading, suspicion=wrong)
    unsized_name = bool(by_id.sizes) and not by_name.sizes
    sizes = fuller(by_id.sizes, by_name.sizes)
    adds_stamp = by_id.stamp is None and by_name.stamp is not None
    adds_preview = by_name.preview and not by_id.preview
    adds_format = by_id.chat_format is None and by_name.chat_format is not None
    if sizes == by_id.sizes and not (adds_stamp or adds_preview or adds_format):
        return evolve(reading, unsized_name=True) if unsized_name else reading
    return evolve(
        reading,
        signature=evolve(
            by_id,
            sizes=sizes,
            stamp=by_id.stamp or by_name.stamp,
            preview=by_id.preview or by_name.preview,
            chat_format=by_id.chat_format or by_name.chat_format,
        ),
        unsized_name=unsized_name,
        named_stamp=adds_stamp,
        named_preview=adds_preview,
        named_sizes=not by_id.sizes and bool(by_name.sizes),
        rules=(*reading.rules, "completed-from-name"),
    )


def _contradiction(by_id: Signature, by_name: Signature) -> str | None:
    if not fits(by_id.sizes, by_name.sizes):
        return (
            f"the id says {'-'.join(by_id.sizes)}, the name {'-'.join(by_name.sizes)}"
        )
    if by_id.stamp and by_name.stamp and not by_id.stamp.agrees_with(by_name.stamp):
        return f"the id says {by_id.stamp}, the name {by_name.stamp}"
    if by_name.thinking is not None and by_id.thinking != by_name.thinking:
        said = "thinking" if by_name.thinking else "not thinking"
        return f"the name says {said}, the id does not"
    return None


def _undisputed(by_id: Signature, by_name: Signature | None) -> Iterable[str]:
    """Yield the stems that a row vouches for: those on which id and name agree."""
    if by_name is None or by_name.stem == by_id.stem:
        yield by_id.stem
    elif _squashed(by_id) == _squashed(by_name):
        yield by_name.stem
        if not _lost_point(by_id, by_name):
            yield by_id.stem


def _lost_point(by_id: Signature, by_name: Signature) -> bool:
    """Whether names alike but for points and spaces differ in points."""
    return words_of(by_id) == words_of(by_name)


def _squashed(signature: Signature) -> str:
    tokens: Sequence[str] = (*signature.core, *signature.sizes)
    return "".join(tokens).replace(".", "")
