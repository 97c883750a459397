"""What an upgrade would change, and what did change between two locks."""

from __future__ import annotations

import subprocess
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from llmhub_core.blocking import blocking
from llmhub_core.cache import Cache
from llmhub_core.catalog.provision import Provision
from llmhub_core.catalog.retirement import open_register
from llmhub_core.errors import LockError, SpecError
from llmhub_core.lock.file import LOCK_NAME, load_lock, parse_lock, read_lock_text
from llmhub_core.lock.finding import Finding
from llmhub_core.lock.remedy import generate as remedy
from llmhub_core.lock.report import Report, compare
from llmhub_core.lock.retired import retired
from llmhub_core.pipeline import agenerate
from llmhub_core.records.lock import Lock
from llmhub_core.records.spec import Spec
from llmhub_core.settings import Settings, load_settings
from llmhub_core.spec import load_spec

if TYPE_CHECKING:
    from llmhub_core.catalog.gather import Progress

__all__ = ["Outlook", "aoutdated", "differences", "outdated"]


@frozen(kw_only=True)
class Outlook:
    """What an upgrade would change.

    Attributes:
        report: The roles that would be served otherwise.
        provision: The catalog that was chosen from.
        retired: Locked models that are deprecated or gone.
    """

    report: Report
    provision: Provision | None
    retired: tuple[Finding, ...] = ()


async def aoutdated(
    spec_path: Path | str,
    *,
    env: str | None = None,
    roles: Collection[str] = (),
    selector: str | None = None,
    selector_model: str | None = None,
    llm: bool = True,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Outlook:
    """Choose roles anew from a fresh catalog and compare with the lock.

    Nothing is written: ``generate --upgrade`` does what is shown here.

    Args:
        spec_path: The spec; the lock is beside it.
        env: Environment; None is the spec's own.
        roles: Names of roles; empty for all.
        selector: The selector that was given to ``generate``, if any.
        selector_model: ``provider:model`` that selectors may ask.
        llm: False forbids selectors to ask a model.
        settings: The run's settings; None reads them.
        progress: Called as each source ends.

    Raises:
        LockError: Nothing is locked yet.
        LLMHubError: As in :func:`~llmhub_core.pipeline.agenerate`.
    """
    generated = await agenerate(
        spec_path,
        env=env,
        selector=selector,
        upgrade=roles,
        selector_model=selector_model,
        llm=llm,
        settings=settings,
        progress=progress,
    )
    spec = generated.spec
    if generated.before is None:
        raise LockError(
            f"holds no choice for the environment {spec.env!r}: run {remedy(spec)}.",
            path=Path(spec_path).with_name(LOCK_NAME),
        )
    report = compare(
        generated.before,
        generated.lock.environments[spec.env],
        env=spec.env,
        requests_per_month=_requests(spec),
    )
    register = open_register(Cache((settings or load_settings()).cache_dir))
    text = read_lock_text(Path(spec_path).with_name(LOCK_NAME)) or ""
    return Outlook(
        report=report,
        provision=generated.provision,
        retired=()
        if register is None
        else tuple(retired(spec, generated.before, text, register)),
    )


outdated = blocking(aoutdated)


def differences(
    spec_path: Path | str,
    *,
    before: str = "HEAD",
    after: Path | None = None,
    env: str | None = None,
) -> tuple[Report, ...]:
    """Compare two locks, environment by environment.

    Args:
        spec_path: The spec; its lock is beside it, and its workloads give the sums
            per month.
        before: A lock file, or a git revision that holds the lock.
        after: The newer lock file; None is the one beside the spec.
        env: One environment; None compares all that either lock has.

    Returns:
        One report per environment, by name, also where nothing differs.

    Raises:
        LockError: A lock is damaged, neither file nor revision has one, or neither
            lock has the environment.
    """
    path = Path(spec_path).with_name(LOCK_NAME)
    newer = after or path
    new = load_lock(newer, verify=False)
    if new is None:
        raise LockError("there is no such file: run `llmhub generate`.", path=newer)
    old = _older(before, path)
    known = sorted({*old.environments, *new.environments})
    if env is not None and env not in known:
        problem = f"neither lock has the environment {env!r}: {', '.join(known)}."
        raise LockError(problem, path=newer)
    return tuple(
        compare(
            old.environments.get(name),
            new.environments.get(name),
            env=name,
            requests_per_month=_workloads(spec_path, name),
        )
        for name in (known if env is None else [env])
    )


def _older(before: str, path: Path) -> Lock:
    if Path(before).is_file():
        lock = load_lock(before, verify=False)
        return lock or Lock()
    return parse_lock(_committed(before, path), path=f"{before}:{path.name}")


def _committed(revision: str, path: Path) -> str:
    """The lock as it was committed."""
    folder = path.absolute().parent
    # `./` is relative to the folder, wherever in the repository that is.
    command = ["git", "show", "--end-of-options", f"{revision}:./{path.name}"]
    try:
        found = subprocess.run(  # noqa: S603 - no shell, and git is looked up on PATH
            command, cwd=folder, capture_output=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        problem = f"{revision!r} is no file, and git can't be asked: {error}."
        raise LockError(problem, path=path) from error
    if found.returncode != 0:
        said = found.stderr.decode(errors="replace").strip().splitlines()
        why = said[-1].rstrip(".") if said else "git show failed"
        problem = f"{revision!r} is neither a lock file nor a revision with one: {why}."
        raise LockError(problem, path=path)
    return found.stdout.decode(errors="replace")


def _workloads(spec_path: Path | str, env: str) -> dict[str, int | None]:
    """Requests per month by role; nothing where the spec can't tell."""
    try:
        return _requests(load_spec(spec_path, env))
    except SpecError:
        return {}


def _requests(spec: Spec) -> dict[str, int | None]:
    return {name: role.workload.requests_per_month for name, role in spec.roles.items()}
