"""Names that tell what a model is for.

The words are those of products, of methods and of model families that have one
trade. They hold for names that nobody has seen yet: a word that could be part of
a chat model's name is not here, or needs its neighbour.
"""

from __future__ import annotations

import re
from typing import Final

from llmhub_core.records.model import Kind

__all__ = ["named_kind", "whole_words"]


def whole_words(*words: str) -> re.Pattern[str]:
    """Match any of the words, whole.

    A letter on either side would make it another word; a digit does not:
    qwen3guard, veo3.1, wan2.2.
    """
    return re.compile(rf"(?<![a-z])(?:{'|'.join(words)})(?![a-z])")


#: Names with one meaning, first match wins: a reranker may be called
#: `bge-reranker`, a translating speech model `livetranslate-realtime`.
_NAMED: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    (
        "rerank",
        whole_words(
            r"[a-z]*re-?rank(?:er|ing|qa)?",
            r"zerank",
            r"llama-rank",
            r"cross-encoder",
            r"ms-marco",
        ),
    ),
    (
        "embedding",
        whole_words(
            r"[a-z]*embed(?:ding|dings|dinggemma|der|code|qa)?",
            r"bge",
            r"gte",
            r"e5(?=-(?:small|base|large|mistral|v\d))",
            r"(?:all-)?mini-?lm",
            r"mpnet",
            r"labse",
            r"uae-large",
            r"arctic-[lm]",
            r"[a-z]*colbert",
            r"splade",
            r"(?:nv|jina-)clip",
            r"siglip2?",
            r"clip-vit",
            r"stella-(?:base|large|en)",
            r"text2vec",
            r"sentence-(?:transformers|t5)",
            r"paraphrase-(?:multilingual|mpnet)",
            r"retrieval",
            r"rtrvr",
            r"voyage(?:ai)?",
        ),
    ),
    (
        "moderation",
        whole_words(
            r"(?!van)[a-z]*guard(?:ian|rails?)?",
            r"[a-z]*shield(?:gemma|stral)?",
            r"moderation",
            r"content-safety",
            r"content-(?:filter|moderation)",
            r"toxicity",
            r"jailbreak-detect",
        ),
    ),
    (
        "audio",
        whole_words(
            r"[a-z]*tts",
            r"stt",
            r"asr",
            r"transcri(?:be|ber|ption)",
            r"diari[sz](?:e|ation)",
            r"whisper",
            r"realtime",
            r"live-?translat(?:e|ion)",
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
            r"cosyvoice",
            r"sambert",
            r"paraformer",
            r"kokoro",
            r"parakeet",
            r"chatterbox",
            r"zonos",
            r"csm-\d+b",
            r"nova(?:-\d)?-sonic",
            r"smart-turn",
            r"studiovoice",
        ),
    ),
    (
        "video",
        whole_words(
            r"(?:text|image|reference|video)-to-video",
            r"[tirsv]2v",
            r"(?:imagine|flux[\w.-]*)-video",
            r"gemini-omni",
            r"sora",
            r"veo",
            r"kling(?:ai)?",
            r"runway(?:ml)?",
            r"seedance",
            r"hailuo",
            r"luma(?:labs|ai)?",
            r"vidu(?:q\d+)?",
            r"pixverse",
            r"cogvideox?",
            r"nova-reel",
            r"cosmos-(?:predict|transfer)",
        ),
    ),
    (
        "image",
        whole_words(
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
            r"sd-?3(?:\.\d)?",
            r"imagegeneration",
            r"virtual-try-on",
            r"nova-canvas",
            r"playground-v\d",
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
        whole_words(
            r"[a-z]*ocr",
            r"(?:nemotron|nemoretriever)-(?:parse|page|table|graphic)",
            r"mt",
            r"translat(?:e|ion|egemma)",
            r"m2m",
            r"nllb",
            r"madlad",
            r"indictrans",
            r"(?:distil|modern|mobile|tiny|bio|sci|fin|m)?bert",
            r"(?:distil|xlm-)?roberta",
            r"deberta",
            r"bart-large",
            r"t5-(?:small|base|large|\d+b)",
            r"gliner",
            r"esm",
            r"esmfold",
            r"(?:alpha|open)fold",
            r"time-?series",
            r"timesfm",
            r"summarizer",
            r"intent-detect",
            r"detect(?:or|ion)",
            r"classifi(?:er|cation)",
            r"reward",
            r"(?:math|code)-prm",
            r"aqa",
            r"usdvalidate",
            # They merge an edit into a file; they do not converse.
            r"morph-v\d+",
            r"relace-apply",
            r"mercury-edit",
            # Completion models: no messages, no roles.
            r"\d+b-(?:base|pt)",
            r"gpt-3\.5-turbo-instruct",
            r"(?:babbage|davinci)-\d+",
        ),
    ),
)


def named_kind(name: str) -> Kind | None:
    """The kind that a name tells, in small letters with hyphens, or None."""
    return next((kind for kind, words in _NAMED if words.search(name)), None)
