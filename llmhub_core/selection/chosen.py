"""Roles and the models that were chosen for them: the stages of selection in a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from attrs import frozen

from llmhub_core.blocking import blocking
from llmhub_core.catalog.garbage import uncollected
from llmhub_core.catalog.identity.providers import parse_model_id, providers
from llmhub_core.contracts import Selector, SelectorContext
from llmhub_core.errors import (
    IneligibleModelError,
    LLMHubError,
    NoCandidatesError,
    PluginNotFoundError,
    SpecError,
    UnknownModelError,
)
from llmhub_core.plugins import Plugin, load_selector
from llmhub_core.records.candidate import Candidates, Ranking
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.choice import Choice
from llmhub_core.records.spec import Spec
from llmhub_core.selection import (
    Measures,
    assemble,
    check_providers,
    check_ranking,
    interpret,
    shortlist,
)
from llmhub_core.selection.ranking import Watched
from llmhub_core.settings import Settings, load_settings
from llmhub_core.spec import selector_for
from llmhub_core.spec.origin import options_placed
from llmhub_core.trace import emit

__all__ = ["Chosen", "achoose", "choose"]


@frozen(kw_only=True)
class Chosen:
    """One role's decision and all that it was decided on."""

    choice: Choice
    candidates: Candidates
    ranking: Ranking
    selector_version: str | None


async def achoose(
    spec: Spec,
    catalog: Catalog,
    *,
    roles: Iterable[str] | None = None,
    selector: str | None = None,
    callable_only: bool = False,
    settings: Settings | None = None,
    context: SelectorContext | None = None,
) -> dict[str, Chosen]:
    """Choose models for roles: needs, candidates, ranking, choice.

    Selectors run in a thread of their own, since they may call a model, or hang.

    Args:
        spec: The effective spec.
        catalog: What to choose from.
        roles: Names of roles; None chooses for all.
        selector: Selector for every role, over what the spec names.
        callable_only: Leave out models that no key was found for.
        settings: The run's settings, for the options of selectors.
        context: What selectors are handed; None lets them ask nobody.

    Raises:
        LLMHubError: A selector is missing, nothing is eligible, ...
    """
    settings = settings or load_settings()
    context = context or SelectorContext()
    known = {*providers(), *(model.provider for model in catalog)}
    check_providers(spec, known)
    measures = Measures(catalog)
    # Looking a plugin up reads the metadata of all that is installed.
    loaded: dict[tuple[str, str], Plugin[Selector]] = {}
    chosen: dict[str, Chosen] = {}
    with uncollected():
        for role in roles if roles is not None else spec.roles:
            name, options = selector_for(spec, spec.roles[role], selector)
            wanted = (name, repr(options))
            if wanted not in loaded:
                with (
                    _placed(spec, role, "selector", settings),
                    options_placed(spec, role),
                ):
                    loaded[wanted] = load_selector(name, settings, options)
            plugin = loaded[wanted]
            need = interpret(spec, role, callable_only=callable_only)
            with _placed(spec, role, "force_model", settings):
                candidates = shortlist(catalog, need, measures)
            watched = Watched(
                plugin=plugin,
                seconds=settings.plugin_timeout_seconds,
                memory_mb=settings.plugin_memory_mb,
            )
            ranking = await watched.arank(candidates.need, candidates.kept, context)
            owner = None if plugin.installed.is_ours else plugin.installed.owner
            check_ranking(ranking, candidates, selector=name, owner=owner)
            with _placed(spec, role, "fallbacks", settings):
                choice = assemble(candidates, ranking, measures, selector=name)
            for step in choice.relaxed:
                emit("role.relaxed", role=role, constraint=step.constraint)
            emit(
                "role.chosen",
                role=role,
                model=choice.primary.canonical_id,
                selector=name,
            )
            chosen[role] = Chosen(
                choice=choice,
                candidates=candidates,
                ranking=ranking,
                selector_version=plugin.installed.version,
            )
    return chosen


choose = blocking(achoose)


@contextmanager
def _placed(spec: Spec, role: str, key: str, settings: Settings) -> Iterator[None]:
    """Give the line of the spec to an error about what stands there.

    A spec that was built in code has no lines, and the error stays what it is. Of a
    model that is gone the history tells since when.
    """
    try:
        yield
    except NoCandidatesError as error:
        error.path, error.line = spec.path, spec.line("roles", role)
        raise
    except IneligibleModelError as error:
        error.path, error.line = spec.path, spec.line("roles", role, key)
        raise
    except (PluginNotFoundError, UnknownModelError) as error:
        told = _with_fate(error, settings)
        line = _line(spec, role, key, error)
        if line is not None:
            raise SpecError(str(told), path=spec.path, line=line) from error
        if told is error:
            raise
        raise told from error


def _with_fate(
    error: PluginNotFoundError | UnknownModelError, settings: Settings
) -> LLMHubError:
    if isinstance(error, PluginNotFoundError):
        return error
    from llmhub_core.cache import Cache
    from llmhub_core.catalog.history import tombstone

    name = ":".join(parse_model_id(error.model) or (error.model,))
    stone = tombstone(Cache(settings.cache_dir), name)
    if stone is None:
        return error
    return UnknownModelError(error.model, error.suggestions, str(stone))


def _line(
    spec: Spec, role: str, key: str, error: PluginNotFoundError | UnknownModelError
) -> int | None:
    if isinstance(error, UnknownModelError) or error.name == spec.roles[role].selector:
        return spec.line("roles", role, key)
    # What neither says came from --selector.
    return spec.line("selector") if error.name == spec.selector else None
