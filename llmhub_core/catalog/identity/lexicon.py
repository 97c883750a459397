"""The words that names are made of, from the packaged data files."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from llmhub_core.catalog.identity.packaged import read_data
from llmhub_core.catalog.identity.tokens import clean, cut, is_version

__all__ = [
    "ANY_VERSION",
    "EFFORTS",
    "Lab",
    "Lexicon",
    "Setting",
    "Spelling",
    "lexicon",
    "spaced",
]

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""Reasoning efforts, least first."""
ANY_VERSION = "#"


@frozen(kw_only=True)
class Lab:
    """Who makes models.

    Attributes:
        name: Short name, as in group ids.
        providers: any-llm's names of the lab's own shops.
        common: Its brand words that are everyday words too.
        is_host: It also sells models of other labs.
        dates_releases: Its undated names are aliases of dated snapshots.
    """

    name: str
    providers: frozenset[str]
    common: frozenset[str] = frozenset()
    is_host: bool = False
    dates_releases: bool = False


@frozen(kw_only=True)
class Setting:
    """When a word is a setting of the call.

    Attributes:
        brands: Brand words of which one must be in the name.
        after: Words of which one must have come before.
    """

    brands: frozenset[str]
    after: frozenset[str]


@frozen(kw_only=True)
class Spelling:
    """A token sequence that is written in two ways; ``#`` is any version."""

    wrong: tuple[str, ...]
    right: tuple[str, ...]


@frozen(kw_only=True)
class Lexicon:
    """Everything that parsing looks words up in.

    Attributes:
        labs: By short name.
        lab_of_name: Short name of a lab by each of its names, words apart.
        lab_of_brand: Short name of a lab by brand word.
        precision: Words of number formats.
        packing: Words of precision behind a number format only.
        serving: Words of precision and lane.
        speeds: Words that mean a speed lane behind a size or format word.
        contexts: Context lengths that hosts put behind a size.
        altering: Words that make another model of the one they stand beside.
        generic: Words that every host uses for something of its own.
        lanes: Speed words by the brand on which they are always a lane.
        products: Words that are products rather than efforts, by brand.
        quick: Words that switch thinking off, by brand.
        mute: Words that say nothing at the end of a name, by brand.
        floating: Names without a number that have meant several models, with
            their words in order of the alphabet.
        settings: By word.
        spellings: By first word.
        neutral: Path segments that say nothing about whose the model is.
        mirrors: Organisations that repackage the weights of others.
        host_prefixes: By provider, what it puts in front of models' names.
        host_suffixes: By provider, what it puts behind them.
    """

    labs: Mapping[str, Lab]
    lab_of_name: Mapping[str, str]
    lab_of_brand: Mapping[str, str]
    precision: frozenset[str]
    packing: frozenset[str]
    serving: frozenset[str]
    speeds: frozenset[str]
    contexts: frozenset[str]
    altering: frozenset[str]
    generic: frozenset[str]
    lanes: Mapping[str, frozenset[str]]
    products: Mapping[str, frozenset[str]]
    quick: Mapping[str, frozenset[str]]
    mute: Mapping[str, frozenset[str]]
    floating: frozenset[str]
    settings: Mapping[str, tuple[Setting, ...]]
    spellings: Mapping[str, tuple[Spelling, ...]]
    neutral: frozenset[str]
    mirrors: frozenset[str]
    host_prefixes: Mapping[str, tuple[str, ...]]
    host_suffixes: Mapping[str, tuple[str, ...]]

    def lab(self, organization: str) -> str | None:
        """Return the short name of the lab that goes by that name, or None."""
        return self.lab_of_name.get(spaced(organization))

    def lab_of_word(self, word: str) -> str | None:
        """Return the lab whose brand a word is, or None: ``o5`` is OpenAI's ``o#``."""
        lab = self.lab_of_brand.get(word)
        if lab is None and is_version(word):
            lab = self.lab_of_brand.get(f"{word[0]}{ANY_VERSION}")
        return lab

    def is_product_word(self, word: str, core: Iterable[str]) -> bool:
        """Whether an effort's word is rather a product's, in a name of that core."""
        return any(word in self.products.get(token, ()) for token in core)

    def dates_releases(self, lab: str | None) -> bool:
        """Whether a lab's undated names are aliases of dated snapshots."""
        known = self.labs.get(lab or "")
        return known is not None and known.dates_releases

    def is_vendor(self, provider: str, lab: str | None) -> bool:
        """Whether a provider is the lab's own shop."""
        if lab is None:
            return False
        known = self.labs.get(lab)
        return provider == lab or (known is not None and provider in known.providers)


@functools.lru_cache(maxsize=4096)
def spaced(text: str) -> str:
    """Write a lab's name as tokens with single spaces: ``z ai`` of ``Z.ai``."""
    return " ".join(token for _, token in cut(clean(text)))


def _by_brand(entries: Iterable[dict[str, Any]]) -> dict[str, frozenset[str]]:
    return {
        brand: frozenset(entry["words"])
        for entry in entries
        for brand in entry["brands"]
    }


@functools.cache
def lexicon() -> Lexicon:
    """Return the packaged lexicon, read once."""
    words = read_data("lexicon.toml")
    labs = read_data("labs.toml")
    spellings: dict[str, list[Spelling]] = {}
    for entry in words["spelling"]:
        spelling = Spelling(
            wrong=tuple(entry["from"].split()), right=tuple(entry["to"].split())
        )
        spellings.setdefault(spelling.wrong[0], []).append(spelling)
    settings: dict[str, list[Setting]] = {}
    for entry in words["setting"]:
        for word in entry["words"]:
            settings.setdefault(word, []).append(
                Setting(
                    brands=frozenset(entry["brands"]), after=frozenset(entry["after"])
                )
            )
    return Lexicon(
        labs={
            name: Lab(
                name=name,
                providers=frozenset(entry["providers"]),
                common=frozenset(entry.get("common", ())),
                is_host=entry.get("is_host", False),
                dates_releases=entry.get("dates_releases", False),
            )
            for name, entry in labs.items()
        },
        lab_of_name={
            spaced(alias): name
            for name, entry in labs.items()
            for alias in (name, *entry["names"])
        },
        lab_of_brand={
            brand: name for name, entry in labs.items() for brand in entry["brands"]
        },
        precision=frozenset(words["precision"]),
        packing=frozenset(words["packing"]),
        serving=frozenset(words["precision"]) | frozenset(words["lanes"]),
        speeds=frozenset(words["speeds"]),
        contexts=frozenset(words["contexts"]),
        altering=frozenset(words["altering"]),
        generic=frozenset(words["generic"]),
        lanes=_by_brand(words["lane"]),
        products=_by_brand(words["product"]),
        quick=_by_brand(words["quick"]),
        mute=_by_brand(words["mute"]),
        floating=frozenset(
            " ".join(sorted(name.split(), key=lambda word: (word[0].isdigit(), word)))
            for name in words["floating"]
        ),
        settings={word: tuple(found) for word, found in settings.items()},
        spellings={first: tuple(found) for first, found in spellings.items()},
        neutral=frozenset(map(spaced, words["paths"]["neutral"])),
        mirrors=frozenset(map(spaced, words["paths"]["mirrors"])),
        host_prefixes={
            entry["provider"]: tuple(entry.get("prefixes", ()))
            for entry in words["host"]
        },
        host_suffixes={
            entry["provider"]: tuple(entry.get("suffixes", ()))
            for entry in words["host"]
        },
    )
