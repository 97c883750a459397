"""Two providers that fail at random, in a process of their own.

    python chaos_provider.py CALLS

prints its address, and at the end of its input how many connections are open still.
"""

from __future__ import annotations

import random
import sys

from llmhub_runtime.testing import (
    HEALTHY,
    Act,
    Answer,
    FaultServer,
    Refusal,
    Reset,
    Script,
    Silence,
)

FAULTS: tuple[tuple[int, Act], ...] = (
    (240, HEALTHY),
    (4, Refusal(status=429)),
    (4, Refusal(status=429, retry_after_seconds=0.05)),
    (4, Refusal(status=500)),
    (4, Refusal(status=503)),
    (2, Refusal(status=529)),
    (1, Refusal(status=400, code="context_length_exceeded")),
    (1, Refusal(status=400, code="content_policy_violation")),
    (1, Refusal(status=404, code="model_not_found")),
    (4, Reset()),
    (1, Silence(seconds=5)),
    (2, Answer(wait_seconds=0.1)),
    (1, Answer(wait_seconds=5)),
    (3, Answer(ending="cut", words=30)),
    (1, Answer(ending="stalled", words=30, stall_seconds=5)),
    (3, Answer(ending="no_finish", words=30)),
    (2, Answer(ending="no_done")),
    (2, Answer(garbage_at=20)),
)


def script(seed: int, calls: int) -> Script:
    """Return a script whose acts are drawn by chance, always the same for a seed."""
    weights, acts = zip(*FAULTS, strict=True)
    # The last act meets all further requests; retries need more than one each.
    drawn = random.Random(seed).choices(acts, weights, k=2 * calls)
    return Script(acts=(*drawn, HEALTHY))


def main() -> None:
    """Serve until the input ends."""
    calls = int(sys.argv[1])
    models = (("openai", "m-1"), ("openai", "m-2"), ("anthropic", "c-1"))
    scripts = {model: script(seed, calls) for seed, model in enumerate(models)}
    with FaultServer() as server:
        print(server.lane(scripts).root, flush=True)  # noqa: T201 (a script)
        sys.stdin.read()
        server.wait_until(lambda one: one.open_connections == 0, timeout_seconds=30)
        print(server.open_connections, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
