"""Cost against quality, drawn."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve

from llmhub_core.records.candidate import Candidate as Eligible
from llmhub_core.records.candidate import Candidates, Cost, Latency, Quality
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RoleNeed
from llmhub_core.selection.chart import chart
from llmhub_core.selection.picture import Picture, axes, picture
from llmhub_core.selection.svg import svg

Make = Callable[..., CanonicalModel]

PRICES = {
    "a:cheap": (0.0001, 1300.0),
    "a:middle": (0.001, 1400.0),
    "b:worse": (0.002, 1350.0),
    "b:best": (0.01, 1450.0),
    "c:free": (0.0, 1250.0),
}


def pick(canonical_id: str) -> Pick:
    """A pick of which only the id matters."""
    provider, _, name = canonical_id.partition(":")
    return Pick(
        canonical_id=canonical_id, provider=provider, model_id=name, reason="said so"
    )


@pytest.fixture
def candidates(model: Make) -> Candidates:
    """Five rated and priced models, and one that is neither."""

    def one(canonical_id: str, usd: float, score: float) -> Eligible:
        quality = Quality(
            value=score - 5,
            score=score,
            ci_low=score - 5,
            ci_high=score + 5,
            board="text",
            category="overall",
            name=canonical_id,
            basis="measured",
        )
        return Eligible(
            model=model(canonical_id),
            cost=Cost(usd_per_request=usd, basis="listed" if usd else "free"),
            quality=quality,
            latency=Latency(value=1.0, basis="proxy", reason="size"),
        )

    known = [one(name, *numbers) for name, numbers in PRICES.items()]
    unknown = evolve(known[0], model=model("z:new"), cost=None, quality=None)
    return Candidates(
        need=RoleNeed(role="chat <main> & more"), kept=(*known, unknown), considered=9
    )


@pytest.fixture
def choice() -> Choice:
    """The middle one, with the best as a backup."""
    return Choice(
        role="chat <main> & more",
        mode="chat",
        primary=pick("a:middle"),
        backups=(pick("b:best"),),
        selector="balanced",
        eligible=6,
        considered=9,
    )


@pytest.fixture
def drawn(candidates: Candidates, choice: Choice) -> Picture:
    """What there is to draw of them."""
    return picture(candidates, choice)


def test_the_front_the_choice_and_its_backups_are_told_apart(drawn: Picture) -> None:
    """Who is beaten by nobody is on the front; the choice is drawn last."""
    assert [(point.canonical_id, point.use) for point in drawn.points] == [
        ("b:worse", "other"),
        ("a:cheap", "front"),
        ("c:free", "front"),
        ("b:best", "backup"),
        ("a:middle", "primary"),
    ]
    assert (drawn.left_out, drawn.scale) == (1, "text/overall")


def test_the_svg_is_whole_and_names_every_model(drawn: Picture) -> None:
    """It parses, a circle stands for every model, and text is escaped."""
    text = svg(drawn)
    root = ET.fromstring(text)  # noqa: S314 - our own text
    titles = [
        (circle.find("{*}title")).text or ""  # type: ignore[union-attr]
        for circle in root.iterfind("{*}circle")
        if circle.find("{*}title") is not None
    ]
    assert sorted(title.partition(": $")[0] for title in titles) == sorted(PRICES)
    assert "chat &lt;main&gt; &amp; more: cost against quality" in text
    assert text == svg(drawn)


def test_cheaper_stands_to_the_left_and_better_above(drawn: Picture) -> None:
    """Scales are logarithmic in cost; what is free stands at the edge."""
    scales = axes(drawn.points)
    spots = {
        p.canonical_id: (scales.across(p.usd_per_request), scales.up(p.score))
        for p in drawn.points
    }
    assert spots["c:free"][0] == 0.0
    assert spots["a:cheap"][0] < spots["a:middle"][0] < spots["b:best"][0] < 1.0
    assert spots["a:cheap"][1] < spots["a:middle"][1] < spots["b:best"][1] < 1.0
    tenfold = spots["a:middle"][0] - spots["a:cheap"][0]
    assert spots["b:best"][0] - spots["a:middle"][0] == pytest.approx(tenfold)


def test_the_chart_fits_its_width_and_marks_the_choice(drawn: Picture) -> None:
    """One mark a model, the choice on top."""
    text = chart(drawn, width=60, height=12)
    lines = text.splitlines()
    assert all(len(line) <= 72 for line in lines)
    field = "\n".join(lines[:12])
    assert (field.count("#"), field.count("o"), field.count("*")) == (1, 1, 2)
    assert "$0.001" in lines[13]


def test_nothing_to_draw_is_said(candidates: Candidates, choice: Choice) -> None:
    """Without price and rating there is no point, and a sentence instead."""
    bare = evolve(candidates, kept=candidates.kept[-1:])
    empty = picture(bare, choice)
    assert chart(empty) == (
        "0 eligible models, no candidate is rated; 1 without price or rating"
    )
    assert "no candidate is rated" in svg(empty)


def test_one_model_at_one_price_is_drawn(
    candidates: Candidates, choice: Choice
) -> None:
    """The scales do not collapse; all free is drawn as well."""
    for name in ("a:middle", "c:free"):
        kept = [c for c in candidates.kept if c.canonical_id == name]
        alone = picture(evolve(candidates, kept=tuple(kept)), choice)
        assert len(ET.fromstring(svg(alone)).findall("{*}circle")) == 5  # noqa: S314
        assert chart(alone)
