"""What to run next, as it has to be typed."""

from __future__ import annotations

from llmhub_core.records.spec import Spec

__all__ = ["generate"]


def generate(spec: Spec, *more: str) -> str:
    """Write the ``llmhub generate`` that is due, for the environment that is meant.

    Args:
        spec: The effective spec; its own environment needs no option.
        more: Options and roles to add.
    """
    env = () if spec.env == spec.environments[0] else ("--env", spec.env)
    return f"`{' '.join(('llmhub generate', *env, *more))}`"
