"""Who is kept, who is out and why, and what an error says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from llmhub_core.errors import (
    IneligibleModelError,
    NoCandidatesError,
    UnknownModelError,
)
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel, PriceTier
from llmhub_core.records.need import RoleNeed
from llmhub_core.records.spec import (
    MaxPrice,
    Policy,
    Preferences,
    ProviderSpec,
    Require,
    RoleSpec,
    Spec,
    Workload,
)
from llmhub_core.selection import Measures, interpret, shortlist, why_not
from llmhub_core.selection.eligibility import eligible

Make = Callable[..., CanonicalModel]
MakeCatalog = Callable[..., Catalog]


def need_of(spec: dict[str, Any] | None = None, **role: Any) -> RoleNeed:
    """The need of a spec with one role."""
    made = RoleSpec(name="r", **role)
    return interpret(Spec(project="p", roles={"r": made}, **(spec or {})), "r")


REASONS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]] = [
    ({"kind": "embedding"}, {}, {}, "kind: is of kind embedding, not chat"),
    ({"kind": None}, {}, {}, "kind: is of kind unknown, not chat"),
    ({"callable": "no"}, {}, {}, "callable: can't be called: not listed"),
    (
        {"callable": "no", "callable_note": "openai was asked and does not list it"},
        {},
        {},
        "callable: can't be called: openai was asked and does not list it",
    ),
    ({"status": "deprecated"}, {}, {}, "status: is deprecated"),
    (
        {"status": "beta"},
        {"require": Require(status=("stable",))},
        {},
        "require.status: has status beta, not stable",
    ),
    (
        {},
        {"require": Require(tools=True)},
        {},
        "require.tools: is not known to call tools",
    ),
    (
        {"supports_tool_call": False},
        {"require": Require(tools=True)},
        {},
        "require.tools: is known not to call tools",
    ),
    (
        {"supports_reasoning": True},
        {"require": Require(reasoning=False)},
        {},
        "require.reasoning: is known to reason",
    ),
    (
        {},
        {"require": Require(structured_output=False)},
        {},
        "require.structured_output: is not known not to follow a JSON schema",
    ),
    (
        {"open_weights": False},
        {},
        {"policy": Policy(open_weights_only=True)},
        "policy.open_weights_only: is known not to have open weights",
    ),
    (
        {"input_modalities": ("text",)},
        {"require": Require(input_modalities=("text", "image", "audio"))},
        {},
        "require.input_modalities: does not take image, audio",
    ),
    (
        {},
        {"task": "vision"},
        {},
        "task: is not known to take image",
    ),
    (
        {"output_modalities": ("text",)},
        {"require": Require(output_modalities=("image",))},
        {},
        "require.output_modalities: does not give image",
    ),
    (
        {"context_tokens": 8_000},
        {"require": Require(context_tokens=9_000)},
        {},
        "require.context_tokens: has a context window of 8000, under 9000",
    ),
    (
        {},
        {"require": Require(max_output_tokens=1)},
        {},
        "require.max_output_tokens: has no known output limit",
    ),
    (
        {"knowledge_cutoff": "2024-05"},
        {"require": Require(knowledge_after="2024-06")},
        {},
        "require.knowledge_after: has a knowledge cutoff of 2024-05, under 2024-06",
    ),
    (
        {"price_basis": "zero"},
        {"require": Require(max_price=MaxPrice(input=1.0))},
        {},
        "require.max_price: has no known input price",
    ),
    (
        {"price_output_per_million": 31.5},
        {},
        {"policy": Policy(max_price=MaxPrice(output=30.0))},
        "policy.max_price: costs 31.5 per million output tokens, over 30",
    ),
    (
        {"score": 1349.0},
        {"require": Require(min_quality=1350)},
        {},
        "require.min_quality: is rated 1349 in text/overall, under 1350",
    ),
    (
        {},
        {"require": Require(min_quality=1350)},
        {},
        "require.min_quality: has no rating for the task",
    ),
    (
        {},
        {"require": Require(measured_quality=True)},
        {},
        "require.measured_quality: has no rating for the task",
    ),
    (
        {},
        {"preferences": Preferences(providers=("anthropic", "groq"))},
        {},
        "preferences.providers: is at openai, not at anthropic or groq",
    ),
    (
        {},
        {"preferences": Preferences(provider_blocklist=("openai",))},
        {},
        "preferences.provider_blocklist: is at openai",
    ),
    (
        {},
        {"preferences": Preferences(model_denylist=("*:x", "openai:*"))},
        {},
        "preferences.model_denylist: matches openai:*",
    ),
    (
        {},
        {},
        {"policy": Policy(models_allow=("groq:*", "*:y"))},
        "policy.models.allow: matches none of groq:*, *:y",
    ),
    (
        {},
        {},
        {"providers": {"openai": ProviderSpec(enabled=False)}},
        "providers.openai.enabled: is at openai",
    ),
    (
        {},
        {"force_provider": "groq"},
        {},
        "force_provider: is at openai, not at groq",
    ),
]


@pytest.mark.parametrize("case", REASONS, ids=lambda case: case[3])
def test_every_limit_gives_its_reason(
    model: Make,
    catalog: MakeCatalog,
    case: tuple[dict[str, Any], dict[str, Any], dict[str, Any], str],
) -> None:
    """One reason, with the key to edit and the numbers that were compared."""
    known, role, spec, expected = case
    one = model("openai:m", **known)
    need, measures = need_of(spec, **role), Measures(catalog(one))
    reasons = why_not(one, need, measures).reasons
    assert [": ".join(reason) for reason in reasons] == [expected]


def test_a_model_that_is_not_measured_says_so(
    model: Make, catalog: MakeCatalog, rated: Callable[..., Any]
) -> None:
    """An inherited rating is no measured one; a rating in another mode is."""
    heir = model("a:heir", ratings=(rated("heir", 1300.0, basis="inherited"),))
    proxy = model("a:proxy", ratings=(rated("proxy", 1300.0, proxy=True),))
    need = need_of(require=Require(measured_quality=True))
    measures = Measures(catalog(heir, proxy))
    assert why_not(heir, need, measures).reasons == (
        ("require.measured_quality", "has a rating that is inherited, not measured"),
    )
    assert why_not(proxy, need, measures).reasons == ()


def test_a_translated_rating_is_not_measured_either(
    model: Make, catalog: MakeCatalog, rated: Callable[..., Any]
) -> None:
    """It was earned in another category than the task's."""
    shared = [
        model(
            f"a:m{number:02}",
            ratings=(
                rated(f"m{number:02}", 1300.0, category="coding"),
                rated(f"m{number:02}", 1250.0),
            ),
        )
        for number in range(20)
    ]
    other = model("a:other", ratings=(rated("other", 1350.0),))
    measures = Measures(catalog(*shared, other))
    need = need_of(task="coding", require=Require(measured_quality=True))
    assert why_not(other, need, measures).reasons == (
        ("require.measured_quality", "has a rating that is translated, not measured"),
    )
    # As an estimate it counts: 1350 in overall are 1400 in coding.
    lenient = need_of(task="coding", require=Require(min_quality=1400))
    assert eligible(lenient, measures) == {"a:other"}


def test_roles_of_other_tasks_do_not_share_a_limit_on_quality(
    model: Make, catalog: MakeCatalog, rated: Callable[..., Any]
) -> None:
    """The same number means another category for each of them."""
    coder = model(
        "a:coder",
        ratings=(rated("coder", 1400.0, category="coding"), rated("coder", 1200.0)),
    )
    measures = Measures(catalog(coder))
    require = Require(min_quality=1300)
    assert eligible(need_of(task="coding", require=require), measures) == {"a:coder"}
    assert eligible(need_of(require=require), measures) == frozenset()


def test_limits_are_met_by_equality(model: Make, catalog: MakeCatalog) -> None:
    """At least and at most include the limit itself."""
    one = model(
        "openai:m",
        context_tokens=9_000,
        price_output_per_million=30.0,
        knowledge_cutoff="2024-06",
        score=1350.0,
    )
    need = need_of(
        {"policy": Policy(max_price=MaxPrice(output=30.0))},
        require=Require(
            context_tokens=9_000, knowledge_after="2024-06", min_quality=1350
        ),
    )
    assert eligible(need, Measures(catalog(one))) == {"openai:m"}


def test_a_ceiling_holds_for_the_tier_of_the_workload(
    model: Make, catalog: MakeCatalog
) -> None:
    """A role with long prompts pays the price of long prompts."""
    tier = PriceTier(above_context_tokens=200_000, input_per_million=4.0)
    one = model("openai:m", price_input_per_million=2.0, price_tiers=(tier,))
    measures = Measures(catalog(one))
    limit = Require(max_price=MaxPrice(input=3.0))
    short = need_of(require=limit, workload=Workload(input_tokens=1_000))
    long = need_of(require=limit, workload=Workload(input_tokens=300_000))
    assert eligible(short, measures) == {"openai:m"}
    assert eligible(long, measures) == frozenset()


def test_a_provider_of_the_authors_own_is_callable(
    model: Make, catalog: MakeCatalog
) -> None:
    """With an address, a provider that any-llm lacks can be called; others stay."""
    gateway = model("vercel:m", callable="no", callable_note="any-llm has no provider")
    missing = model("openai:gone", callable="no", callable_note="not listed")
    measures = Measures(catalog(gateway, missing))
    address = ProviderSpec(api_base="https://gateway.example/v1")
    need = need_of({"providers": {"vercel": address, "openai": address}})
    assert eligible(need, measures) == {"vercel:m"}
    assert eligible(need_of(), measures) == frozenset()


def test_callable_only_wants_a_listing(model: Make, catalog: MakeCatalog) -> None:
    """A provider that was not asked is then out, with that reason."""
    asked = model("openai:m", callable="yes")
    not_asked = model("groq:m")
    measures = Measures(catalog(asked, not_asked))
    spec = Spec(project="p", roles={"r": RoleSpec(name="r")})
    need = interpret(spec, "r", callable_only=True)
    assert eligible(need, measures) == {"openai:m"}
    assert why_not(not_asked, need, measures).reasons == (
        ("--callable-only", "was not listed: groq was not asked"),
    )


def test_the_first_failing_limit_counts_a_model(
    model: Make, catalog: MakeCatalog
) -> None:
    """A model that fails twice is counted once, under the first."""
    models = catalog(
        model("a:ok", supports_tool_call=True),
        model("a:twice", status="deprecated"),
        model("a:once"),
    )
    found = shortlist(models, need_of(require=Require(tools=True)))
    assert [c.canonical_id for c in found.kept] == ["a:ok"]
    assert found.rejected == {"status": ("a:twice",), "require.tools": ("a:once",)}
    assert found.considered == 3


def test_candidates_carry_their_numbers(model: Make, catalog: MakeCatalog) -> None:
    """Cost, quality, latency, and whether the lab itself serves the model."""
    found = shortlist(
        catalog(
            model("gemini:flash", lab="google", score=1300.0),
            model("openrouter:google/flash", lab="google", price_basis="zero"),
        ),
        need_of(),
    )
    home, host = found.kept
    assert home.cost is not None
    assert home.cost.usd_per_request == 0.0013
    assert home.quality is not None
    assert home.quality.score == 1300.0
    assert home.latency.basis == "proxy"
    assert (home.at_home, host.at_home) == (True, False)
    assert (host.cost, host.quality) == (None, None)


def test_hosts_of_one_model_share_the_latency_proxy(
    model: Make, catalog: MakeCatalog
) -> None:
    """One host's `-fast` in the name, or odd price, makes none of them faster."""
    found = shortlist(
        catalog(
            model("a:big", group="g", price_output_per_million=25.0),
            model("b:big-fast", group="g", price_output_per_million=25.0),
            model("c:big", group="g", price_output_per_million=30.0),
            model("d:alone", price_output_per_million=3.0),
        ),
        need_of(),
    )
    assert [c.latency.value for c in found.kept] == [4, 4, 4, 2]


def test_no_candidates_names_what_would_help(model: Make, catalog: MakeCatalog) -> None:
    """Each key with the number of models that its removal lets in, best first."""
    models = catalog(
        model("a:1", context_tokens=10),
        model("a:2", context_tokens=10),
        model("a:3", supports_tool_call=True, context_tokens=5),
        model("a:4", supports_tool_call=True, context_tokens=10, status="deprecated"),
    )
    need = need_of(require=Require(tools=True, context_tokens=10))
    with pytest.raises(NoCandidatesError) as caught:
        shortlist(models, need)
    assert caught.value.counts == {
        "status": 1,
        "require.tools": 2,
        "require.context_tokens": 1,
    }
    assert caught.value.helps == (("require.tools", 2), ("require.context_tokens", 1))
    assert str(caught.value) == (
        "role 'r': none of 4 models satisfies its constraints. Loosening one of these "
        "helps most: require.tools (2 models), require.context_tokens (1 model, the "
        "nearest at 5)."
    )


def test_models_that_a_call_does_not_reach_are_out_unless_named(
    model: Make, catalog: MakeCatalog
) -> None:
    """No role is served by what answers elsewhere, but by an address of one's own."""
    codex = model("openai:gpt-5-codex", score=1500.0)
    models = catalog(codex, model("openai:gpt-5", score=1400.0))

    (kept,) = shortlist(models, need_of()).kept
    assert kept.canonical_id == "openai:gpt-5"
    ((name, why),) = why_not(codex, need_of(), Measures(models)).reasons
    assert name == "endpoint"
    assert why.startswith("is served at OpenAI's Responses API only")
    forced = need_of(force_provider="openai", force_model="gpt-5-codex")
    assert [found.canonical_id for found in shortlist(models, forced).kept] == [
        "openai:gpt-5-codex"
    ]
    own = need_of({"providers": {"openai": ProviderSpec(api_base="http://127.0.0.1/")}})
    assert len(shortlist(models, own).kept) == 2


def test_the_nearest_miss_is_named_with_each_key(
    model: Make, catalog: MakeCatalog
) -> None:
    """What is said as a limit lets a model in; free offers have a key of their own."""
    models = catalog(
        model("a:near", score=1400.27, price_output_per_million=4.0),
        model("b:far", score=1300.0, price_output_per_million=9.0),
        model("c:free", score=1500.0, price_basis="free"),
    )
    for require, message in (
        (
            Require(min_quality=1450),
            "require.min_quality (2 models, the nearest at 1400",
        ),
        (
            Require(max_price=MaxPrice(input=1.0, output=0.5)),
            (
                "require.max_price (2 models, the nearest at input 1, output 4), a "
                "max_price of 0, for free offers (1 model)."
            ),
        ),
        (Require(tools=True), "require.tools (2 models)."),
    ):
        with pytest.raises(NoCandidatesError, match=re.escape(message)):
            shortlist(models, need_of(require=require))
    granted = Require(min_quality=1400.2)
    (found,) = shortlist(models, need_of(require=granted)).kept
    assert found.canonical_id == "a:near"


def test_pairs_are_named_when_no_single_key_helps(
    model: Make, catalog: MakeCatalog
) -> None:
    """Where every model fails at least twice, two keys are named together."""
    need = need_of(require=Require(tools=True, context_tokens=10))
    with pytest.raises(NoCandidatesError) as caught:
        shortlist(catalog(model("a:1")), need)
    assert caught.value.helps == (("require.tools with require.context_tokens", 1),)


def test_nothing_is_named_when_nothing_helps(model: Make, catalog: MakeCatalog) -> None:
    """A role of another kind can't be helped by loosening."""
    with pytest.raises(NoCandidatesError) as caught:
        shortlist(catalog(model("a:1", kind="embedding")), need_of())
    assert caught.value.helps == ()


def test_providers_that_the_catalog_knows_nothing_of_are_named(
    model: Make, catalog: MakeCatalog
) -> None:
    """A local server that was not asked, a provider without a key: what to do."""
    need = need_of(
        preferences=Preferences(providers=("ollama", "openai", "vllm")),
        require=Require(tools=True),
    )
    with pytest.raises(NoCandidatesError) as caught:
        shortlist(catalog(model("openai:m")), need)
    assert caught.value.absent == ("ollama", "vllm")
    assert str(caught.value) == (
        "role 'r': none of 1 models satisfies its constraints. The catalog has no "
        "model of ollama or vllm: refresh it when a key is set or the server runs, or "
        "name the model by force_provider and force_model. Loosening one of these "
        "helps most: require.tools (1 model)."
    )


def test_an_empty_catalog_has_no_candidates(catalog: MakeCatalog) -> None:
    """Counted, not crashed."""
    with pytest.raises(NoCandidatesError) as caught:
        shortlist(catalog(), need_of())
    assert caught.value.counts == {}


# ------------------------------------------------------------------ forced models
def test_a_forced_model_is_the_only_candidate(
    model: Make, catalog: MakeCatalog
) -> None:
    """Requirements do not keep it out."""
    models = catalog(model("openai:m", status="deprecated"), model("openai:n"))
    need = need_of(
        force_provider="openai", force_model="m", require=Require(tools=True)
    )
    assert [c.canonical_id for c in shortlist(models, need).kept] == ["openai:m"]


def test_a_forced_model_without_a_provider_is_looked_for_in_the_allowlist(
    model: Make, catalog: MakeCatalog
) -> None:
    """All hosts of that id are candidates."""
    models = catalog(model("openai:m"), model("groq:m"), model("groq:n"))
    need = need_of(
        force_model="m", preferences=Preferences(providers=("openai", "groq"))
    )
    assert [c.canonical_id for c in shortlist(models, need).kept] == [
        "groq:m",
        "openai:m",
    ]


@pytest.mark.parametrize(
    ("spec", "role", "reason"),
    [
        (
            {"policy": Policy(models_deny=("openai:m*",))},
            {},
            "it matches openai:m* (policy.models.deny)",
        ),
        (
            {"policy": Policy(open_weights_only=True)},
            {},
            "it is not known to have open weights (policy.open_weights_only)",
        ),
        (
            {},
            {"kind": "embedding"},
            "it is of kind chat, not embedding (kind)",
        ),
        (
            {},
            {"preferences": Preferences(model_denylist=("*:m",))},
            "it matches *:m (preferences.model_denylist)",
        ),
    ],
)
def test_policy_forbids_even_a_forced_model(
    model: Make,
    catalog: MakeCatalog,
    spec: dict[str, Any],
    role: dict[str, Any],
    reason: str,
) -> None:
    """The error names the key that forbids it."""
    need = need_of(spec, force_provider="openai", force_model="m", **role)
    with pytest.raises(IneligibleModelError) as caught:
        shortlist(catalog(model("openai:m")), need)
    assert str(caught.value) == (
        f"role 'r': the forced model 'openai:m' can't serve: {reason}."
    )


def test_a_forced_model_that_does_not_exist_has_suggestions(
    model: Make, catalog: MakeCatalog
) -> None:
    """A typo is answered with the nearest ids of that provider."""
    models = catalog(model("openai:gpt-5-mini"), model("groq:gpt-5-mimi"))
    need = need_of(force_provider="openai", force_model="gpt-5-mimi")
    with pytest.raises(UnknownModelError) as caught:
        shortlist(models, need)
    assert caught.value.suggestions == ("openai:gpt-5-mini",)


def test_suggestions_cross_providers_when_the_provider_is_wrong(
    model: Make, catalog: MakeCatalog
) -> None:
    """The right model at the wrong provider is found, too."""
    models = catalog(model("openai:gpt-5-mini"), model("groq:llama-3.1-8b"))
    need = need_of(force_provider="groq", force_model="gpt-5-mini")
    with pytest.raises(UnknownModelError) as caught:
        shortlist(models, need)
    assert caught.value.suggestions == ("openai:gpt-5-mini",)


def test_a_bare_forced_name_is_suggested_from_everywhere(
    model: Make, catalog: MakeCatalog
) -> None:
    """Without a provider all hosts are near."""
    models = catalog(model("openai:gpt-5"), model("groq:gpt-5"), model("groq:x"))
    need = need_of(
        force_model="gpt5", preferences=Preferences(providers=("openai", "groq"))
    )
    with pytest.raises(UnknownModelError) as caught:
        shortlist(models, need)
    assert caught.value.suggestions == ("groq:gpt-5", "openai:gpt-5")


@pytest.mark.parametrize(
    ("provider", "spec"),
    [
        ("ollama", {}),
        ("azureopenai", {}),
        ("voyage", {}),
        ("openai", {"providers": {"openai": ProviderSpec(api_base="http://h/v1")}}),
        ("mygw", {"providers": {"mygw": ProviderSpec(api_base="http://h/v1")}}),
    ],
)
def test_where_any_id_may_be_right_a_forced_stranger_is_taken(
    model: Make, catalog: MakeCatalog, provider: str, spec: dict[str, Any]
) -> None:
    """Local servers, deployments, own addresses, and providers without a row."""
    need = need_of(spec, force_provider=provider, force_model="my-llama:8b")
    found = shortlist(catalog(model("openai:m")), need)
    (candidate,) = found.kept
    assert candidate.canonical_id == f"{provider}:my-llama:8b"
    assert candidate.model.provider == provider
    assert (candidate.cost, candidate.quality) == (None, None)
    assert found.considered == 1
    assert sum(map(len, found.rejected.values())) == 1


def test_one_allowed_provider_is_enough_for_a_forced_stranger(
    model: Make, catalog: MakeCatalog
) -> None:
    """`force_model` beside an allowlist of one local provider names both."""
    need = need_of(force_model="llama3", preferences=Preferences(providers=("ollama",)))
    (candidate,) = shortlist(catalog(model("openai:m")), need).kept
    assert candidate.canonical_id == "ollama:llama3"


def test_policy_forbids_a_forced_stranger(model: Make, catalog: MakeCatalog) -> None:
    """Without a price a ceiling can't be known to hold."""
    need = need_of(
        {"policy": Policy(max_price=MaxPrice(output=1.0))},
        force_provider="ollama",
        force_model="llama3",
    )
    with pytest.raises(IneligibleModelError, match="has no known output price"):
        shortlist(catalog(model("openai:m")), need)


# ------------------------------------------------------------------ giving way
def test_the_nearest_number_is_granted(model: Make, catalog: MakeCatalog) -> None:
    """Nobody has 500,000 tokens: the largest window that is there is taken."""
    models = catalog(
        model("a:1", context_tokens=8_000),
        model("a:2", context_tokens=200_000),
        model("a:3"),
    )
    need = need_of(require=Require(context_tokens=500_000), relax=("context_tokens",))
    found = shortlist(models, need)
    assert [c.canonical_id for c in found.kept] == ["a:2"]
    (step,) = found.relaxed
    assert (step.constraint, step.wanted, step.granted) == (
        "context_tokens",
        "500000",
        "200000",
    )


def test_the_finer_of_two_dates_in_one_month_is_the_nearer(
    model: Make, catalog: MakeCatalog
) -> None:
    """2025-12 reaches less far than 2025-12-01, in steps as in comparisons."""
    models = catalog(
        model("a:1", knowledge_cutoff="2025-12"),
        model("a:2", knowledge_cutoff="2025-12-01"),
        model("a:3", knowledge_cutoff="2025"),
    )
    need = need_of(
        require=Require(knowledge_after="2026-03"), relax=("knowledge_after",)
    )
    found = shortlist(models, need)
    assert [c.canonical_id for c in found.kept] == ["a:2"]
    assert [step.granted for step in found.relaxed] == ["2025-12-01"]


def test_two_ceilings_under_one_key_move_as_little_as_together_they_can(
    model: Make, catalog: MakeCatalog
) -> None:
    """Twice one price is nearer than four times the other."""
    models = catalog(
        model("a:1", price_input_per_million=4.0, price_output_per_million=1.0),
        model("a:2", price_input_per_million=1.0, price_output_per_million=2.0),
    )
    need = need_of(
        require=Require(max_price=MaxPrice(input=1.0, output=1.0)),
        relax=("max_price",),
    )
    found = shortlist(models, need)
    assert [c.canonical_id for c in found.kept] == ["a:2"]
    assert found.relaxed[0].wanted == "input 1, output 1"
    assert found.relaxed[0].granted == "input 1, output 2"


def test_policy_does_not_give_way_with_the_requirement(
    model: Make, catalog: MakeCatalog
) -> None:
    """`relax: [max_price]` loosens `require.max_price` up to the policy's ceiling."""
    models = catalog(model("a:1", price_output_per_million=31.0))
    need = need_of(
        {"policy": Policy(max_price=MaxPrice(output=30.0))},
        require=Require(max_price=MaxPrice(output=10.0)),
        relax=("max_price",),
    )
    with pytest.raises(NoCandidatesError):
        shortlist(models, need)


@pytest.mark.parametrize(
    ("require", "known", "granted"),
    [
        (Require(tools=True), {}, "anything"),
        (Require(min_quality=1400), {"score": 1310.5}, "1310.5"),
        (Require(min_quality=1400), {}, "anything"),
        (Require(knowledge_after="2025"), {"knowledge_cutoff": "2024-06"}, "2024-06"),
        (Require(knowledge_after="2025"), {}, "anything"),
        (
            Require(input_modalities=("text", "audio")),
            {"input_modalities": ("text", "image")},
            "text",
        ),
        (Require(input_modalities=("audio",)), {}, "anything"),
        (Require(max_price=MaxPrice(output=0.5)), {}, "output 1"),
        (Require(max_price=MaxPrice(output=0.5)), {"price_basis": None}, "anything"),
        (Require(max_output_tokens=10), {}, "anything"),
        (Require(status=("alpha",)), {"status": "beta"}, "anything"),
    ],
)
def test_each_kind_of_limit_gives_way_in_its_own_steps(
    model: Make,
    catalog: MakeCatalog,
    require: Require,
    known: dict[str, Any],
    granted: str,
) -> None:
    """Numbers to the nearest, lists to what is left of them, truths wholly."""
    fields = ("tools", "min_quality", "knowledge_after", "input_modalities")
    more = ("max_price", "max_output_tokens", "status")
    empty = Require()
    (key,) = (
        name
        for name in (*fields, *more)
        if getattr(require, name) != getattr(empty, name)
    )
    need = need_of(require=require, relax=(key,))
    found = shortlist(catalog(model("a:1", **known)), need)
    assert [step.granted for step in found.relaxed] == [granted]


def test_giving_up_status_still_keeps_deprecated_out(
    model: Make, catalog: MakeCatalog
) -> None:
    """`relax: [status]` goes back to the default, not below it."""
    models = catalog(model("a:old", status="deprecated"), model("a:new", status="beta"))
    need = need_of(require=Require(status=("alpha",)), relax=("status",))
    assert [c.canonical_id for c in shortlist(models, need).kept] == ["a:new"]


def test_the_earlier_key_gives_way_first(model: Make, catalog: MakeCatalog) -> None:
    """Either key would do alone; the one that is named first is taken."""
    models = catalog(
        model("a:small", supports_tool_call=True, context_tokens=5),
        model("a:mute", supports_tool_call=False, context_tokens=10),
    )
    require = Require(tools=True, context_tokens=10)
    for relax, kept in (
        (("tools", "context_tokens"), "a:mute"),
        (("context_tokens", "tools"), "a:small"),
    ):
        found = shortlist(models, need_of(require=require, relax=relax))
        assert [c.canonical_id for c in found.kept] == [kept]
        assert [step.constraint for step in found.relaxed] == [relax[0]]


def test_of_keys_that_must_both_give_way_the_earlier_gives_more(
    model: Make, catalog: MakeCatalog
) -> None:
    """The later one is kept as near to the wish as it can be."""
    models = catalog(
        model("a:roomy", context_tokens=9_000, max_output_tokens=100),
        model("a:wordy", context_tokens=1_000, max_output_tokens=900),
    )
    require = Require(context_tokens=10_000, max_output_tokens=1_000)
    for relax, kept in (
        (("context_tokens", "max_output_tokens"), "a:wordy"),
        (("max_output_tokens", "context_tokens"), "a:roomy"),
    ):
        found = shortlist(models, need_of(require=require, relax=relax))
        assert [c.canonical_id for c in found.kept] == [kept]
        assert [step.constraint for step in found.relaxed] == list(relax)


def test_relaxing_in_vain_is_an_error(model: Make, catalog: MakeCatalog) -> None:
    """When even without the named keys nobody is left, the need stays as it was."""
    need = need_of(
        require=Require(tools=True, context_tokens=10), relax=("context_tokens",)
    )
    with pytest.raises(NoCandidatesError) as caught:
        shortlist(catalog(model("a:1")), need)
    assert caught.value.counts == {"require.tools": 1}


def test_a_glob_names_models_in_capitals_or_not(
    model: Make, catalog: MakeCatalog
) -> None:
    """Hosts write one model in both ways, and a denied one must be out at all."""
    rows = catalog(model("a:org/Qwen3-8B"), model("b:qwen3-8b"), model("c:other"))
    spec = Spec(
        project="p",
        roles={"r": RoleSpec(name="r", kind="chat")},
        policy=Policy(models_deny=("*qwen*",)),
    )
    candidates = shortlist(rows, interpret(spec, "r"))
    assert [c.canonical_id for c in candidates.kept] == ["c:other"]
    allowed = evolve(spec, policy=Policy(models_allow=("*:QWEN*",)))
    candidates = shortlist(rows, interpret(allowed, "r"))
    assert [c.canonical_id for c in candidates.kept] == ["b:qwen3-8b"]


def test_hosts_of_one_model_share_its_release(
    model: Make, catalog: MakeCatalog
) -> None:
    """What the lab says, else the median; a host's own date is when it took it up."""
    rows = catalog(
        model("a:m", group="g/m", release_date="2026-01-10"),
        model("b:m", group="g/m", release_date="2025-06-05"),
        model("c:m", group="g/m", release_date="2025-01-01"),
        model("d:m", group="g/m"),
        model("openai:o", group="openai/o", lab="openai", release_date="2024-05"),
        model("e:o", group="openai/o", lab="openai", release_date="2025-01-01"),
        model("f:alone", release_date="2023"),
        model("g:silent", group="g/silent"),
    )
    spec = Spec(project="p", roles={"r": RoleSpec(name="r", kind="chat")})
    found = shortlist(rows, interpret(spec, "r")).kept
    assert {c.canonical_id: c.released_on for c in found} == {
        **dict.fromkeys(("a:m", "b:m", "c:m", "d:m"), "2025-06-05"),
        **dict.fromkeys(("openai:o", "e:o"), "2024-05"),
        "f:alone": "2023",
        "g:silent": None,
    }


def test_a_typical_request_must_fit(model: Make, catalog: MakeCatalog) -> None:
    """Whoever is known to be too small is out; unknown is not; nothing said is not."""
    rows = catalog(
        model("a:small", context_tokens=3000, max_output_tokens=1000),
        model("b:short", context_tokens=9000, max_output_tokens=999),
        model("c:exact", context_tokens=3001, max_output_tokens=1000),
        model("d:unknown"),
        model("e:old", kind="embedding", context_tokens=512),
    )
    need = need_of(
        kind="chat", workload=Workload(input_tokens=2001, output_tokens=1000)
    )
    found = shortlist(rows, need)
    assert [c.canonical_id for c in found.kept] == ["c:exact", "d:unknown"]
    assert found.rejected["workload"] == ("a:small", "b:short")
    reasons = [why_not(row, need, Measures(rows)).reasons for row in list(rows)[:2]]
    assert reasons == [
        (("workload", "has a context window of 3000, and a request takes 3001"),),
        (("workload", "has an output limit of 999, and an answer takes 1000"),),
    ]
    assert len(shortlist(rows, need_of(kind="chat")).kept) == 4
    long = need_of(kind="embedding", workload=Workload(input_tokens=9000))
    assert [c.canonical_id for c in shortlist(rows, long).kept] == ["e:old"]
    forced = need_of(
        kind="chat",
        force_provider="a",
        force_model="small",
        workload=Workload(input_tokens=2001),
    )
    assert [c.canonical_id for c in shortlist(rows, forced).kept] == ["a:small"]


def test_kind_other_is_all_that_has_no_kind_in_a_spec(
    model: Make, catalog: MakeCatalog
) -> None:
    """A reranker is called as `other`, and so is what sorts out abuse."""
    rows = catalog(
        model("a:chat"),
        model("b:rerank", kind="rerank"),
        model("c:guard", kind="moderation"),
        model("d:film", kind="video"),
        model("e:ocr", kind="other"),
        model("f:unknown", kind=None),
    )
    found = shortlist(rows, need_of(kind="other"))
    names = [candidate.canonical_id for candidate in found.kept]
    assert names == ["b:rerank", "c:guard", "d:film", "e:ocr"]
