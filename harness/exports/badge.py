"""The endpoint of a badge by Shields: https://shields.io/badges/endpoint-badge."""

from __future__ import annotations

from harness.exports.plain import document, finite
from harness.record import Band, GradeRecord
from harness.reporting.words import number

_COLOUR: dict[Band, str] = {"exceeds": "brightgreen", "meets": "green", "partly meets": "yellow", "below": "red"}


def badge(record: GradeRecord) -> str:
    """The score and a colour for its band; grey and without a number where there is no grade."""
    graded = record.gradable and record.score.value is not None
    value = finite(record.score.value or 0.0, 100.0)
    return document(
        {
            "schemaVersion": 1,
            "label": "takehome (visible checks)" if record.visible_only else "takehome",
            "message": f"{number(value)} / 100" if graded else "not gradable",
            "color": _COLOUR[record.band] if graded and record.band else "lightgrey",
        }
    )
