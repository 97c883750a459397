"""A spec with some keys said otherwise: what ``--what-if`` lays over the file."""

from __future__ import annotations

import json

from llmhub_core.errors import SpecError
from llmhub_core.spec.role import ROLE
from llmhub_core.spec.syntax import parse

__all__ = ["supposition"]


def supposition(change: str, *, role: str) -> str:
    """Write one supposed change as YAML to lay over a spec.

    Args:
        change: ``KEY=VALUE``. The key is dotted and below the role, such as
            ``preferences.cost``; one that no role has is below the file, such as
            ``policy.max_price.output``. The value is written as in the file.
        role: The role that is asked about.

    Raises:
        SpecError: There is no ``=``, no key, or the value is not YAML.
    """
    key, mark, value = change.partition("=")
    keys = [part.strip() for part in key.split(".")]
    if not mark or not all(keys) or not value.strip():
        raise SpecError(
            f"a supposition is KEY=VALUE, such as preferences.cost=low, not {change!r}."
        )
    place = ["roles", role, *keys] if keys[0] in ROLE.keys else keys
    opening = "".join(f"{{{json.dumps(name)}: " for name in place)
    text = f"{opening}{value.strip()}{'}' * len(place)}"
    try:
        parse(text)
    except SpecError as error:
        problem = f"{change}: the value is not YAML on one line."
        raise SpecError(problem) from error
    return text
