"""How many tokens an answer took, whichever kind of answer it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

__all__ = ["Usage", "read_usage"]


@frozen(kw_only=True)
class Usage:
    """The tokens of one answer, as OpenAI counts: the special ones are among the rest.

    Attributes:
        input_tokens: All tokens in.
        output_tokens: All tokens out.
        cache_read_tokens: Of the input, those read from the provider's cache.
        cache_write_tokens: Of the input, those written to it.
        input_audio_tokens: Of the input, those of audio.
        reasoning_tokens: Of the output, those of reasoning.
        output_audio_tokens: Of the output, those of audio.
    """

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    input_audio_tokens: int = 0
    reasoning_tokens: int = 0
    output_audio_tokens: int = 0


def read_usage(answer: object) -> Usage | None:
    """Read the usage of an answer, or of a chunk of one.

    Args:
        answer: Any answer of any-llm. Chat completions and embeddings count
            ``prompt_tokens``, responses, images and transcriptions ``input_tokens``,
            rerankings nothing but ``total_tokens``.

    Returns:
        The usage, or None when the answer does not tell it in tokens.
    """
    held = _fields(answer)
    usage = held.get("usage")
    if usage is None:
        if "response" not in held:
            return None
        # The events of a streamed response carry what there is of it.
        usage = _fields(held["response"]).get("usage")
        if usage is None:
            return None
    told = _fields(usage)
    tokens_in = _count(told, "prompt_tokens", "input_tokens")
    tokens_out = _count(told, "completion_tokens", "output_tokens")
    total = _count(told, "total_tokens")
    if tokens_in is None:
        if total is None or tokens_out is not None:
            return None
        tokens_in = total
    # A transcription says input_token_details, all others say input_tokens_details.
    of_input = _part(
        told, "prompt_tokens_details", "input_tokens_details", "input_token_details"
    )
    of_output = _part(told, "completion_tokens_details", "output_tokens_details")
    if not of_input and not of_output:
        return Usage(input_tokens=tokens_in, output_tokens=tokens_out or 0)
    out, reasoning = tokens_out or 0, _count(of_output, "reasoning_tokens") or 0
    if reasoning and total == tokens_in + out + reasoning:
        out += reasoning  # xAI counts reasoning beside the output, not in it
    return Usage(
        input_tokens=tokens_in,
        output_tokens=out,
        cache_read_tokens=_count(of_input, "cached_tokens") or 0,
        cache_write_tokens=_count(of_input, "cache_write_tokens") or 0,
        input_audio_tokens=_count(of_input, "audio_tokens") or 0,
        reasoning_tokens=reasoning,
        output_audio_tokens=_count(of_output, "audio_tokens") or 0,
    )


def _fields(thing: object) -> Mapping[str, Any]:
    # Asking a pydantic model for what it does not have is slow, its dict is not.
    try:
        return thing.__dict__
    except AttributeError:
        return thing if isinstance(thing, dict) else {}


def _part(fields: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        held = fields.get(name)
        if held is not None:
            return _fields(held)
    return {}


def _count(fields: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        held = fields.get(name)
        if type(held) is int and held >= 0:  # a bool is no count
            return held
    return None
