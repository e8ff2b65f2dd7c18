"""Watchdog: ends a run whose main thread is stuck in a check. A coroutine can be cancelled, a loop in C can't."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Watchdog:
    """Calls `bite` once, on its own thread, when it is not disarmed in time."""

    def __init__(self, bite: Callable[[], None]) -> None:
        self._bite = bite
        self._limit: float | None = None
        self._changed = threading.Condition()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def arm(self, seconds: float) -> None:
        """Bite in so many seconds from now."""
        with self._changed:
            self._limit = time.monotonic() + seconds
            self._changed.notify()

    def disarm(self) -> None:
        """Don't bite."""
        with self._changed:
            self._limit = None
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while self._limit is None or self._limit > time.monotonic():
                self._changed.wait(None if self._limit is None else self._limit - time.monotonic())
        self._bite()
