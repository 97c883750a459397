"""One model under many spellings carries its rating at every host."""

from __future__ import annotations

import pytest

from llmhub_core.catalog.identity import RatedName, ServedRow, group, join


def row(row_id: str, day: str = "", *, name: str = "", **facts: object) -> ServedRow:
    """A served row that came out, and was last touched, on one day."""
    provider, _, model_id = row_id.partition(":")
    return ServedRow(
        provider=provider,
        model_id=model_id,
        display_name=name or None,
        release_date=day or None,
        last_updated=day or None,
        **facts,  # type: ignore[arg-type]
    )


def reasons(row_id: str, day: str = "", efforts: str = "", name: str = "") -> ServedRow:
    """A row that reasons, at these efforts."""
    return row(
        row_id, day, name=name, reasoning=True, efforts=tuple(efforts.split()) or None
    )


OPUS = "low medium high max"
GPT = "none low medium high xhigh"

# rated names, and the market in which every row carries every one of them
FAMILIES: dict[str, tuple[tuple[str, ...], tuple[ServedRow, ...]]] = {
    "dated and undated Claude, Bedrock's regions, Vertex's at-sign": (
        (
            "claude-opus-4-5-20251101",
            "claude-opus-4-5-20251101-thinking-32k",
            "claude-opus-4-5-20251101-high-32k",
        ),
        (
            reasons("anthropic:claude-opus-4-5", "2025-11-24", "low medium high"),
            reasons("anthropic:claude-opus-4-5-20251101", "2025-11-01"),
            reasons("amazon-bedrock:anthropic.claude-opus-4-5-20251101-v1:0"),
            reasons("bedrock:us.anthropic.claude-opus-4-5-20251101-v1:0"),
            reasons("bedrock:eu.anthropic.claude-opus-4-5-20251101-v1:0"),
            reasons("bedrock:global.anthropic.claude-opus-4-5-20251101-v1:0"),
            reasons("google-vertex-anthropic:claude-opus-4-5@20251101"),
            reasons("openrouter:anthropic/claude-opus-4.5", "2025-11-24"),
            reasons("databricks:databricks-claude-opus-4-5"),
            reasons("sap-ai-core:anthropic--claude-4.5-opus"),
            reasons("digitalocean:anthropic-claude-opus-4.5"),
            reasons("cortecs:claude-opus4-5"),
            reasons("helicone:claude-4.5-opus"),
            reasons("github-copilot:claude-opus-4.5"),
        ),
    ),
    "efforts of a Claude": (
        (
            "claude-opus-4-6",
            "claude-opus-4-6-high",
            "claude-opus-4-6-max",
            "claude-opus-4-6-thinking",
            "claude-opus-4-6 (medium)",
        ),
        (
            reasons("anthropic:claude-opus-4-6", "2026-02-05", OPUS),
            reasons("bedrock:anthropic.claude-opus-4-6-v1"),
            reasons("bedrock:au.anthropic.claude-opus-4-6-v1"),
            reasons("vertexaianthropic:claude-opus-4-6@default"),
            reasons("openrouter:anthropic/claude-opus-4.6"),
            reasons("venice:claude-opus-4-6-fast"),
            reasons("x:claude-opus-4-6-free"),
            reasons("neon:claude-opus-4-6", name="Claude Opus 4.6 (latest)"),
        ),
    ),
    "old Claude's word order": (
        ("claude-3-7-sonnet-20250219", "claude-3-7-sonnet-20250219-thinking-32k"),
        (
            reasons("anthropic:claude-3-7-sonnet-20250219", "2025-02-19"),
            reasons("bedrock:anthropic.claude-3-7-sonnet-20250219-v1:0"),
            reasons("poe:anthropic/claude-sonnet-3.7", "2025-02-19"),
            reasons("openrouter:anthropic/claude-3.7-sonnet", "2025-02-24"),
            reasons("sap-ai-core:anthropic--claude-3.7-sonnet", "2025-02-24"),
        ),
    ),
    "version 2 of Claude 3.5 Sonnet": (
        ("claude-3-5-sonnet-20241022",),
        (
            row("anthropic:claude-3-5-sonnet-20241022", "2024-10-22"),
            row("bedrock:anthropic.claude-3-5-sonnet-20241022-v2:0"),
            row("vertexai:claude-3-5-sonnet-v2@20241022"),
            row("helicone:claude-3.5-sonnet-v2", "2024-10-22"),
            row(
                "cloudflare-ai-gateway:anthropic/claude-3.5-sonnet",
                "2024-10-22",
                name="Claude Sonnet 3.5 v2",
            ),
        ),
    ),
    "GPT, lost points, host prefixes and a harness": (
        (
            "gpt-5.2",
            "gpt-5.2-high",
            "gpt-5.2-xhigh (codex-harness)",
            "gpt-5.2 (codex-harness)",
            "GPT-5.2 (xHigh)",
            "gpt-5.2-medium",
        ),
        (
            reasons("openai:gpt-5.2", "2025-12-11", GPT, "GPT-5.2"),
            reasons("databricks:databricks-gpt-5-2", name="GPT-5.2"),
            reasons("venice:openai-gpt-52", name="GPT-5.2"),
            reasons("digitalocean:openai-gpt-5.2"),
            reasons("openrouter:openai/gpt-5.2", name="OpenAI: GPT-5.2"),
            reasons("gitlab:duo-chat-gpt-5-2", name="Agentic Chat (GPT-5.2)"),
            reasons("neon:gpt-5-2"),
            reasons("bedrock:openai.gpt-5.2"),
            reasons("nano-gpt:azure-gpt-5.2"),
            reasons("x:gpt-5.2:free"),
        ),
    ),
    "a dated rating, the lab's undated row": (
        ("gpt-4.1-2025-04-14",),
        (
            row("openai:gpt-4.1", "2025-04-14"),
            row("azure:gpt-4.1", "2025-04-14"),
            row("openrouter:openai/gpt-4.1", "2025-05-30"),
            row("snowflake-cortex:openai-gpt-4.1"),
        ),
    ),
    "o-series": (
        ("o3-2025-04-16",),
        (
            reasons("openai:o3", "2025-04-16"),
            reasons("digitalocean:openai-o3"),
            reasons("azure:o3"),
        ),
    ),
    "an id that pins an effort": (
        ("o3-mini-high",),
        (
            reasons("openai:o3-mini", "2025-01-29", "low medium high"),
            reasons("openrouter:openai/o3-mini-high", name="o3 Mini High"),
            reasons("poe:openai/o3-mini-high"),
            reasons("nano-gpt:azure-o3-mini"),
        ),
    ),
    "ChatGPT's model by both its names": (
        ("gpt-5-chat", "gpt-5-chat-latest"),
        (
            row("openai:gpt-5-chat-latest"),
            row("azure:gpt-5-chat"),
            row("openrouter:openai/gpt-5-chat"),
        ),
    ),
    "aliases of the first GPTs": (
        ("gpt-4-0613",),
        (row("openai:gpt-4", "2024-04-09"), row("azure:gpt-4", "2023-03-14")),
    ),
    "GPT-3.5 in Azure's spelling": (
        ("gpt-3.5-turbo-0125",),
        (
            row("openai:gpt-3.5-turbo"),
            row("azure:gpt-35-turbo"),
            row("azure:gpt-35-turbo-0125"),
        ),
    ),
    "open GPT, tags, lanes and enclaves": (
        ("gpt-oss-120b", "gpt-oss-120b-high"),
        (
            reasons("groq:openai/gpt-oss-120b", efforts="low medium high"),
            reasons("ollama-cloud:gpt-oss:120b"),
            reasons("bedrock:openai.gpt-oss-120b-1:0"),
            reasons("fireworks-ai:accounts/fireworks/models/gpt-oss-120b"),
            reasons("cloudflare-workers-ai:@cf/openai/gpt-oss-120b"),
            reasons("openrouter:openai/gpt-oss-120b:free"),
            reasons("nebius:openai/gpt-oss-120b-fast"),
            reasons("poe:cerebras/gpt-oss-120b-cs"),
            reasons("vertexai:openai/gpt-oss-120b-maas"),
            reasons("chutes:openai/gpt-oss-120b-TEE"),
            reasons("synthetic:hf:openai/gpt-oss-120b"),
            reasons("databricks:databricks-gpt-oss-120b"),
            reasons("clarifai:openai/chat-completion/models/gpt-oss-120b"),
        ),
    ),
    "Llama 3.1 8B, format words and quantisation": (
        ("llama-3.1-8b-instruct",),
        (
            row("bedrock:meta.llama3-1-8b-instruct-v1:0"),
            row("groq:llama-3.1-8b-instant"),
            row("together:meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo"),
            row("fireworks:accounts/fireworks/models/llama-v3p1-8b-instruct"),
            row("cloudflare-workers-ai:@cf/meta/llama-3.1-8b-instruct-awq"),
            row("cloudflare-workers-ai:@cf/meta/llama-3.1-8b-instruct-fp8"),
            row("openrouter:meta-llama/llama-3.1-8b-instruct:free"),
            row("stackit:neuralmagic/Meta-Llama-3.1-8B-Instruct-FP8"),
            row("azure:Meta-Llama-3.1-8B-Instruct"),
            row("nvidia:meta/llama-3.1-8b-instruct"),
            row("huggingface:unsloth/Meta-Llama-3.1-8B-Instruct"),
            row("vercel:meta/llama-3.1-8b", name="Llama 3.1 8B Instruct"),
            row("ollama:llama3.1:8b"),
            row("ollama:llama3.1:8b-instruct-q4_K_M"),
            row("atomic-chat:Meta-Llama-3_1-8B-Instruct-GGUF"),
        ),
    ),
    "Llama 3.3 70B": (
        ("llama-3.3-70b-instruct",),
        (
            row("groq:llama-3.3-70b-versatile"),
            row("together:meta-llama/Llama-3.3-70B-Instruct-Turbo"),
            row("databricks:databricks-meta-llama-3-3-70b-instruct"),
            row("cloudflare-workers-ai:@cf/meta/llama-3.3-70b-instruct-fp8-fast"),
            row("evroc:nvidia/Llama-3.3-70B-Instruct-FP8"),
            row("ovhcloud:Meta-Llama-3_3-70B-Instruct"),
            row("bedrock:meta.llama3-3-70b-instruct-v1:0"),
            row("poe:cerebras/llama-3.3-70b-cs"),
            row("digitalocean:llama3.3-70b-instruct"),
            row("vertexai:meta/llama-3.3-70b-instruct-maas"),
        ),
    ),
    "Llama 3 on Groq's old names": (
        ("llama-3-70b-instruct",),
        (row("groq:llama3-70b-8192"), row("together:meta-llama/Llama-3-70b-chat-hf")),
    ),
    "both precisions of one rating": (
        ("llama-3.1-405b-instruct-bf16", "llama-3.1-405b-instruct-fp8"),
        (
            row("azure:meta-llama-3.1-405b-instruct"),
            row("together:meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo"),
        ),
    ),
    "Llama 4, experts left out": (
        ("llama-4-maverick-17b-128e-instruct",),
        (
            row("llama:llama-4-maverick-17b-128e-instruct-fp8"),
            row("llama:cerebras-llama-4-maverick-17b-128e-instruct"),
            row("bedrock:us.meta.llama4-maverick-17b-instruct-v1:0"),
            row("helicone:llama-4-maverick", name="Llama 4 Maverick 17B 128E Instruct"),
            row("cortecs:llama-4-maverick"),
        ),
    ),
    "vision before and behind the size": (
        ("llama-3.2-vision-11b-instruct",),
        (
            row("azure:llama-3.2-11b-vision-instruct"),
            row("ollama:llama3.2-vision:11b"),
            row("cloudflare-workers-ai:@cf/meta/llama-3.2-11b-vision-instruct"),
        ),
    ),
    "Gemini's previews and first revisions": (
        ("gemini-2.0-flash-001",),
        (row("gemini:gemini-2.0-flash"), row("openrouter:google/gemini-2.0-flash-001")),
    ),
    "a plain rating, only the preview is sold": (
        ("gemini-3-pro", "Gemini 3 Pro"),
        (
            reasons("google:gemini-3-pro-preview"),
            reasons("qiniu-ai:gemini-3.0-pro-preview"),
            reasons("databricks:databricks-gemini-3-pro", name="Gemini 3 Pro Preview"),
            reasons("vertexai:publishers/google/models/gemini-3-pro-preview"),
        ),
    ),
    "a mode in parentheses": (
        ("gemini-3-flash", "gemini-3-flash (thinking-minimal)"),
        (
            reasons("google:gemini-3-flash-preview", efforts="minimal low medium high"),
            reasons("ollama-cloud:gemini-3-flash-preview"),
            reasons("vercel:google/gemini-3-flash"),
        ),
    ),
    "nicknames in parentheses": (
        (
            "gemini-3-pro-image-preview (nano-banana-pro)",
            "gemini-3-pro-image-preview-2k (nano-banana-pro)",
        ),
        (
            row("gemini:gemini-3-pro-image-preview", name="Nano Banana Pro"),
            row("openrouter:google/gemini-3-pro-image-preview"),
        ),
    ),
    "a nickname as id": (
        ("gemini-2.5-flash-image (nano-banana)",),
        (row("gemini:gemini-2.5-flash-image"), row("poe:google/nano-banana")),
    ),
    "Gemma, it and tags": (
        ("gemma-3-27b-it", "gemma-3-27b"),
        (
            row("gemini:gemma-3-27b-it"),
            row("bedrock:google.gemma-3-27b-it"),
            row("ollama:gemma3:27b"),
            row("ollama:gemma3:27b-it-qat"),
            row("deepinfra:google/gemma-3-27b-it"),
            row("privatemode-ai:gemma-3-27b"),
            row("venice:google-gemma-3-27b-it"),
        ),
    ),
    "DeepSeek's version with and without v": (
        ("deepseek-v3.2", "deepseek-v3.2-thinking"),
        (
            reasons("deepseek:deepseek-v3.2", "2025-12-01"),
            reasons("digitalocean:deepseek-3.2", "2025-12-01"),
            reasons("together:deepseek-ai/DeepSeek-V3-2", "2025-12-01"),
            reasons("qiniu-ai:deepseek/deepseek-v3.2-251201", "2025-12-01"),
            reasons("vultr:nvidia/DeepSeek-V3.2-NVFP4", "2025-12-01"),
            reasons("bedrock:deepseek.v3.2", "2025-12-01"),
            reasons("chutes:deepseek-ai/DeepSeek-V3.2-TEE", "2025-12-01"),
            reasons("nebius:deepseek-ai/DeepSeek-V3.2-fast", "2025-12-01"),
            reasons("siliconflow-cn:Pro/deepseek-ai/DeepSeek-V3.2", "2025-12-01"),
            reasons("vertexai:deepseek-ai/deepseek-v3.2-maas", "2025-12-01"),
        ),
    ),
    "DeepSeek's chat infix": (
        ("deepseek-v3-0324",),
        (
            row("azure:DeepSeek-V3-0324"),
            row("openrouter:deepseek/deepseek-chat-v3-0324"),
            row("alibaba-cn:siliconflow/deepseek-v3-0324"),
            row("fireworks:accounts/fireworks/models/deepseek-v3-0324"),
        ),
    ),
    "DeepSeek with its one size": (
        ("deepseek-v3.1",),
        (row("ollama-cloud:deepseek-v3.1:671b"), row("azure:deepseek-v3.1")),
    ),
    "Kimi, preview of a date": (
        ("kimi-k2-0905-preview",),
        (
            row("moonshotai:kimi-k2-0905-preview"),
            row("groq:moonshotai/kimi-k2-instruct-0905"),
            row("openrouter:moonshotai/kimi-k2-0905"),
            row("helicone:kimi-k2-0905", name="Kimi K2 (09/05)"),
        ),
    ),
    "Kimi's modes and lost letters": (
        ("kimi-k2.5-thinking", "kimi-k2.5-instant"),
        (
            reasons("moonshot:kimi-k2.5"),
            reasons("venice:kimi-k2-5"),
            reasons("fireworks:accounts/fireworks/models/kimi-k2p5"),
            reasons("clarifai:moonshotai/chat-completion/models/Kimi-K2_5"),
            reasons("bedrock:moonshotai.kimi-k2.5"),
            reasons("alibaba-cn:kimi/kimi-k2.5"),
            reasons("kimi-for-coding:k2p5", name="Kimi K2.5"),
        ),
    ),
    "Qwen, joined and parted": (
        ("qwen3-32b",),
        (
            reasons("alibaba:qwen3-32b"),
            reasons("groq:qwen/qwen3-32b"),
            reasons("bedrock:qwen.qwen3-32b-v1:0"),
            reasons("digitalocean:alibaba-qwen3-32b"),
            reasons("jiekou:qwen/qwen3-32b-fp8"),
            reasons("vercel:alibaba/qwen-3-32b", name="Qwen 3.32B"),
            reasons("poe:cerebras/qwen3-32b-cs"),
        ),
    ),
    "Qwen's dated instruct model": (
        ("qwen3-235b-a22b-instruct-2507",),
        (
            row("together:Qwen/Qwen3-235B-A22B-Instruct-2507-tput", reasoning=False),
            row("openrouter:qwen/qwen3-235b-a22b-2507", reasoning=False),
            row("bedrock:qwen.qwen3-235b-a22b-2507-v1:0", reasoning=False),
            row("vertexai:qwen/qwen3-235b-a22b-instruct-2507-maas", reasoning=False),
        ),
    ),
    "Qwen's thinking model": (
        ("qwen3-235b-a22b-thinking-2507",),
        (
            reasons("huggingface:Qwen/Qwen3-235B-A22B-Thinking-2507"),
            reasons("nebius:Qwen/Qwen3-235B-A22B-Thinking-2507-fast"),
            reasons("chutes:Qwen/Qwen3-235B-A22B-Thinking-2507-TEE"),
        ),
    ),
    "Qwen's decimal as dash, lost point and p": (
        ("qwen2.5-72b-instruct",),
        (
            row("alibaba:qwen2-5-72b-instruct"),
            row("fireworks:accounts/fireworks/models/qwen2p5-72b-instruct"),
            row("openrouter:qwen/qwen-2.5-72b-instruct"),
            row("nano-gpt:qwen25-72b-instruct", name="Qwen2.5 72B Instruct"),
            row("ollama:qwen2.5:72b"),
        ),
    ),
    "Qwen VL": (
        ("qwen2.5-vl-72b-instruct",),
        (row("ollama:qwen2.5vl:72b"), row("alibaba:qwen2-5-vl-72b-instruct")),
    ),
    "Qwen coder, active parameters left out": (
        ("qwen3-coder-480b-a35b-instruct",),
        (
            row("alibaba:qwen3-coder-480b-a35b-instruct"),
            row("ollama-cloud:qwen3-coder:480b"),
            row("deepinfra:Qwen/Qwen3-Coder-480B-A35B-Instruct-Turbo"),
            row("io-net:Intel/Qwen3-Coder-480B-A35B-Instruct-int4-mixed-ar"),
            row(
                "openrouter:qwen/qwen3-coder:free", name="Qwen3 Coder 480B A35B (free)"
            ),
        ),
    ),
    "Qwen2.5-Max by its snapshot": (
        ("qwen2.5-max",),
        (
            row("alibaba:qwen-max", "2025-01-25"),
            row("qiniu-ai:qwen-max-2025-01-25", name="Qwen2.5-Max-2025-01-25"),
        ),
    ),
    "Mistral's versions are dates": (
        ("mistral-large-3", "mistral-large-2512"),
        (
            row("mistral:mistral-large-2512", name="Mistral Large 3"),
            row("bedrock:mistral.mistral-large-3-675b-instruct"),
            row("nvidia:mistralai/mistral-large-3-675b-instruct-2512"),
            row("ollama-cloud:mistral-large-3:675b"),
        ),
    ),
    "Mistral Small's": (
        ("mistral-small-2506",),
        (
            row("mistral:mistral-small-2506"),
            row("berget:mistralai/Mistral-Small-3.2-24B-Instruct-2506"),
            row("openrouter:mistralai/mistral-small-3.2-24b-instruct"),
            row("regolo-ai:mistral-small3.2"),
        ),
    ),
    "a version that only the lab's display name tells": (
        ("mistral-huge-7", "mistral-huge-2901"),
        (
            row("mistral:mistral-huge-2901", name="Mistral Huge 7"),
            row("bedrock:mistral.mistral-huge-7-900b-instruct"),
        ),
    ),
    "Mixtral's open- prefix": (
        ("mixtral-8x7b-instruct-v0.1",),
        (
            row("mistral:open-mixtral-8x7b"),
            row("together:mistralai/Mixtral-8x7B-Instruct-v0.1"),
            row("bedrock:mistral.mixtral-8x7b-instruct-v0:1"),
        ),
    ),
    "GLM under four names of its lab": (
        ("glm-4.6",),
        (
            reasons("zai:glm-4.6"),
            reasons("zhipuai:glm-4.6"),
            reasons("openrouter:z-ai/glm-4.6"),
            reasons("huggingface:zai-org/GLM-4.6"),
            reasons("venice:zai-org-glm-4.6"),
            reasons("submodel:zai-org/GLM-4.6-FP8"),
            reasons("modelscope:ZhipuAI/GLM-4.6"),
            reasons("cerebras:zai-glm-4.6"),
            reasons("nano-gpt:zai-org/glm-4.6-original"),
            reasons("poe:novita/glm-4.6-n"),
        ),
    ),
    "GLM at its highest effort, fast lanes, upstream's names": (
        ("glm-5.2-max",),
        (
            reasons("zai:glm-5.2", efforts="high max"),
            reasons("fireworks:accounts/fireworks/routers/glm-5p2-fast"),
            reasons("neuralwatt:glm-5.2-short-fast-flex"),
            reasons("aihubmix:alicloud-glm-5.2"),
            reasons("umans-ai:umans-glm-5.2"),
            reasons("routing-run:route/glm-5.2-6bit"),
        ),
    ),
    "MiniMax": (
        ("minimax-m2.5",),
        (
            reasons("minimax:MiniMax-M2.5"),
            reasons("bedrock:minimax.minimax-m2.5"),
            reasons("nvidia:minimaxai/minimax-m2.5"),
            reasons("drun:public/minimax-m25", name="MiniMax M2.5"),
            reasons("fireworks:accounts/fireworks/models/minimax-m2p5"),
            reasons("nebius:MiniMaxAI/MiniMax-M2.5-fast"),
        ),
    ),
    "Grok by both its separators": (
        ("grok-4-1-fast-reasoning",),
        (
            reasons("azure:grok-4-1-fast-reasoning"),
            reasons("poe:xai/grok-4.1-fast-reasoning"),
            reasons("zenmux:x-ai/grok-4.1-fast"),
        ),
    ),
    "Grok's beta of a date": (
        ("grok-4.20-beta-0309-reasoning",),
        (
            reasons("xai:grok-4.20-0309-reasoning"),
            reasons("llmgateway:grok-4-20-beta-0309-reasoning"),
        ),
    ),
    "Nova": (
        ("amazon-nova-pro-v1.0",),
        (
            row("bedrock:amazon.nova-pro-v1:0"),
            row("openrouter:amazon/nova-pro-v1", name="Nova Pro 1.0"),
            row("vercel:amazon/nova-pro"),
        ),
    ),
    "Nemotron, NVIDIA's prefix and order": (
        ("nvidia-nemotron-3-super-120b-a12b",),
        (
            reasons(
                "nvidia:nvidia/nemotron-3-super-120b-a12b", name="Nemotron 3 Super"
            ),
            reasons("bedrock:nvidia.nemotron-super-3-120b"),
            reasons("wandb:nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-FP8"),
            reasons("ollama-cloud:nemotron-3-super"),
            reasons("cloudflare-workers-ai:@cf/nvidia/nemotron-3-120b-a12b"),
        ),
    ),
    "Nemotron on Llama": (
        ("llama-3.3-nemotron-49b-super-v1",),
        (
            row("nvidia:nvidia/llama-3.3-nemotron-super-49b-v1"),
            row("nano-gpt:nvidia/Llama-3_3-Nemotron-Super-49B-v1"),
        ),
    ),
    "Cohere": (
        ("command-r-plus-08-2024",),
        (
            row("cohere:command-r-plus-08-2024", name="Command R+"),
            row("github:cohere/cohere-command-r-plus-08-2024"),
        ),
    ),
    "Cohere's month": (
        ("command-a-03-2025",),
        (
            row("cohere:command-a-03-2025", "2025-03-13"),
            row("openrouter:cohere/command-a", "2025-03-13"),
            row("azure:cohere-command-a", "2025-03-13"),
        ),
    ),
    "the first Command R, by its release": (
        ("command-r",),
        (
            row("nano-gpt:cohere/command-r", "2024-03-11"),
            row("github:cohere/cohere-command-r", "2024-03-11"),
        ),
    ),
    "Aya": (("c4ai-aya-expanse-32b",), (row("cohere:c4ai-aya-expanse-32b"),)),
    "Jamba": (
        ("jamba-1.5-large",),
        (
            row("github:ai21-labs/ai21-jamba-1.5-large"),
            row("vertexai:jamba-1.5-large@001"),
        ),
    ),
    "Phi": (
        ("phi-4",),
        (
            row("azure:phi-4"),
            row("ollama:phi4:14b"),
            row("deepinfra:microsoft/phi-4"),
        ),
    ),
    "MiMo's modes in parentheses": (
        ("mimo-v2-flash (thinking)", "mimo-v2-flash (non-thinking)"),
        (
            reasons("xiaomi:mimo-v2-flash"),
            reasons("openrouter:xiaomi/mimo-v2-flash:free"),
        ),
    ),
    "Hy after Hunyuan": (
        ("hunyuan-hy3-preview",),
        (reasons("tencent-tokenhub:hy3-preview"), reasons("opencode:hy3-preview-free")),
    ),
    "Seed in and out of China": (
        ("dola-seed-2.0-pro",),
        (row("zenmux:volcengine/doubao-seed-2.0-pro"), row("x:bytedance/seed-2.0-pro")),
    ),
    "Perplexity's prefix and context size": (
        ("ppl-sonar-pro-high",),
        (row("perplexity:sonar-pro"), row("openrouter:perplexity/sonar-pro")),
    ),
    "FLUX's word order": (
        ("flux-1.1-pro",),
        (row("vercel:bfl/flux-pro-1.1", name="FLUX1.1 [pro]"),),
    ),
    "Imagen's word order": (
        ("imagen-ultra-4.0-generate-001",),
        (row("vercel:google/imagen-4.0-ultra-generate-001", name="Imagen 4 Ultra"),),
    ),
    "settings of an image": (
        ("gpt-image-1.5-high-fidelity", "gpt-image-1.5"),
        (row("openai:gpt-image-1.5"), row("digitalocean:openai-gpt-image-1.5")),
    ),
    "settings of a video": (
        ("dreamina-seedance-2.0-720p",),
        (row("vercel:bytedance/seedance-2.0"),),
    ),
    "the only bearer of a bare name": (
        ("yi-lightning",),
        (row("nano-gpt:yi-lightning", name="Yi Lightning"),),
    ),
}
PAIRS = [
    pytest.param(
        family, rated, served, id=f"{rated} = {served.provider}:{served.model_id}"
    )
    for family, (names, rows) in FAMILIES.items()
    for rated in names
    for served in rows
]


@pytest.mark.parametrize(("family", "rated", "served"), PAIRS)
def test_gives_every_spelling_of_a_model_its_rating(
    family: str, rated: str, served: ServedRow
) -> None:
    """In the market of its family, the row carries the rating."""
    grouping = group(FAMILIES[family][1])
    result = join([RatedName(name=rated)], grouping)

    carriers = [row_id for found in result.joins for row_id in found.rows]
    row_ids = [row_id for row_id in carriers if row_id.endswith(f":{served.model_id}")]

    assert row_ids, [missed.detail for missed in result.unmatched]


@pytest.mark.parametrize("family", FAMILIES)
def test_makes_one_group_of_a_family(family: str) -> None:
    """The rows that share ratings stand in one group."""
    placements = group(FAMILIES[family][1]).placements.values()

    assert len({placement.group for placement in placements}) == 1


def test_joins_every_family_in_one_market() -> None:
    """All families together take nothing from one another."""
    rows = [served for _, rows in FAMILIES.values() for served in rows]
    names = [RatedName(name=n) for names, _ in FAMILIES.values() for n in names]
    result = join(names, group(rows))

    assert {missed.rated.name: missed.detail for missed in result.unmatched} == {}
    assert len(PAIRS) >= 200
