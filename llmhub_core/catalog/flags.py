"""Rows that can't be right, or can't be relied on, told from their own figures.

Nothing is corrected: a flag says what is odd, with the figures, and leaves the row as
its source has it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Final

from attrs import frozen

from llmhub_core.catalog.identity.providers import canonical_provider
from llmhub_core.catalog.statistics import reference_price
from llmhub_core.numerals import plain
from llmhub_core.records.model import CanonicalModel

__all__ = ["FLAGS", "flags"]

#: Every flag and what it means, the most telling first.
FLAGS: Final[Mapping[str, str]] = {
    "name-disagrees": "the id says one model and the display name another",
    "price-far-from-group": (
        "at least three times as dear, or at most a tenth as dear, as the same model "
        "is at the lab that made it, or at the median host"
    ),
    "cache-price-over-input": "reading from the cache costs more than sending anew",
    "zero-price": "the price list says 0, and nothing says that it is free",
    "context-far-from-group": (
        "the context window is at least three times, or at most a tenth, of what it "
        "is at the lab that made the model, or at the median host"
    ),
    "output-over-context": "more tokens may come out than the context window holds",
    "updated-before-released": "the last update is older than the release",
    "floating-alias": (
        "the id names whatever is the newest, so neither model nor price can be pinned"
    ),
}

_FAR_ABOVE = 3.0
_FAR_BELOW = 1 / 10
#: So many hosts tell what is usual where the lab itself does not sell a model.
_FEWEST_HOSTS = 4

_FLOATING = re.compile(r"^~|(?:^|[-_:/@.])latest(?:$|[-_:/@.])", re.IGNORECASE)
_NUMBER = re.compile(r"[1-9]\d*")


def flags(
    models: Sequence[CanonicalModel],
    doubts: Mapping[str, str | None],
    *,
    among: Sequence[CanonicalModel] | None = None,
) -> list[dict[str, str]]:
    """Check every row on its own, and against its likes.

    Args:
        models: The rows to check.
        doubts: By canonical id, why id and display name can't both be right.
        among: The rows that tell what is usual: what everybody knows, whatever
            keys one has. All of ``models`` when None.

    Returns:
        Per model, in the order given: a sentence by name of the flag, in the order
        of :data:`FLAGS`.
    """
    prices = _Usual.of(models if among is None else among, reference_price)
    contexts = _Usual.of(models if among is None else among, _context)
    found = []
    for model in models:
        said = {
            "name-disagrees": doubts.get(model.canonical_id) or _names_another(model),
            "price-far-from-group": _far_price(model, prices),
            "cache-price-over-input": _dear_cache(model),
            "zero-price": _zero(model),
            "context-far-from-group": _far_context(model, contexts),
            "output-over-context": _long_output(model),
            "updated-before-released": _early_update(model),
            "floating-alias": _floats(model),
        }
        found.append({name: text for name, text in said.items() if text})
    return found


# ---------------------------------------------------------------- a row on its own


def _names_another(model: CanonicalModel) -> str | None:
    name = model.display_name
    if name is None or "latest" not in name.lower() or _floats(model):
        return None
    more = set(_NUMBER.findall(model.model_id)) - set(_NUMBER.findall(name))
    if not more:
        return None
    numbers = ", ".join(sorted(more))
    return f"the id says {numbers}, the name {name!r} is of a model that floats"


def _dear_cache(model: CanonicalModel) -> str | None:
    cached, full = model.price_cache_read_per_million, model.price_input_per_million
    if cached is None or full is None or cached <= full:
        return None
    return f"${plain(cached)} to read from the cache, ${plain(full)} to send anew"


def _zero(model: CanonicalModel) -> str | None:
    if model.price_basis != "zero":
        return None
    return "the price list says 0: free, in a plan, or unknown"


def _long_output(model: CanonicalModel) -> str | None:
    output, context = model.max_output_tokens, model.context_tokens
    if output is None or context is None or output <= context:
        return None
    return f"{output:,} tokens out of a context of {context:,}"


def _early_update(model: CanonicalModel) -> str | None:
    released, updated = model.release_date or "", model.last_updated or ""
    # "2025-01" may be any day of that month.
    precision = min(len(released), len(updated))
    if released[:precision] <= updated[:precision]:
        return None
    return f"updated {updated}, released {released}"


def _floats(model: CanonicalModel) -> str | None:
    if not _FLOATING.search(model.model_id):
        return None
    return "another model, at another price, may stand behind this id tomorrow"


# ---------------------------------------------------------------- against its likes


@frozen(kw_only=True)
class _Usual:
    """What one figure usually is, by group.

    Attributes:
        at_lab: The lab's own figures, each with its row.
        at_hosts: The median over all rows, where there are enough of them.
    """

    at_lab: Mapping[str, Sequence[tuple[float, CanonicalModel]]]
    at_hosts: Mapping[str, float]

    @classmethod
    def of(
        cls,
        models: Sequence[CanonicalModel],
        figure: Callable[[CanonicalModel], float | None],
    ) -> _Usual:
        at_lab: dict[str, list[tuple[float, CanonicalModel]]] = defaultdict(list)
        at_all: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for model in models:
            value = figure(model)
            if value and model.group is not None:  # free is nobody's measure
                at_all[model.group].append((value, model.provider))
                if _at_lab(model):
                    at_lab[model.group].append((value, model))
        return cls(
            at_lab=at_lab,
            at_hosts={
                group: median(value for value, _ in found)
                for group, found in at_all.items()
                if len({provider for _, provider in found}) >= _FEWEST_HOSTS
            },
        )

    def beside(
        self, model: CanonicalModel, value: float
    ) -> tuple[float, CanonicalModel | None] | None:
        """Find what a figure is to be compared with.

        Returns:
            The nearest one of the lab and its row, or else the median of the
            hosts; None where nothing is usual.
        """
        group = model.group or ""
        if of_lab := self.at_lab.get(group):
            # A lab may sell one model at several prices.
            return min(
                of_lab, key=lambda one: (_ratio(value, one[0]), one[1].canonical_id)
            )
        usual = self.at_hosts.get(group)
        return None if usual is None else (usual, None)


def _ratio(one: float, other: float) -> float:
    return max(one / other, other / one)


def _at_lab(model: CanonicalModel) -> bool:
    return model.lab is not None and canonical_provider(model.lab) == model.provider


def _context(model: CanonicalModel) -> float | None:
    return model.context_tokens


def _far_price(model: CanonicalModel, usual: _Usual) -> str | None:
    price = reference_price(model)
    beside = usual.beside(model, price) if price else None
    if price is None or beside is None or not _is_far(price / beside[0]):
        return None
    usual_price, row = beside
    times = _times(price / usual_price)
    if row is not None:
        return f"{_priced(model)} is {times} what {row.canonical_id} asks"
    return (
        f"${plain(price, 2)} for 1,000 tokens in and 300 out is {times} the "
        f"${plain(usual_price, 2)} of the median host"
    )


def _far_context(model: CanonicalModel, usual: _Usual) -> str | None:
    tokens = model.context_tokens
    beside = usual.beside(model, tokens) if tokens else None
    if tokens is None or beside is None or not _is_far(tokens / beside[0]):
        return None
    usual_tokens, row = beside
    whom = "the median host" if row is None else row.canonical_id
    return f"{tokens:,} tokens, {usual_tokens:,.0f} at {whom}"


def _is_far(times: float) -> bool:
    # The last digits of a ratio are rounding.
    return times >= _FAR_ABOVE - 1e-9 or times <= _FAR_BELOW + 1e-9


def _times(times: float) -> str:
    return f"{times:.1f} times" if times > 1 else f"{times:.1%} of"


def _priced(model: CanonicalModel) -> str:
    known = (
        f"${plain(price)} {direction}"
        for price, direction in (
            (model.price_input_per_million, "in"),
            (model.price_output_per_million, "out"),
        )
        if price is not None
    )
    return ", ".join(known)
