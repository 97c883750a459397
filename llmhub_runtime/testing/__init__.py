"""Test how an application calls its models, without a model and without a network."""

from __future__ import annotations

from llmhub_runtime.testing.acts import (
    HEALTHY,
    Act,
    Answer,
    Refusal,
    Reset,
    Script,
    Silence,
)
from llmhub_runtime.testing.dialects import TEXT
from llmhub_runtime.testing.server import FaultServer, Lane, Received

__all__ = [
    "HEALTHY",
    "TEXT",
    "Act",
    "Answer",
    "FaultServer",
    "Lane",
    "Received",
    "Refusal",
    "Reset",
    "Script",
    "Silence",
]
