"""The history as it is kept: recorded, looked up, damaged, begun anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from llmhub_core.cache import Cache
from llmhub_core.catalog import annals, history
from llmhub_core.catalog.annals import open_annals
from llmhub_core.catalog.retirement import open_register, successors
from llmhub_core.records.catalog import Catalog, SourceStatus
from llmhub_core.records.history import Change, Retirement, Tombstone
from llmhub_core.records.model import CanonicalModel, Origin
from llmhub_core.records.observation import Harvest, Probe

NAME = ("history.json",)


def model(name: str, **facts: Any) -> CanonicalModel:
    """A model that the list lists, with a price."""
    provider, _, model_id = name.partition(":")
    facts = {"kind": "chat", "price_input_per_million": 1.0} | facts
    return CanonicalModel(
        canonical_id=name,
        provider=provider,
        model_id=model_id,
        source_ids={"list": model_id},
        provenance={
            key: Origin(source="list")
            for key, value in facts.items()
            if value is not None
        },
        **facts,
    )


def take_down(
    cache: Cache,
    day: str,
    *models: CanonicalModel,
    probed: str | None = None,
    made_with: str = "as ever",
) -> None:
    """Record a refresh of that day."""
    statuses = [SourceStatus(name="list", state="fresh")]
    harvests = {"list": Harvest()}
    if probed:
        statuses.append(SourceStatus(name="asker", state="fresh"))
        probes = (Probe(provider=probed, model_ids=("x",)),)
        harvests["asker"] = Harvest(probes=probes)
    catalog = Catalog(
        models=models,
        sources=tuple(statuses),
        checked_at=f"{day}T12:00:00Z",
    )
    history.record(cache, catalog, harvests, made_with=made_with)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """An empty cache."""
    return Cache(tmp_path / "cache")


@pytest.fixture
def lived(cache: Cache) -> Cache:
    """A cache with a history of three refreshes."""
    old = model("openai:gpt-4", family="gpt", group="openai/gpt-4", status="stable")
    five = model("openai:gpt-5", family="gpt", release_date="2025-08-07")
    take_down(cache, "2026-07-01", old, five, model("groq:llama"))
    take_down(
        cache,
        "2026-08-18",
        five,
        model("groq:llama", price_input_per_million=0.5, status="deprecated"),
        model("openai:gpt-5.5", family="gpt", release_date="2026-03-01"),
    )
    take_down(
        cache,
        "2026-09-01",
        five,
        model("groq:llama", price_input_per_million=0.5, status="deprecated"),
        model("openai:gpt-5.5", family="gpt", release_date="2026-03-01"),
    )
    return cache


# ---------------------------------------------------------------- looking up


def test_changes_are_told_newest_first(lived: Cache) -> None:
    """And what is older than asked for is left out."""
    found = history.changes(lived)
    assert [(c.found_at[:10], c.canonical_id, c.field or c.kind) for c in found] == [
        ("2026-08-18", "groq:llama", "price_input_per_million"),
        ("2026-08-18", "groq:llama", "status"),
        ("2026-08-18", "openai:gpt-4", "removed"),
        ("2026-08-18", "openai:gpt-5.5", "added"),
    ]
    assert history.changes(lived, since="2026-08-18") == found
    assert history.changes(lived, since="2026-08-18T12:00:00Z") == found
    assert history.changes(lived, since="2026-08-19") == ()
    take_down(lived, "2026-09-02")
    assert history.changes(lived)[0].found_at == "2026-09-02T12:00:00Z"
    assert history.checked_at(lived) == "2026-09-02T12:00:00Z"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"providers": ["groq"]}, ["groq:llama", "groq:llama"]),
        ({"providers": ["groq", "openai"]}, ["groq:llama"] * 2 + ["openai:gpt-4"]),
        ({"providers": ["google"]}, []),
        ({"model": "openai:gpt-4"}, ["openai:gpt-4"]),
        ({"model": "openai/gpt-4"}, ["openai:gpt-4"]),
        ({"model": "gpt-4"}, ["openai:gpt-4"]),
        ({"model": "gpt"}, []),
        ({"kinds": ["removed", "price"]}, ["groq:llama", "openai:gpt-4"]),
        ({"fields": ["status"]}, ["groq:llama"]),
        ({"fields": ["status"], "kinds": ["price"]}, []),
    ],
)
def test_changes_are_narrowed_down(
    lived: Cache, wanted: dict[str, Any], expected: list[str]
) -> None:
    """By provider, model, kind and field, all at once."""
    found = [c.canonical_id for c in history.changes(lived, **wanted)]
    assert [name for name in found if name != "openai:gpt-5.5"] == expected


def test_a_tombstone_tells_what_is_left_and_what_may_follow(lived: Cache) -> None:
    """As a sentence, too."""
    stone = history.tombstone(lived, "openai:gpt-4")
    assert stone is not None
    assert stone.successors == ("openai:gpt-5.5", "openai:gpt-5")
    assert str(stone) == (
        "no longer listed since 2026-08-18 (last seen 2026-07-01); last price $1 in, "
        "unknown out per 1M tokens; listed instead: openai:gpt-5.5, openai:gpt-5"
    )
    assert history.tombstone(lived, "openai:gpt-5") is None
    assert history.tombstone(lived, "openai:gpt-9") is None


def test_a_model_that_is_gone_is_found_by_the_name_that_people_know(
    cache: Cache,
) -> None:
    """Its own or the underlying model's, at every host that it left, the lab first."""
    gone = [
        model("azure:o1", group="openai/o1"),
        model("openai:o1", group="openai/o1"),
        model("openai:o1-mini", group="openai/o1-mini"),
        model("poe:Reasoner-1", group="openai/o1"),
    ]
    stays = model("openai:o3")
    take_down(cache, "2026-07-01", *gone, stays)
    take_down(cache, "2026-07-02", stays)

    def found(name: str) -> list[str]:
        return [stone.canonical_id for stone in history.tombstones(cache, name)]

    assert (
        found("o1") == found("OpenAI/o1") == ["openai:o1", "azure:o1", "poe:Reasoner-1"]
    )
    assert found("reasoner-1") == ["poe:Reasoner-1"]
    assert found("o3") == found("o") == []


def test_a_provider_is_known_by_any_of_its_names(cache: Cache) -> None:
    """By that of models.dev as by any-llm's."""
    take_down(cache, "2026-07-01", model("gemini:a"), model("openai:a"))
    take_down(cache, "2026-07-02", model("openai:a"))
    for name in ("google", "gemini"):
        (change,) = history.changes(cache, providers=[name])
        assert change.canonical_id == "gemini:a"


def test_without_a_history_nothing_is_known(cache: Cache) -> None:
    """Nor is anything made up, or written."""
    assert history.changes(cache) == ()
    assert history.tombstone(cache, "openai:gpt-4") is None
    assert history.tombstones(cache, "gpt-4") == ()
    assert history.checked_at(cache) is None
    assert open_register(cache) is None
    assert not cache.folder.exists()


def test_the_bare_words_of_a_tombstone() -> None:
    """What is not known is not said."""
    stone = Tombstone(
        canonical_id="a:b", last_listed_at="2026-07-01", gone_at="2026-08-18"
    )
    assert str(stone) == "no longer listed since 2026-08-18 (last seen 2026-07-01)"


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        (3.0, 1.5, -50.0),
        (200_000, 1_000_000, 400.0),
        (0.0, 1.0, None),
        (None, 1.0, None),
        (1.0, None, None),
        (True, False, None),
        (1, True, None),
        ("stable", "beta", None),
    ],
)
def test_only_numbers_change_by_percent(
    before: object, after: object, percent: float | None
) -> None:
    """And not from nothing."""
    change = Change(
        found_at="", canonical_id="a:b:c", kind="price", before=before, after=after
    )
    assert change.percent == percent
    assert change.provider == "a"


# ---------------------------------------------------------------- retirement


def retirement(cache: Cache, name: str, **how: Any) -> Retirement | None:
    """Ask the register."""
    register = open_register(cache)
    assert register is not None
    return register.retirement(name, **how)


def test_what_is_listed_is_not_retired(lived: Cache) -> None:
    """Nothing to say."""
    assert retirement(lived, "openai:gpt-5", was_listed=True) is None


def test_what_is_gone_is_retired(lived: Cache) -> None:
    """Since it was missed, with what may follow."""
    found = retirement(lived, "openai:gpt-4")
    assert found is not None
    assert (found.reason, found.since) == ("gone", "2026-08-18T12:00:00Z")
    assert str(found) == (
        "is no longer listed since 2026-08-18 (catalog of 2026-09-01; listed: "
        "openai:gpt-5.5, openai:gpt-5)"
    )


def test_what_is_deprecated_is_retired(lived: Cache) -> None:
    """Since that was seen, where it was seen."""
    found = retirement(lived, "groq:llama")
    assert found is not None
    assert str(found) == "is deprecated since 2026-08-18 (catalog of 2026-09-01)"


def test_what_was_deprecated_twice_has_the_last_date(cache: Cache) -> None:
    """It was taken back in between."""
    for day, status in enumerate(["stable", "deprecated"] * 2, 1):
        take_down(cache, f"2026-07-0{day}", model("a:b", status=status))
    assert str(retirement(cache, "a:b")) == (
        "is deprecated since 2026-07-04 (catalog of 2026-07-04)"
    )


def test_what_always_was_deprecated_has_no_date(cache: Cache) -> None:
    """It happened before the history, or left and came back."""
    take_down(cache, "2026-07-01", model("a:b", status="deprecated"), model("a:c"))
    assert str(retirement(cache, "a:b")) == "is deprecated (catalog of 2026-07-01)"
    take_down(cache, "2026-07-02", model("a:b", status="stable"), model("a:c"))
    take_down(
        cache,
        "2026-07-03",
        model("a:b", status="deprecated"),
        model("a:c"),
        made_with="otherwise",
    )
    assert str(retirement(cache, "a:b")) == "is deprecated (catalog of 2026-07-03)"


def test_what_its_provider_does_not_list_is_retired(cache: Cache) -> None:
    """Where it was asked, with the user's key."""
    yes, no = (model("groq:llama", callable=can) for can in ("yes", "no"))
    take_down(cache, "2026-07-01", yes, probed="groq")
    assert retirement(cache, "groq:llama") is None
    take_down(cache, "2026-07-02", no, probed="groq")
    assert str(retirement(cache, "groq:llama")) == (
        "is not among the models that groq lists since 2026-07-02 "
        "(catalog of 2026-07-02)"
    )


def test_what_this_cache_never_saw_is_missed_where_its_provider_is_listed(
    lived: Cache,
) -> None:
    """A build server has no history of the model that a laptop chose."""
    found = retirement(lived, "openai:gpt-3", was_listed=True)
    assert str(found) == "is not listed (catalog of 2026-09-01)"
    assert retirement(lived, "openai:gpt-3") is None
    assert retirement(lived, "azure:gpt-3", was_listed=True) is None
    take_down(lived, "2026-09-02", model("x:y", price_input_per_million=None))
    assert retirement(lived, "x:z", was_listed=True) is None


def test_hosts_of_the_same_model_follow_when_no_kin_does(cache: Cache) -> None:
    """The cheapest first, unknown prices last; at most three."""
    facts: dict[str, Any] = {"group": "meta/llama", "family": None}
    hosts = [
        model("a:llama", **facts),
        model("b:llama", price_input_per_million=None, **facts),
        model("c:llama", price_input_per_million=0.2, **facts),
        model("d:llama", price_input_per_million=0.0, **facts),
        model("e:llama", status="deprecated", price_input_per_million=0.1, **facts),
        model("f:llama", kind="embedding", price_input_per_million=0.1, **facts),
        model("g:llama", callable="no", price_input_per_million=0.1, **facts),
        model("h:other", group="meta/other"),
        model("i:none", group=None),
    ]
    take_down(cache, "2026-07-01", model("z:llama", **facts), *hosts)
    take_down(cache, "2026-07-02", *hosts)
    stone = history.tombstone(cache, "z:llama")
    assert stone is not None
    assert stone.successors == ("d:llama", "c:llama", "a:llama")
    take_down(cache, "2026-07-03", *hosts[:2])
    kept = open_annals(cache)
    assert kept is not None
    assert successors(kept, "z:llama") == ("a:llama", "b:llama")
    assert successors(kept, "nobody:knows") == ()
    assert successors(kept, "a:llama") == ("b:llama",)


def test_kin_are_of_the_same_provider(cache: Cache) -> None:
    """A family at another provider is another price list."""
    facts: dict[str, Any] = {"family": "gpt", "group": None}
    left = (model("a:x", **facts), model("b:x", **facts))
    take_down(cache, "2026-07-01", model("a:y", **facts), *left)
    take_down(cache, "2026-07-02", *left)
    stone = history.tombstone(cache, "a:y")
    assert stone is not None
    assert stone.successors == ("a:x",)


def test_a_provider_that_is_missing_for_now_misses_nobody(cache: Cache) -> None:
    """Its source is silent, and so is the register."""
    take_down(cache, "2026-07-01", model("a:x"))
    assert retirement(cache, "a:y", was_listed=True) is not None
    catalog = Catalog(
        models=(model("b:x"),),
        sources=(SourceStatus(name="list", state="skipped"),),
        checked_at="2026-07-02T12:00:00Z",
    )
    history.record(cache, catalog, {}, made_with="as ever")
    assert retirement(cache, "a:y", was_listed=True) is None
    assert retirement(cache, "a:x", was_listed=True) is None


def test_what_is_missing_for_now_follows_nobody(cache: Cache) -> None:
    """Its source is silent: it may be gone."""
    facts: dict[str, Any] = {"family": "gpt"}
    take_down(cache, "2026-07-01", model("a:x", **facts), model("a:y", **facts))
    status = SourceStatus(name="list", state="skipped")
    catalog = Catalog(
        models=(model("a:x", **facts),),
        sources=(status,),
        checked_at="2026-07-02T12:00:00Z",
    )
    history.record(cache, catalog, {}, made_with="as ever")
    kept = open_annals(cache)
    assert kept is not None
    assert successors(kept, "a:x") == ()


# ---------------------------------------------------------------- the file


def test_what_was_written_comes_back(lived: Cache) -> None:
    """A refresh under the same conditions goes on where the last one ended."""
    kept = open_annals(lived)
    assert kept is not None
    before = kept.history()
    assert set(before.standings) == {"groq:llama", "openai:gpt-5", "openai:gpt-5.5"}
    assert before.heard == {"list"}
    assert set(before.tombstones) == {"openai:gpt-4"}
    assert annals.write_annals(lived, before)
    again = open_annals(lived)
    assert again is not None
    assert again.history() == before


def test_equal_histories_are_equal_files(cache: Cache, tmp_path: Path) -> None:
    """Whatever order the models came in."""
    other = Cache(tmp_path / "other")
    models = [model("a:x"), model("a:y"), model("b:x", family="f")]
    for day in ("2026-07-01", "2026-07-02"):
        take_down(cache, day, *models)
        take_down(other, day, *reversed(models))
    assert cache.path(*NAME).read_bytes() == other.path(*NAME).read_bytes()


@pytest.mark.parametrize("damage", ["cut", "turned", "emptied", "another form"])
def test_a_damaged_history_begins_anew(
    lived: Cache, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a warning, and without an error."""
    path = lived.path(*NAME)
    whole = path.read_bytes()
    if damage == "another form":
        monkeypatch.setattr(annals, "_FORM", "0")
        take_down(lived, "2026-09-02", model("a:b"))
        monkeypatch.undo()
    else:
        middle = len(whole) // 2
        path.write_bytes(
            {
                "cut": whole[:middle],
                "turned": whole[:middle] + b"?" + whole[middle + 1 :],
                "emptied": b"",
            }[damage]
        )
    with capture_logs() as logs:
        assert history.changes(lived) == ()
        assert history.tombstone(lived, "openai:gpt-4") is None
        take_down(lived, "2026-09-03", model("a:b"))
    warned = {(log["event"], log["log_level"]) for log in logs}
    assert ("cache.discarded", "warning") in warned
    kept = open_annals(lived)
    assert kept is not None
    assert set(kept.standings) == {"a:b"}
    assert kept.changes == ()


def test_other_fields_begin_anew_and_keep_what_was_found(
    lived: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer version that compares more has nothing to compare with at first."""
    found = history.changes(lived)
    monkeypatch.setattr(annals, "FIELDS", (*annals.FIELDS, "colour"))
    assert history.changes(lived) == found
    assert retirement(lived, "groq:llama") is None
    take_down(lived, "2026-09-02", model("a:b"))
    assert history.changes(lived) == found


def test_a_cache_that_can_not_be_written_is_no_error(tmp_path: Path) -> None:
    """The history stays as it was."""
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    cache = Cache(tmp_path / "file" / "cache")
    with capture_logs() as logs:
        take_down(cache, "2026-07-01", model("a:b"))
    assert [log["event"] for log in logs] == ["cache.unwritable", "history.recorded"]
    assert history.checked_at(cache) is None


def test_what_is_recorded_is_told(cache: Cache) -> None:
    """How many changes this refresh found, and how many models are gone by now."""
    take_down(cache, "2026-07-01", model("a:x"), model("a:y"))
    take_down(cache, "2026-07-02", model("a:x"))
    with capture_logs() as logs:
        take_down(cache, "2026-07-03", model("a:x", context_tokens=8))
    (log,) = logs
    assert (log["event"], log["changes"], log["tombstones"]) == (
        "history.recorded",
        1,
        1,
    )
