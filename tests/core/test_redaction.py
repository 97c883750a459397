"""Secrets never reach a log, a file name or a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.redaction import redacted, redacted_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://models.dev/api.json", "https://models.dev/api.json"),
        ("https://ann:pass@host:8443/x?a=1", "https://***@host:8443/x?a=1"),
        ("https://token@host/x", "https://***@host/x"),
        ("https://host/x?a=1&api_key=s3cr3t#f", "https://host/x?a=1&api_key=***#f"),
        (
            "https://host/x?KEY=a;access_token=b",
            "https://host/x?KEY=***;access_token=***",
        ),
        (
            "https://host/x?X-Amz-Signature=ab&n=2",
            "https://host/x?X-Amz-Signature=***&n=2",
        ),
        ("https://host/x?key=", "https://host/x?key=***"),
        ("https://host/keys?offset=100", "https://host/keys?offset=100"),
        ("/data/api.json", "/data/api.json"),
        ("file:///data/api.json", "file:///data/api.json"),
        ("https://[broken", "***"),
    ],
)
def test_an_address_is_shown_without_its_credentials(url: str, shown: str) -> None:
    """User, password and secret parameters go; what helps to find it stays."""
    assert redacted_url(url) == shown


@given(st.text(st.characters(categories=["L", "N"]), min_size=12, max_size=20))
def test_no_part_of_an_address_that_is_secret_survives(secret: str) -> None:
    """Whatever the secret looks like, nothing of it is left."""
    secret = f"q{secret}q"
    url = f"https://u:{secret}@host.example/p?limit=5&api-key={secret}&token={secret}"
    assert secret not in redacted_url(url)


def test_keys_in_the_environment_are_masked_in_text() -> None:
    """What an SDK quotes when it fails is cut out before anybody sees it."""
    environ = {
        "OPENAI_API_KEY": "sk-abcdefgh12345678",
        "HF_TOKEN": "hf_abcdefgh",
        "AWS_ACCESS_KEY_ID": "AKIAABCDEFGH",
        "HOME": "/home/somebody",
        "AWS_BEARER_TOKEN_BEDROCK": "bedrock-abcdefgh",
        "SHORT_KEY": "on",
        "KEYBOARD_LAYOUT": "the-usual",
        "TOKENIZERS_PARALLELISM": "very-much",
    }
    text = (
        "401 for sk-abcdefgh12345678, hf_abcdefgh, AKIAABCDEFGH, bedrock-abcdefgh "
        "on the-usual /home/somebody very-much"
    )
    assert redacted(text, environ) == (
        "401 for ***, ***, ***, *** on the-usual /home/somebody very-much"
    )
