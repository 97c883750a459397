"""Which model serves each role, as a variable of Terraform or OpenTofu."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from attrs import field, frozen, validators

from llmhub_core.contracts import ExportContext, ExportedFile
from llmhub_core.records.choice import Choice, Pick

__all__ = ["TFVars", "TFVarsOptions"]

_VARIABLE = re.compile(r"[a-z][a-z0-9_]*")


@frozen(kw_only=True)
class TFVarsOptions:
    """Options of the exporter ``tfvars``.

    Attributes:
        variable: Name of the variable: small letters, digits and ``_``.
    """

    variable: str = field(
        default="llm_roles", validator=validators.matches_re(_VARIABLE)
    )


class TFVars:
    """Writes ``llmhub.auto.tfvars``: per role a provider, a model and its fallbacks.

    Terraform loads every ``*.auto.tfvars`` by itself. So only the spec's default
    environment has that name; the others become ``llmhub.ENV.tfvars``, for
    ``-var-file``.
    """

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = TFVarsOptions

    def __init__(self, options: TFVarsOptions) -> None:
        self._variable = options.variable

    def export(self, context: ExportContext) -> tuple[ExportedFile, ...]:
        """Return one file, laid out as ``terraform fmt`` leaves it."""
        lines = [f"# {line}" for line in context.head]
        lines += ["", f"{self._variable} = {{"]
        for choice in context.choices:
            lines += _role(choice)
        lines.append("}")
        spec = context.spec
        stem = "auto" if spec.env == spec.environments[0] else spec.env
        text = "\n".join(lines).lstrip("\n") + "\n"
        return (ExportedFile(name=f"llmhub.{stem}.tfvars", text=text, comment="#"),)


def _role(choice: Choice) -> list[str]:
    fallbacks = ", ".join(f"{{ {_model(pick)} }}" for pick in choice.backups)
    return [
        f"  {_quoted(choice.role)} = {{",
        f"    mode      = {_quoted(choice.mode)}",
        f"    provider  = {_quoted(choice.primary.provider)}",
        f"    model     = {_quoted(choice.primary.model_id)}",
        f"    fallbacks = [{fallbacks}]",
        "  }",
    ]


def _model(pick: Pick) -> str:
    return f"provider = {_quoted(pick.provider)}, model = {_quoted(pick.model_id)}"


def _quoted(text: str) -> str:
    """A string of HCL, in which ``${`` and ``%{`` would begin a template."""
    letters = "".join(map(_escaped, text))
    return '"' + letters.replace("${", "$${").replace("%{", "%%{") + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
