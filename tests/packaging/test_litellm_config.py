"""LiteLLM itself loads what is exported for it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from llmhub_core import generate, load_settings

pytestmark = pytest.mark.build

SPEC = """\
project: shop
roles:
  chat.main: {kind: chat, preferences: {quality: high}, runtime: {timeout: 30s}}
  search: {kind: embedding}
"""

# Run by the Python that has LiteLLM: who is asked first, and where a call goes next.
DRIVER = """\
import json, sys
from litellm import Router
config = json.load(open(sys.argv[1]))
router = Router(model_list=config["model_list"], **config["router_settings"])
first = router.get_available_deployment("chat.main")
print(json.dumps({
    "names": sorted(set(router.get_model_names())),
    "fallbacks": router.fallbacks,
    "first": first["litellm_params"]["model"],
}))
"""


def test_litellms_router_takes_the_config(
    install: Callable[..., Path], tmp_path: Path
) -> None:
    """It knows every role, asks the primary first, and falls back as decided."""
    spec = tmp_path / "llmhub.spec.yaml"
    spec.write_text(SPEC, encoding="utf-8")
    run = generate(spec, exporters=["litellm"], settings=load_settings(offline=True))
    _, file = run.outputs
    config = yaml.safe_load(file.text)
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    python = install("litellm>=1.80,<2")
    said = subprocess.run(
        [python, "-c", DRIVER, tmp_path / "config.json"],
        env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout.splitlines()[-1])
    chat, search = run.choices
    names = ["chat.main", "chat.main/backup-1", "chat.main/backup-2", "search"]
    assert set(names) <= set(found["names"])
    assert {"chat.main": names[1:3]} in found["fallbacks"]
    assert found["first"].endswith(chat.primary.model_id)
    assert search.mode == "embedding"
