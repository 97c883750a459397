"""``llmhub init``: a spec to start from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmhub_core.commands.options import spec_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmhub_core.commands.console import Console

__all__ = ["command"]


@click.command()
@click.option("--project", help="Name of the app; the folder's name by default.")
@spec_path("The spec to write.")
@click.option("--yes", "-y", is_flag=True, help="Overwrite a spec that is there.")
@click.pass_context
def command(
    ctx: click.Context, *, project: str | None, spec_path: Path, yes: bool
) -> None:
    """Write a spec to start from, and .env.example.

    Providers whose key is in the environment become the allowlist; without any
    key, every provider is allowed.
    """
    import os
    import sys

    from llmhub_core.errors import OutputError
    from llmhub_core.files import write_atomically
    from llmhub_core.spec import starter_spec

    console: Console = ctx.obj
    if spec_path.exists() and not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            problem = "is there already; use --yes to replace it"
            raise OutputError(spec_path, problem)
        click.confirm(f"{spec_path} is there already. Replace it?", abort=True)
    keyed = _keyed(os.environ)
    name = project or spec_path.absolute().parent.name or "my-app"
    write_atomically(spec_path, starter_spec(name, keyed).encode())
    console.note(f"wrote {spec_path}")
    found = ", ".join(keyed) or "none, so every provider is allowed"
    console.note(f"providers with a key here: {found}")
    example = spec_path.with_name(".env.example")
    if example.exists():
        console.note(f"left {example} as it is")
    else:
        write_atomically(example, _example(keyed).encode())
        console.note(f"wrote {example}")
    console.note("next: edit the roles, then run `llmhub generate`")


def _keyed(environ: Mapping[str, str]) -> dict[str, str | None]:
    """Per provider with a key, the variable that holds it."""
    from llmhub_core.catalog.identity.providers import providers

    found: dict[str, str | None] = {}
    for provider in providers().values():
        if provider.is_local or not provider.env:
            continue
        present = [name for name in provider.env if environ.get(name)]
        if present and (not provider.env_all or len(present) == len(provider.env)):
            found[provider.name] = present[0]
    return found


def _example(keyed: Mapping[str, str | None]) -> str:
    from llmhub_core.catalog.identity.providers import providers

    head = "# Keys of this app. Copy to .env and fill in; never commit .env.\n"
    if keyed:
        return head + "".join(f"{variable}=\n" for variable in keyed.values())
    known = sorted(
        {
            provider.env[0]
            for provider in providers().values()
            if provider.env and not provider.is_local
        }
    )
    return (
        head
        + "# Uncomment those of the providers you use.\n"
        + "".join(f"# {variable}=\n" for variable in known)
    )
