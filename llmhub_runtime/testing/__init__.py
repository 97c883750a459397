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
from llmhub_runtime.testing.drilling import DrillError, adrill, can_drill, drill
from llmhub_runtime.testing.faults import FAULTS, Fault
from llmhub_runtime.testing.scorecard import (
    Form,
    Row,
    Scorecard,
    Style,
    as_markdown,
    as_text,
)
from llmhub_runtime.testing.scoring import (
    Check,
    Finding,
    Judgement,
    Outcome,
    Trial,
    Verdict,
    judge,
)
from llmhub_runtime.testing.server import FaultServer, Lane, Received

__all__ = [
    "FAULTS",
    "HEALTHY",
    "TEXT",
    "Act",
    "Answer",
    "Check",
    "DrillError",
    "Fault",
    "FaultServer",
    "Finding",
    "Form",
    "Judgement",
    "Lane",
    "Outcome",
    "Received",
    "Refusal",
    "Reset",
    "Row",
    "Scorecard",
    "Script",
    "Silence",
    "Style",
    "Trial",
    "Verdict",
    "adrill",
    "as_markdown",
    "as_text",
    "can_drill",
    "drill",
    "judge",
]
