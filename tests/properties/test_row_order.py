"""The order in which anything is written down is no reason for a choice."""

from __future__ import annotations

from random import Random

import pytest

from llmhub_core.catalog.provision import provide
from llmhub_core.records.catalog import Catalog
from llmhub_core.selection.chosen import choose
from llmhub_core.settings import Settings, load_settings
from llmhub_core.spec import parse_spec

HEAD = "project: order\nroles:"
ROLES = (
    "  cheap: {kind: chat, preferences: {quality: low, cost: low}}",
    "  best: {kind: chat, task: reasoning, selector: quality-first}",
    "  code: {kind: chat, task: coding, require: {tools: true}}",
    "  fast: {kind: chat, selector: latency-first}",
    "  thrifty: {kind: chat, task: vision, selector: cost-first}",
    "  wide: {kind: chat, require: {context_tokens: 9000000}, relax: [context_tokens]}",
    "  search: {kind: embedding}",
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Nobody's cache: the embedded catalog answers."""
    return load_settings(offline=True, cache_dir=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def catalog(settings: Settings) -> Catalog:
    """The catalog that comes with the package."""
    return provide(settings).catalog


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_roles_and_comments_changes_no_choice(
    catalog: Catalog, settings: Settings, seed: int
) -> None:
    """Every role gets what it gets in the order of the file."""
    random = Random(seed)
    plain = parse_spec("\n".join((HEAD, *ROLES)))
    shuffled = random.sample(ROLES, len(ROLES))
    rows = [f"{row}  # {random.random()}" for row in shuffled]
    mixed = parse_spec("\n".join(("# first", HEAD, *rows)))
    expected = choose(plain, catalog, settings=settings)
    found = choose(mixed, catalog, settings=settings)
    assert {name: one.choice for name, one in found.items()} == {
        name: one.choice for name, one in expected.items()
    }


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_the_rows_changes_no_winner(
    catalog: Catalog, settings: Settings, seed: int
) -> None:
    """A catalog whose rows stand anyhow gives the same chains."""
    rows = list(catalog)
    Random(seed).shuffle(rows)
    spec = parse_spec("\n".join((HEAD, *ROLES)))
    expected = choose(spec, catalog, settings=settings)
    found = choose(spec, Catalog(models=tuple(rows)), settings=settings)
    for name, one in expected.items():
        other = found[name].choice
        assert other.primary == one.choice.primary
        assert other.backups == one.choice.backups
