"""models.dev: price, limits, capabilities, dates and status of served models."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from attrs import field, frozen, validators

from llmhub_core.contracts import SourceContext
from llmhub_core.errors import SourceDataError, SourceUnavailableError
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.observation import BaseModel, Harvest, Payload, ServedModel
from llmhub_sources.documents import Fields, is_sound, join, read_document, said
from llmhub_sources.models_dev.rows import base_model, misnamed, served_model

__all__ = ["ModelsDevOptions", "ModelsDevSource"]


@frozen(kw_only=True)
class ModelsDevOptions:
    """Settings of the source ``models-dev``.

    Attributes:
        url: Where ``api.json`` and ``models.json`` are; a ``file:`` address or a
            folder does as well.
    """

    url: str = field(
        default="https://models.dev",
        validator=[validators.instance_of(str), validators.min_len(1)],
    )


class ModelsDevSource:
    """The catalog of https://models.dev (MIT, © 2025 models.dev).

    ``api.json`` has the served models, ``models.json`` the underlying ones; the
    second is worth a remark when it is missing, not a failure.
    """

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = ModelsDevOptions

    def __init__(self, options: ModelsDevOptions | None = None) -> None:
        self._options = options or ModelsDevOptions()

    async def fetch(self, context: SourceContext) -> Harvest:
        """Fetch both documents at once and read every row.

        Raises:
            SourceUnavailableError: ``api.json`` did not answer.
            SourceDataError: It holds no model that can be read.
        """
        url = self._options.url
        api, described = await asyncio.gather(
            context.get(join(url, "api.json"), name="api.json"),
            _describe(context, join(url, "models.json")),
            return_exceptions=True,
        )
        if isinstance(api, BaseException):
            raise api
        if isinstance(described, BaseException):
            raise described
        served, refused = _served_models(api)
        bases, base_refused, notes = described
        return Harvest(
            served=served,
            bases=bases,
            refused=(*refused, *base_refused),
            as_of=_as_of(served, api.fetched_at),
            notes=notes,
        )


async def _describe(
    context: SourceContext, url: str
) -> tuple[tuple[BaseModel, ...], tuple[Refusal, ...], tuple[str, ...]]:
    """Read the underlying models, or what is kept of them, or make a remark."""
    try:
        with context.together() as part:
            return (*_base_models(await part.get(url, name="models.json")), ())
    except (SourceUnavailableError, SourceDataError) as error:
        note = f"underlying models: {error}"
    with suppress(SourceUnavailableError, SourceDataError):
        kept = await context.kept(url, name="models.json")
        return (*_base_models(kept), (f"{note}; kept answer taken",))
    return (), (), (f"{note}; none are known",)


def _rows(payload: Payload) -> Mapping[str, object]:
    document = read_document(payload)
    if not isinstance(document, dict) or not document:
        reason = f"{said(document)} where a map of records was expected"
        raise SourceDataError(payload.url, "is empty" if document == {} else reason)
    return document


def _served_models(
    payload: Payload,
) -> tuple[tuple[ServedModel, ...], tuple[Refusal, ...]]:
    served: list[ServedModel] = []
    refused: list[Refusal] = []
    for provider, entry in _rows(payload).items():
        table = entry if isinstance(entry, dict) else {}
        models = table.get("models")
        if not is_sound(provider) or not isinstance(models, dict):
            reason = "is not a provider with a map of models"
            refused.append(Refusal(record=said(provider).strip("'"), reason=reason))
            continue
        if (wrong := misnamed(Fields(table, provider), provider)) is not None:
            refused.append(Refusal(record=provider, reason=wrong))
            continue
        for key, data in models.items():
            model, problems = served_model(provider, key, data)
            refused += problems
            if model is not None:
                served.append(model)
    if not served:
        raise SourceDataError(payload.url, "holds no model that can be read")
    return tuple(served), tuple(refused)


def _base_models(
    payload: Payload,
) -> tuple[tuple[BaseModel, ...], tuple[Refusal, ...]]:
    bases: list[BaseModel] = []
    refused: list[Refusal] = []
    for key, data in _rows(payload).items():
        base, problems = base_model(key, data)
        refused += problems
        if base is not None:
            bases.append(base)
    return tuple(bases), tuple(refused)


def _as_of(served: Iterable[ServedModel], fetched_at: str) -> str | None:
    """The newest day on which a row was updated and that had come by then."""
    days = (model.facts.last_updated for model in served)
    return max(
        (day for day in days if day and len(day) == 10 and day <= fetched_at[:10]),
        default=None,
    )
