"""Broken payloads: made by chance, and the same ones by the same chance."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

from llmhub_core.testing.damage import damaged

DOCUMENT: dict[str, Any] = {
    "acme": {"models": {"m": {"id": "m", "cost": {"input": 1.5, "tiers": [1, 2]}}}}
}


def _bodies(count: int, times: int = 1) -> list[bytes]:
    return [damaged(DOCUMENT, Random(seed), times=times) for seed in range(count)]


def test_the_same_chance_breaks_the_same() -> None:
    """A failure can be had again from its seed."""
    assert _bodies(50) == _bodies(50)


def test_the_document_itself_stays_whole() -> None:
    """What is broken is a copy."""
    before = copy.deepcopy(DOCUMENT)
    _bodies(200, times=5)
    assert before == DOCUMENT


def test_it_breaks_in_many_ways() -> None:
    """Most of a thousand tries differ, some are no JSON, and none is empty of harm."""
    bodies = _bodies(1000)
    assert len(set(bodies)) > 500
    kinds = {"sound": 0, "no JSON": 0, "changed": 0}
    for body in bodies:
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            kinds["no JSON"] += 1
        else:
            kinds["sound" if document == DOCUMENT else "changed"] += 1
    assert kinds["no JSON"] > 20
    assert kinds["changed"] > 700
    joined = b"".join(bodies)
    for trouble in (
        b"1e400",
        b"NaN",
        b"\\ud800",
        b"9" * 5000,
        b"[[[[",
        b"\xef\xbb\xbf",
    ):
        assert trouble in joined, trouble


def test_nothing_can_be_broken_too() -> None:
    """An empty document and a bare value come through as text."""
    assert isinstance(damaged({}, Random(0)), bytes)
    assert isinstance(damaged(5, Random(0)), bytes)
    assert isinstance(damaged([1], Random(0), times=9), bytes)
