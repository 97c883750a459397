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
from llmhub_runtime.testing.cassettes import (
    CassetteError,
    RecordingHub,
    ReplayHub,
    UnknownRequestError,
)
from llmhub_runtime.testing.dialects import TEXT
from llmhub_runtime.testing.drilling import DrillError, adrill, can_drill, drill
from llmhub_runtime.testing.fake import FakeCall, FakeHub, NoAnswerLeftError
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
from llmhub_runtime.testing.scripted import Break, Embed, Fail, Say, ToolCall
from llmhub_runtime.testing.server import FaultServer, Lane, Received

__all__ = [
    "FAULTS",
    "HEALTHY",
    "TEXT",
    "Act",
    "Answer",
    "Break",
    "CassetteError",
    "Check",
    "DrillError",
    "Embed",
    "Fail",
    "FakeCall",
    "FakeHub",
    "Fault",
    "FaultServer",
    "Finding",
    "Form",
    "Judgement",
    "Lane",
    "NoAnswerLeftError",
    "Outcome",
    "Received",
    "RecordingHub",
    "Refusal",
    "ReplayHub",
    "Reset",
    "Row",
    "Say",
    "Scorecard",
    "Script",
    "Silence",
    "Style",
    "ToolCall",
    "Trial",
    "UnknownRequestError",
    "Verdict",
    "adrill",
    "as_markdown",
    "as_text",
    "can_drill",
    "drill",
    "judge",
]
