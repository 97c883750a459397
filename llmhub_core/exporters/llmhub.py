"""The exporter that writes ``llmhub.yaml``, for ``llmhub_runtime``."""

from __future__ import annotations

from typing import Any, ClassVar

from llmhub_core.contracts import ExportContext, ExportedFile
from llmhub_core.lock.emit import config_name, emit

__all__ = ["LLMHubExporter"]


class LLMHubExporter:
    """Writes the config that the runtime loads, one file per environment."""

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = None

    def export(self, context: ExportContext) -> tuple[ExportedFile, ...]:
        """Return ``llmhub.yaml``, or ``llmhub.ENV.yaml``.

        Raises:
            SpecError: The spec says something that the runtime does not take.
        """
        text = emit(context.spec, context.choices, context.head)
        return (ExportedFile(name=config_name(context.spec), text=text),)
