"""What OpenRouter serves, and at what price: one document, no key needed."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from attrs import field, frozen, validators

from llmhub_core.contracts import SourceContext
from llmhub_core.errors import SourceDataError
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.observation import Harvest, ServedModel
from llmhub_openrouter.rows import Row, served_model

__all__ = ["OpenRouter", "OpenRouterOptions"]


@frozen(kw_only=True)
class OpenRouterOptions:
    """Options of the source ``openrouter``.

    Attributes:
        url: Where the list of models is; a mirror, a ``file:`` address or a path
            does as well.
    """

    url: str = field(
        default="https://openrouter.ai/api/v1/models", validator=validators.min_len(1)
    )


class OpenRouter:
    """Models, prices, limits and capabilities from OpenRouter's own list.

    Source:
        https://openrouter.ai/docs/api-reference/list-available-models
    """

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = OpenRouterOptions

    def __init__(self, options: OpenRouterOptions) -> None:
        self._url = options.url

    async def fetch(self, context: SourceContext) -> Harvest:
        """Fetch the list; each row is read, or refused with a reason.

        Raises:
            SourceUnavailableError: OpenRouter did not answer.
            SourceDataError: Its answer is no list of models.
        """
        payload = await context.get(self._url, name="models.json")
        try:
            document = json.loads(payload.body)
        except (ValueError, RecursionError) as error:
            raise SourceDataError(payload.url, "is not JSON") from error
        rows = document.get("data") if isinstance(document, dict) else None
        if not isinstance(rows, list) or not rows:
            raise SourceDataError(payload.url, "has no list of models under 'data'")
        served: dict[str, ServedModel] = {}
        refused: list[Refusal] = []
        for place, data in enumerate(rows):
            row = Row(data, f"data[{place}]")
            model = served_model(row)
            if model is not None and model.model_id in served:
                row.refuse("is listed twice: the first row counts")
            elif model is not None:
                served[model.model_id] = model
            refused += row.refused
        return Harvest(served=tuple(served.values()), refused=tuple(refused))
