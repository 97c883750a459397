"""One served row, read: its id against its display name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from attrs import evolve, frozen

from llmhub_core.catalog.identity.lexicon import lexicon
from llmhub_core.catalog.identity.records import ServedRow
from llmhub_core.catalog.identity.signature import Signature, stem_of, words_of
from llmhub_core.catalog.identity.sizes import fits, fuller
from llmhub_core.catalog.identity.tokens import is_version

__all__ = ["Names", "Reading", "compare", "undisputed"]

_LETTERS = re.compile(r"[a-z]")


@frozen(kw_only=True)
class Names:
    """Id and display name of one row, parsed, before they are compared.

    Attributes:
        row: The row.
        provider: any-llm's name of its provider.
        by_id: What the id says.
        by_name: What the display name says, where there is one.
        rules: Names of the rules that were used.
    """

    row: ServedRow
    provider: str
    by_id: Signature
    by_name: Signature | None = None
    rules: tuple[str, ...] = ()


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


def compare(names: Names, known: Mapping[str, AbstractSet[str]]) -> Reading:
    """Hold the id of a row against its display name.

    Args:
        names: Both, parsed.
        known: Ids by stem, of all rows on which id and name agree.
    """
    by_id, by_name = names.by_id, names.by_name
    reading = Reading(
        row=names.row,
        row_id=f"{names.provider}:{names.row.model_id}",
        signature=by_id,
        is_vendor=lexicon().is_vendor(names.provider, by_id.vendor),
        rules=names.rules,
    )
    if by_name is None or not by_name.core:
        return reading
    if by_name.stem == by_id.stem:
        return _complete(reading, by_name)

    def is_known(stem: str) -> bool:
        return bool(known.get(stem, frozenset()) - {names.row.model_id})

    if _squashed(by_id) == _squashed(by_name):
        if _lost_point(by_id, by_name) and not is_known(by_id.stem):
            return _with_points(reading, by_name)
        return reading
    if _other_version(by_id, by_name):
        return _suspect(reading)
    return _contest(
        reading,
        by_name,
        id_is_known=is_known(by_id.stem),
        name_is_known=is_known(by_name.stem),
    )


def _suspect(reading: Reading) -> Reading:
    name = reading.row.display_name
    return evolve(
        reading,
        suspicion=f"the id says {reading.signature.key}, the name says {name!r}",
    )


def _with_points(reading: Reading, by_name: Signature) -> Reading:
    """Take the version from the name: ``openai-gpt-52`` is "GPT-5.2"."""
    return evolve(
        reading,
        signature=evolve(
            reading.signature,
            core=by_name.core,
            stem=by_name.stem,
            sizes=by_name.sizes,
        ),
        rules=(*reading.rules, "point-from-name"),
    )


def _other_version(by_id: Signature, by_name: Signature) -> bool:
    """Whether both name the same words and another version."""
    return words_of(by_id) == words_of(by_name) and _numbers_differ(by_id, by_name)


def _numbers_differ(by_id: Signature, by_name: Signature) -> bool:
    one, other = _numbers(by_id), _numbers(by_name)
    return bool(one) and bool(other) and one.isdisjoint(other)


def _numbers(signature: Signature) -> set[str]:
    """Return the versions without letters: MiniMax M2.5 is "MiniMax 2.5" to some."""
    versions = filter(is_version, signature.stem.split())
    return {_LETTERS.sub("", version) for version in versions}


def _contest(
    reading: Reading, by_name: Signature, *, id_is_known: bool, name_is_known: bool
) -> Reading:
    """Settle a row whose name has words that its id has not."""
    by_id = reading.signature
    in_id, in_name = set(by_id.stem.split()), set(by_name.stem.split())
    extra = in_name - in_id
    altering = extra & lexicon().altering
    if altering:
        core = (*by_id.core, *sorted(altering))
        return evolve(
            reading,
            signature=evolve(by_id, core=core, stem=stem_of(core)),
            rules=(*reading.rules, "altered-by-name"),
        )
    if in_id < in_name and by_id.stamp is not None and all(map(is_version, extra)):
        return evolve(reading, aka=by_name)
    if not extra or not name_is_known:
        return reading
    if id_is_known or _numbers_differ(by_id, by_name):
        return _suspect(reading)
    return evolve(
        reading,
        signature=evolve(
            by_name,
            vendor=by_id.vendor or by_name.vendor,
            stamp=by_id.stamp or by_name.stamp,
            thinking=by_id.thinking if by_name.thinking is None else by_name.thinking,
            sizes=by_name.sizes or by_id.sizes,
            latest=by_name.latest or by_id.latest,
            serving=by_id.serving,
        ),
        rules=(*reading.rules, "model-from-name"),
    )


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


def undisputed(by_id: Signature, by_name: Signature | None) -> Iterable[str]:
    """Yield the stems that a row vouches for, on which id and name agree."""
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
