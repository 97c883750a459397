"""The exporter that writes environment variables, for apps without the runtime."""

from __future__ import annotations

import shlex
from typing import Any, ClassVar

from llmhub_core.catalog.identity.providers import providers
from llmhub_core.contracts import ExportContext, ExportedFile
from llmhub_core.errors import ExportError
from llmhub_core.exporters.addresses import ADDRESSES
from llmhub_core.exporters.naming import file_name, variable
from llmhub_core.lock.emit import to_config
from llmhub_runtime.config import ProviderConfig

__all__ = ["OpenAIEnvExporter"]


class OpenAIEnvExporter:
    """Writes ``llmhub.env``: per role a model, an address and a key.

    For apps that call an OpenAI-compatible client by themselves. A role named
    ``chat.main`` gives ``CHAT_MAIN_MODEL``, ``CHAT_MAIN_BASE_URL`` and
    ``CHAT_MAIN_API_KEY``, which refers to the provider's variable and holds no key.
    Backups follow as ``CHAT_MAIN_FALLBACK_1_MODEL`` and so on.
    """

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = None

    def export(self, context: ExportContext) -> tuple[ExportedFile, ...]:
        """Return ``llmhub.env``, or ``llmhub.ENV.env``.

        Raises:
            ExportError: Two roles would share their variables.
            SpecError: The spec says something that the runtime does not take.
        """
        config = to_config(context.spec, context.choices)
        lines = [f"# {line}" for line in context.head]
        heads: dict[str, str] = {}
        for choice in context.choices:
            head = variable(choice.role)
            if head in heads:
                problem = (
                    f"the roles {heads[head]!r} and {choice.role!r} both become "
                    f"{head}_MODEL: rename one of them."
                )
                raise ExportError("openai-env", problem)
            heads[head] = choice.role
            lines += ["", f"# {choice.role}: {choice.mode}"]
            for number, pick in enumerate((choice.primary, *choice.backups)):
                stem = f"{head}_FALLBACK_{number}" if number else head
                provider = config.providers[pick.provider]
                lines += _variables(stem, pick.provider, pick.model_id, provider)
        text = "\n".join(lines) + "\n"
        name = file_name(context.spec, "llmhub", ".env")
        return (ExportedFile(name=name, text=text, comment="#"),)


def _variables(stem: str, name: str, model: str, provider: ProviderConfig) -> list[str]:
    address = provider.api_base or ADDRESSES.get(name)
    lines = [
        f"{stem}_PROVIDER={shlex.quote(name)}",
        f"{stem}_MODEL={shlex.quote(model)}",
    ]
    if address is None:
        lines.append(f"# {name} has no OpenAI-compatible address that is known")
    else:
        lines.append(f"{stem}_BASE_URL={shlex.quote(address)}")
    key = provider.env_key or _key_variable(name)
    if key is not None:
        lines.append(f'{stem}_API_KEY="${{{key}}}"')
    return lines


def _key_variable(name: str) -> str | None:
    """The first of several variables that any-llm would look into by itself."""
    known = providers().get(name)
    return known.env[0] if known is not None and known.env else None
