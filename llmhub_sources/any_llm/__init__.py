"""any-llm: what can be called here, now, with the keys at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from attrs import field, frozen, validators

from llmhub_core.contracts import SourceContext
from llmhub_core.errors import SourceDataError, SourceUnavailableError
from llmhub_core.records.model import Facts
from llmhub_core.records.observation import Harvest, Payload, Probe, ServedModel
from llmhub_sources.any_llm.listing import list_models
from llmhub_sources.any_llm.providers import Target, targets
from llmhub_sources.documents import is_sound, read_document
from llmhub_sources.kinds import kind_of

__all__ = ["AnyLLMOptions", "AnyLLMSource"]


@frozen(kw_only=True)
class AnyLLMOptions:
    """Settings of the source ``any-llm``.

    Attributes:
        probe_timeout_seconds: How long each provider may take to list its models.
    """

    probe_timeout_seconds: float = field(
        default=10.0, converter=float, validator=validators.gt(0)
    )


class AnyLLMSource:
    """The models that providers with a key list, asked through any-llm.

    It knows ids, and what an id tells of its model, nothing else. A provider that
    has no listing, or does not answer, says nothing about any model.
    """

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = AnyLLMOptions

    def __init__(self, options: AnyLLMOptions | None = None) -> None:
        self._options = options or AnyLLMOptions()

    async def fetch(self, context: SourceContext) -> Harvest:
        """Ask every provider that has a key, all at once."""
        asked = targets(context.environ, context.providers)
        probes = await asyncio.gather(
            *(self._probe(context, target) for target in asked)
        )
        return Harvest(
            served=tuple(
                ServedModel(
                    provider=probe.provider,
                    model_id=model_id,
                    record=f"{probe.provider}:{model_id}",
                    # An id is all that a listing has, and some ids tell a purpose.
                    facts=Facts(kind=kind_of(model_id)),
                )
                for probe in probes
                for model_id in probe.model_ids or ()
            ),
            probes=tuple(probes),
            notes=_notes(asked, probes),
        )

    async def _probe(self, context: SourceContext, target: Target) -> Probe:
        if target.provider.listing == "none":
            note = "any-llm has no listing for it"
            return Probe(provider=target.name, model_ids=None, note=note)
        ask = partial(
            list_models, target, timeout_seconds=self._options.probe_timeout_seconds
        )
        try:
            ids = _ids(await context.recorded(target.name, ask))
        except (SourceUnavailableError, SourceDataError) as error:
            return Probe(provider=target.name, model_ids=None, note=error.reason)
        complete = target.provider.listing == "all"
        return Probe(provider=target.name, model_ids=ids, complete=complete)


def _notes(asked: Sequence[Target], probes: Sequence[Probe]) -> tuple[str, ...]:
    """Say who did not answer, and why nobody was asked."""
    if not asked:
        return ("nobody was asked for models: no provider key is set",)
    if all(target.provider.listing == "none" for target in asked):
        names = ", ".join(target.name for target in asked)
        return (f"nobody was asked for models: any-llm has no listing for {names}",)
    return tuple(
        f"{probe.provider}: {probe.note}"
        for probe, target in zip(probes, asked, strict=True)
        if probe.note and target.provider.listing != "none"
    )


def _ids(payload: Payload) -> tuple[str, ...]:
    ids = read_document(payload)
    if (
        not isinstance(ids, list)
        or not ids
        or not all(isinstance(one, str) and is_sound(one) for one in ids)
    ):
        raise SourceDataError(payload.url, "is not a list of ids")
    return tuple(ids)
