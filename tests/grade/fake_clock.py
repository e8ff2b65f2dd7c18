"""Time that passes only when a test says so."""

from __future__ import annotations

import threading
from collections.abc import Callable


class FakeClock:
    """Replaces the module `time` in the code under test: `monotonic()` stands still between calls of `advance`."""

    def __init__(self) -> None:
        self._now = 10_000.0

    def monotonic(self) -> float:
        """Seconds, as `time.monotonic`."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self._now += seconds


class FakeCancelled(threading.Event):
    """A cancellation whose `wait` takes no real time: it moves the clock.

    `on_wait` is called in the middle of each wait; it can set the event.
    """

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock
        self.waits: list[float] = []
        self.on_wait: Callable[[], object] = lambda: None

    def wait(self, timeout: float | None = None) -> bool:
        if self.is_set():
            return True
        assert timeout is not None, "the code under test would wait forever"
        self.waits.append(timeout)
        self.on_wait()
        self._clock.advance(timeout)
        return self.is_set()
