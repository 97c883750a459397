"""Every error of the core, in one tree.

::

    LLMHubError                        exit code 2 unless said otherwise
    ├── SpecError                      llmhub.spec.yaml: path, line, problem
    ├── SettingsError                  environment variable or config.toml
    ├── LockError                      llmhub.lock: damaged, or not covering the spec
    ├── OutputError                    a file that can't be written
    │   └── HandEditedError            a file that holds somebody's own work
    ├── ExportError                    decisions that a format has no words for
    ├── MissingExtraError              a feature whose library is not installed
    ├── PluginError
    │   ├── PluginNotFoundError        nothing of that name is installed
    │   ├── PluginConflictError        two distributions claim one name
    │   ├── PluginLoadError            installed, but does not import or construct
    │   ├── PluginOptionsError         its options do not validate
    │   ├── PluginFailedError          it raised, hung or took too much memory
    │   ├── PluginNameError            a name that a new plugin can't have
    │   └── InvalidExportError         an exporter returned what can't be written
    ├── CatalogError
    │   ├── SourceUnavailableError     exit code 3: no answer from an upstream
    │   ├── SourceDataError            exit code 3: an answer that does not parse
    │   ├── CatalogUnavailableError    exit code 3: no catalog from anywhere
    │   ├── UnknownModelError          an id that the catalog does not know
    │   └── FilterError                a provider, kind, ... that it does not know
    └── SelectionError
        ├── NoCandidatesError          every model was turned away
        ├── IneligibleModelError       a model that the spec names breaks a hard limit
        └── InvalidChoiceError         a selector answered outside its candidates

Errors carry data; the text is made in ``__str__``. The command line catches
``LLMHubError`` once and exits with ``exit_code``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

__all__ = [
    "CatalogError",
    "CatalogUnavailableError",
    "ExportError",
    "FilterError",
    "HandEditedError",
    "IneligibleModelError",
    "InvalidChoiceError",
    "InvalidExportError",
    "LLMHubError",
    "LockError",
    "MissingExtraError",
    "NoCandidatesError",
    "OutputError",
    "PluginConflictError",
    "PluginError",
    "PluginFailedError",
    "PluginLoadError",
    "PluginNameError",
    "PluginNotFoundError",
    "PluginOptionsError",
    "SelectionError",
    "SettingsError",
    "SourceDataError",
    "SourceUnavailableError",
    "SpecError",
    "UnknownModelError",
]


class LLMHubError(Exception):
    """Root of everything that the core raises on purpose."""

    exit_code: ClassVar[int] = 2

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are unpickled by a call with their args, which named arguments
        # refuse; a new object filled with what this one holds needs no such call.
        return _unfilled, (type(self), self.args), vars(self)


def _unfilled(cls: type[LLMHubError], args: tuple[Any, ...]) -> LLMHubError:
    return cls.__new__(cls, *args)


def _place(path: Path | str | None, line: int | None) -> str:
    if path is None:
        return ""
    return f"{path}:{line}: " if line is not None else f"{path}: "


class SpecError(LLMHubError):
    """The spec can't be used as it stands.

    Args:
        problem: What is wrong and what to do, one sentence without the place.
        path: The spec file, or None for text that came from code.
        line: 1-based line, or None when no single line is to blame.
    """

    def __init__(
        self, problem: str, *, path: Path | str | None = None, line: int | None = None
    ) -> None:
        super().__init__(problem, path, line)
        self.problem = problem
        self.path = path
        self.line = line

    def __str__(self) -> str:
        return f"{_place(self.path, self.line)}{self.problem}"


class SettingsError(LLMHubError):
    """A setting is malformed; ``origin`` names its variable or file."""

    def __init__(self, origin: str, problem: str) -> None:
        super().__init__(origin, problem)
        self.origin = origin
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.origin}: {self.problem}"


class LockError(LLMHubError):
    """The lock can't be read, or does not cover what was asked."""

    def __init__(
        self, problem: str, *, path: Path | str | None = None, line: int | None = None
    ) -> None:
        super().__init__(problem, path, line)
        self.problem = problem
        self.path = path
        self.line = line

    def __str__(self) -> str:
        return f"{_place(self.path, self.line)}{self.problem}"


class OutputError(LLMHubError):
    """A file can't be read or written."""

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(path, problem)
        self.path = path
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


class HandEditedError(OutputError):
    """A file holds somebody's own work and is not replaced without being asked."""


class ExportError(LLMHubError):
    """What was decided can't be said in the format that was asked for.

    Args:
        exporter: Name of the exporter.
        problem: What it has no words for, and what to change.
    """

    def __init__(self, exporter: str, problem: str) -> None:
        super().__init__(exporter, problem)
        self.exporter = exporter
        self.problem = problem

    def __str__(self) -> str:
        return f"exporter {self.exporter}: {self.problem}"


class MissingExtraError(LLMHubError):
    """A feature was asked for whose library is not installed.

    Args:
        feature: What was asked for.
        library: Distribution that it needs.
        extra: Extra of ``llmhub-core`` that brings it.
    """

    def __init__(self, feature: str, library: str, extra: str) -> None:
        super().__init__(feature, library, extra)
        self.feature = feature
        self.library = library
        self.extra = extra

    def __str__(self) -> str:
        return (
            f"{self.feature} needs {self.library}, which is not installed: "
            f"pip install {self.library}, or llmhub-core with its extra "
            f"[{self.extra}]."
        )


class PluginError(LLMHubError):
    """Something about a plugin; see the subclasses."""


class PluginNotFoundError(PluginError):
    """No installed plugin has that name.

    Args:
        kind: ``source``, ``selector`` or ``exporter``.
        name: The name that was asked for.
        known: Names that are installed, sorted.
        suggestion: The nearest of them, or None.
    """

    def __init__(
        self, kind: str, name: str, known: Sequence[str], suggestion: str | None
    ) -> None:
        super().__init__(kind, name, tuple(known), suggestion)
        self.kind = kind
        self.name = name
        self.known = tuple(known)
        self.suggestion = suggestion

    def __str__(self) -> str:
        hint = f" Did you mean {self.suggestion!r}?" if self.suggestion else ""
        installed = ", ".join(self.known) or "none"
        return f"no {self.kind} is named {self.name!r}.{hint} Installed: {installed}."


class PluginConflictError(PluginError):
    """Two distributions claim one plugin name; neither is picked silently."""

    def __init__(self, kind: str, name: str, distributions: Sequence[str]) -> None:
        super().__init__(kind, name, tuple(distributions))
        self.kind = kind
        self.name = name
        self.distributions = tuple(distributions)

    def __str__(self) -> str:
        owners = " and ".join(self.distributions)
        first = self.distributions[0].partition(" ")[0]
        return (
            f"the {self.kind} {self.name!r} is claimed by {owners}: uninstall one of "
            f'them, or say which one counts: prefer = ["{first}"] under [plugins] in '
            "config.toml."
        )


class PluginLoadError(PluginError):
    """A plugin is installed but can't be imported or constructed."""

    def __init__(
        self,
        kind: str,
        name: str,
        *,
        distribution: str | None,
        version: str | None,
        reason: str,
    ) -> None:
        super().__init__(kind, name, distribution, version, reason)
        self.kind = kind
        self.name = name
        self.distribution = distribution
        self.version = version
        self.reason = reason

    def __str__(self) -> str:
        owner = f"{self.distribution or 'an unknown distribution'} {self.version or ''}"
        owner = owner.strip()
        return f"the {self.kind} {self.name!r} of {owner} does not load: {self.reason}"


class PluginOptionsError(PluginError):
    """The options given to a plugin do not fit its options class."""

    def __init__(self, kind: str, name: str, origin: str, problem: str) -> None:
        super().__init__(kind, name, origin, problem)
        self.kind = kind
        self.name = name
        self.origin = origin
        self.problem = problem

    def __str__(self) -> str:
        return (
            f"{self.origin}: options of the {self.kind} {self.name!r}: {self.problem}"
        )


class PluginFailedError(PluginError):
    """A plugin that loads did not do its work.

    Args:
        plugin: Kind, name, distribution and version, such as
            ``selector 'frugal' of llmhub-frugal 1.0``.
        reason: What it did instead.
    """

    def __init__(self, plugin: str, reason: str) -> None:
        super().__init__(plugin, reason)
        self.plugin = plugin
        self.reason = reason

    def __str__(self) -> str:
        return f"the {self.plugin} failed: {self.reason}"


class PluginNameError(PluginError):
    """A name that a new plugin can't have."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(name, problem)
        self.name = name
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.name!r} {self.problem}."


class InvalidExportError(PluginError):
    """An exporter broke its contract; nothing is written then.

    Args:
        exporter: Its name, with distribution and version.
        problem: What it returned, in words.
    """

    def __init__(self, exporter: str, problem: str) -> None:
        super().__init__(exporter, problem)
        self.exporter = exporter
        self.problem = problem

    def __str__(self) -> str:
        return f"the exporter {self.exporter} {self.problem}"


class CatalogError(LLMHubError):
    """Something about the catalog or its sources; see the subclasses."""


class SourceUnavailableError(CatalogError):
    """An upstream did not answer with something usable."""

    exit_code: ClassVar[int] = 3

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)
        self.url = url
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.url}: {self.reason}"


class SourceDataError(CatalogError):
    """An upstream answered, but not in a form that can be read.

    Args:
        where: The address or the JSON path of the trouble.
        reason: What is wrong there.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(where, reason)
        self.where = where
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


class CatalogUnavailableError(CatalogError):
    """No source answered, nothing is cached, and there is no snapshot."""

    exit_code: ClassVar[int] = 3

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(tuple(reasons))
        self.reasons = tuple(reasons)

    def __str__(self) -> str:
        return "no catalog: " + ("; ".join(self.reasons) or "nothing was tried")


class UnknownModelError(CatalogError):
    """The catalog knows no model by that id.

    Args:
        model: The id.
        suggestions: Ids that look like it.
        fate: What became of a model that it once knew, or None.
    """

    def __init__(
        self, model: str, suggestions: Sequence[str], fate: str | None = None
    ) -> None:
        super().__init__(model, tuple(suggestions), fate)
        self.model = model
        self.suggestions = tuple(suggestions)
        self.fate = fate

    def __str__(self) -> str:
        if self.fate is not None:
            return f"model {self.model!r} is {self.fate}."
        near = (
            f" Did you mean {' or '.join(self.suggestions)}?"
            if self.suggestions
            else ""
        )
        return f"no model {self.model!r} in the catalog.{near}"


class FilterError(CatalogError):
    """The catalog has nothing of what a filter asks for.

    Args:
        noun: What was named, such as ``provider``.
        name: How.
        suggestions: Near names that the catalog has.
    """

    def __init__(self, noun: str, name: str, suggestions: Sequence[str]) -> None:
        super().__init__(noun, name, tuple(suggestions))
        self.noun = noun
        self.name = name
        self.suggestions = tuple(suggestions)

    def __str__(self) -> str:
        near = " or ".join(map(repr, self.suggestions))
        hint = f" Did you mean {near}?" if near else ""
        return f"no {self.noun} {self.name!r} in the catalog.{hint}"


class SelectionError(LLMHubError):
    """A role can't be given a model; see the subclasses."""


class NoCandidatesError(SelectionError):
    """Every model was turned away for one role.

    Args:
        role: The role's name.
        counts: How many models each constraint turned away first.
        helps: Constraints whose removal would let most models in, best first,
            each with the number of models it would let in.
        absent: Providers that the role allows and of which the catalog has no
            model at all.
        nearest: By constraint of ``helps``, the nearest value that would let a
            model in, where it is one of many values.

    Attributes:
        path: The spec, or None; set by who knows it.
        line: Line of the role, or None.
    """

    def __init__(
        self,
        role: str,
        counts: Mapping[str, int],
        helps: Sequence[tuple[str, int]] = (),
        absent: Sequence[str] = (),
        nearest: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(role, dict(counts), tuple(helps), tuple(absent), nearest)
        self.role = role
        self.counts = dict(counts)
        self.helps = tuple(helps)
        self.absent = tuple(absent)
        self.nearest = dict(nearest or {})
        self.path: Path | str | None = None
        self.line: int | None = None

    def __str__(self) -> str:
        return f"{_place(self.path, self.line)}{self.problem}"

    @property
    def problem(self) -> str:
        """What is wrong and what to do, without the place."""
        total = sum(self.counts.values())
        lead = f"role {self.role!r}: none of {total} models satisfies its constraints."
        if self.absent:
            lead += (
                f" The catalog has no model of {' or '.join(self.absent)}: refresh it "
                "when a key is set or the server runs, or name the model by "
                "force_provider and force_model."
            )
        if not self.helps:
            return lead
        parts = ", ".join(self._help(name, gain) for name, gain in self.helps)
        return f"{lead} Loosening one of these helps most: {parts}."

    def _help(self, name: str, gain: int) -> str:
        many = "1 model" if gain == 1 else f"{gain} models"
        if name == "free":
            return f"a max_price of 0, for free offers ({many})"
        near = self.nearest.get(name)
        return f"{name} ({many}, the nearest at {near})" if near else f"{name} ({many})"


class IneligibleModelError(SelectionError):
    """A model that the spec names by its id breaks a hard limit.

    Args:
        role: The role's name.
        model: Canonical id of the model.
        reasons: ``(constraint, why)`` pairs: the key of the spec that forbids it,
            and what it compares.
        use: What the spec names it as: ``forced model`` or ``fallback``.

    Attributes:
        path: The spec, or None; set by who knows it.
        line: Line of the key that names the model, or None.
    """

    def __init__(
        self,
        role: str,
        model: str,
        reasons: Sequence[tuple[str, str]],
        use: str = "forced model",
    ) -> None:
        super().__init__(role, model, tuple(reasons), use)
        self.role = role
        self.model = model
        self.reasons = tuple(reasons)
        self.use = use
        self.path: Path | str | None = None
        self.line: int | None = None

    def __str__(self) -> str:
        why = "; ".join(f"it {reason} ({name})" for name, reason in self.reasons)
        return (
            f"{_place(self.path, self.line)}role {self.role!r}: the {self.use} "
            f"{self.model!r} can't serve: {why}."
        )


class InvalidChoiceError(SelectionError):
    """A selector broke its contract.

    Args:
        selector: Its name.
        role: The role that it ranked for.
        problem: What it answered, in words.
        owner: Distribution and version that it is of, or None for our own.
    """

    def __init__(
        self, selector: str, role: str, problem: str, owner: str | None = None
    ) -> None:
        super().__init__(selector, role, problem, owner)
        self.selector = selector
        self.role = role
        self.problem = problem
        self.owner = owner

    def __str__(self) -> str:
        of = f" of {self.owner}" if self.owner else ""
        return f"role {self.role!r}: the selector {self.selector!r}{of} {self.problem}"
