"""What ``llmhub_core`` offers by name, and that offering it costs nothing."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import llmhub_core

SOURCE = Path(llmhub_core.__file__)


def _for_type_checkers() -> set[tuple[str, str]]:
    """``(module, name)`` of what stands under ``if TYPE_CHECKING``."""
    (block,) = (
        node
        for node in ast.parse(SOURCE.read_text(encoding="utf-8")).body
        if isinstance(node, ast.If)
    )
    return {
        (str(statement.module), alias.name)
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }


def test_the_public_names_are_sorted_and_occur_once() -> None:
    """``__all__`` reads like an index: constants, classes, functions."""
    names = llmhub_core.__all__
    classes = [name for name in names if name[0].isupper() and not name.isupper()]
    functions = [name for name in names if name[0].islower()]
    assert classes == sorted(classes)
    assert functions == sorted(functions)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", llmhub_core.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    """Each name resolves, lazily, and functions and classes carry a docstring."""
    value = getattr(llmhub_core, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert inspect.getdoc(value)


def test_type_checkers_and_programs_see_the_same_names() -> None:
    """What editors complete is what ``__getattr__`` serves, from the same modules."""
    served = {
        (f"llmhub_core.{home}", name) for name, home in llmhub_core._HOMES.items()
    }
    assert served == _for_type_checkers()
    assert {*llmhub_core._HOMES, "__version__"} == set(llmhub_core.__all__)


def test_the_version_is_the_one_that_is_installed() -> None:
    """``__version__`` comes from the metadata, so it can't drift."""
    assert llmhub_core.__version__ == version("llmhub-core")


def test_dir_lists_what_is_not_imported_yet() -> None:
    """Interactive completion knows every name before it is used."""
    assert set(llmhub_core.__all__) <= set(dir(llmhub_core))


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A typo fails like on any module, so ``hasattr`` works."""
    assert not hasattr(llmhub_core, "genrate")
    with pytest.raises(AttributeError, match="has no attribute 'genrate'"):
        llmhub_core.__getattr__("genrate")


def test_importing_the_package_imports_nothing_else_of_it() -> None:
    """``import llmhub_core`` loads no stage, no door and no heavy library."""
    script = (
        "import sys; before = {*sys.modules}; import llmhub_core; "
        "print(*sorted({name.partition('.')[0] for name in {*sys.modules} - before}))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) - set(sys.stdlib_module_names) == {"llmhub_core"}
