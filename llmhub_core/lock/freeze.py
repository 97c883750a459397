"""From decisions to what the lock says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve

from llmhub_core.codec import dumps, loads, structure, unstructure
from llmhub_core.errors import LockError
from llmhub_core.lock.integrity import sealed
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.choice import Choice
from llmhub_core.records.lock import Lock, LockedEnvironment, LockedRole, LockedSource
from llmhub_core.records.spec import Spec
from llmhub_core.spec.digest import role_digest, spec_digest

__all__ = ["choices", "freeze", "merge"]


def freeze(
    spec: Spec,
    chosen: Iterable[Choice],
    *,
    catalog: Catalog | None,
    locked: LockedEnvironment | None = None,
    versions: Mapping[str, str | None] | None = None,
    selector: str | None = None,
) -> LockedEnvironment:
    """Write down new decisions beside those that stay.

    Args:
        spec: The effective spec.
        chosen: The roles that were chosen now.
        catalog: What they were chosen from; of no account when nothing was chosen.
        locked: What the lock had; roles of the spec that were not chosen now are
            taken from it unchanged, the others drop out.
        versions: Version of each selector's distribution, by selector.
        selector: The name given by ``--selector``, or None.

    Returns:
        The environment as a later :func:`~llmhub_core.lock.file.load_lock` gives it
        back: numbers in fields for fractions are fractions, parameters are sorted.

    Raises:
        LockError: A role was neither chosen from a catalog nor locked.
    """
    new = {choice.role: choice for choice in chosen}
    catalog = catalog if new else None
    kept = {} if locked is None else locked.roles
    roles: dict[str, LockedRole] = {}
    for name in spec.roles:
        if name in new and catalog is not None:
            roles[name] = LockedRole(
                digest=role_digest(spec, name, selector),
                catalog_digest=catalog.digest,
                choice=new[name],
                selector_version=(versions or {}).get(new[name].selector),
            )
        elif name in kept:
            roles[name] = kept[name]
        else:
            raise LockError(
                f"role {name!r} was neither chosen from a catalog nor locked."
            )
    environment = LockedEnvironment(
        spec_digest=spec_digest(spec, selector),
        catalog_digest=_catalog_digest(catalog, locked),
        sources=_sources(catalog, locked),
        roles=roles,
    )
    plain = loads(dumps(unstructure(environment)))
    return sealed(spec.env, structure(plain, LockedEnvironment))


def merge(lock: Lock | None, spec: Spec, environment: LockedEnvironment) -> Lock:
    """Put one environment into the lock.

    Args:
        lock: The lock so far, or None.
        spec: The effective spec of the environment.
        environment: What :func:`freeze` made.

    Returns:
        The lock with the other environments as they were, but for those that the
        spec no longer knows.
    """
    others = {} if lock is None else lock.environments
    kept = {name: env for name, env in others.items() if name in spec.environments}
    return evolve(lock or Lock(), environments={**kept, spec.env: environment})


def choices(spec: Spec, environment: LockedEnvironment) -> tuple[Choice, ...]:
    """The locked decisions of the roles that the spec has, in its order."""
    # The role is the key; what an edited entry says of itself finds nobody.
    return tuple(
        evolve(environment.roles[name].choice, role=name)
        for name in spec.roles
        if name in environment.roles
    )


def _catalog_digest(catalog: Catalog | None, locked: LockedEnvironment | None) -> str:
    if catalog is not None:
        return catalog.digest
    return "" if locked is None else locked.catalog_digest


def _sources(
    catalog: Catalog | None, locked: LockedEnvironment | None
) -> Mapping[str, LockedSource]:
    if catalog is None:
        return {} if locked is None else locked.sources
    return {
        source.name: LockedSource(
            version=source.version,
            fetched_at=source.fetched_at,
            as_of=source.as_of,
        )
        for source in catalog.sources
        if source.state != "skipped"
    }
