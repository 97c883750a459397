"""Primary, backups, and the facts beside them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from llmhub_core.errors import (
    IneligibleModelError,
    InvalidChoiceError,
    UnknownModelError,
)
from llmhub_core.records.candidate import Candidates, Ranked, Ranking
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.choice import Choice
from llmhub_core.records.model import CanonicalModel, PriceTier
from llmhub_core.records.rating import Rating
from llmhub_core.records.spec import Preferences, Require, RoleSpec, Spec
from llmhub_core.selection import (
    Measures,
    assemble,
    check_ranking,
    interpret,
    shortlist,
)

Make = Callable[..., CanonicalModel]
MakeCatalog = Callable[..., Catalog]


def ranking(*ids: str, **more: Any) -> Ranking:
    """Places in this order."""
    return Ranking(
        order=tuple(Ranked(canonical_id=name, reason=f"reason {name}") for name in ids),
        **more,
    )


def chosen(catalog: Catalog, *order: str, **role: Any) -> Choice:
    """The choice for a role when a selector ranks in this order."""
    spec = Spec(project="p", roles={"r": RoleSpec(name="r", **role)})
    measures = Measures(catalog)
    candidates = shortlist(catalog, interpret(spec, "r"), measures)
    return assemble(candidates, ranking(*order), measures, selector="mine")


def ids(choice: Choice) -> list[str]:
    """Primary and backups."""
    return [pick.canonical_id for pick in (choice.primary, *choice.backups)]


@pytest.fixture
def market(model: Make, catalog: MakeCatalog) -> Catalog:
    """Two labs, their own providers and one host of both."""
    return catalog(
        model("anthropic:opus", group="anthropic/opus", lab="anthropic"),
        model("anthropic:sonnet", group="anthropic/sonnet", lab="anthropic"),
        model("bedrock:opus", group="anthropic/opus", lab="anthropic"),
        model("bedrock:sonnet", group="anthropic/sonnet", lab="anthropic"),
        model("openai:gpt", group="openai/gpt", lab="openai"),
    )


def test_backups_come_from_another_provider_and_lab_first(market: Catalog) -> None:
    """Then another provider with another model, then another provider at least."""
    order = (
        "anthropic:opus",
        "anthropic:sonnet",
        "bedrock:opus",
        "bedrock:sonnet",
        "openai:gpt",
    )
    assert ids(chosen(market, *order, fallbacks=4)) == [
        "anthropic:opus",
        "openai:gpt",  # no provider, no lab shared
        "bedrock:sonnet",  # a lab shared
        "anthropic:sonnet",  # provider shared, and the model with the one before
        "bedrock:opus",
    ]


def test_among_equals_the_ranking_decides(model: Make, catalog: MakeCatalog) -> None:
    """Of those that share nothing the highest comes first."""
    models = catalog(*(model(f"{name}:m", lab=name) for name in "abcd"))
    assert ids(chosen(models, "c:m", "b:m", "d:m", "a:m")) == ["c:m", "b:m", "d:m"]


def test_shared_fate_is_said(market: Catalog) -> None:
    """What a backup has in common with the models before it stands beside it."""
    order = ("anthropic:opus", "bedrock:opus", "anthropic:sonnet", "bedrock:sonnet")
    choice = chosen(market, *order, fallbacks=3)
    said = {pick.canonical_id: pick.notes for pick in choice.backups}
    assert said == {
        "bedrock:sonnet": ("shared fate: same lab as anthropic:opus",),
        "bedrock:opus": (
            "shared fate: same provider as bedrock:sonnet",
            "shared fate: same model as anthropic:opus",
        ),
        "anthropic:sonnet": (
            "shared fate: same provider as anthropic:opus",
            "shared fate: same model as bedrock:sonnet",
        ),
    }
    assert choice.primary.notes == ()


def test_unknown_labs_share_nothing(model: Make, catalog: MakeCatalog) -> None:
    """Two models of which nobody knows the maker are not held against each other."""
    choice = chosen(catalog(model("a:m"), model("b:m")), "a:m", "b:m")
    assert choice.backups[0].notes == ()


def test_too_few_candidates_for_the_backups_is_said(
    model: Make, catalog: MakeCatalog
) -> None:
    """The chain is shorter, and the choice says so."""
    choice = chosen(catalog(model("a:m"), model("b:m")), "a:m", "b:m", fallbacks=3)
    assert ids(choice) == ["a:m", "b:m"]
    assert choice.notes == ("1 of 3 backups: no more candidates",)


def test_a_selector_that_leaves_candidates_out_leaves_them_out(
    market: Catalog,
) -> None:
    """What was not ranked is no backup either."""
    choice = chosen(market, "openai:gpt", fallbacks=2)
    assert ids(choice) == ["openai:gpt"]


def test_no_backups_when_none_are_asked_for(market: Catalog) -> None:
    """`fallbacks: 0` is quiet."""
    choice = chosen(market, "openai:gpt", "bedrock:opus", fallbacks=0)
    assert ids(choice) == ["openai:gpt"]
    assert choice.notes == ()


def test_named_backups_are_taken_as_they_are(market: Catalog) -> None:
    """In the author's order, each once, with the selector's reason where it has one."""
    named = ("bedrock:opus", "bedrock:opus", "anthropic:opus")
    choice = chosen(market, "openai:gpt", "bedrock:opus", fallbacks=named)
    assert ids(choice) == ["openai:gpt", "bedrock:opus", "anthropic:opus"]
    assert [pick.reason for pick in choice.backups] == [
        "named as a fallback; reason bedrock:opus",
        "named as a fallback",
    ]


def test_a_named_backup_that_is_the_primary_is_left_out(market: Catalog) -> None:
    """A model does not back itself up."""
    choice = chosen(market, "openai:gpt", fallbacks=("openai:gpt", "bedrock:opus"))
    assert ids(choice) == ["openai:gpt", "bedrock:opus"]
    assert choice.notes == ("the fallback openai:gpt is the primary",)


def test_a_named_backup_must_satisfy_the_hard_limits(
    model: Make, catalog: MakeCatalog
) -> None:
    """Otherwise an error names the key and why."""
    models = catalog(model("a:m", supports_tool_call=True), model("b:mute"))
    with pytest.raises(IneligibleModelError) as caught:
        chosen(models, "a:m", require=Require(tools=True), fallbacks=("b:mute",))
    assert str(caught.value) == (
        "role 'r': the fallback 'b:mute' can't serve: it is not known to call tools "
        "(require.tools)."
    )


def test_a_named_backup_that_does_not_exist_has_suggestions(market: Catalog) -> None:
    """As for any id that is mistyped."""
    with pytest.raises(UnknownModelError, match="Did you mean bedrock:opus"):
        chosen(market, "openai:gpt", fallbacks=("bedrock:opus-1",))


def test_a_local_backup_needs_no_row_in_the_catalog(market: Catalog) -> None:
    """A model of a local server is taken at its name, and the pick says so."""
    choice = chosen(market, "openai:gpt", fallbacks=("ollama:llama3",))
    (backup,) = choice.backups
    assert (backup.provider, backup.model_id) == ("ollama", "llama3")
    assert "not in the catalog: nothing is known of it" in backup.notes


def test_backups_of_a_forced_model_need_not_be_that_model(market: Catalog) -> None:
    """Forcing binds the primary; requirements bind the named backups."""
    forced = {"force_provider": "openai", "force_model": "gpt"}
    choice = chosen(market, "openai:gpt", fallbacks=("bedrock:opus",), **forced)
    assert ids(choice) == ["openai:gpt", "bedrock:opus"]
    with pytest.raises(IneligibleModelError, match=r"require\.tools"):
        chosen(
            market,
            "openai:gpt",
            fallbacks=("bedrock:opus",),
            require=Require(tools=True),
            **forced,
        )


def test_a_forced_model_warns_of_what_it_fails(market: Catalog) -> None:
    """Requirements that were set aside are reported, not forgotten."""
    choice = chosen(
        market,
        "openai:gpt",
        force_provider="openai",
        force_model="gpt",
        require=Require(tools=True),
        preferences=Preferences(providers=("openai",)),
    )
    assert choice.primary.notes == (
        "forced, although it is not known to call tools (require.tools)",
    )
    assert choice.eligible == 1
    assert choice.considered == 5
    assert choice.notes == ()  # nor about the backups that forcing leaves out


def test_a_pick_carries_the_facts_that_decided(
    model: Make, catalog: MakeCatalog
) -> None:
    """Prices, limits, capabilities in the words of `require`, and parameters."""
    tier = PriceTier(above_context_tokens=200_000, input_per_million=2.0)
    one = model(
        "openai:gpt",
        group="openai/gpt",
        lab="openai",
        score=1400.0,
        price_cache_read_per_million=0.1,
        price_cache_write_per_million=1.25,
        price_tiers=(tier,),
        context_tokens=400_000,
        max_output_tokens=1_000,
        supports_tool_call=True,
        supports_structured_output=None,
        supports_reasoning=True,
        supports_temperature=False,
        open_weights=False,
        input_modalities=("text", "image", "pdf"),
        output_modalities=("text",),
    )
    choice = chosen(
        catalog(one),
        "openai:gpt",
        fallbacks=0,
        mode_params={"temperature": 0.2, "max_tokens": 2_000},
    )
    pick = choice.primary
    assert (pick.provider, pick.model_id) == ("openai", "gpt")
    assert (pick.group, pick.lab) == ("openai/gpt", "openai")
    assert pick.reason == "reason openai:gpt"
    assert pick.cost is not None
    assert pick.cost.usd_per_request == 0.0013
    assert pick.quality is not None
    assert pick.quality.score == 1400.0
    assert pick.price_input_per_million == 1.0
    assert pick.price_cache_read_per_million == 0.1
    assert pick.price_cache_write_per_million == 1.25
    assert pick.price_tiers == (tier,)
    assert (pick.context_tokens, pick.max_output_tokens) == (400_000, 1_000)
    assert pick.capabilities == ("reasoning", "takes image", "takes pdf", "tools")
    assert pick.params == {"max_tokens": 1_000}
    assert pick.dropped_params == {"temperature": "the model takes no temperature"}
    assert pick.notes == ("max_tokens lowered from 2000 to the model's 1000",)
    assert (choice.role, choice.mode, choice.selector) == ("r", "chat", "mine")


def test_prices_that_are_no_bargain_are_remarked(
    model: Make, catalog: MakeCatalog
) -> None:
    """Unknown prices and free offers say what they are."""
    models = catalog(
        model("a:m", price_basis="zero"), model("b:m:free", price_basis="free")
    )
    choice = chosen(models, "a:m", fallbacks=("b:m:free",))
    assert choice.primary.notes == ("its price is unknown",)
    assert choice.backups[0].notes == ("free of charge: expect tight rate limits",)


def test_a_fallback_that_a_call_does_not_reach_is_remarked(
    model: Make, catalog: MakeCatalog
) -> None:
    """Who names it has decided, and reads where it is served instead."""
    models = catalog(model("a:m"), model("openai:gpt-5-codex"))
    (backup,) = chosen(models, "a:m", fallbacks=("openai:gpt-5-codex",)).backups
    assert (
        "named as a fallback; it is served at OpenAI's Responses API" in backup.reason
    )


def test_what_the_selector_says_is_kept(market: Catalog) -> None:
    """Its remarks, and the answer that it wants pinned."""
    spec = Spec(project="p", roles={"r": RoleSpec(name="r", fallbacks=0)})
    measures = Measures(market)
    candidates = shortlist(market, interpret(spec, "r"), measures)
    order = ranking("openai:gpt", notes=("thought hard",), answer='{"a": 1}')
    choice = assemble(candidates, order, measures, selector="llm")
    assert choice.notes == ("thought hard",)
    assert choice.answer == '{"a": 1}'


# ------------------------------------------------------------------ the check
@pytest.fixture
def eligible(market: Catalog) -> Candidates:
    """All five models of the market."""
    spec = Spec(project="p", roles={"r": RoleSpec(name="r")})
    return shortlist(market, interpret(spec, "r"))


def test_a_fair_ranking_passes_the_check(eligible: Candidates) -> None:
    """It is handed back unchanged."""
    fair = ranking("openai:gpt", "bedrock:opus")
    assert check_ranking(fair, eligible, selector="mine") is fair


def _placed(**wrong: Any) -> Ranking:
    """A ranking whose only place has something wrong about it."""
    right = {"canonical_id": "openai:gpt", "reason": "rated 1400", "score": 1400.0}
    return Ranking(order=(Ranked(**right | wrong),))  # type: ignore[arg-type]


def _said(**wrong: Any) -> Ranking:
    """A ranking that is right but for what it says beside it."""
    return attrs.evolve(ranking("openai:gpt"), **wrong)


@pytest.mark.parametrize(
    "fine",
    [
        _placed(reason="gr\u00f6\u00dfer\u00a0\u2265\u20091 \U0001f600", score=3),
        _said(notes=["a list"], answer='{\n  "lines": 2\n}'),
        Ranking(order=[Ranked(canonical_id="openai:gpt", reason="a list")]),  # type: ignore[arg-type]
    ],
)
def test_what_can_be_written_passes_the_check(
    eligible: Candidates, fine: Ranking
) -> None:
    """Lists, whole numbers, and letters of any language do."""
    assert check_ranking(fine, eligible, selector="mine") is fine


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (ranking(), "ranked no candidate at all"),
        (ranking("openai:gpt", "openai:secret"), "chose 'openai:secret', which is"),
        (ranking("openai:gpt", "openai:gpt"), "ranked 'openai:gpt' twice"),
        (["openai:gpt"], "answered with list, not with a Ranking"),
        (None, "answered with NoneType, not with a Ranking"),
        (Ranking(order=iter(())), "a Ranking of tuple_iterator, not of a tuple"),
        (Ranking(order=("openai:gpt",)), "ranked str, not Ranked"),
        (_placed(canonical_id=3), "chose 3, which is not a candidate"),
        (_placed(reason=None), "gave None as the reason for 'openai:gpt'"),
        (_placed(reason="one\ntwo"), r"gave 'one\\ntwo' as the reason"),
        (_placed(reason="\x1b[2J"), r"gave '\\x1b\[2J' as the reason"),
        (_placed(reason="\ud800"), r"gave '\\ud800' as the reason"),
        (_placed(reason="x" * 100_001), r"gave 'x{76}\.\.\. as the reason"),
        (_placed(score=math.nan), "scored 'openai:gpt' with nan, not with a finite"),
        (_placed(score=10**400), r"with 10{76}\.\.\., not with a finite number"),
        (_placed(score=True), "with True, not with a finite number"),
        (_placed(score="3"), "with '3', not with a finite number"),
        (_said(notes=None), "gave None for its notes, not a tuple of lines"),
        (_said(notes="a note"), "gave 'a note' for its notes, not a tuple of"),
        (_said(notes=("fine", 1)), "gave 1 as a note, not a line of text"),
        (_said(answer=b"{}"), "gave b'{}' as the answer to pin, not a text or"),
        (_said(answer="\ud800"), r"gave '\\ud800' as the answer to pin"),
    ],
)
def test_a_selector_that_breaks_its_contract_is_refused(
    eligible: Candidates, answer: object, problem: str
) -> None:
    """The error names the selector and what it did."""
    with pytest.raises(InvalidChoiceError, match=problem) as caught:
        check_ranking(answer, eligible, selector="mine")
    assert str(caught.value).startswith("role 'r': the selector 'mine' ")


# ------------------------------------------------------------------ who can take over
def test_speech_is_no_backup_of_transcription(
    model: Make, catalog: MakeCatalog
) -> None:
    """A backup of an audio role takes and gives what the primary does."""
    hear = {"kind": "audio", "input_modalities": ("audio",)}
    speak = {"kind": "audio", "input_modalities": ("text",)}
    both = {"kind": "audio", "input_modalities": ("audio", "text")}
    market = catalog(
        model("a:asr", output_modalities=("text",), **hear),
        model("b:tts", output_modalities=("audio",), **speak),
        model("c:asr", output_modalities=("text",), **hear),
        model("d:chat", output_modalities=("audio", "text"), **both),
        model("e:unknown", kind="audio"),
    )
    order = ("a:asr", "b:tts", "e:unknown", "c:asr", "d:chat")
    choice = chosen(market, *order, kind="audio", fallbacks=3)
    assert ids(choice) == ["a:asr", "c:asr", "d:chat"]
    assert (
        "speech or transcription? Say it by require.input_modalities or "
        "require.output_modalities" in choice.notes
    )
    told = Require(input_modalities=("text",), output_modalities=("audio",))
    order = ("d:chat", "b:tts")
    choice = chosen(market, *order, kind="audio", require=told)
    assert ids(choice) == ["d:chat", "b:tts"]
    assert not any("speech" in note for note in choice.notes)


@pytest.mark.parametrize(
    ("kind", "notes"),
    [
        ("embedding", ()),
        ("other", ("kind other is many things: name the model by force_model",)),
    ],
)
def test_where_models_are_not_alike_only_hosts_back_up(
    model: Make, catalog: MakeCatalog, kind: str, notes: tuple[str, ...]
) -> None:
    """Vectors of two models don't compare; what translates reads no handwriting."""
    market = catalog(
        model("a:one", kind=kind, group="x/one"),
        model("b:two", kind=kind, group="x/two"),
        model("c:one", kind=kind, group="x/one"),
        model("d:one", kind=kind),
    )
    order = ("a:one", "b:two", "d:one", "c:one")
    choice = chosen(market, *order, kind=kind)
    assert ids(choice) == ["a:one", "c:one"]
    assert choice.notes == (*notes, "1 of 2 backups: no other host")
    named = chosen(market, *order, kind=kind, fallbacks=("b:two",))
    assert ids(named) == ["a:one", "b:two"]


# ------------------------------------------------------------------ what to know
def test_a_scale_that_stands_in_is_said(
    model: Make, catalog: MakeCatalog, rated: Callable[..., Rating]
) -> None:
    """A rating of another category is never passed off as one of the task."""
    market = catalog(model("a:m", ratings=(rated("m", 1400.0),)))
    choice = chosen(market, "a:m", kind="chat", task="german")
    assert "too few are rated in text/german: text/overall stands in" in choice.notes
    assert not any("stands in" in n for n in chosen(market, "a:m", kind="chat").notes)


def test_what_is_odd_about_a_chosen_row_is_said(
    model: Make, catalog: MakeCatalog
) -> None:
    """The checks of the catalog reach whoever reviews the lock."""
    market = catalog(model("a:m", flags={"floating-alias": "it names the newest"}))
    choice = chosen(market, "a:m", kind="chat")
    assert choice.primary.notes == ("floating-alias: it names the newest",)


def test_costs_of_pictures_are_not_what_they_seem(
    model: Make, catalog: MakeCatalog
) -> None:
    """Prices per token of text say little of a picture."""
    market = catalog(
        model("a:m", kind="image"), model("b:m", kind="image", price_basis=None)
    )
    note = "the cost counts tokens of text; pictures may cost more"
    assert note in chosen(market, "a:m", kind="image").notes
    assert note not in chosen(market, "b:m", kind="image").notes
