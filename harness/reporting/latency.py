"""Latency: how long an empty request takes, beside the reference on the same machine. Pure.

One machine, once, with whatever else it had to do: below a factor of one and a half nothing can be told, and nothing
is said.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from harness.record import GradeRecord

BAND = 1.5
_FEWEST = 10
# On a machine with nothing else to do, nine requests of ten take hardly longer than the middle one.
_BUSY = 1.5


@dataclass(frozen=True)
class Spread:
    """Some requests of one service, in milliseconds; `beats` are in order of size."""

    name: str
    beats: tuple[float, ...]
    median: float
    p90: float


@dataclass(frozen=True)
class Latency:
    """Both spreads, the longest that is drawn, between which medians no difference can be told, and what is said.

    In milliseconds.
    """

    spreads: tuple[Spread, ...]
    longest: float
    unsure: tuple[float, float]
    says: str


def latency(record: GradeRecord) -> Latency | None:
    """The comparison; None where one of the two has too few requests."""
    if min(len(record.pulse), len(record.reference_pulse)) < _FEWEST:
        return None
    own, reference = _spread("This submission", record.pulse), _spread("The reference", record.reference_pulse)
    unsure = (reference.median / BAND, reference.median * BAND)
    return Latency((own, reference), max(own.p90, reference.p90) * 1.25, unsure, _said(own, reference))


def _spread(name: str, beats: Sequence[float]) -> Spread:
    ordered = tuple(sorted(beats))
    return Spread(name, ordered, round(statistics.median(ordered), 2), round(ordered[int(len(ordered) * 0.9)], 2))


def _said(own: Spread, reference: Spread) -> str:
    if any(spread.p90 > _BUSY * spread.median for spread in (own, reference)):
        return "the machine was too busy for a comparison"
    ratio = own.median / reference.median if reference.median else 1.0
    if 1 / BAND <= ratio <= BAND:
        return f"no difference that could be told here (less than {BAND:g} times)"
    return f"about {ratio:.1f} times as long" if ratio > 1 else f"about {1 / ratio:.1f} times as fast"
