"""What a model is for, read from its name, modalities, tools and price.

models.dev has no field for it: an embedding model looks like a chat model that
takes and gives text. The rules, first to last:

1. Output that is not text decides: video, image or audio. A model that reasons and
   calls tools stays a chat model whatever its outputs are said to be.
2. A name decides where it names a purpose (``embed``, ``rerank``, ``guard``,
   ``tts``, ``ocr``, ...). Words that chat models carry as well (``audio``,
   ``video``, ``image``) count only when the modalities agree.
3. Input without text: audio is ``audio``, anything else ``other``.
4. Input that costs and output that does not, without tools or reasoning, is no
   text generator: ``other``.
5. The rest talks: ``chat``.

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

__all__ = ["kind_of"]


def _pattern(*words: str) -> re.Pattern[str]:
    # A letter on either side would make it another word; a digit does not:
    # qwen3guard, veo3.1, wan2.2.
    return re.compile(rf"(?<![a-z])(?:{'|'.join(words)})(?![a-z])")


#: Names with one meaning, first match wins: a reranker may be called
#: `bge-reranker`, a translating speech model `livetranslate-realtime`.
_NAMED: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    ("rerank", _pattern(r"(?:[a-z]+)?re-?rank(?:er|ing)?", "zerank")),
    (
        "embedding",
        _pattern(
            r"[a-z]*embed(?:ding|dings|der|code|qa)?",
            r"bge",
            r"gte",
            r"e5(?=-(?:small|base|large|mistral|v\d))",
            r"(?:all-)?mini-?lm",
            r"mpnet",
            r"labse",
            r"uae-large",
            r"arctic-[lm]",
            r"jina-(?:clip|colbert)",
            r"siglip2?",
            r"clip-vit",
            r"sentence-transformers",
            r"retrieval",
            r"voyage(?:ai)?",
        ),
    ),
    (
        "moderation",
        _pattern(
            r"(?!van)[a-z]*guard(?:ian|rails?)?",
            r"[a-z]*shield(?:gemma|stral)?",
            r"moderation",
            r"content-safety",
            r"toxicity",
            r"jailbreak-detect",
        ),
    ),
    (
        "audio",
        _pattern(
            r"[a-z]*tts",
            r"stt",
            r"asr",
            r"transcri(?:be|ber|ption)",
            r"whisper",
            r"realtime",
            r"(?:gemini|gpt)-(?:[\w.]+-)*live",
            r"live-(?:\d[\w.]*-)*(?:flash|preview|translate)",
            r"voice(?:chat|clone|design)",
            r"native-audio",
            r"lyria",
            r"music",
            r"musicgen",
            r"suno",
            r"elevenlabs",
            r"deepgram",
            r"cartesia",
            r"assemblyai",
            r"canopylabs",
            r"kokoro",
            r"parakeet",
            r"chatterbox",
            r"nova(?:-\d)?-sonic",
            r"smart-turn",
            r"studiovoice",
        ),
    ),
    (
        "video",
        _pattern(
            r"(?:text|image|reference|video)-to-video",
            r"[tirv]2v",
            r"sora",
            r"veo",
            r"kling(?:ai)?",
            r"runway(?:ml)?",
            r"seedance",
            r"hailuo",
            r"lumalabs",
            r"pixverse",
            r"cogvideox?",
            r"cosmos-(?:predict|transfer)",
        ),
    ),
    (
        "image",
        _pattern(
            r"(?:gpt|chatgpt|qwen|glm|hunyuan|z|longcat|wan[\d.]*)-image",
            r"(?:text|image)-to-image",
            r"[ti]2i",
            r"dall-?e",
            r"imagen",
            r"imagine",
            r"nano-banana",
            r"flux",
            r"stable-?diffusion(?:xl)?",
            r"sdxl",
            r"seedream",
            r"seededit",
            r"ideogram(?:ai)?",
            r"recraft",
            r"leonardo(?:-ai)?",
            r"midjourney",
            r"cogview",
            r"hidream",
            r"kolors",
            r"topazlabs(?:-co)?",
            r"upscale[rd]?",
            r"inpaint(?:ing)?",
        ),
    ),
    (
        "other",
        _pattern(
            r"[a-z]*ocr",
            r"(?:nemotron|nemoretriever)-parse",
            r"mt",
            r"translat(?:e|ion|egemma)",
            r"m2m",
            r"nllb",
            r"madlad",
            r"indictrans",
            r"[a-z]*bert",
            r"bart-large",
            r"gliner",
            r"esm",
            r"esmfold",
            r"alphafold",
            r"summarizer",
            r"intent-detect",
            r"detector",
            r"classifier",
            r"reward",
            r"usdvalidate",
            # They merge an edit into a file; they do not converse.
            r"morph-v\d+",
            r"relace-apply",
            r"mercury-edit",
            # Completion models: no messages, no roles.
            r"\d+b-base",
            r"gpt-3\.5-turbo-instruct",
            r"(?:babbage|davinci)-\d+",
        ),
    ),
)

#: Words that need the modalities to agree.
_HINTS: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    ("video", _pattern("video")),
    ("audio", _pattern("audio", "voice", "speech")),
    ("image", _pattern("image")),
)


def _named(name: str) -> Kind | None:
    return next((kind for kind, words in _NAMED if words.search(name)), None)


def _hinted(name: str, outputs: frozenset[str], *, tools: bool) -> Kind | None:
    for kind, words in _HINTS:
        # Some hosts list image models as giving text alone, none gives them tools.
        plain_image = kind == "image" and outputs == {"text"} and not tools
        if (kind in outputs or plain_image or not outputs) and words.search(name):
            return kind
    return None


def _drawn(outputs: frozenset[str]) -> Kind:
    """The kind of a model that gives no text."""
    kinds: tuple[Kind, ...] = ("video", "image", "audio", "embedding")
    for kind in kinds:
        if kind in outputs or f"{kind}s" in outputs:
            return kind
    return "other"


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
        return _drawn(given)
    named = _named(name) or _hinted(name, given, tools=tools is True)
    if named is not None:
        return named
    if outputs is None and inputs is None:
        return None
    if inputs and "text" not in inputs:
        return "audio" if "audio" in inputs else "other"
    if price_input and price_output == 0 and not tools and not reasoning:
        return "other"
    return "chat"
