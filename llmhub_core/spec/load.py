"""From a file, or text, to the effective spec of one environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from llmhub_core.errors import SpecError
from llmhub_core.records.spec import RoleSpec, Spec
from llmhub_core.spec.language import EFFECTIVE, FILE
from llmhub_core.spec.overlay import effective, environments, merge
from llmhub_core.spec.rules import problems
from llmhub_core.spec.syntax import parse

__all__ = ["load_spec", "parse_spec", "placed", "read_spec_text"]

# 15,000 lines; strict YAML at this size takes two seconds. What is larger is
# something else that was named by mistake.
_MOST_BYTES = 1024 * 1024


def load_spec(
    path: Path | str, env: str | None = None, *, suppose: Sequence[str] = ()
) -> Spec:
    """Read a spec file.

    Args:
        path: The file.
        env: Which environment; None is the file's own ``env``.
        suppose: YAML to lay over the effective spec, from :func:`supposition`.

    Returns:
        The effective spec: environment and defaults merged in, every key checked.

    Raises:
        SpecError: The file is missing, unreadable, not text, or not a spec.
    """
    return parse_spec(read_spec_text(path), path=path, env=env, suppose=suppose)


def parse_spec(
    text: str,
    *,
    path: Path | str | None = None,
    env: str | None = None,
    suppose: Sequence[str] = (),
) -> Spec:
    """Read a spec from its text.

    The whole file is checked, also the environments that were not asked for; the
    rules that join several keys are checked in the one that was.

    Args:
        text: YAML as people write it.
        path: Where it came from, for messages.
        env: Which environment; None is the file's own ``env``.
        suppose: YAML to lay over the effective spec, from :func:`supposition`.

    Raises:
        SpecError: The first thing that is wrong, with its line.
    """
    with placed(path):
        tree = parse(text)
        FILE.read(tree, "")
        name, merged = effective(tree, env)
        for said in suppose:
            merged = merge(merged, parse(said))
        values = EFFECTIVE.read(merged, "") | {"env": name}
        roles = values.pop("roles")
        spec = Spec(
            **values,
            roles={role: _role(role, found) for role, found in roles.items()},
            environments=environments(tree),
            path=None if path is None else Path(path),
            lines=dict(merged.lines()),
        )
        if found := sorted(problems(spec), key=lambda error: error.line or 0):
            raise found[0]
    return spec


def read_spec_text(path: Path | str) -> str:
    """Read a spec file as text, without looking into it.

    Raises:
        SpecError: The file is missing, unreadable, too large, or not UTF-8.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise SpecError(
            "there is no such file: `llmhub init` writes one to start from.", path=path
        ) from error
    except OSError as error:
        raise SpecError(f"can't be read: {error.strerror}.", path=path) from error
    if len(data) > _MOST_BYTES:
        raise SpecError("is over 1 MiB: that is not a spec.", path=path)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SpecError("is UTF-16 text: save it as UTF-8.", path=path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SpecError(
            "is not UTF-8 text: it is a binary file, or saved in another encoding.",
            path=path,
            line=line,
        ) from error


@contextmanager
def placed(path: Path | str | None) -> Iterator[None]:
    """Add the path to a spec error that knows only its line."""
    try:
        yield
    except SpecError as error:
        if error.path is not None or path is None:
            raise
        raise SpecError(error.problem, path=path, line=error.line) from error.__cause__


def _role(name: str, values: Mapping[str, Any]) -> RoleSpec:
    role = RoleSpec(name=name, **values)
    model = role.force_model
    if model is None or role.force_provider is not None or ":" not in model:
        return role
    # `openai:gpt-4o` names both. `llama3:8b` under an allowlist is all model.
    provider, rest = model.split(":", 1)
    allowed = role.preferences.providers
    if "/" in provider or not rest or (allowed and provider not in allowed):
        return role
    return RoleSpec(
        name=name, **{**values, "force_provider": provider, "force_model": rest}
    )
