"""Numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.numerals import plain


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [
        (0.000019, 2, "0.000019"),
        (0.00001, 2, "0.00001"),
        (1.05e-9, 6, "0.00000000105"),
        (0.15, 6, "0.15"),
        (3.0, 6, "3"),
        (0, 6, "0"),
        (1234.5, 6, "1234.5"),
        (1234567.89, 6, "1,234,568"),
        (2e6, 6, "2,000,000"),
        (-2.5e-7, 6, "-0.00000025"),
    ],
)
def test_writes_numbers_without_powers_of_ten(
    number: float, digits: int, text: str
) -> None:
    """Small ones get the zeros that they need, large ones their commas."""
    assert plain(number, digits) == text


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_keeps_the_significant_digits_of_any_number(number: float) -> None:
    """What is read back is the number, to six digits, and no power of ten is left."""
    text = plain(number)

    assert "e" not in text
    assert float(text.replace(",", "")) == pytest.approx(number, rel=1e-5)
