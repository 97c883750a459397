"""Who is eligible, against the rules written a second time, model by model."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from llmhub_core.errors import NoCandidatesError
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.spec import Policy, Require, RoleSpec, Spec, Workload
from llmhub_core.selection import Measures, interpret, shortlist, why_not
from llmhub_core.selection.eligibility import eligible
from llmhub_core.testing.catalogs import catalogs
from llmhub_core.testing.roles import specs

# ------------------------------------------------------ the rules, a second time
_CATEGORY = {
    "general": ("text", "overall"),
    "coding": ("text", "coding"),
    "reasoning": ("text", "hard_prompts"),
    "vision": ("vision", "overall"),
    "german": ("text", "german"),
}


def tier_prices(
    model: CanonicalModel, load: Workload
) -> tuple[float | None, float | None]:
    """Input and output price for requests of this size."""
    if model.price_basis == "free":
        return 0.0, 0.0
    if model.price_basis != "listed":
        return None, None
    price_in = model.price_input_per_million
    price_out = model.price_output_per_million
    for tier in model.price_tiers or ():
        if load.input_tokens > tier.above_context_tokens:
            if tier.input_per_million is not None:
                price_in = tier.input_per_million
            if tier.output_per_million is not None:
                price_out = tier.output_per_million
    return price_in, 0.0 if model.kind == "embedding" else price_out


def may_serve(model: CanonicalModel, spec: Spec, measures: Measures) -> bool:
    """Whether a model may serve the spec's only role."""
    role = spec.roles["role"]
    return (
        model.kind == ("chat" if role.kind == "tool" else role.kind)
        and model.callable in ("yes", "not_probed")
        and allowed(model, spec)
        and able(model, role)
        and affordable(model, spec)
        and good(model, role, spec, measures)
    )


def allowed(model: CanonicalModel, spec: Spec) -> bool:
    """Lists of the role, the policy, and the providers that are off."""
    wishes, policy = spec.roles["role"].preferences, spec.policy
    off = {name for name, entry in spec.providers.items() if not entry.enabled}
    off |= {*wishes.provider_blocklist, *policy.providers_deny}
    denied = (*wishes.model_denylist, *policy.models_deny)
    return (
        model.provider not in off
        and (not wishes.providers or model.provider in wishes.providers)
        and (not policy.providers_allow or model.provider in policy.providers_allow)
        and not named(model, denied)
        and (not policy.models_allow or named(model, policy.models_allow))
    )


def named(model: CanonicalModel, globs: Iterable[str]) -> bool:
    """Whether one of the globs names it, in capitals or not."""
    name = model.canonical_id.lower()
    return any(fnmatchcase(name, glob.lower()) for glob in globs)


def able(model: CanonicalModel, role: RoleSpec) -> bool:
    """Capabilities, modalities, limits, dates and status."""
    require = role.require
    flags = [
        (require.tools, model.supports_tool_call),
        (require.structured_output, model.supports_structured_output),
        (require.reasoning, model.supports_reasoning),
        (require.open_weights, model.open_weights),
        (True if role.kind == "tool" else None, model.supports_tool_call),
    ]
    if any(wanted is not None and has is not wanted for wanted, has in flags):
        return False
    takes = {*require.input_modalities, *(["image"] if role.task == "vision" else [])}
    if not takes <= {*(model.input_modalities or ())}:
        return False
    if not {*require.output_modalities} <= {*(model.output_modalities or ())}:
        return False
    for wanted, has in (
        (require.context_tokens, model.context_tokens),
        (require.max_output_tokens, model.max_output_tokens),
        (require.knowledge_after, model.knowledge_cutoff),
    ):
        if wanted is not None and (has is None or has < wanted):  # type: ignore[operator]
            return False
    if require.status:
        return model.status in require.status
    return model.status != "deprecated"


def affordable(model: CanonicalModel, spec: Spec) -> bool:
    """Ceilings and open weights of the policy, ceilings of the role."""
    role = spec.roles["role"]
    if spec.policy.open_weights_only and model.open_weights is not True:
        return False
    ceilings = (spec.policy.max_price, role.require.max_price)
    if model.price_basis == "free" and not any(
        0 in (ceiling.input, ceiling.output) for ceiling in ceilings
    ):
        return False
    price_in, price_out = tier_prices(model, role.workload)
    for ceiling in ceilings:
        if ceiling.input is not None and (price_in is None or price_in > ceiling.input):
            return False
        if ceiling.output is not None and (
            price_out is None or price_out > ceiling.output
        ):
            return False
    return True


def good(model: CanonicalModel, role: RoleSpec, spec: Spec, measures: Measures) -> bool:
    """Rating in the task's category; tiny catalogs translate nothing."""
    require = role.require
    if require.min_quality is None and not require.measured_quality:
        return True
    if role.kind == "embedding":
        return False
    task = role.task or "general"
    if "image" in require.input_modalities and task == "general":
        task = "vision"
    keys = [_CATEGORY[task], ("text", "math"), ("text", "overall")]
    if task != "reasoning":
        del keys[1]
    on_board = {
        key: {
            m.canonical_id: rating
            for m in measures.catalog
            for rating in m.ratings
            if (rating.board, rating.category) == key
        }
        for key in keys
    }
    scale = next((key for key in keys if on_board[key]), keys[0])
    rating = on_board[scale].get(model.canonical_id)
    if rating is None:
        return False
    if require.min_quality is not None and rating.score < require.min_quality:
        return False
    return not (require.measured_quality and rating.basis == "inherited")


def kept_of(spec: Spec, catalog: Catalog) -> tuple[set[str], Measures]:
    """Ids that selection keeps, relaxing nothing."""
    measures = Measures(catalog)
    need = interpret(spec, "role")
    return set(eligible(need, measures)), measures


# ------------------------------------------------------ properties
@given(specs(), catalogs())
def test_eligible_are_exactly_those_that_the_written_rules_allow(
    spec: Spec, catalog: Catalog
) -> None:
    """No hard limit is ever broken, and none is invented."""
    kept, measures = kept_of(spec, catalog)
    assert kept == {
        model.canonical_id for model in catalog if may_serve(model, spec, measures)
    }


@given(specs(), catalogs())
def test_every_model_is_kept_or_rejected_once(spec: Spec, catalog: Catalog) -> None:
    """Kept and rejected together are the catalog, in its order."""
    try:
        found = shortlist(catalog, interpret(spec, "role"))
    except NoCandidatesError:
        return  # the next test counts these
    kept = [candidate.canonical_id for candidate in found.kept]
    rejected = [model for ids in found.rejected.values() for model in ids]
    assert sorted(kept + rejected) == [model.canonical_id for model in catalog]
    assert kept == sorted(kept)
    assert all(list(ids) == sorted(ids) and ids for ids in found.rejected.values())
    assert found.considered == len(catalog)


@given(specs(), catalogs())
def test_the_count_of_a_refusal_covers_the_whole_catalog(
    spec: Spec, catalog: Catalog
) -> None:
    """An error about no candidates accounts for every model, too."""
    need, measures = interpret(spec, "role"), Measures(catalog)
    if eligible(need, measures):
        return
    with pytest.raises(NoCandidatesError) as caught:
        shortlist(catalog, need, measures)
    assert sum(caught.value.counts.values()) == len(catalog)
    for names, gain in caught.value.helps:
        loosened = need.without(*names.split(" with "))
        assert len(eligible(loosened, measures)) == gain > 0


@given(specs(), catalogs())
def test_why_not_is_true_and_complete(spec: Spec, catalog: Catalog) -> None:
    """Without the named reasons the model is eligible; with any one it is not."""
    need, measures = interpret(spec, "role"), Measures(catalog)
    kept = eligible(need, measures)
    for model in catalog:
        names = {name for name, _ in why_not(model, need, measures).reasons}
        assert (model.canonical_id in kept) == (not names)
        assert model.canonical_id in eligible(need.without(*names), measures)
        for name in names:
            others = need.without(*(names - {name}))
            assert model.canonical_id not in eligible(others, measures)


@given(specs(), catalogs(), st.data())
def test_tightening_never_lets_a_model_in(
    spec: Spec, catalog: Catalog, data: st.DataObject
) -> None:
    """One more requirement, or one more denial, keeps a subset."""
    before, _ = kept_of(spec, catalog)
    role = spec.roles["role"]
    assume(role.kind != "tool")
    tighter = data.draw(
        st.sampled_from(
            (
                evolve(role, require=evolve(role.require, tools=True)),
                evolve(
                    role,
                    require=evolve(
                        role.require,
                        context_tokens=2 * (role.require.context_tokens or 4_000),
                    ),
                ),
                evolve(role, require=evolve(role.require, knowledge_after="2025-03")),
                evolve(
                    role,
                    preferences=evolve(
                        role.preferences,
                        model_denylist=(*role.preferences.model_denylist, "*:alpha*"),
                    ),
                ),
            )
        )
    )
    assume(role.require.tools is not False)
    after, _ = kept_of(evolve(spec, roles={"role": tighter}), catalog)
    assert after <= before
    stricter = evolve(spec.policy, models_deny=(*spec.policy.models_deny, "groq:*"))
    after, _ = kept_of(evolve(spec, policy=stricter), catalog)
    assert after <= before


@given(catalogs(), st.sampled_from(("2023", "2024-06", "2025")))
def test_what_is_unknown_satisfies_nothing(catalog: Catalog, date: str) -> None:
    """A model of which only the name is known passes no requirement at all."""
    bare = tuple(
        CanonicalModel(
            canonical_id=model.canonical_id,
            provider=model.provider,
            model_id=model.model_id,
            kind="chat",
        )
        for model in catalog
    )
    for require in (
        Require(tools=True),
        Require(tools=False),
        Require(open_weights=False),
        Require(input_modalities=("text",)),
        Require(context_tokens=1),
        Require(max_output_tokens=1),
        Require(knowledge_after=date),
        Require(min_quality=1),
        Require(measured_quality=True),
        Require(status=("stable",)),
    ):
        spec = Spec(project="p", roles={"role": RoleSpec(name="role", require=require)})
        assert kept_of(spec, Catalog(models=bare))[0] == set()
    plain = Spec(project="p", roles={"role": RoleSpec(name="role")}, policy=Policy())
    assert len(kept_of(plain, Catalog(models=bare))[0]) == len(bare)
