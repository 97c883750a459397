"""Where providers speak OpenAI's protocol."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ADDRESSES"]

#: Addresses of OpenAI-compatible services, as any-llm 1.40 or the provider has them.
ADDRESSES: Mapping[str, str] = {
    "anthropic": "https://api.anthropic.com/v1/",
    "atlascloud": "https://api.atlascloud.ai/v1",
    "cerebras": "https://api.cerebras.ai/v1",
    "cohere": "https://api.cohere.ai/compatibility/v1",
    "dashscope": "https://dashscope.aliyuncs.com/compatible-mode/v1",
    "deepinfra": "https://api.deepinfra.com/v1/openai",
    "deepseek": "https://api.deepseek.com",
    "edenai": "https://api.edenai.run/v3",
    "fireworks": "https://api.fireworks.ai/inference/v1",
    "gemini": "https://generativelanguage.googleapis.com/v1beta/openai/",
    "github": "https://models.github.ai/inference",
    "gmi": "https://api.gmi-serving.com/v1",
    "groq": "https://api.groq.com/openai/v1",
    "huggingface": "https://router.huggingface.co/v1",
    "inception": "https://api.inceptionlabs.ai/v1",
    "kenari": "https://kenari.id/v1",
    "llama": "https://api.llama.com/compat/v1/",
    "llamacpp": "http://127.0.0.1:8080/v1",
    "llamafile": "http://127.0.0.1:8080/v1",
    "lmstudio": "http://localhost:1234/v1",
    "meta": "https://api.meta.ai/v1",
    "minimax": "https://api.minimax.io/v1",
    "mistral": "https://api.mistral.ai/v1",
    "moonshot": "https://api.moonshot.ai/v1",
    "nebius": "https://api.studio.nebius.ai/v1",
    "neosantara": "https://api.neosantara.xyz/v1",
    "ollama": "http://127.0.0.1:11434/v1",
    "openai": "https://api.openai.com/v1",
    "openrouter": "https://openrouter.ai/api/v1",
    "ovhcloud": "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1",
    "perplexity": "https://api.perplexity.ai",
    "portkey": "https://api.portkey.ai/v1",
    "qiniu": "https://api.qnaigc.com/v1",
    "requesty": "https://router.requesty.ai/v1",
    "sambanova": "https://api.sambanova.ai/v1/",
    "telnyx": "https://api.telnyx.com/v2/ai",
    "together": "https://api.together.xyz/v1",
    "vllm": "http://localhost:8000/v1",
    "xai": "https://api.x.ai/v1",
    "zai": "https://api.z.ai/api/paas/v4/",
}
