"""The keys under ``runtime``: settings that the runtime, not the choice, obeys."""

from __future__ import annotations

from llmhub_core.spec.quantities import Duration, Number, Whole
from llmhub_core.spec.tables import Key, Keys, ListOf, MapOf
from llmhub_core.spec.words import Choice, Flag, Text

__all__ = ["ROLE_NAME", "RUNTIME"]

ROLE_NAME = r"[\w.:/@+-]+"
"""Regular expression for the whole of a role's name."""

_FAULTS = ListOf(
    item=Choice(
        words=(
            "rate_limit",
            "timeout",
            "connection",
            "server_error",
            "context_window",
            "auth",
            "not_found",
            "content_filter",
            "bad_request",
        )
    )
)
_OWN = "the runtime's own"
_PLANNED = "Planned: `generate` refuses it until the runtime has it."


def _duration(means: str, example: str) -> Key:
    return Key(shape=Duration(), means=means, default=_OWN, example=example)


_BACKOFF = Keys(
    keys={
        "initial": _duration("Longest first wait.", "500ms"),
        "max": _duration("Longest wait of all.", "8s"),
        "multiplier": Key(
            shape=Number(minimum=1),
            means="By how much each wait may be longer than the one before.",
            default=_OWN,
            example="2",
        ),
        "jitter": Key(
            shape=Number(maximum=1),
            means="Which part of a wait is left to chance: 1 is full jitter.",
            default=_OWN,
            example="1",
        ),
    }
)

_SHARES = MapOf(item=Number(maximum=1), noun="role", name=ROLE_NAME)

_CACHE = Keys(
    keys={
        "mode": Key(
            shape=Choice(words=("off", "on", "read_only", "write_only")),
            means="Whether answers are kept and served again.",
            default=_OWN,
            example="on",
        ),
        "ttl": Key(
            shape=Duration(),
            means="How long a kept answer is good.",
            default=_OWN,
            example="1h",
        ),
    }
)

_BUDGET = Keys(
    keys={
        "limit": Key(
            shape=Number(above=True, unit="USD"),
            means="Most that may be spent in one period.",
            default=_OWN,
            example="5.0",
        ),
        "period": Key(
            shape=Duration(),
            means="After which time the count starts anew.",
            default=_OWN,
            example="1d",
        ),
    }
)

RUNTIME = Keys(
    keys={
        "timeout": _duration("Longest time for one attempt.", "60s"),
        "deadline": _duration("Longest time for the whole call.", "120s"),
        "ttft_timeout": _duration("Longest wait for the first token.", "15s"),
        "stream_idle_timeout": _duration("Longest pause within a stream.", "15s"),
        "num_retries": Key(
            shape=Whole(),
            means="Additional attempts on the same model.",
            default=_OWN,
            example="2",
        ),
        "allowed_fails": Key(
            shape=Whole(minimum=1),
            means="Failures in a row that open the circuit breaker.",
            default=_OWN,
            example="3",
        ),
        "cooldown_time": _duration("How long the open breaker keeps away.", "20s"),
        "commit": Key(
            shape=Choice(words=("first_token", "complete")),
            means="When a stream is handed out: at once, or when it is whole.",
            default=_OWN,
            example="first_token",
        ),
        "retry_on": Key(
            shape=_FAULTS,
            means="Faults that are tried again on the same model.",
            default=_OWN,
            example="[rate_limit, timeout]",
        ),
        "fallback_on": Key(
            shape=_FAULTS,
            means="Faults that pass to the next model.",
            default=_OWN,
            example="[rate_limit, timeout, auth]",
        ),
        "backoff": Key(
            shape=_BACKOFF,
            means="How the waits between attempts grow.",
            default=_OWN,
            example="{initial: 500ms, max: 8s}",
        ),
        "respect_retry_after": Key(
            shape=Flag(),
            means="Wait as long as the provider says.",
            default=_OWN,
            example="true",
        ),
        "max_retry_after": _duration(
            "Longest wait that a provider may ask for.", "60s"
        ),
        "max_fallbacks": Key(
            shape=Whole(),
            means="How many fallbacks one call may go through.",
            default=_OWN,
            example="5",
        ),
        "candidates": Key(
            shape=_SHARES,
            means="Other roles that answer a share of the calls, from 0 to 1.",
            example="{llm.next: 0.05}",
        ),
        "sticky_by": Key(
            shape=Text(),
            means="The parameter that tells whom a call is for: who is the same keeps "
            "the same candidate.",
            example="user",
        ),
        "shadow": Key(
            shape=_SHARES,
            means="Other roles that get a copy of a share of the calls.",
            example="{llm.trial: 0.01}",
        ),
        "cache": Key(
            shape=_CACHE,
            means=f"The runtime's answer cache. {_PLANNED}",
            default=_OWN,
            example="{mode: on, ttl: 1h}",
        ),
        "budget": Key(
            shape=_BUDGET,
            means=f"A spending limit. {_PLANNED}",
            default=_OWN,
            example="{limit: 5.0, period: 1d}",
        ),
    }
)
