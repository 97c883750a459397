"""Numbers as people write them, without powers of ten."""

from __future__ import annotations

__all__ = ["plain"]


def plain(number: float, digits: int = 6) -> str:
    """Write a number with so many significant digits: ``0.000019``, ``1,234,568``.

    Args:
        number: Any; below a million it reads as ``:g`` writes it.
        digits: Significant digits behind the point; those before it stay.
    """
    text = f"{number:.{digits}g}"
    mantissa, has_power, power = text.partition("e")
    if not has_power:
        return text
    decimals = len(mantissa.partition(".")[2]) - int(power)
    return f"{number:,.{max(decimals, 0)}f}"
