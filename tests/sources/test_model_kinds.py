"""What a model is for, told from real ids with the modalities they are listed with."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub_sources.kinds import kind_of

TEXT = ("text",)

#: Real ids that models.dev lists as taking and giving text, tools off.
NAMED = {
    "embedding": """
        text-embedding-3-large google/text-multilingual-embedding-002 mistral-embed
        mistral/codestral-embed cohere-embed-v3-english cohere/embed-v4.0
        gemini-embedding-001 amazon/titan-embed-text-v2 nomic-embed-text
        nvidia/nv-embed-v1 nvidia/nv-embedcode-7b-v1 pplx-embed-v1-0.6b
        nvidia/llama-3_2-nemoretriever-300m-embed-v1 qwen3-embedding-8b
        Qwen/Qwen3-VL-Embedding-8B workers-ai/@cf/baai/bge-m3 baai/bge-m3
        bge-multilingual-gemma2 bge_multilingual_gemma2 gte-large-en-v1.5
        e5-large-v2 intfloat/multilingual-e5-large-instruct e5-mistral-7b-instruct
        all-mini-lm-l6-v2 multi-qa-mpnet-base-dot-v1 voyage/voyage-code-3
        workers-ai/@cf/pfnet/plamo-embedding-1b jina-embeddings-v3
        Snowflake/snowflake-arctic-embed-l
    """,
    "rerank": """
        bge-reranker-v2-m3 cohere/rerank-v3.5 voyage/rerank-2.5-lite
        Qwen/Qwen3-Reranker-4B nvidia/llama-nemotron-rerank-vl-1b-v2
        nvidia/rerank-qa-mistral-4b jina-reranker-v2-base-multilingual zerank-1
    """,
    "moderation": """
        meta-llama/llama-guard-4-12b openai/gpt-oss-safeguard-20b qwen3guard-gen-8b
        openai.gpt-oss-safeguard-120b meta-llama/llama-prompt-guard-2-86m
        nvidia/nemotron-3.5-content-safety:free omni-moderation-latest
        nvidia/llama-3_1-nemotron-safety-guard-8b-v3 shieldgemma-9b
        nvidia/nemotron-content-safety-reasoning-4b granite-guardian-3.1-8b
    """,
    "audio": """
        openai/tts-1-hd gpt-4o-mini-tts gpt-4o-transcribe whisper-large-v3-turbo
        KBLab/kb-whisper-large qwen3-asr-flash xai/grok-stt openai/gpt-realtime-1.5
        qwen-omni-turbo-realtime qwen3-livetranslate-flash-realtime google/lyria
        google/lyria-3-clip-preview workers-ai/@cf/deepgram/nova-3
        workers-ai/@cf/deepgram/aura-2-en workers-ai/@cf/myshell-ai/melotts
        workers-ai/@cf/pipecat-ai/smart-turn-v2 nvidia/nemotron-voicechat
        nvidia/studiovoice gemini-3.1-flash-live-preview amazon.nova-2-sonic-v1:0
        mimo-v2.5-tts-voiceclone canopylabs/orpheus-v1-english
    """,
    "image": """
        gpt-image-1 openai/gpt-5-image openai-gpt-image-1.5 chatgpt-image-latest
        gemini-2.0-flash-exp-image-generation gemini-3-pro-image-preview
        google/nano-banana-pro black-forest-labs/flux_1-schnell dall-e-3
        imagen-4.0-ultra-generate-001 fal-ai/fast-sdxl bytedance/seedream-4.5
        ideogramai/ideogram-v2a recraft/recraft-v4 qwen/qwen-image-edit
        stable-diffusion-3.5-large xai/grok-imagine-image wan2.7-image-pro
    """,
    "video": """
        google/veo-3.1-fast-generate-001 google/veo3.1 openai/sora-2-pro
        alibaba/wan-v2.6-i2v wan2-2-t2v-a14b klingai/kling-v3.0-motion-control
        bytedance/seedance-2.0 runwayml/runway-gen-4-turbo lumalabs/ray2
        nvidia/cosmos-predict1-5b
    """,
    "other": """
        deepseek-ai/DeepSeek-OCR PaddlePaddle/PaddleOCR-VL-1.5 qwen-vl-ocr
        qwen-mt-turbo tencent/Hunyuan-MT-7B workers-ai/@cf/meta/m2m100-1.2b
        workers-ai/@cf/ai4bharat/indictrans2-en-indic-1B command-a-translate-08-2025
        nvidia/riva-translate-4b-instruct-v1_1 morph/morph-v3-fast mercury-edit-2
        relace/relace-apply-3 workers-ai/@cf/facebook/bart-large-cnn
        workers-ai/@cf/huggingface/distilbert-sst-2-int8 meta/esmfold
        meta/esm2-650m nvidia/gliner-pii gliner2-base-v1 nvidia/usdvalidate
        universal-summarizer tongyi-intent-detect-v3 openai/gpt-3.5-turbo-instruct
        davinci-002 HuggingFaceTB/SmolLM3-3B-Base
    """,
    "chat": """
        gpt-5.5 openai/gpt-oss-120b anthropic.claude-sonnet-4-5-20250929-v1:0
        gemini-2.5-flash gemma-3-27b-it Gemma-4-31B-Musica-v1 command-a-03-2025
        lucidquery-agi-01-frontier lucidnova-rf1-100b veiled-calla-12b veto-7b
        sonar-deep-research cohere/c4ai-aya-vision-32b voxtral-small-24b-2507
        mistral.voxtral-mini-3b-2507 meta-llama-3.1-8b-instruct embers-12b
        nvidia/usdcode nvidia/nemotron-mini-4b-instruct text-max fastgpt
        the-grid-ai/text-standard osmosis-structure-0.6b Unbabel/M-Prometheus-14B
        qwen3-omni-30b-a3b-thinking vanguard-8b relace/relace-search v0-1.5-md
        mistral-large-2411 c4ai-aya-expanse-8b bart-simpson-7b gelab-zero-4b-preview
    """,
}


@pytest.mark.parametrize(
    ("kind", "model_id"),
    [(kind, name) for kind, names in NAMED.items() for name in names.split()],
)
def test_a_name_tells_where_modalities_say_text(kind: str, model_id: str) -> None:
    """The id decides, because a row of text to text says nothing."""
    assert kind_of(model_id, inputs=TEXT, outputs=TEXT, tools=False) == kind


@pytest.mark.parametrize(
    ("kind", "model_id", "facts"),
    [
        # What gives no text is what it gives.
        ("image", "quiverai/arrow-1.1", {"outputs": ("image",)}),
        ("image", "grok-imagine-image-quality", {"outputs": ("image", "pdf")}),
        ("video", "kling-v2-6", {"outputs": ("video",), "inputs": ("text", "image")}),
        ("video", "xai/grok-imagine-video", {"outputs": ("video",)}),
        ("audio", "s2-pro", {"outputs": ("audio",)}),
        ("embedding", "acme/vectors", {"outputs": ("embeddings",)}),
        ("other", "acme/sculptor", {"outputs": ("3d",)}),
        # ... unless it reasons and calls tools: the listing is wrong.
        ("chat", "openai/gpt-5.4", {"outputs": ("image",), "reasoning": True}),
        # A chat model that draws or speaks as well stays one.
        ("chat", "gpt-5.1", {"outputs": ("text", "image", "audio")}),
        ("chat", "qwen-omni-turbo", {"outputs": ("text", "audio")}),
        ("chat", "openrouter/auto", {"outputs": ("image", "text")}),
        # One whose name says drawing or speaking does not.
        ("image", "openai/gpt-5-image", {"outputs": ("text", "image")}),
        ("image", "google/gemini-3-pro-image", {"outputs": ("text", "image")}),
        ("audio", "openai/gpt-audio", {"outputs": ("text", "audio")}),
        ("audio", "gpt-4o-audio-preview", {"outputs": ("audio", "text")}),
        ("audio", "grok-voice-think", {"outputs": ("text", "audio")}),
        # Listening to audio is not speaking it.
        ("chat", "qwen2-audio-7b-instruct", {"inputs": ("text", "audio")}),
        ("chat", "gemini-video-chat", {"inputs": ("text", "video")}),
        # No text goes in.
        ("audio", "green-s", {"inputs": ("audio",), "tools": False}),
        ("other", "nvidia/bevformer", {"inputs": ("video",), "tools": False}),
    ],
)
def test_modalities_tell(kind: str, model_id: str, facts: dict[str, Any]) -> None:
    """What goes in and comes out decides before and after the name."""
    given: dict[str, Any] = {"inputs": TEXT, "outputs": TEXT, "tools": True}
    assert kind_of(model_id, **given | facts) == kind


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("other", {"price_input": 0.02, "price_output": 0.0}),
        ("chat", {"price_input": 0.02, "price_output": 0.0, "tools": True}),
        ("chat", {"price_input": 0.02, "price_output": 0.0, "reasoning": True}),
        ("chat", {"price_input": 0.02, "price_output": 0.1}),
        ("chat", {"price_input": 0.0, "price_output": 0.0}),
        ("chat", {"price_input": 0.02}),
    ],
)
def test_output_at_no_price_is_no_text(kind: str, facts: dict[str, Any]) -> None:
    """Nobody charges for reading and gives the writing away."""
    assert kind_of("acme/mystery", inputs=TEXT, outputs=TEXT, **facts) == kind


def test_a_family_only_adds_a_name() -> None:
    """A family can tell an embedding model; a wrong one takes nothing away."""
    given: dict[str, Any] = {"inputs": TEXT, "outputs": TEXT}
    assert kind_of("all-distil-v1", family="text-embedding", **given) == "embedding"
    assert kind_of("cohere/rerank-v3.5", family="o", **given) == "rerank"


#: Ids as providers list them, of which nothing else is known.
LISTED = {
    "embedding": """
        text-embedding-004 embed-multilingual-light-v3.0 codestral-embed-2505
        google/embeddinggemma-300m togethercomputer/m2-bert-80M-32k-retrieval
        WhereIsAI/UAE-Large-V1 sentence-transformers/all-MiniLM-L6-v2 all-minilm:33m
        Alibaba-NLP/gte-modernbert-base shibing624/text2vec-base-chinese
        nvidia/nv-embedqa-e5-v5 nvidia/nvclip mixedbread-ai/mxbai-colbert-large-v1
        ibm/slate-125m-english-rtrvr-v2 amazon.nova-2-multimodal-embeddings-v1:0
        paraphrase-multilingual infly/stella-large-zh
    """,
    "rerank": """
        rerank-english-v3.0 Salesforce/Llama-Rank-V1 nvidia/nv-rerankqa-mistral-4b-v3
        mixedbread-ai/Mxbai-Rerank-Large-V2 cross-encoder/ms-marco-MiniLM-L-12-v2
        amazon.rerank-v1:0 gte-rerank-v2
    """,
    "moderation": """
        omni-moderation-2024-09-26 mistral-moderation-2411 meta-llama/LlamaGuard-2-8b
        VirtueAI/VirtueGuard-Text-Lite ibm/granite-guardian-3-8b llama-guard3:8b
        nvidia/llama-3.1-nemoguard-8b-topic-control
    """,
    "audio": """
        gpt-4o-transcribe-diarize gpt-4o-mini-tts-2025-12-15 gpt-4o-audio-preview
        gpt-4o-realtime-preview voxtral-mini-transcribe-2507 gemini-live-2.5-flash
        gemini-2.5-flash-native-audio-latest lyria-realtime-exp playai-tts-arabic
        distil-whisper-large-v3-en cartesia/sonic-2 hexgrad/Kokoro-82M cosyvoice-v2
        sambert-zhichu-v1 fun-asr sesame/csm-1b speech-02-hd
        qwen3-livetranslate-flash
    """,
    "image": """
        dall-e-2 gpt-image-1.5-2025-12-16 grok-2-image-1212 imagegeneration@006
        amazon.nova-canvas-v1:0 amazon.titan-image-generator-v2:0
        stability.sd3-5-large-v1:0 stability.stable-conservative-upscale-v1:0
        accounts/fireworks/models/playground-v2-5-1024px-aesthetic
        virtual-try-on-preview-08-04 wanx2.1-t2i-turbo black-forest-labs/FLUX.2-pro
    """,
    "video": """
        grok-imagine-video flux-3-video amazon.nova-reel-v1:1 luma.ray-v2:0 viduq1-text
        vidu/vidu-2.0 MiniMax-Hailuo-2.3 S2V-01 sora-2-pro-2025-10-06 video-01-director
        Wan-AI/Wan2.2-TI2V-5B:t2v veo-2.0-generate-001 gemini-omni-flash-preview
    """,
    "other": """
        mistral-ocr-2505 allenai/olmOCR-2-7B babbage-002 gpt-3.5-turbo-instruct-0914
        aqa translategemma FacebookAI/xlm-roberta-large google-t5/t5-base
        Helsinki-NLP/opus-mt-en-de ibm/granite-timeseries-ttm-r2 google/gemma-3-4b-pt
        nvidia/nemoretriever-page-elements-v2 nvidia/llama-3.1-nemotron-70b-reward
    """,
    None: """
        gpt-6 chatgpt-4o-latest computer-use-preview o9-deep-research claude-opus-5
        codex-mini-latest gemini-2.5-computer-use-preview-10-2025 roberto-7b
        learnlm-2.0-flash command-nightly qwen3-omni-flash moondream embers-12b
        devstral-medium-2507 Musica-v1 llava-v1.6-34b magistral-small flexible-70b
        live-oak-7b vanguard-8b functiongemma watson-8b sorata-12b veoh-7b imagineer-8b
        liquid-lfm detective-7b esmeralda-13b mtg-tutor-8b rewarding-12b
    """,
}


@pytest.mark.parametrize(
    ("kind", "model_id"),
    [(kind, name) for kind, names in LISTED.items() for name in names.split()],
)
def test_a_name_alone_tells_or_says_nothing(kind: str | None, model_id: str) -> None:
    """A listing has ids and nothing else: a nameless purpose stays unknown."""
    assert kind_of(model_id) == kind


def test_what_draws_and_neither_calls_nor_reasons_is_for_drawing() -> None:
    """Told beside text, pictures and films decide where nothing speaks for talk."""
    given: dict[str, Any] = {"inputs": TEXT, "outputs": ("text", "image")}
    assert kind_of("acme/easel", tools=False, **given) == "image"
    assert kind_of("acme/easel", tools=False, reasoning=True, **given) == "chat"
    assert kind_of("acme/easel", tools=True, **given) == "chat"
    assert kind_of("acme/easel", **given) == "chat"
    given["outputs"] = ("text", "audio")
    assert kind_of("acme/omni", tools=False, **given) == "chat"


def test_without_modalities_the_name_alone_tells() -> None:
    """A nameless row without modalities is of unknown kind, not a chat model."""
    assert kind_of("acme/bge-m3") == "embedding"
    assert kind_of("acme/gpt-image-9") == "image"
    assert kind_of("acme/mystery") is None
