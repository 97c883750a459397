"""Every value of the lock has a line."""

from __future__ import annotations

import json

from llmhub_core.lock.lines import line_of, places

TEXT = """{
  "a": [1, {"b": "}],:\\"{"},
    []],
  "c": {},
  "d\\n": -1.5e3, "e": null
}
"""


def test_gives_every_value_its_line() -> None:
    """Brackets, quotes and marks inside strings do not mislead it."""
    json.loads(TEXT)
    assert list(places(TEXT)) == [
        ((), 1),
        (("a",), 2),
        (("a", 0), 2),
        (("a", 1), 2),
        (("a", 1, "b"), 2),
        (("a", 2), 3),
        (("c",), 4),
        (("d\n",), 5),
        (("e",), 5),
    ]


def test_gives_what_is_missing_the_line_around_it() -> None:
    """A value that is not there is looked for where it would be."""
    assert line_of(TEXT, ("a", 1, "z")) == 2
    assert line_of(TEXT, ("c", "z")) == 4
    assert line_of(TEXT, ("z",)) is None
