"""``llmhub spec``: the spec itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmhub_core.commands.options import as_json
from llmhub_core.commands.stdout import data_stream

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console

__all__ = ["command"]

_path = click.argument(
    "spec_path",
    metavar="[SPEC]",
    type=click.Path(path_type=Path),
    default=Path("llmhub.spec.yaml"),
)


@click.group()
def command() -> None:
    """Look at the spec."""


@command.command()
@_path
@click.option("--env", help="Environment; all of them by default.")
@as_json
@click.pass_context
def validate(
    ctx: click.Context, *, spec_path: Path, env: str | None, as_json: bool
) -> None:
    """Check a spec: exit 0 when every environment of it can be used."""
    from llmhub_core.catalog.identity.providers import canonical_provider, providers
    from llmhub_core.plugins import find
    from llmhub_core.selection import check_providers
    from llmhub_core.spec import load_spec, selector_for

    console: Console = ctx.obj
    default = load_spec(spec_path, env)
    environments = (env,) if env is not None else default.environments
    facts = []
    for name in environments:
        spec = load_spec(spec_path, name)
        known = {*providers(), *_catalog_providers()}
        check_providers(spec, known, provider_name=canonical_provider)
        for role in spec.roles.values():
            find("selector", selector_for(spec, role)[0])
        facts.append({"env": spec.env, "roles": list(spec.roles)})
    if as_json:
        console.json({"project": default.project, "environments": facts})
        return
    for fact in facts:
        roles = ", ".join(fact["roles"])
        console.data(f"{spec_path}: {fact['env']} is valid: {roles}")


def _catalog_providers() -> set[str]:
    """Providers of the catalog at hand; nothing is fetched for this."""
    from llmhub_core.catalog.provision import provide
    from llmhub_core.settings import load_settings

    catalog = provide(load_settings(offline=True)).catalog
    return {model.provider for model in catalog}


@command.command()
def schema() -> None:
    """Print the JSON Schema of the spec, for editors."""
    import json

    from llmhub_core.spec import spec_json_schema

    schema = json.dumps(spec_json_schema(), indent=2, ensure_ascii=False)
    click.echo(schema, file=data_stream())
