"""What models cost, how good and how fast they are, by the written rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from statistics import median
from typing import Any

from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.rating import Rating
from tests.properties.written_specs import Data, provider_of

Keys = tuple[tuple[str, str], ...]
SILENT = ("embedding", "rerank", "moderation")


def prices(
    model: CanonicalModel, input_tokens: int
) -> tuple[float | None, float | None, float | None]:
    """Prices of input, output and cached input for requests of this size."""
    if model.price_basis == "free":
        return 0.0, 0.0, 0.0
    if model.price_basis != "listed":
        return None, None, None
    found = {
        "input": model.price_input_per_million,
        "output": model.price_output_per_million,
        "cache_read": model.price_cache_read_per_million,
    }
    tiers = sorted(model.price_tiers or (), key=lambda t: t.above_context_tokens)
    reached = [tier for tier in tiers if tier.above_context_tokens < input_tokens]
    for name in found if reached else ():
        listed = getattr(reached[-1], f"{name}_per_million")
        if listed is not None:
            found[name] = listed
    if model.kind in SILENT:
        found["output"] = 0.0
    return found["input"], found["output"], found["cache_read"]


def cost(model: CanonicalModel, load: Mapping[str, Any]) -> float | None:
    """US dollars of one request, or None when a price that counts is unknown."""
    price_in, price_out, price_cached = prices(model, load["input_tokens"])
    reasoning = model.price_reasoning_per_million
    unavoidable = (
        model.supports_reasoning is True
        and model.reasoning_efforts == ()
        and not model.reasoning_toggle
    )
    if price_out is not None and reasoning and unavoidable:
        price_out = max(price_out, reasoning)
    cached = load["cached_input"] * load["input_tokens"]
    if price_cached is None:
        price_cached = price_in
    total = 0.0
    for tokens, price in (
        (load["input_tokens"] - cached, price_in),
        (cached, price_cached),
        (load["output_tokens"], price_out),
    ):
        if tokens and price is None:
            return None
        total += tokens * (price or 0.0)
    return round(total / 1e6, 12)


class Grade:
    """A rating on the scale of a task."""

    def __init__(self, score: float, low: float, *, own: bool) -> None:
        self.score, self.low, self.own = score, low, own


def categories(role: Data) -> Keys:  # noqa: PLR0911 - a table in words
    """Where a role's quality is looked up."""
    kind = "chat" if role["kind"] == "tool" else role["kind"]
    if kind in (*SILENT, "audio"):
        return ()
    if kind == "image":
        return (("text_to_image", "overall"), ("image", "overall"))
    task = role.get("task", "general")
    images = "image" in role.get("require", {}).get("input_modalities", ())
    overall = ("text", "overall")
    if task == "vision" or (images and task == "general"):
        return (("vision", "overall"), overall)
    if task == "general":
        return (overall,)
    if task == "reasoning":
        return (("text", "hard_prompts"), ("text", "math"), overall)
    if task == "long_context":
        return (("text", "longer_query"), overall)
    return (("text", task), overall)


class World:
    """The facts of one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.models = {model.canonical_id: model for model in catalog}
        self._grades: dict[Keys, dict[str, Grade]] = {}
        hosts: dict[str, list[int]] = {}
        self._dated: dict[str, list[CanonicalModel]] = {}
        for model in catalog:
            if model.group is not None:
                hosts.setdefault(model.group, []).append(slowness(model))
                if model.release_date:
                    self._dated.setdefault(model.group, []).append(model)
        self._slowness = {
            group: sorted(found)[(len(found) - 1) // 2]
            for group, found in hosts.items()
        }

    def released(self, model: CanonicalModel) -> str | None:
        """When a model came out: by its lab, else the lower median of its hosts."""
        dated = self._dated.get(model.group or "", [model])
        home = [m for m in dated if m.lab and provider_of(m.lab) == m.provider]
        dates = sorted(str(m.release_date) for m in home or dated if m.release_date)
        return dates[(len(dates) - 1) // 2] if dates else None

    def latency(self, model: CanonicalModel) -> float:
        """The class of a model: the median of its hosts."""
        if model.group is None:
            return slowness(model)
        return self._slowness[model.group]

    def grades(self, keys: Keys) -> dict[str, Grade]:
        """Ratings of all models on the scale of a task."""
        if keys not in self._grades:
            self._grades[keys] = self._graded(keys)
        return self._grades[keys]

    def _on(self, key: tuple[str, str]) -> dict[str, Rating]:
        found = {}
        for name, model in self.models.items():
            ratings = (*model.ratings, *model.inherited_ratings)
            own = [r for r in ratings if (r.board, r.category) == key]
            if own:
                found[name] = own[0]
        return found

    def _graded(self, keys: Keys) -> dict[str, Grade]:
        boards = {key: self._on(key) for key in keys}
        boards = {key: ratings for key, ratings in boards.items() if ratings}
        if not boards:
            return {}
        enough = [
            k for k, v in boards.items() if len({r.name for r in v.values()}) > 19
        ]
        scale = (enough or list(boards))[0]
        found: dict[str, Grade] = {}
        for key in (scale, *(key for key in boards if key != scale)):
            points, margin = 0.0, 0.0
            if key != scale:
                pairs = {
                    (boards[scale][name].name, rating.name): boards[scale][name].score
                    - rating.score
                    for name, rating in boards[key].items()
                    if name in boards[scale]
                }
                if len(pairs) < 20:
                    continue
                points = median(pairs.values())
                off = sorted(abs(difference - points) for difference in pairs.values())
                margin = next(o for n, o in enumerate(off, 1) if n >= 0.95 * len(off))
            known = [r for r in boards[key].values() if r.ci_low is not None]
            widest = max((r.score - (r.ci_low or 0) for r in known), default=0.0)
            for name, rating in boards[key].items():
                low = rating.ci_low
                low = rating.score - widest if low is None else low
                grade = Grade(
                    rating.score + points,
                    low + points - margin,
                    own=key == scale and rating.basis != "inherited",
                )
                found.setdefault(name, grade)
        return found


def slowness(model: CanonicalModel) -> int:
    """The proxy of one row: size, and what reasoning adds."""
    name = model.model_id.lower()
    sizes = re.findall(r"(?<![a-z0-9.])(?:\d+x)?a?(\d+(?:\.\d+)?)b(?![a-z0-9])", name)
    words = set(re.split("[^a-z0-9]+", name))
    price = model.price_output_per_million
    if sizes:
        size = sum(float(sizes[-1]) > bound for bound in (4, 16, 40, 120))
    elif words & {"nano", "micro", "tiny", "lite"}:
        size = 0
    elif words & {"mini", "small", "flash", "turbo", "fast", "air", "haiku"}:
        size = 1
    elif model.price_basis == "listed" and price:
        size = sum(price > bound for bound in (0.4, 1.5, 6, 20))
    else:
        size = 2
    if model.supports_reasoning is not True:
        return size
    budget = model.reasoning_budget_min_tokens
    off = model.reasoning_toggle or "none" in (model.reasoning_efforts or ())
    if off or (budget is not None and budget <= 0):
        return size + 1
    return size + (3 if budget is None else 2)
