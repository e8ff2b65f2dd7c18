"""The models: loaded once, in a thread of their own, and called by a limited number of threads."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import digit_model

from app.settings import CALLS_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from digit_model import Array

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Scores:
    """For each row, in order: its label and its ten probabilities."""

    labels: list[int]
    probabilities: list[list[float]]

    def part(self, start: int, stop: int) -> Scores:
        return Scores(self.labels[start:stop], self.probabilities[start:stop])


def joined(parts: list[Scores]) -> Scores:
    """The parts of one request, which may have been computed in several calls."""
    return Scores(
        [label for part in parts for label in part.labels],
        [row for part in parts for row in part.probabilities],
    )


class ModelStore:
    """All versions; none is there before all are."""

    def __init__(self) -> None:
        self.versions = digit_model.versions()
        self._models: dict[str, digit_model.Model] = {}
        self._ready = threading.Event()
        self._calls = threading.BoundedSemaphore(CALLS_AT_ONCE)

    def start(self, when_ready: Callable[[], None]) -> None:
        threading.Thread(target=self._load, args=(when_ready,), name="load", daemon=True).start()

    @property
    def ready(self) -> bool:
        return self._ready.is_set()

    def get(self, version: str) -> digit_model.Model | None:
        return self._models.get(version)

    def predict(self, version: str, rows: Array) -> Scores:
        """Blocks; only the worker threads call it."""
        with self._calls:
            prediction = self._models[version].predict(rows)
        labels: list[int] = prediction.labels.tolist()
        probabilities: list[list[float]] = prediction.probabilities.tolist()
        return Scores(labels, probabilities)

    def _load(self, when_ready: Callable[[], None]) -> None:
        try:
            for version in self.versions:
                self._models[version] = digit_model.load(version)
        except Exception:
            logger.exception("a model could not be loaded: the service stays not ready")
            return
        when_ready()
        self._ready.set()
