"""Why a role gets its models, why not others, and what if the spec said otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from llmhub_core.asking import replaying
from llmhub_core.blocking import blocking
from llmhub_core.catalog.provision import Provision, aprovide
from llmhub_core.contracts import Selector
from llmhub_core.errors import NoCandidatesError, SpecError
from llmhub_core.lock.file import LOCK_NAME, load_lock
from llmhub_core.plugins import load_selector
from llmhub_core.records.candidate import Rejection
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.choice import Choice
from llmhub_core.records.explanation import Explanation, Flip
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.spec import Spec
from llmhub_core.selection import Measures, explain, flip
from llmhub_core.selection import why_not as reasons_against
from llmhub_core.selection.chosen import Chosen, achoose
from llmhub_core.selection.ranking import Watched
from llmhub_core.settings import Settings, load_settings
from llmhub_core.spec import load_spec, selector_for, supposition
from llmhub_core.spec.origin import options_placed
from llmhub_core.spec.shape import nearest

if TYPE_CHECKING:
    from llmhub_core.catalog.gather import Progress

__all__ = ["Answer", "Inquiry", "Supposed", "ainquire", "inquire"]


@frozen(kw_only=True)
class Answer:
    """Why one model is not the first.

    Attributes:
        model: The model.
        rejection: Every hard limit that turns it away; without reasons it is
            eligible.
        place: Its place in the ranking when it is eligible, else None.
        reason: What the selector said of it there, or None.
        flip: The price at which it would be first, or None.
    """

    model: CanonicalModel
    rejection: Rejection
    place: int | None = None
    reason: str | None = None
    flip: Flip | None = None


@frozen(kw_only=True)
class Supposed:
    """What would be chosen if the spec said otherwise.

    Attributes:
        changes: What was supposed, as given.
        chosen: The choice, or None when nothing would be eligible.
        problem: Why there is none, or None.
    """

    changes: tuple[str, ...]
    chosen: Chosen | None
    problem: str | None = None


@frozen(kw_only=True)
class Inquiry:
    """One role, laid open.

    Attributes:
        spec: The effective spec.
        role: Name of the role.
        provision: The catalog, and how it came to be the one to use.
        chosen: What is chosen from it today.
        explanation: Why.
        answers: Why not these, in the order asked.
        supposed: What if, or None when nothing was supposed.
        pinned: What the lock holds for the role, or None.
    """

    spec: Spec
    role: str
    provision: Provision
    chosen: Chosen
    explanation: Explanation
    answers: tuple[Answer, ...] = ()
    supposed: Supposed | None = None
    pinned: Choice | None = None


async def ainquire(
    spec_path: Path | str,
    role: str,
    *,
    env: str | None = None,
    selector: str | None = None,
    why_not: Sequence[str] = (),
    what_if: Sequence[str] = (),
    top: int = 10,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Inquiry:
    """Choose for one role and say why; nothing is written.

    Args:
        spec_path: The spec; the lock is beside it.
        role: Name of the role.
        env: Environment; None is the spec's own.
        selector: Selector, over what the spec names.
        why_not: Models to account for: ``provider:model``, or a name that stands
            for all who serve it.
        what_if: ``KEY=VALUE`` each, see :func:`~llmhub_core.spec.supposition`.
        top: How many places of the ranking to lay open.
        settings: The run's settings; None reads them.
        progress: Called as each source ends.

    Raises:
        SpecError: The spec or a supposition is wrong, or has no such role.
        UnknownModelError: A model that is asked about is not in the catalog.
        LLMHubError: As in :func:`~llmhub_core.pipeline.agenerate`.
    """
    spec = load_spec(spec_path, env)
    if role not in spec.roles:
        known = f"Known here: {', '.join(spec.roles)}."
        hint = nearest(role, spec.roles)
        raise SpecError(f"there is no role {role!r}.{hint} {known}", path=spec.path)
    settings = settings or load_settings()
    otherwise = _supposed(spec_path, spec, what_if, role)
    pinned = _pinned(Path(spec_path).with_name(LOCK_NAME), spec.env, role)
    with options_placed(spec):
        provision = await aprovide(
            settings,
            providers=spec.providers,
            source_options=spec.sources,
            progress=progress,
        )
    asked = [model for name in why_not for model in _named(provision.catalog, name)]

    async def choose(said: Spec) -> Chosen:
        found = await achoose(
            said,
            provision.catalog,
            roles=[role],
            selector=selector,
            settings=settings,
            context=replaying(pinned.answer if pinned is not None else None),
        )
        return found[role]

    chosen = await choose(spec)
    name, options = selector_for(spec, spec.roles[role], selector)
    plugin = load_selector(name, settings, options)
    # Fifty rankings find the flip points; ours need no watch, and asked like this
    # they ask no model.
    ranker: Selector = (
        plugin.instance
        if plugin.installed.is_ours
        else Watched(
            plugin=plugin,
            seconds=settings.plugin_timeout_seconds,
            memory_mb=settings.plugin_memory_mb,
        )
    )
    measures = Measures(provision.catalog)
    supposed: Supposed | None = None
    if otherwise is not None:
        try:
            changed = await choose(otherwise)
        except NoCandidatesError as error:
            supposed = Supposed(
                changes=tuple(what_if), chosen=None, problem=error.problem
            )
        else:
            supposed = Supposed(changes=tuple(what_if), chosen=changed)
    return Inquiry(
        spec=spec,
        role=role,
        provision=provision,
        chosen=chosen,
        explanation=explain(
            chosen.candidates, chosen.ranking, chosen.choice, selector=ranker, top=top
        ),
        answers=tuple(_answer(model, chosen, ranker, measures) for model in asked),
        supposed=supposed,
        pinned=pinned,
    )


inquire = blocking(ainquire)


def _supposed(
    path: Path | str, spec: Spec, changes: Sequence[str], role: str
) -> Spec | None:
    if not changes:
        return None
    said = [supposition(change, role=role) for change in changes]
    try:
        return load_spec(path, spec.env, suppose=said)
    except SpecError as error:
        # The spec itself was fine: the line is one of the supposition.
        raise SpecError(f"supposing {', '.join(changes)}: {error.problem}") from error


def _pinned(path: Path, env: str, role: str) -> Choice | None:
    lock = load_lock(path, verify=False)
    locked = lock.environments.get(env) if lock is not None else None
    entry = locked.roles.get(role) if locked is not None else None
    return entry.choice if entry is not None else None


def _named(catalog: Catalog, name: str) -> tuple[CanonicalModel, ...]:
    from llmhub_core.catalog.lookup import find, hosts

    found = find(catalog, name)
    return (found,) if found is not None else tuple(hosts(catalog, name))


def _answer(
    model: CanonicalModel, chosen: Chosen, ranker: Selector, measures: Measures
) -> Answer:
    candidates = chosen.candidates
    rejection = reasons_against(model, candidates.need, measures)
    if rejection.reasons:
        return Answer(model=model, rejection=rejection)
    for place, ranked in enumerate(chosen.ranking.order, 1):
        if ranked.canonical_id == model.canonical_id:
            return Answer(
                model=model,
                rejection=rejection,
                place=place,
                reason=ranked.reason,
                flip=flip(ranker, candidates, model.canonical_id),
            )
    return Answer(model=model, rejection=rejection)
