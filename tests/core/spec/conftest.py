"""A spec that uses every section, and a way to see what is wrong with another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from llmhub_core.errors import SpecError
from llmhub_core.spec import parse_spec

FULL = """\
# What the shop needs.
project: my-shop  # the app
env: dev
selector: balanced
providers:
  openai:
    enabled: true
    env_key: OPENAI_API_KEY
    api_base: https://llm.example.com/v1
  deepseek: {enabled: false}
  anthropic:
roles:
  # The role that answers.
  llm.inference:
    kind: chat
    description: Answers questions, politely
    task: coding
    preferences:  # soft
      quality: high
      cost: medium
      latency: low
      providers: [openai, anthropic]  # order breaks ties
      provider_blocklist: []
      model_denylist: ["openai:*-preview"]
    require:
      tools: true
      structured_output: yes
      reasoning: off
      input_modalities: [text, image]
      output_modalities:
        - text
      context_tokens: 100_000
      max_output_tokens: 4000
      open_weights: false
      knowledge_after: 2024-06
      max_price: {input: 3.0, output: 15}
      min_quality: 1350
      measured_quality: true
      status: [stable, beta]
    relax: [context_tokens, max_price]
    workload: {input_tokens: 2000, output_tokens: 400, cached_input: 0.5,
               requests_per_month: 100000}
    selector: quality-first
    selector_options: {floor: 0.5}
    fallbacks: ["anthropic:claude-x", openai/gpt-y]
    force_provider: openai
    force_model: gpt-4o
    mode_params: {temperature: 0.2, max_tokens: 2048, stop: ["\\n", end], seed: "7"}
    runtime: {timeout: 60s, num_retries: 2, cache: {mode: on, ttl: 1h},
              budget: {limit: 5.0, period: 1d}}
  llm.embedding:
    kind: embedding
defaults:
  providers: [openai, anthropic]
  workload: {output_tokens: 0}
policy:
  providers: {deny: [deepseek]}
  models: {deny: ["*:free"]}
  open_weights_only: false
  max_price: {output: 30.0}
sources:
  arena: {board: text}
selectors:
  quality-first: {floor: 0.1, ceiling: 2}
environments:
  prod:
    selector: cost-first
    roles:
      llm.inference: {preferences: {cost: low}}
"""


@pytest.fixture
def full() -> str:
    """Text of a spec that uses every section."""
    return FULL


@pytest.fixture
def refusal() -> Callable[..., SpecError]:
    """A function that reads a spec and hands back why it was refused."""

    def read(text: str, env: str | None = None) -> SpecError:
        with pytest.raises(SpecError) as caught:
            parse_spec(text, path="llmhub.spec.yaml", env=env)
        assert "\n" not in str(caught.value)
        return caught.value

    return read
