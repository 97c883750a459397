"""JSON in one form: strict on the way in, canonical on the way out."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any, NoReturn

__all__ = ["CodecError", "digest", "dumps", "loads"]


class CodecError(ValueError):
    """Data that does not have the form it should have.

    Args:
        problem: What is wrong, with the JSON path of the trouble.
        path: That path by itself, ``$`` for the whole.
    """

    def __init__(self, problem: str, path: str = "$") -> None:
        super().__init__(problem)
        self.problem = problem
        self.path = path


def loads(data: bytes | str) -> Any:
    """Parse JSON, refusing NaN, infinities and what would become one.

    Raises:
        CodecError: Not JSON, not UTF-8, or nested too deeply.
    """
    try:
        text = data if isinstance(data, str) else data.decode()
        return json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise CodecError(f"not JSON: {error}") from error


def dumps(data: Any) -> bytes:
    """Write JSON in one form only: sorted keys, UTF-8, two spaces, last newline.

    Raises:
        CodecError: JSON has no form for it, as for NaN.
    """
    return _written(data, indent=2) + b"\n"


def digest(data: Any) -> str:
    """Return the SHA-256 of the compact canonical JSON of plain data, in hex.

    Raises:
        CodecError: JSON has no form for it, as for NaN.
    """
    return hashlib.sha256(_written(data, separators=(",", ":"))).hexdigest()


def _written(data: Any, **layout: Any) -> bytes:
    try:
        return json.dumps(
            data, sort_keys=True, ensure_ascii=False, allow_nan=False, **layout
        ).encode()
    except (ValueError, TypeError) as error:
        raise CodecError(f"can't be written as JSON: {error}") from error


def _no_number(name: str) -> NoReturn:
    message = f"{name} is not a number"
    raise ValueError(message)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        _no_number(text)
    return number
