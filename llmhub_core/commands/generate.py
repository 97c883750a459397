"""``llmhub generate``: from the spec to the lock and the config."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llmhub_core.commands.completion import roles, selectors
from llmhub_core.commands.options import (
    as_json,
    env,
    no_llm,
    offline,
    selector_model,
    spec_path,
)

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console
    from llmhub_core.pipeline import Generated
    from llmhub_core.records.choice import Choice
    from llmhub_core.selection.chosen import Chosen

__all__ = ["command"]

_SHOWN_RUNNERS_UP = 5
_WHY = {
    "no-lock": "new",
    "new": "new",
    "changed": "the role changed",
    "selector": "another selector",
    "upgrade": "upgraded",
}


@click.command()
@spec_path("The spec; the lock is kept beside it.")
@click.option(
    "--selector",
    shell_complete=selectors,
    help="Selector for every role, over what the spec says.",
)
@env
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the config goes; llmhub.yaml beside the spec by default.",
)
@click.option(
    "--export",
    "exporters",
    multiple=True,
    metavar="NAME",
    help="What to write beside the lock: an exporter such as llmhub (the default), "
    "litellm, openai-env or json; may be repeated.",
)
@click.option(
    "--upgrade",
    is_flag=True,
    help="Choose anew from a fresh catalog: the ROLEs named, or all.",
)
@click.argument("roles", nargs=-1, metavar="[ROLE]...", shell_complete=roles)
@click.option("--explain", is_flag=True, help="Say why, who came next, who is out.")
@click.option("--dry-run", is_flag=True, help="Decide and print, write nothing.")
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; exit 1 when spec, lock and config do not agree.",
)
@click.option(
    "--frozen",
    is_flag=True,
    help="Never touch the network; fail when the lock does not cover the spec.",
)
@click.option("--force", is_flag=True, help="Overwrite files that were edited by hand.")
@click.option("--yes", "-y", is_flag=True, help="Answer yes to every question.")
@selector_model
@no_llm
@offline
@click.option(
    "--callable-only", is_flag=True, help="Only models that a key was found for."
)
@as_json
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:
    """Choose a model for every role, pin it, and write the config.

    Roles that did not change since they were chosen keep their models; with
    --upgrade they are chosen anew, all or the ROLEs that are named.
    """
    console: Console = ctx.obj
    if options["roles"] and not options["upgrade"]:
        message = "ROLE goes with --upgrade: without it only changed roles are chosen."
        raise click.UsageError(message)
    if options["check"]:
        if options["upgrade"]:
            raise click.UsageError("--check chooses nothing: leave --upgrade out.")
        ctx.exit(_check(console, options))
    generated = _generate(console, options)
    if options["as_json"]:
        console.json(_plain(generated))
    else:
        for choice in generated.choices:
            console.data(_role(console, generated, choice))
            if options["explain"] and choice.role in generated.chosen:
                _explain(console, generated.chosen[choice.role])
    for role in generated.plan.removed:
        console.note(f"{role} is no longer in the spec and leaves the lock")
    if options["dry_run"]:
        console.note("dry run: nothing was written")
    else:
        _write(console, generated, options)


def _explain(console: Console, chosen: Chosen) -> None:
    from llmhub_core.commands.decision import print_reasons
    from llmhub_core.selection import explain

    explanation = explain(
        chosen.candidates, chosen.ranking, chosen.choice, top=_SHOWN_RUNNERS_UP
    )
    print_reasons(console, explanation)


def _generate(console: Console, options: dict[str, Any]) -> Generated:
    from llmhub_core.pipeline import generate
    from llmhub_core.settings import load_settings

    offline = options["offline"] or options["frozen"]
    with console.progress("asking the sources") as progress:
        generated = generate(
            options["spec_path"],
            env=options["env"],
            selector=options["selector"],
            upgrade=options["roles"] if options["upgrade"] else None,
            frozen=options["frozen"],
            output=options["output"],
            exporters=options["exporters"] or ("llmhub",),
            callable_only=options["callable_only"],
            selector_model=options["selector_model"],
            llm=not options["no_llm"],
            settings=load_settings(offline=True if offline else None),
            progress=progress,
        )
    if generated.provision is not None and generated.provision.warning:
        console.warn(generated.provision.warning)
    return generated


def _write(console: Console, generated: Generated, options: dict[str, Any]) -> None:
    import os
    import sys

    from llmhub_core.errors import HandEditedError
    from llmhub_core.lock.keys import keys
    from llmhub_core.pipeline import write

    force = options["force"] or options["yes"]
    try:
        written = write(generated, force=force)
    except HandEditedError as error:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise
        click.confirm(f"{error.path} was edited by hand. Replace it?", abort=True)
        written = write(generated, force=True)
    for path in written:
        console.note(f"wrote {path}")
    if not written:
        console.note("nothing changed")
        return
    missing = [
        key.variables
        for key in keys(generated.spec, generated.choices, os.environ)
        if not key.is_set
    ]
    if missing:
        console.note(f"keys that are not set here: {', '.join(missing)}")


def _check(console: Console, options: dict[str, Any]) -> int:
    from attrs import asdict

    from llmhub_core.lock.emit import config_name
    from llmhub_core.lock.file import LOCK_NAME
    from llmhub_core.pipeline import check
    from llmhub_core.spec import load_spec

    spec_path: Path = options["spec_path"]
    findings = check(
        spec_path,
        env=options["env"],
        selector=options["selector"],
        output=options["output"],
    )
    if options["as_json"]:
        console.json([asdict(finding) for finding in findings])
        return 1 if findings else 0
    if not findings:
        console.note("spec, lock and config agree")
        return 0
    spec = load_spec(spec_path, options["env"])
    paths = {
        "spec": spec_path,
        "lock": spec_path.with_name(LOCK_NAME),
        "config": options["output"] or spec_path.with_name(config_name(spec)),
    }
    for finding in findings:
        line = f":{finding.line}" if finding.line is not None else ""
        console.data(f"{paths[finding.file]}{line}: {finding.problem}")
    return 1


def _role(console: Console, generated: Generated, choice: Choice) -> str:
    from llmhub_core.commands.decision import described

    renewed = {renewal.role: renewal.reason for renewal in generated.plan.renewed}
    why = _WHY[renewed[choice.role]] if choice.role in renewed else "pinned"
    return described(
        console,
        choice,
        f"{choice.selector}, {why}",
        requests_per_month=generated.spec.roles[
            choice.role
        ].workload.requests_per_month,
    )


def _plain(generated: Generated) -> dict[str, Any]:
    from attrs import asdict

    provision = generated.provision
    return {
        "env": generated.spec.env,
        "project": generated.spec.project,
        "plan": asdict(generated.plan),
        "catalog": None
        if provision is None
        else {
            "digest": provision.catalog.digest,
            "checked_at": provision.catalog.checked_at,
            "origin": provision.catalog.origin,
            "models": len(provision.catalog),
        },
        "roles": {choice.role: asdict(choice) for choice in generated.choices},
        "files": [str(output.path) for output in generated.outputs],
    }
