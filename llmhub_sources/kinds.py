"""What a model is for, read from its name, modalities, tools and price.

No upstream has a field for it: an embedding model looks like a chat model that
takes and gives text. The rules, first to last:

1. Output that is not text decides: video, image or audio. A model that reasons and
   calls tools stays a chat model whatever its outputs are said to be.
2. A name decides where it names a purpose (``embed``, ``rerank``, ``guard``,
   ``tts``, ``ocr``, ...). Words that chat models carry as well (``audio``,
   ``video``, ``image``) count only when the modalities agree.
3. Pictures or films beside text, without tools or reasoning, are what it is for.
4. Input without text: audio is ``audio``, anything else ``other``.
5. Input that costs and output that does not, without tools or reasoning, is no
   text generator: ``other``.
6. The rest talks: ``chat``.

A chat model that can also draw or speak is ``chat`` (gpt-5, qwen-omni); one whose
name says that drawing or speaking is what it is for is ``image`` or ``audio``
(gemini-3-pro-image, gpt-audio, gpt-realtime), because it serves a text role badly
or not at all. ``other`` is everything with a single trade: reading scans,
translating, merging edits, classifying, folding proteins.
"""

from __future__ import annotations

import re
from typing import Final

from llmhub_core.records.model import Kind
from llmhub_sources.purposes import named_kind, whole_words

__all__ = ["kind_of"]

#: Words that need the modalities to agree.
_HINTS: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    ("video", whole_words("video")),
    ("audio", whole_words("audio", "voice", "speech")),
    ("image", whole_words("image")),
)
_FILMS: Final[tuple[Kind, ...]] = ("video", "image")
_OUTPUTS: Final[tuple[Kind, ...]] = (*_FILMS, "audio", "embedding")


def _hinted(name: str, outputs: frozenset[str], *, tools: bool) -> Kind | None:
    for kind, words in _HINTS:
        # Some hosts list image models as giving text alone, none gives them tools.
        plain_image = kind == "image" and outputs == {"text"} and not tools
        if (kind in outputs or plain_image or not outputs) and words.search(name):
            return kind
    return None


def _given(outputs: frozenset[str], kinds: tuple[Kind, ...]) -> Kind | None:
    """The first of these kinds that is among the outputs."""
    return next((k for k in kinds if k in outputs or f"{k}s" in outputs), None)


def kind_of(
    model_id: str,
    *,
    family: str | None = None,
    inputs: tuple[str, ...] | None = None,
    outputs: tuple[str, ...] | None = None,
    tools: bool | None = None,
    reasoning: bool | None = None,
    price_input: float | None = None,
    price_output: float | None = None,
) -> Kind | None:
    """Tell what a model is for.

    Args:
        model_id: The provider's id; a path in it counts (``deepgram/nova-3``).
        family: Family according to models.dev, which is often wrong: it only
            ever adds a name.
        inputs: Input modalities, or None.
        outputs: Output modalities, or None.
        tools: Whether it calls tools.
        reasoning: Whether it reasons.
        price_input: US dollars per million input tokens.
        price_output: US dollars per million output tokens.

    Returns:
        The kind, or None when neither name nor modalities tell.
    """
    name = f"{model_id} {family or ''}".lower().replace("_", "-")
    given = frozenset(outputs or ())
    if given and "text" not in given and not (reasoning and tools):
        return _given(given, _OUTPUTS) or "other"
    named = named_kind(name) or _hinted(name, given, tools=tools is True)
    if named is not None:
        return named
    if outputs is None and inputs is None:
        return None
    simple = not tools and not reasoning
    if tools is False and simple and (drawn := _given(given, _FILMS)):
        return drawn
    if inputs and "text" not in inputs:
        return "audio" if "audio" in inputs else "other"
    return "other" if price_input and price_output == 0 and simple else "chat"
