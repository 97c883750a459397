"""``llm-assisted``: what a model says, and what counts of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.contracts import SelectorContext
from llmhub_core.errors import SelectionError
from llmhub_core.records.candidate import Candidate, Cost, Latency, Quality
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RoleNeed
from llmhub_core.selection.ranking import is_line, is_text
from llmhub_selectors.balanced import Balanced
from llmhub_selectors.llm_assisted import (
    LLMAssisted,
    LLMAssistedOptions,
    question,
)

NEED = RoleNeed(role="r", description="Answers questions", quality="high")


def candidate(name: str, score: float, **facts: Any) -> Candidate:
    """A model at a dollar for a thousand requests."""
    return Candidate(
        model=CanonicalModel(
            canonical_id=name,
            provider=name.partition(":")[0],
            model_id=name.partition(":")[2],
            **{"group": f"lab/{name.partition(':')[2]}", **facts},
        ),
        cost=Cost(usd_per_request=0.001, basis="listed"),
        quality=Quality(
            value=score - 5,
            score=score,
            ci_low=score - 5,
            ci_high=score + 5,
            board="text",
            category="overall",
            name=name,
            basis="measured",
        ),
        latency=Latency(value=1.0, basis="proxy", reason="size"),
    )


CANDIDATES = (
    candidate("a:one", 1400.0, input_modalities=("text",)),
    candidate("a:two", 1390.0, input_modalities=("text", "image")),
    candidate("b:one", 1400.0, input_modalities=("text",)),
    candidate("b:three", 1380.0),
    candidate("c:four", 1370.0, supports_tool_call=True),
)
FAIR = [
    place.canonical_id
    for place in Balanced().rank(NEED, CANDIDATES, SelectorContext()).order
]


class Oracle:
    """Answers what a test says, and remembers what it was asked."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[Sequence[Mapping[str, str]]] = []
        self.schema: Mapping[str, Any] = {}

    def __call__(
        self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """See ``llmhub_core.contracts.Ask``."""
        self.asked.append(messages)
        self.schema = schema
        if isinstance(self.answer, Exception):
            raise self.answer
        found: Mapping[str, Any] = self.answer
        return found


def rank(answer: Any, *, shortlist: int = 8) -> tuple[Any, Oracle]:
    """Rank the candidates with that answer."""
    oracle = Oracle(answer)
    selector = LLMAssisted(LLMAssistedOptions(shortlist=shortlist))
    return selector.rank(NEED, CANDIDATES, SelectorContext(ask=oracle)), oracle


def places(*ids: str, capabilities: Sequence[str] = ()) -> dict[str, Any]:
    """An answer that ranks these."""
    ranking = [{"id": name, "reason": f"because of {name}"} for name in ids]
    return {"capabilities": list(capabilities), "ranking": ranking}


def test_the_order_of_the_answer_counts_and_the_others_follow() -> None:
    """Those that the answer leaves out keep the order of balanced."""
    ranking, _ = rank(places("c:four", "a:two"))
    ids = [place.canonical_id for place in ranking.order]
    assert ids[:2] == ["c:four", "a:two"]
    assert ids[2:] == [name for name in FAIR if name not in ids[:2]]
    assert "no. 1 for the model asked: because of c:four" in ranking.order[0].reason


def test_one_question_shows_each_model_at_its_best_host() -> None:
    """Two hosts of one model are one entry; the schema knows no other ids."""
    _, oracle = rank(places("a:two"))
    (messages,) = oracle.asked
    shown = [model["id"] for model in json.loads(messages[1]["content"])["models"]]
    assert len(shown) == 4
    assert len({"a:one", "b:one"} & set(shown)) == 1
    place = oracle.schema["properties"]["ranking"]["items"]
    assert place["properties"]["id"]["enum"] == shown


def test_the_shortlist_is_the_head_of_balanced() -> None:
    """Who is not on it can't be lifted over those who are."""
    ranking, oracle = rank(places("c:four"), shortlist=2)
    shown = json.loads(oracle.asked[0][1]["content"])["models"]
    assert [model["id"] for model in shown] == [FAIR[0], "a:two"]
    assert [place.canonical_id for place in ranking.order] == FAIR
    assert "'c:four', which was not on the list" in ranking.notes[-1]


@pytest.mark.parametrize(
    ("capability", "first"), [("image_input", "a:two"), ("tools", "c:four")]
)
def test_what_the_description_implies_goes_before_the_order(
    capability: str, first: str
) -> None:
    """A model that is not known to have it stands behind those that do."""
    answer = places("b:three", "a:two", "c:four", capabilities=[capability])
    ranking, _ = rank(answer)
    assert ranking.order[0].canonical_id == first
    assert f"the description implies {capability}" in ranking.notes


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (SelectionError("m gave no answer (timeout)"), "m gave no answer (timeout)"),
        ({}, "not the object that was asked for"),
        ({"ranking": []}, "is not the object that was asked for"),
        ({"ranking": {"id": "a:two"}}, "answer is not the object that was asked for"),
        ({"ranking": [{"id": "a:two"}], "capabilities": "x"}, "its answer is not the"),
        ({"ranking": ["a:two"]}, "its ranking names no ids"),
        ({"ranking": [{"id": 7}]}, "ranking names no ids"),
        (places("evil:model", "a:two"), "'evil:model', which was not on the list"),
        (places("a:two", "a:two"), "it ranked 'a:two' twice"),
        (places("a:two", capabilities=["root"]), "capabilities that there are not"),
    ],
)
def test_a_bad_answer_leaves_the_ranking_to_balanced(answer: Any, why: str) -> None:
    """All of it counts or none; a note says why, and nothing is pinned."""
    ranking, _ = rank(answer)
    assert [place.canonical_id for place in ranking.order] == FAIR
    assert ranking.notes[-1].startswith("balanced took over from llm-assisted: ")
    assert why in ranking.notes[-1]
    assert ranking.answer is None


def test_nobody_is_asked_where_there_is_no_choice() -> None:
    """One model, or nobody to ask, needs no answer."""
    oracle = Oracle(places("a:one"))
    selector = LLMAssisted()
    alone = selector.rank(NEED, CANDIDATES[:1], SelectorContext(ask=oracle))
    assert oracle.asked == []
    assert alone.order[0].canonical_id == "a:one"
    silent = selector.rank(NEED, CANDIDATES, SelectorContext(unasked="no key"))
    assert silent.notes[-1].endswith("no key")


def test_the_pinned_answer_names_its_question() -> None:
    """The same role and models ask the same question; others ask another."""
    ranking, oracle = rank(places("a:two"))
    pinned = json.loads(ranking.answer)
    assert pinned["answer"] == places("a:two")
    again, _ = rank(places("a:two"))
    assert again.answer == ranking.answer
    other = question(RoleNeed(role="r", description="else"), CANDIDATES[:2])
    assert other != oracle.asked[0]


def test_an_answer_that_no_file_can_hold_is_pinned_without_the_rest() -> None:
    """Half a character is left out, there and in the reason."""
    answer = {"ranking": [{"id": "a:one", "reason": "fi\ud800ne"}], "capabilities": []}
    context = SelectorContext(ask=Oracle(answer))
    ranking = LLMAssisted(LLMAssistedOptions()).rank(NEED, CANDIDATES, context)
    assert is_line(ranking.order[0].reason)
    assert is_text(ranking.answer)
    assert json.loads(ranking.answer or "")["answer"]["ranking"][0]["reason"] == "fine"


def test_a_reason_is_one_printable_line() -> None:
    """Line breaks, control characters and length of an answer go nowhere."""
    answer = places("a:two")
    answer["ranking"][0]["reason"] = "fast\n\x1b[31mand " + "good " * 100
    ranking, _ = rank(answer)
    reason = ranking.order[0].reason
    assert reason.isprintable()
    assert len(reason) < 300


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["ranking", "capabilities", "id", "reason", "x"]),
                inner,
                max_size=3,
            )
        ),
        max_leaves=12,
    ).filter(lambda value: isinstance(value, dict))
)
def test_no_answer_breaks_the_ranking(answer: Any) -> None:
    """Whatever comes back, everybody eligible is ranked once."""
    ranking, _ = rank(answer)
    assert sorted(place.canonical_id for place in ranking.order) == sorted(FAIR)
