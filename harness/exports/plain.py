"""Plain values for documents: numbers that JSON has, texts that every format can hold, and the documents themselves."""

from __future__ import annotations

import json
import math

from harness.reporting.text import clean, clip


def finite(value: float, high: float = 1e9) -> float:
    """The value within 0 and `high`; 0 for what is no number, since a stored record may hold NaN."""
    return min(max(value, 0.0), high) if math.isfinite(value) else 0.0


def milliseconds(seconds: float) -> int:
    """Seconds as whole milliseconds."""
    return round(finite(seconds) * 1000)


def block(text: str, most: int = 4000) -> str:
    """The text over as many lines as it has, cleaned and cut at `most` characters."""
    return clip(clean(text[: most * 20]).strip(), most)


def document(value: object) -> str:
    """JSON as people read it, too."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
