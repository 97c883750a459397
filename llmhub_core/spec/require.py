"""The keys under ``require``: hard needs of a role."""

from __future__ import annotations

from typing import get_args

from llmhub_core.records.spec import MaxPrice, Require, Status
from llmhub_core.spec.quantities import Month, Number, Whole
from llmhub_core.spec.tables import Key, Keys, ListOf
from llmhub_core.spec.words import Choice, Flag

__all__ = ["MAX_PRICE", "REQUIRE"]

_MODALITIES = ListOf(item=Choice(words=("text", "image", "audio", "video", "pdf")))
_PRICE = Number(unit="USD per million tokens")
_TOKENS = Whole(minimum=1, unit="tokens")

MAX_PRICE = Keys(
    make=MaxPrice,
    keys={
        "input": Key(
            shape=_PRICE,
            means="Highest price of input. A model without a price is out.",
            example="3.0",
        ),
        "output": Key(
            shape=_PRICE,
            means="Highest price of output. A model without a price is out.",
            example="15.0",
        ),
    },
)

REQUIRE = Keys(
    make=Require,
    keys={
        "tools": Key(
            shape=Flag(),
            means="The model must (`true`) or must not (`false`) call tools.",
            example="true",
        ),
        "structured_output": Key(
            shape=Flag(),
            means="It must, or must not, answer by a JSON schema.",
            example="true",
        ),
        "reasoning": Key(
            shape=Flag(),
            means="It must, or must not, have a reasoning mode.",
            example="false",
        ),
        "input_modalities": Key(
            shape=_MODALITIES,
            means="All of these must go in.",
            default="what `kind` and `task` imply",
            example="[text, image]",
        ),
        "output_modalities": Key(
            shape=_MODALITIES,
            means="All of these must come out.",
            default="what `kind` implies",
            example="[text]",
        ),
        "context_tokens": Key(
            shape=_TOKENS, means="Smallest context window.", example="100000"
        ),
        "max_output_tokens": Key(
            shape=_TOKENS, means="Smallest limit on the output.", example="4000"
        ),
        "open_weights": Key(
            shape=Flag(),
            means="The weights must (`true`) or must not (`false`) be open.",
            example="true",
        ),
        "knowledge_after": Key(
            shape=Month(),
            means="Earliest knowledge cutoff; a model that states none is out.",
            example="2024-06",
        ),
        "max_price": Key(
            shape=MAX_PRICE,
            means="Price ceilings.",
            example="{input: 3.0, output: 15.0}",
        ),
        "min_quality": Key(
            shape=Number(above=True, unit="Arena rating"),
            means="Lowest rating in the category of the role's task.",
            example="1350",
        ),
        "measured_quality": Key(
            shape=Flag(),
            means="`true` wants a measured rating, not one inherited from a "
            "predecessor; `false` asks nothing.",
            default="false",
            example="true",
        ),
        "status": Key(
            shape=ListOf(item=Choice(words=get_args(Status))),
            means="Release states that may serve.",
            default="every state except `deprecated`",
            example="[stable]",
        ),
    },
)
