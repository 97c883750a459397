"""The exporter that writes environment variables, for apps without the runtime."""

from __future__ import annotations

import json
import shlex
from typing import Any, ClassVar

from llmhub_core.catalog.identity.providers import providers
from llmhub_core.codec import unstructure
from llmhub_core.contracts import ExportContext, ExportedFile
from llmhub_core.errors import ExportError
from llmhub_core.exporters.addresses import ADDRESSES
from llmhub_core.exporters.naming import file_name, variable
from llmhub_core.lock.emit import to_config
from llmhub_core.records.choice import Pick
from llmhub_runtime.config import ProviderConfig

__all__ = ["OpenAIEnvExporter"]


class OpenAIEnvExporter:
    """Writes ``llmhub.env``: per role a model, an address and a key.

    For apps that call an OpenAI-compatible client by themselves. A role named
    ``chat.main`` gives ``CHAT_MAIN_MODEL``, ``CHAT_MAIN_BASE_URL`` and
    ``CHAT_MAIN_API_KEY``, which refers to the provider's variable and holds no key.
    Backups follow as ``CHAT_MAIN_FALLBACK_1_MODEL`` and so on. Call parameters are
    JSON in ``CHAT_MAIN_PARAMS``.
    """

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = None

    def export(self, context: ExportContext) -> tuple[ExportedFile, ...]:
        """Return ``llmhub.env``, or ``llmhub.ENV.env``.

        Raises:
            ExportError: Two roles would share their variables, or a provider has no
                OpenAI-compatible address that is known.
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
                lines += _variables(choice.role, stem, pick, provider)
        text = "\n".join(lines) + "\n"
        name = file_name(context.spec, "llmhub", ".env")
        return (ExportedFile(name=name, text=text, comment="#"),)


def _variables(role: str, stem: str, pick: Pick, provider: ProviderConfig) -> list[str]:
    name = pick.provider
    address = provider.api_base or ADDRESSES.get(name)
    if address is None:
        # Without one a client would send this provider's key to OpenAI.
        problem = (
            f"role {role!r}: no OpenAI-compatible address of {name} is known: give "
            f"providers.{name}.api_base in the spec, or keep the provider out of the "
            "role."
        )
        raise ExportError("openai-env", problem)
    key = provider.env_key or _key_variable(name)
    # Clients want a key where the server asks for none.
    secret = "unused" if key is None else f'"${{{key}}}"'
    lines = [
        f"{stem}_PROVIDER={shlex.quote(name)}",
        f"{stem}_MODEL={shlex.quote(pick.model_id)}",
        f"{stem}_BASE_URL={shlex.quote(address)}",
        f"{stem}_API_KEY={secret}",
    ]
    if params := unstructure(pick).get("params"):
        # No apostrophe: dotenv libraries know no quotes within quotes.
        written = json.dumps(params, sort_keys=True).replace("'", "\\u0027")
        lines.append(f"{stem}_PARAMS='{written}'")
    return lines


def _key_variable(name: str) -> str | None:
    """The first of several variables that any-llm would look into by itself."""
    known = providers().get(name)
    return known.env[0] if known is not None and known.env else None
