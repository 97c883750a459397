"""Who may serve a role, and what gives way, by the written rules."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from importlib.resources import files
from typing import Any

from llmhub_core.records.model import CanonicalModel
from tests.properties.written_numbers import Grade, Keys, World, prices
from tests.properties.written_specs import Data, provider_of, providers_of, workload

Test = Callable[[CanonicalModel], bool]

FLAGS = {
    "tools": "supports_tool_call",
    "structured_output": "supports_structured_output",
    "reasoning": "supports_reasoning",
    "open_weights": "open_weights",
}
AT_LEAST = {
    "context_tokens": "context_tokens",
    "max_output_tokens": "max_output_tokens",
    "knowledge_after": "knowledge_cutoff",
}
MODALITIES = {
    "input_modalities": "input_modalities",
    "output_modalities": "output_modalities",
}
ELSEWHERE = tomllib.loads(
    files("llmhub_core.catalog").joinpath("data", "endpoints.toml").read_text("utf-8")
)["elsewhere"]


def limits_of(
    spec: Data, role: Data, world: World, keys: Keys
) -> dict[str, list[Test]]:
    """Every hard limit of a role, under the key that sets it.

    Args:
        spec: An effective spec.
        role: One of its roles, or one with a loosened ``require``.
        world: The facts.
        keys: Where quality is looked up, by the role as it was written.
    """
    require = role.get("require", {})
    found: dict[str, list[Test]] = {}

    def limit(name: str, test: Test) -> None:
        found.setdefault(name, []).append(test)

    kind = "chat" if role["kind"] == "tool" else role["kind"]
    kinds = {kind}
    if kind == "other":
        kinds |= {"moderation", "rerank", "video"}
    limit("kind", lambda m: m.kind in kinds)
    if role["kind"] == "tool":
        limit("kind", lambda m: m.supports_tool_call is True)
    own = providers_of(
        n for n, e in spec.get("providers", {}).items() if "api_base" in e
    )
    limit("callable", lambda m: m.callable != "no" or m.provider in own)
    if not role["asks_for_deprecated"]:
        limit("status", lambda m: m.status != "deprecated")
    limit("endpoint", lambda m: m.provider in own or not _elsewhere(m))
    for name, entry in spec.get("providers", {}).items():
        if entry.get("enabled") is False:
            off = provider_of(name)
            limit(f"providers.{name}.enabled", lambda m, off=off: m.provider != off)
    _lists(limit, role, spec.get("policy", {}))
    _priced(limit, role, spec.get("policy", {}))
    if role["kind"] in ("chat", "tool") and _states_a_size(role):
        load = workload(role)
        size = load["input_tokens"] + load["output_tokens"]
        limit(
            "workload", lambda m: m.context_tokens is None or m.context_tokens >= size
        )
        limit(
            "workload",
            lambda m: (m.max_output_tokens or 10**9) >= load["output_tokens"],
        )
    if role.get("task") == "vision":
        limit("task", lambda m: "image" in (m.input_modalities or ()))
    _requirements(limit, require, world.grades(keys))
    if "force_model" in role:
        kept = ("kind", "policy.", "providers.", "preferences.", "force_")
        found = {
            name: tests
            for name, tests in found.items()
            if name.startswith(kept) and name != "preferences.providers"
        }
    return found


def _elsewhere(model: CanonicalModel) -> bool:
    """Whether a call to the provider does not reach the model."""
    return any(
        model.provider in entry.get("providers", [model.provider])
        and re.fullmatch(entry["models"], model.model_id.lower())
        for entry in ELSEWHERE
    )


def _priced(limit: Callable[[str, Test], None], role: Data, policy: Data) -> None:
    ceilings = (
        role.get("require", {}).get("max_price", {}),
        policy.get("max_price", {}),
    )
    if not role["asks_for_free"]:
        limit("free", lambda m: m.price_basis != "free")
    if policy.get("open_weights_only"):
        limit("policy.open_weights_only", lambda m: m.open_weights is True)
    size = workload(role)["input_tokens"]
    for place, ceiling in zip(("require", "policy"), ceilings, strict=True):
        for number, side in enumerate(("input", "output")):
            if side in ceiling:
                limit(
                    f"{place}.max_price",
                    lambda m, most=ceiling[side], number=number: _within(
                        prices(m, size)[number], most
                    ),
                )


def _states_a_size(role: Data) -> bool:
    usual = {"input_tokens": 1000, "output_tokens": 300, "cached_input": 0}
    stated = role.get("workload", {})
    return any(stated[key] != usual.get(key) for key in stated)


def _within(price: float | None, most: float) -> bool:
    return price is not None and price <= most


def _lists(limit: Callable[[str, Test], None], role: Data, policy: Data) -> None:
    wishes = role.get("preferences", {})
    provider_lists = (
        ("policy.providers.allow", policy.get("providers", {}).get("allow"), True),
        ("policy.providers.deny", policy.get("providers", {}).get("deny"), False),
        ("preferences.providers", wishes.get("providers"), True),
        ("preferences.provider_blocklist", wishes.get("provider_blocklist"), False),
    )
    for name, listed, inside in provider_lists:
        if listed:
            names = providers_of(listed)
            limit(
                name,
                lambda m, names=names, inside=inside: (m.provider in names) is inside,
            )
    globs = (
        ("policy.models.allow", policy.get("models", {}).get("allow"), True),
        ("policy.models.deny", policy.get("models", {}).get("deny"), False),
        ("preferences.model_denylist", wishes.get("model_denylist"), False),
    )
    for name, listed, inside in globs:
        if listed:
            limit(
                name,
                lambda m, listed=listed, inside=inside: (
                    any(
                        fnmatchcase(m.canonical_id.lower(), glob.lower())
                        for glob in listed
                    )
                    is inside
                ),
            )
    if "force_provider" in role:
        forced = provider_of(role["force_provider"])
        limit("force_provider", lambda m: m.provider == forced)
    if "force_model" in role:
        model = role["force_model"]
        limit("force_model", lambda m: m.model_id == model)


def _requirements(
    limit: Callable[[str, Test], None], require: Data, grades: Mapping[str, Grade]
) -> None:
    for key, wanted in require.items():
        name = f"require.{key}"
        if key in FLAGS:
            limit(name, lambda m, f=FLAGS[key], w=wanted: getattr(m, f) is w)
        elif key in AT_LEAST:
            limit(
                name,
                lambda m, f=AT_LEAST[key], w=wanted: (
                    getattr(m, f) is not None and getattr(m, f) >= w
                ),
            )
        elif key in MODALITIES and wanted:
            limit(
                name,
                lambda m, f=MODALITIES[key], w=wanted: (
                    set(w) <= set(getattr(m, f) or ())
                ),
            )
        elif key == "status" and wanted:
            limit(name, lambda m, w=wanted: m.status in w)
        elif key == "min_quality":
            limit(
                name,
                lambda m, w=wanted: (
                    m.canonical_id in grades and grades[m.canonical_id].score >= w
                ),
            )
        elif key == "measured_quality" and wanted:
            limit(
                name,
                lambda m: m.canonical_id in grades and grades[m.canonical_id].own,
            )


def broken(model: CanonicalModel, found: Mapping[str, list[Test]]) -> set[str]:
    """Keys whose limits a model does not satisfy."""
    return {n for n, tests in found.items() if not all(test(model) for test in tests)}


def allowed(world: World, found: Mapping[str, list[Test]]) -> list[str]:
    """Ids of the models that satisfy everything, by looking at each."""
    tests = [test for several in found.values() for test in several]
    return [
        name
        for name, model in world.models.items()
        if all(test(model) for test in tests)
    ]


def relaxed(spec: Data, role: Data, world: World, keys: Keys) -> Data | None:
    """The role with the least loosened ``require``; None when nothing helps."""
    names: list[str] = []
    for name in role.get("relax", ()):
        names.append(name)
        loose = copy.deepcopy(role)
        for gone in names:
            loose["require"].pop(gone)
        if allowed(world, limits_of(spec, loose, world, keys)):
            break
    else:
        return None
    for name in reversed(names):
        pool = [
            world.models[each]
            for each in allowed(world, limits_of(spec, loose, world, keys))
        ]
        wanted = role["require"][name]
        granted = _granted(name, wanted, pool, role, world.grades(keys))
        if granted is not None:
            loose["require"][name] = granted
    return loose


def _granted(
    name: str,
    wanted: Any,
    pool: Sequence[CanonicalModel],
    role: Data,
    grades: Mapping[str, Grade],
) -> Any:
    """The nearest to a wish that one of the pool satisfies; None is nothing."""
    if name in AT_LEAST:
        has = [v for m in pool if (v := getattr(m, AT_LEAST[name])) is not None]
        return min(wanted, max(has)) if has else None
    if name == "min_quality":
        scores = [
            grades[m.canonical_id].score for m in pool if m.canonical_id in grades
        ]
        return min(wanted, max(scores)) if scores else None
    if name in MODALITIES:
        best: list[str] = []
        for model in pool:
            has = getattr(model, MODALITIES[name]) or ()
            kept = [item for item in wanted if item in has]
            if len(kept) > len(best):
                best = kept
        return best or None
    if name == "max_price":
        return _ceilings(wanted, pool, workload(role)["input_tokens"])
    one: dict[str, list[Test]] = {}
    _requirements(
        lambda key, test: one.setdefault(key, []).append(test), {name: wanted}, grades
    )
    return wanted if any(not broken(model, one) for model in pool) else None


def _ceilings(
    wanted: Mapping[str, float], pool: Sequence[CanonicalModel], size: int
) -> dict[str, float] | None:
    sides = ("input", "output")
    found: list[tuple[tuple[int, float], dict[str, float]]] = []
    for model in pool:
        listed = dict(zip(sides, prices(model, size), strict=False))
        priced = {s: p for s in wanted if (p := listed[s]) is not None}
        over = sum(max(p / max(wanted[s], 1e-9) - 1, 0) for s, p in priced.items())
        ceiling = {s: max(p, wanted[s]) for s, p in priced.items()}
        found.append(((len(wanted) - len(priced), over), ceiling))
    return min(found, key=lambda each: each[0])[1] or None
