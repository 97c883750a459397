"""Whether spec, lock and config agree: what ``generate --check`` finds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from attrs import evolve

from llmhub_core.catalog.retirement import Register
from llmhub_core.errors import SpecError
from llmhub_core.lock.drift import ConfigError, drift
from llmhub_core.lock.emit import to_config
from llmhub_core.lock.file import parse_lock
from llmhub_core.lock.finding import Finding, Kind
from llmhub_core.lock.freeze import choices
from llmhub_core.lock.integrity import edits, environment_digest
from llmhub_core.lock.lines import line_of
from llmhub_core.lock.plan import Plan, Reason, plan
from llmhub_core.lock.remedy import generate
from llmhub_core.lock.retired import retired
from llmhub_core.lock.seal import is_ours
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.choice import Pick
from llmhub_core.records.lock import Lock, LockedEnvironment
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.model import Kind as ModelKind
from llmhub_core.records.spec import Spec
from llmhub_core.selection.eligibility import why_not
from llmhub_core.selection.interpret import interpret
from llmhub_core.selection.measures import Measures
from llmhub_core.spec.digest import spec_digest

__all__ = ["Finding", "Kind", "check"]

_KINDS: Mapping[Reason, Kind] = {
    "new": "role-missing",
    "changed": "role-changed",
    "selector": "selector-changed",
}
# What the lock knows of a model is enough to judge these, and policy asks no more but
# for open weights.
_KNOWN = frozenset(
    {
        "provider_in",
        "provider_not_in",
        "id_matches",
        "id_matches_none",
        "price_input",
        "price_output",
    }
)


def check(
    spec: Spec,
    *,
    lock_text: str | None,
    config_text: str | None,
    selector: str | None = None,
    lock_path: Path | str | None = None,
    register: Register | None = None,
    selectors: Collection[str] | None = None,
) -> tuple[Finding, ...]:
    """Compare the three files; writes nothing and asks nobody.

    Args:
        spec: The effective spec.
        lock_text: The lock file, or None when there is none.
        config_text: The config of the spec's environment, or None.
        selector: The name given by ``--selector``, or None.
        lock_path: Where the lock came from, for messages.
        register: What the kept catalog says of models; None leaves them unjudged.
        selectors: The selectors that are installed; None leaves them unjudged.

    Returns:
        What does not agree, nothing when all does: first the lock against its own
        checksums, then against the spec, the kept catalog and what is installed,
        then the config against the lock.

    Raises:
        LockError: The lock is damaged.
        SpecError: The spec says something that the runtime does not take.
    """
    if lock_text is None:
        problem = f"there is no lock: run {generate(spec)}"
        return (Finding(kind="lock-missing", problem=problem, file="lock"),)
    lock = parse_lock(lock_text, path=lock_path)
    found = list(_edited(lock, lock_text))
    locked = lock.environments.get(spec.env)
    if locked is None:
        problem = f"nothing is locked for {spec.env!r}: run {generate(spec)}"
        return (*found, Finding(kind="lock-missing", problem=problem, file="lock"))
    planned = plan(spec, locked, selector=selector)
    found += _uncovered(spec, planned, lock_text)
    if not planned.renewed and not planned.removed:
        found += _unsettled(spec, locked, selector)
    found += _forbidden(spec, locked, lock_text)
    settled = len(found)
    if register is not None:
        found += retired(spec, locked, lock_text, register)
    if selectors is not None:
        found += _orphaned(spec, planned, locked, lock_text, selectors)
    aging = len(found) - settled
    if config_text is None:
        problem = f"there is no config: run {generate(spec)}"
        found.append(Finding(kind="config-missing", problem=problem, file="config"))
        return tuple(found)
    edited = any(finding.kind == "lock-edited" for finding in found)
    with suppress(*([SpecError] if edited else [])):
        # An edited lock may say what no config takes. That it was edited is said.
        found += _drifted(spec, locked, planned, config_text)
    if not is_ours(config_text):
        problem = (
            "was edited by hand, or not written by `llmhub generate`: move what you "
            f"want to keep into the spec and run {generate(spec, '--force')}"
        )
        found.append(Finding(kind="config-edited", problem=problem, file="config"))
    elif len(found) == aging and environment_digest(locked) not in config_text:
        problem = f"was written from another state of the lock: run {generate(spec)}"
        found.append(Finding(kind="config-stale", problem=problem, file="config"))
    return tuple(found)


def _edited(lock: Lock, text: str) -> Iterator[Finding]:
    for edit in edits(lock):
        yield Finding(
            kind="lock-edited",
            problem=f"{edit}: restore it, or choose anew with `{edit.remedy}`",
            file="lock",
            line=line_of(text, edit.place),
            role=edit.role,
        )


def _uncovered(spec: Spec, planned: Plan, text: str) -> Iterator[Finding]:
    for renewal in planned.renewed:
        yield Finding(
            kind=_KINDS[renewal.reason],
            problem=f"role {renewal.role!r} {renewal.detail}: run {generate(spec)}",
            file="spec",
            line=spec.line("roles", renewal.role),
            role=renewal.role,
        )
    for role in planned.removed:
        yield Finding(
            kind="role-extra",
            problem=f"role {role!r} is no longer in the spec: run {generate(spec)}",
            file="lock",
            line=line_of(text, ("environments", spec.env, "roles", role)),
            role=role,
        )


def _unsettled(
    spec: Spec, locked: LockedEnvironment, selector: str | None
) -> Iterator[Finding]:
    if locked.spec_digest != spec_digest(spec, selector):
        yield Finding(
            kind="spec-changed",
            problem="the spec changed since the lock was written, though no choice "
            f"depends on it: run {generate(spec)}",
            file="spec",
        )


def _forbidden(spec: Spec, locked: LockedEnvironment, text: str) -> Iterator[Finding]:
    measures = Measures(Catalog(models=()))
    for name, entry in locked.roles.items():
        if name not in spec.roles:
            continue
        need = interpret(spec, name)
        limits = tuple(
            limit
            for limit in need.constraints
            if limit.test in _KNOWN and limit.name.startswith(("policy.", "providers."))
        )
        for pick in (entry.choice.primary, *entry.choice.backups):
            model = _model(pick, need.kind)
            judged = why_not(model, evolve(need, constraints=limits), measures)
            for limit, why in judged.reasons:
                yield Finding(
                    kind="policy",
                    problem=f"role {name!r}: {pick.canonical_id} {why} ({limit}): run "
                    f"{generate(spec)}",
                    file="lock",
                    line=line_of(text, ("environments", spec.env, "roles", name)),
                    role=name,
                )


def _orphaned(
    spec: Spec,
    planned: Plan,
    locked: LockedEnvironment,
    text: str,
    selectors: Collection[str],
) -> Iterator[Finding]:
    """Roles that stay as they are, and that nobody could choose again."""
    for name in planned.pinned:
        entry = locked.roles[name]
        selector = entry.choice.selector
        if selector in selectors:
            continue
        version = entry.selector_version
        known = f" (its distribution was at {version})" if version else ""
        yield Finding(
            kind="selector-missing",
            problem=f"role {name!r} was chosen by the selector {selector!r}{known}, "
            "which is not installed: install it, or name another one in the spec",
            file="lock",
            line=line_of(text, ("environments", spec.env, "roles", name)),
            role=name,
        )


def _model(pick: Pick, kind: ModelKind) -> CanonicalModel:
    return CanonicalModel(
        canonical_id=pick.canonical_id,
        provider=pick.provider,
        model_id=pick.model_id,
        kind=kind,
        price_basis="listed" if pick.cost is None else pick.cost.basis,
        price_input_per_million=pick.price_input_per_million,
        price_output_per_million=pick.price_output_per_million,
        price_tiers=pick.price_tiers,
    )


def _drifted(
    spec: Spec, locked: LockedEnvironment, planned: Plan, text: str
) -> Iterator[Finding]:
    expected = to_config(spec, choices(spec, locked))
    try:
        found = drift(expected, text)
    except ConfigError as error:
        problem = f"{error.problem}: run {generate(spec, '--force')}"
        yield Finding(
            kind="config-invalid", problem=problem, file="config", line=error.line
        )
        return
    # Roles that come and go take their providers with them.
    settled = not planned.renewed and not planned.removed
    for one in found:
        if settled or (one.role in spec.roles and one.role in locked.roles):
            yield Finding(
                kind="config-differs",
                problem=f"{one}: run {generate(spec)}",
                file="config",
                line=one.line,
                role=one.role,
            )
