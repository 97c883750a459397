"""LiteLLM itself loads what is exported for it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.build

SPEC = """\
project: shop
roles:
  chat.main: {kind: chat, preferences: {quality: high}, runtime: {timeout: 30s}}
  search: {kind: embedding}
"""

# Run by the Python that has LiteLLM: who is asked first, and where a call goes next.
DRIVER = """\
import json
import yaml
from litellm import Router
config = yaml.safe_load(open("litellm.config.yaml"))
router = Router(model_list=config["model_list"], **config["router_settings"])
first = router.get_available_deployment("chat.main")
print(json.dumps({
    "names": sorted(set(router.get_model_names())),
    "fallbacks": router.fallbacks,
    "first": first["litellm_params"]["model"],
}))
"""


def test_litellms_router_takes_the_config(
    dist: Path, install: Callable[..., Path], tmp_path: Path
) -> None:
    """It knows every role, asks the primary first, and falls back as decided."""
    (tmp_path / "llmhub.spec.yaml").write_text(SPEC, encoding="utf-8")
    python = install(*sorted(dist.glob("*.whl")), "litellm>=1.80,<2")
    environ = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}

    def run(*command: Path | str) -> str:
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    llmhub = python.with_name("llmhub")
    run(llmhub, "generate", "--offline", "--export", "litellm", "--export", "json")
    found = json.loads(run(python, "-c", DRIVER).splitlines()[-1])
    decided = json.loads((tmp_path / "llmhub.json").read_text("utf-8"))
    chat = decided["roles"]["chat.main"]
    names = ["chat.main", "chat.main/backup-1", "chat.main/backup-2", "search"]
    assert set(names) <= set(found["names"])
    assert {"chat.main": names[1:3]} in found["fallbacks"]
    assert found["first"].endswith(chat["model"])
