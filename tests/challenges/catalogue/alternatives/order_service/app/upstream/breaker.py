"""Circuit breaker: opens after failures in a row, and closes after one attempt that succeeds."""

import enum
import time
from collections.abc import Callable

from app.config import BREAKER_FAILURES, BREAKER_OPEN_SECONDS


class BreakerState(enum.Enum):
    CLOSED = 0
    OPEN = 1
    HALF_OPEN = 2


class BreakerOpenError(Exception):
    def __init__(self, seconds: float) -> None:
        super().__init__("circuit breaker is open")
        self.seconds = seconds


class Permit:
    """Leave to make one attempt; has to be settled once. None: it ended without a verdict (cancelled)."""

    def __init__(self, breaker: "CircuitBreaker", generation: int) -> None:
        self._breaker = breaker
        self.generation = generation

    def settle(self, success: bool | None) -> None:
        self._breaker.settle(self, success)


class CircuitBreaker:
    """Every change of state begins a new generation; what older attempts bring back is ignored."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._open_until: float | None = None
        self._probing = False
        self._generation = 0

    @property
    def state(self) -> BreakerState:
        if self._open_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._clock() < self._open_until else BreakerState.HALF_OPEN

    def check(self) -> None:
        """Raises when an attempt would be refused now."""
        state = self.state
        if state is BreakerState.OPEN or (state is BreakerState.HALF_OPEN and self._probing):
            raise BreakerOpenError(max(0.0, (self._open_until or 0.0) - self._clock()))

    def acquire(self) -> Permit:
        self.check()
        self._probing = self.state is BreakerState.HALF_OPEN
        return Permit(self, self._generation)

    def settle(self, permit: Permit, success: bool | None) -> None:
        if permit.generation != self._generation:
            return
        probe, self._probing = self._probing, False
        if success is None:
            return
        if success:
            self._failures = 0
            if probe:
                self._open_until = None
                self._generation += 1
            return
        self._failures += 1
        if probe or self._failures >= BREAKER_FAILURES:
            self._failures = 0
            self._open_until = self._clock() + BREAKER_OPEN_SECONDS
            self._generation += 1
