"""Names of providers and models as people write them, made canonical."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import frozen

__all__ = ["Names"]

_WILD = frozenset("*?[")


@frozen
class Names:
    """Makes names canonical.

    Attributes:
        provider: Gives any-llm's name of a provider, whatever it is called.
    """

    provider: Callable[[str], str]

    def providers(self, names: Iterable[str]) -> tuple[str, ...]:
        """Providers in their order, each once."""
        return tuple(dict.fromkeys(self.provider(name) for name in names))

    def model(self, model: str) -> str:
        """``provider:model`` with the canonical name of the provider."""
        provider, _, model_id = model.partition(":")
        return f"{self.provider(provider)}:{model_id}"

    def globs(self, globs: Iterable[str]) -> tuple[str, ...]:
        """Globs on canonical ids; a provider without wildcards is made canonical."""
        return tuple(self._glob(glob) for glob in globs)

    def _glob(self, glob: str) -> str:
        provider, colon, _ = glob.partition(":")
        return self.model(glob) if colon and not _WILD & set(provider) else glob
