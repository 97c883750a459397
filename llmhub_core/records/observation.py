"""What a source says: partial facts, never merged by the source itself."""

from __future__ import annotations

from attrs import frozen

from llmhub_core.records.catalog import Refusal
from llmhub_core.records.model import Facts
from llmhub_core.records.rating import Benchmark

__all__ = ["BaseModel", "Harvest", "Payload", "Probe", "RatedModel", "ServedModel"]


@frozen(kw_only=True)
class Payload:
    """Bytes that an upstream answered with.

    Attributes:
        url: Where they came from.
        body: The decoded answer.
        fetched_at: When they were transferred, ISO 8601 UTC.
        transferred: False when the cached copy was still valid (304), when it
            was served offline, or when it stands in for a failed request.
    """

    url: str
    body: bytes
    fetched_at: str
    transferred: bool


@frozen(kw_only=True)
class ServedModel:
    """Facts about one model as one provider serves it.

    Attributes:
        provider: The provider's name as the source knows it.
        model_id: The id to send to that provider.
        record: The id of the record in the source, for provenance.
        facts: What the source says.
    """

    provider: str
    model_id: str
    record: str
    facts: Facts


@frozen(kw_only=True)
class BaseModel:
    """Facts about an underlying model, whoever serves it.

    Attributes:
        lab: Who made it, such as ``openai``.
        model_id: The lab's name for it.
        record: The id of the record in the source.
        facts: What the source says; prices do not belong here.
        benchmarks: Its results on automated benchmarks, in any order.
    """

    lab: str
    model_id: str
    record: str
    facts: Facts
    benchmarks: tuple[Benchmark, ...] = ()


@frozen(kw_only=True)
class RatedModel:
    """One rating, under the name that the board uses.

    Attributes:
        name: Display name on the board.
        organization: Maker according to the board, or None.
        board: ``text``, ``vision``, ``webdev``, ``search``, ...
        category: ``overall``, ``coding``, ...
        score: Rating on the board's scale.
        ci_low: Lower end of the 95 % interval, or None.
        ci_high: Upper end of the 95 % interval, or None.
        votes: Number of votes, or None.
        published_on: Date of the board, ``YYYY-MM-DD``, or None.
    """

    name: str
    board: str
    category: str
    score: float
    organization: str | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    votes: int | None = None
    published_on: str | None = None


@frozen(kw_only=True)
class Probe:
    """What a provider answered when asked which models it has.

    Attributes:
        provider: any-llm's provider name.
        model_ids: The ids it listed; None when it has no listing or did not
            answer, which says nothing about any model.
        note: Why there is no listing, or None.
        complete: False when the provider also serves ids that it does not list
            (aliases, deployments, pages that its SDK does not turn): then only
            presence means something.
    """

    provider: str
    model_ids: tuple[str, ...] | None
    note: str | None = None
    complete: bool = True


@frozen(kw_only=True)
class Harvest:
    """Everything one source had to say in one run.

    Attributes:
        served: Facts about served models.
        bases: Facts about underlying models.
        ratings: Ratings by board name.
        probes: Answers of providers about what they serve.
        refused: Records that could not be used, each with a reason.
        as_of: Date that the data itself carries, ``YYYY-MM-DD``, or None.
        notes: Remarks that the user should see.
    """

    served: tuple[ServedModel, ...] = ()
    bases: tuple[BaseModel, ...] = ()
    ratings: tuple[RatedModel, ...] = ()
    probes: tuple[Probe, ...] = ()
    refused: tuple[Refusal, ...] = ()
    as_of: str | None = None
    notes: tuple[str, ...] = ()
