"""``llmhub status``: where things are, what is stale."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llmhub_core.commands.options import as_json, env, spec_path

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console

__all__ = ["command"]

_LOOK = "needs a look"


@click.command()
@spec_path("The spec; lock and config are beside it.")
@env
@as_json
@click.pass_context
def command(
    ctx: click.Context, *, spec_path: Path, env: str | None, as_json: bool
) -> None:
    """Tell where everything is, how old it is, and whether it agrees.

    Exits 1 when spec, lock or config needs a look. A model of the lock that is
    deprecated or gone is a warning; a key that is not set is neither.
    """
    console: Console = ctx.obj
    facts: dict[str, Any] = {
        "files": _files(spec_path, env),
        "keys": _keys(spec_path, env),
        "catalog": _catalog(),
    }
    if as_json:
        console.json(facts)
    else:
        _print(console, facts)
    for entry in facts["files"]:
        for warning in entry["warnings"]:
            console.warn(warning)
    if any(entry["state"] == _LOOK for entry in facts["files"]):
        ctx.exit(1)


def _print(console: Console, facts: dict[str, Any]) -> None:
    for entry in facts["files"]:
        console.data(f"{entry['what']:<9}{entry['path']}  {entry['state']}")
        for finding in entry["findings"]:
            console.data(f"         {finding}")
    for number, key in enumerate(facts["keys"]):
        state = "set" if key["is_set"] else "not set"
        head = "" if number else "keys"
        console.data(f"{head:<9}{key['variables']}  {state}, for {key['provider']}")
    catalog = facts["catalog"]
    console.data(f"{'cache':<9}{catalog['cache_dir']}")
    console.data(f"{'settings':<9}{catalog['config_file']}  {catalog['config_state']}")
    console.data(f"{'catalog':<9}{catalog['summary']}")
    for source in catalog["sources"]:
        console.data(f"         {source}")


def _files(spec_path: Path, env: str | None) -> list[dict[str, Any]]:
    """Say of spec, lock and config where they are and whether they agree."""
    from llmhub_core.errors import LLMHubError, LockError
    from llmhub_core.lock.emit import config_name
    from llmhub_core.lock.file import LOCK_NAME
    from llmhub_core.pipeline import check
    from llmhub_core.spec import load_spec

    paths = {"spec": spec_path, "lock": spec_path.with_name(LOCK_NAME)}
    problems: dict[str, list[str]] = {"spec": [], "lock": [], "config": []}
    warnings: dict[str, list[str]] = {"spec": [], "lock": [], "config": []}
    try:
        spec = load_spec(spec_path, env)
        paths["config"] = spec_path.with_name(config_name(spec))
        for finding in check(spec_path, env=env):
            kept = warnings if finding.kind == "retired" else problems
            kept[finding.file].append(finding.problem)
    except LLMHubError as error:
        what = "lock" if isinstance(error, LockError) else "spec"
        problems[what].append(str(error))
    return [
        {
            "what": what,
            "path": str(path),
            "state": _state(path, problems[what]),
            "findings": problems[what],
            "warnings": warnings[what],
        }
        for what, path in paths.items()
    ]


def _keys(spec_path: Path, env: str | None) -> list[dict[str, Any]]:
    """Say which keys the locked models need; nothing while they can't be read."""
    import os

    from attrs import asdict

    from llmhub_core.errors import LLMHubError
    from llmhub_core.lock.file import LOCK_NAME, load_lock
    from llmhub_core.lock.freeze import choices
    from llmhub_core.lock.keys import keys
    from llmhub_core.spec import load_spec

    try:
        spec = load_spec(spec_path, env)
        lock = load_lock(spec_path.with_name(LOCK_NAME))
        locked = lock.environments.get(spec.env) if lock is not None else None
        chosen = choices(spec, locked) if locked is not None else ()
        return [asdict(key) for key in keys(spec, chosen, os.environ)]
    except LLMHubError:  # said of the file that it is about
        return []


def _state(path: Path, problems: list[str]) -> str:
    if not path.exists():
        return "not there"
    return _LOOK if problems else "in order"


def _catalog() -> dict[str, Any]:
    from llmhub_core.cache import Cache
    from llmhub_core.catalog import store
    from llmhub_core.catalog.freshness import age_seconds
    from llmhub_core.commands.console import age, age_of
    from llmhub_core.settings import load_settings

    settings = load_settings()
    catalog = store.load(Cache(settings.cache_dir))
    summary = "none yet: `llmhub catalog refresh` brings one"
    if catalog is None:
        catalog = store.load_snapshot()
        if catalog is not None:
            made = age(age_seconds(catalog))
            summary = f"embedded, {len(catalog):,} models, {made}"
    else:
        old = age_seconds(catalog)
        due = old is None or old >= settings.ttl_seconds
        late = ", due for a refresh" if due else ""
        summary = f"{len(catalog):,} models, {age(old)}{late}"
    sources = [
        f"{s.name}: {s.state}, {s.served:,} models, {s.rated:,} ratings, "
        f"data {age_of(s.fetched_at)}"
        for s in (catalog.sources if catalog else ())
    ]
    return {
        "cache_dir": str(settings.cache_dir),
        "config_file": str(settings.config_file),
        "config_state": "read" if settings.config_file.exists() else "not there",
        "summary": summary,
        "models": len(catalog) if catalog else 0,
        "checked_at": catalog.checked_at if catalog else None,
        "digest": catalog.digest if catalog else None,
        "sources": sources,
    }
