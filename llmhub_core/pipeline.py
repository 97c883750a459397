"""The line of travel, readable on one screen.

::

    spec -> catalog -> needs -> candidates -> choice -> lock -> config

Every arrow is a function from record to record that can be called alone; this
module only strings them together. Nothing is written before :func:`write`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from llmhub_core.blocking import blocking
from llmhub_core.contracts import ExportContext
from llmhub_core.errors import OutputError
from llmhub_core.lock.emit import config_name, head
from llmhub_core.lock.file import (
    LOCK_NAME,
    dump_lock,
    load_lock,
    read_lock_text,
    refuse_edits,
)
from llmhub_core.lock.freeze import choices as locked_choices
from llmhub_core.lock.freeze import freeze, merge
from llmhub_core.lock.plan import Plan, plan, refuse_renewals
from llmhub_core.outputs import Output, export, refuse_source, write_due
from llmhub_core.plugins import discover
from llmhub_core.records.choice import Choice
from llmhub_core.records.lock import Lock, LockedEnvironment
from llmhub_core.records.spec import Spec
from llmhub_core.settings import Settings, load_settings
from llmhub_core.spec import load_spec
from llmhub_core.spec.origin import options_placed
from llmhub_core.trace import emit

if TYPE_CHECKING:
    from llmhub_core.catalog.gather import Progress
    from llmhub_core.catalog.provision import Provision
    from llmhub_core.lock.check import Finding
    from llmhub_core.selection.chosen import Chosen

__all__ = [
    "Generated",
    "agenerate",
    "check",
    "generate",
    "write",
]


@frozen(kw_only=True)
class Generated:
    """What a run decided; nothing of it is written yet.

    Attributes:
        spec: The effective spec.
        plan: Which roles stayed as they were, and which were chosen anew and why.
        choices: Every role's decision, in the order of the spec.
        chosen: The roles chosen now, by name, with what they were chosen from.
        provision: The catalog that was used; None when nothing had to be chosen.
        before: What the lock had of this environment, or None.
        lock: The lock as it will be.
        outputs: The lock and the emitted files, in the order to write them.
    """

    spec: Spec
    plan: Plan
    choices: tuple[Choice, ...]
    chosen: dict[str, Chosen]
    provision: Provision | None
    before: LockedEnvironment | None
    lock: Lock
    outputs: tuple[Output, ...]


async def agenerate(
    spec_path: Path | str,
    *,
    env: str | None = None,
    selector: str | None = None,
    upgrade: Collection[str] | None = None,
    frozen: bool = False,
    exporters: Sequence[str] = ("llmhub",),
    output: Path | None = None,
    callable_only: bool = False,
    selector_model: str | None = None,
    llm: bool = True,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Generated:
    """Turn a spec into decisions, a lock and the files to emit.

    Roles that the lock covers stay as they are; the others are chosen from the
    catalog, which is brought up to date first when it is due.

    Args:
        spec_path: The spec; the lock is beside it.
        env: Environment; None is the spec's own.
        selector: Selector for every role, over what the spec names.
        upgrade: Roles to choose anew from a fresh catalog; empty for all.
        frozen: Refuse when the lock does not cover the spec.
        exporters: The plugins that make the files.
        output: Where the file goes, of which there must be one; None is beside
            the spec.
        callable_only: Leave out models that no key was found for.
        selector_model: ``provider:model`` that selectors may ask; None is the
            model of the role ``llmhub.selector``.
        llm: False forbids selectors to ask a model.
        settings: The run's settings; None reads them.
        progress: Called as each source ends.

    Raises:
        LLMHubError: One of its subclasses, by what went wrong.
    """
    spec = load_spec(spec_path, env)
    settings = settings or load_settings()
    lock_path = _beside(spec_path, LOCK_NAME)
    refuse_source(output, spec_path, lock_path)
    # An edited role may be chosen anew; what stays pinned must be as it was written.
    lock = load_lock(lock_path, verify=upgrade is None)
    before = lock.environments.get(spec.env) if lock is not None else None
    planned = plan(spec, before, upgrade=upgrade, selector=selector)
    if lock is not None and upgrade is not None:
        refuse_edits(lock, env=spec.env, roles=planned.pinned, path=lock_path)
    for name in planned.pinned:
        emit("role.pinned", role=name)
    provision: Provision | None = None
    chosen: dict[str, Chosen] = {}
    if planned.renewed:
        if frozen:
            refuse_renewals(spec, planned, path=lock_path)
        # Left out where the lock covers all: emitting again is twice as quick so.
        from llmhub_core.asking import asking
        from llmhub_core.catalog.provision import aprovide
        from llmhub_core.selection.chosen import achoose

        bring = aprovide
        if upgrade is not None and not settings.offline:
            from llmhub_core.catalog.build import arefresh

            bring = arefresh
        with options_placed(spec):
            provision = await bring(
                settings,
                providers=spec.providers,
                source_options=spec.sources,
                progress=progress,
            )
        chosen = await achoose(
            spec,
            provision.catalog,
            roles=[renewal.role for renewal in planned.renewed],
            selector=selector,
            callable_only=callable_only,
            settings=settings,
            context=asking(
                spec,
                provision.catalog,
                settings=settings,
                model=selector_model,
                allowed=llm,
            ),
        )
    environment = freeze(
        spec,
        [entry.choice for entry in chosen.values()],
        catalog=provision.catalog if provision is not None else None,
        locked=before,
        versions={e.choice.selector: e.selector_version for e in chosen.values()},
        selector=selector,
    )
    lock = merge(lock, spec, environment)
    choices = locked_choices(spec, environment)
    context = ExportContext(
        spec=spec, choices=choices, head=head(version("llmhub-core"), environment)
    )
    files = export(
        context,
        exporters,
        folder=lock_path.parent,
        output=output,
        settings=settings,
    )
    return Generated(
        spec=spec,
        plan=planned,
        choices=choices,
        chosen=chosen,
        provision=provision,
        before=before,
        lock=lock,
        outputs=(
            Output(path=lock_path, text=dump_lock(lock).decode(), is_lock=True),
            *files,
        ),
    )


generate = blocking(agenerate)


def write(generated: Generated, *, force: bool = False) -> tuple[Path, ...]:
    """Write what a run decided, each file whole or not at all.

    Args:
        generated: The run.
        force: Replace files that were edited by hand.

    Returns:
        The files that changed; those that were right already are left alone.

    Raises:
        HandEditedError: An emitted file holds somebody's own work; nothing is
            written then.
        OutputError: A file can't be written.
    """
    return write_due(generated.outputs, force=force)


def check(
    spec_path: Path | str,
    *,
    env: str | None = None,
    selector: str | None = None,
    output: Path | None = None,
    settings: Settings | None = None,
) -> tuple[Finding, ...]:
    """Say what spec, lock and config do not agree on; empty when they do.

    Models that the kept catalog no longer lists, or calls deprecated, are found as
    well, without a kept catalog nothing is said of them; so are selectors that are
    no longer installed. Nobody is asked.

    Args:
        spec_path: The spec; the lock is beside it.
        env: Environment; None is the spec's own.
        selector: The selector that was given to :func:`generate`, if any.
        output: Where the config is; None is beside the spec.
        settings: The run's settings; None reads them.

    Raises:
        LLMHubError: A file is damaged.
    """
    from llmhub_core.cache import Cache
    from llmhub_core.catalog.retirement import open_register
    from llmhub_core.lock.check import check as check_lock

    spec = load_spec(spec_path, env)
    settings = settings or load_settings()
    config = output if output is not None else _beside(spec_path, config_name(spec))
    lock_path = _beside(spec_path, LOCK_NAME)
    return check_lock(
        spec,
        lock_text=read_lock_text(lock_path),
        config_text=_text(config),
        selector=selector,
        lock_path=lock_path,
        register=open_register(Cache(settings.cache_dir)),
        selectors={plugin.name for plugin in discover("selector")},
    )


def _beside(spec_path: Path | str, name: str) -> Path:
    return Path(spec_path).parent / name


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(path, f"can't be read: {error.strerror}") from error
