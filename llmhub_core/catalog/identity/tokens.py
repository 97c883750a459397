"""From a name's text to its pieces: words, numbers, sizes."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Literal

__all__ = ["Kind", "Piece", "clean", "cut", "is_version", "plain"]

Kind = Literal["word", "number", "version", "letter", "tail", "size", "amount"]
Piece = tuple[Kind, str]
"""``word`` mini; ``number`` 3.5; ``version`` v3.1; ``letter`` k2.5, o3;
``tail`` 4o, 4.5v; ``size`` 70b, a22b, 8x7b, 16e; ``amount`` 32k, 720p."""

_REGION = re.compile(r"^(?:us-gov|us|eu|au|jp|apac|global|ca|sa|uk|me|af)\.(?=[a-z])")
_REGION_BEHIND = re.compile(r"@(?:us|eu|au|jp|apac|global|ca|sa|uk|asia|europe)$")
# Bedrock's `-v1:0` and `-1:0` version the interface, as does any behind a date
# (`-20241022-v2:0`); elsewhere `-v2:1` is the model's own 2.1.
_INTERFACE = re.compile(r"(?:[-.]v?1|(?<=\d{8})-v\d+):\d(?!\d)(?::\d+k)?$")
_MODEL_VERSION = re.compile(r"(?<=[-.]v)(\d+):(\d)(?!\d)(?::\d+k)?$")
_BUDGET = re.compile(r"(?<=think)(ing)?:(\d{3,6})(?!\d)")
_QUANT = re.compile(r"(?<![^\W_])i?q\d(?:_(?:k|0|1|xs|xxs|s|m|l|nl|xl))+(?![^\W_])")
_DECIMAL = re.compile(r"(?<=\d)[_p](?=\d)")
_CHUNK = re.compile(r"(?:[^\W_]|[.+])+")
_DOT = re.compile(r"(?<!\d)\.|\.(?!\d)")
_FORM = re.compile(
    r"""
    (?P<word>(?:nv|mx)?fp\d+|bf16|u?int\d|nf4|w\d+a\d+|exl\d|\d{1,2}bit)
    |(?P<size>\d+(?:\.\d+)?[bt]|\d{2,}m|\d+x\d+(?:\.\d+)?b|[ae]\d+(?:\.\d+)?b|\d+e)
    |(?P<amount>\d{1,7}(?:k|p|px|tok))
    |(?P<number>\d+(?:\.\d+)*)
    |(?P<version>v\d+(?:\.\d+)*)
    |(?P<letter>[a-z]\d+(?:\.\d+)?)
    |(?P<tail>\d+(?:\.\d+)?[a-z])
    |(?P<count>\d+(?:\.\d+)?)(?P<rest>[^\W\d_]{2,})
    |(?P<head>[^\W\d_]{2,})(?P<digits>\d.*)
    """,
    re.VERBOSE,
)
_VERSION = re.compile(r"\d+(?:\.\d+)*[a-jl-oq-z]?|[a-z]\d+(?:\.\d+)*")
_V = re.compile(r"v(?=\d)")


def clean(text: str) -> str:
    """Normalise case, width, regions, version suffixes and decimal points."""
    text = text.strip()
    text = text.lower() if text.isascii() else _fold(text)
    text = _REGION.sub("", text)
    if "@" in text:
        text = _REGION_BEHIND.sub("", text)
    if ":" in text:
        text = _INTERFACE.sub("", text)
        text = _MODEL_VERSION.sub(r"\1.\2", text)
        text = _BUDGET.sub(r"\1-\2tok", text)
    if "_" in text:
        text = _QUANT.sub("quantized", text)
    return _DECIMAL.sub(".", text)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def cut(text: str) -> list[Piece]:
    """Cut cleaned text into pieces, in order."""
    pieces: list[Piece] = []
    for chunk in _CHUNK.findall(text):
        pieces += _pieces(chunk)
    return pieces


@functools.lru_cache(maxsize=16384)
def _pieces(chunk: str) -> tuple[Piece, ...]:
    if "+" in chunk:
        chunk = chunk.replace("+", ".plus.")
    if "." in chunk:
        parts = [part for part in _DOT.split(chunk) if part]
        if len(parts) != 1:
            return tuple(piece for part in parts for piece in _pieces(part))
        chunk = parts[0]
    match = _FORM.fullmatch(chunk)
    if match is None or match.lastgroup is None:
        return (("word", chunk),)
    if match["rest"]:
        return (("number", match["count"]), ("word", match["rest"]))
    if match["head"]:
        return (("word", match["head"]), *_pieces(match["digits"]))
    kind: Kind = match.lastgroup  # type: ignore[assignment]
    return ((kind, match[match.lastgroup]),)


@functools.lru_cache(maxsize=4096)
def is_version(token: str) -> bool:
    """Whether a token of a core is a version: ``3.5``, ``4o``, ``k2``, not ``32k``."""
    return _VERSION.fullmatch(token) is not None


@functools.lru_cache(maxsize=4096)
def plain(token: str) -> str:
    """Return a token in comparable form: ``v3.2`` is ``3.2``."""
    return _V.sub("", token, count=1) if token[0] == "v" else token
