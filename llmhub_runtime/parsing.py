"""Answers that pydantic's own validator reads.

The SDKs that Stainless generates build their records field by field, in Python, so that
data which is not what their API describes gets through as well. That is half of what a
stream costs the caller, and a fifth of a second for a hundred embeddings. Nearly all
data is as described: here pydantic, whose validator is compiled, reads it first, and
what it refuses is read as before.
"""

from __future__ import annotations

from typing import Any

__all__ = ["validate_first"]


def validate_first(sdk: Any) -> None:
    """Have the client of an SDK read by itself only what pydantic refuses.

    Args:
        sdk: Its client; one that reads answers in another way stays as it is.
    """
    as_before = getattr(sdk, "_process_response_data", None)
    if as_before is None:
        return

    def read(*, data: Any, cast_to: Any, **how: Any) -> Any:
        # Unions of records it validates already.
        validate = getattr(cast_to, "model_validate", None)
        if validate is not None:
            try:
                return validate(data)
            except ValueError:
                pass  # not as described: it costs a twentieth of reading it as before
        return as_before(data=data, cast_to=cast_to, **how)

    sdk._process_response_data = read  # noqa: SLF001
