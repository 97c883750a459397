"""The exporter that writes the decisions as JSON, for programs of any language."""

from __future__ import annotations

from typing import Any, ClassVar

from llmhub_core.codec import unstructure
from llmhub_core.contracts import ExportContext, ExportedFile
from llmhub_core.exporters.naming import file_name
from llmhub_core.lock.emit import to_config
from llmhub_core.lock.seal import sealed_json
from llmhub_core.records.choice import Pick

__all__ = ["JSONExporter"]

#: Version of the file's form; a key may be added without a new one.
FORMAT = 1


class JSONExporter:
    """Writes ``llmhub.json``: per role its model, backups, parameters and facts."""

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = None

    def export(self, context: ExportContext) -> tuple[ExportedFile, ...]:
        """Return ``llmhub.json``, or ``llmhub.ENV.json``.

        Raises:
            SpecError: The spec says something that the runtime does not take.
        """
        config = to_config(context.spec, context.choices)
        data = {
            "format": FORMAT,
            "project": config.project,
            "env": config.env,
            "providers": {
                name: {"env_key": entry.env_key, "api_base": entry.api_base}
                for name, entry in config.providers.items()
            },
            "roles": {
                choice.role: {
                    "mode": choice.mode,
                    **_model(choice.primary),
                    "fallbacks": [_model(pick) for pick in choice.backups],
                    "runtime": dict(context.spec.roles[choice.role].runtime),
                }
                for choice in context.choices
            },
        }
        name = file_name(context.spec, "llmhub", ".json")
        return (ExportedFile(name=name, text=sealed_json(data)),)


def _model(pick: Pick) -> dict[str, Any]:
    plain: dict[str, Any] = unstructure(pick)
    return {
        "provider": pick.provider,
        "model": pick.model_id,
        "params": plain.get("params", {}),
        "usd_per_request": None if pick.cost is None else pick.cost.usd_per_request,
        "price_input_per_million": pick.price_input_per_million,
        "price_output_per_million": pick.price_output_per_million,
        "rating": None if pick.quality is None else pick.quality.score,
        "context_tokens": pick.context_tokens,
        "max_output_tokens": pick.max_output_tokens,
        "capabilities": list(pick.capabilities),
        "reason": pick.reason,
    }
