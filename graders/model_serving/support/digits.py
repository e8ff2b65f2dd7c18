"""Digits: rows that no two requests share, and how the model reads them, computed here from the same weights."""

from __future__ import annotations

import hashlib
import json
import math
import random
import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

OLD, NEW = "1.0.0", "2.0.0"
VERSIONS = (OLD, NEW)
PIXELS = 64
MOST = 16
LABELS = tuple(range(10))

# Two labels that are nearer than this are a matter of rounding, and no row is made whose label is.
_MARGIN = 0.02
_CHANGED = 14

Row = list[float]


@dataclass(frozen=True)
class Answer:
    """How a row is read."""

    label: int
    probabilities: tuple[float, ...]


@cache
def exported() -> dict[str, Any]:
    """The weights, as the training script wrote them."""
    value = json.loads((Path(__file__).parent / "weights.json").read_text("utf-8"))
    assert isinstance(value, dict)
    return value


@cache
def _samples() -> list[list[int]]:
    value = json.loads((Path(__file__).parent / "samples.json").read_text("utf-8"))
    assert isinstance(value, list)
    return value


def answer(row: Row, version: str) -> Answer:
    """What `Model.predict` gives for a row."""
    model = exported()
    values = [pixel / model["scale"] for pixel in row]
    for at, layer in enumerate(model["versions"][version]["layers"]):
        if at:
            values = [max(value, 0.0) for value in values]
        sums = list(layer["bias"])
        for value, weights in zip(values, layer["weight"], strict=True):
            if value:
                sums = [total + value * weight for total, weight in zip(sums, weights, strict=True)]
        values = sums
    highest = max(values)
    odds = [math.exp(value - highest) for value in values]
    shares = tuple(value / sum(odds) for value in odds)
    return Answer(shares.index(max(shares)), shares)


def digest(row: Row) -> str:
    """A row's name in the telemetry."""
    return hashlib.blake2s(struct.pack(f"<{PIXELS}d", *row), digest_size=8).hexdigest()


class Digits:
    """Makes rows; all that one of these makes are different."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._made: set[str] = set()

    def row(self) -> Row:
        """A digit that somebody wrote, with some pixels changed. Whole numbers, so that any precision holds them."""
        while True:
            row = [float(pixel) for pixel in self.rng.choice(_samples())]
            for at in self.rng.sample(range(PIXELS), _CHANGED):
                row[at] = float(self.rng.randint(0, MOST))
            name = digest(row)
            if name not in self._made and all(_clear(row, version) for version in VERSIONS):
                self._made.add(name)
                return row

    def rows(self, count: int) -> list[Row]:
        """So many of them."""
        return [self.row() for _ in range(count)]


def _clear(row: Row, version: str) -> bool:
    first, second = sorted(answer(row, version).probabilities, reverse=True)[:2]
    return first - second >= _MARGIN
