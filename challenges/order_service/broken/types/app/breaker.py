"""The circuit breaker of one upstream."""

import math
import time
from enum import IntEnum

THRESHOLD = 5
RESET_SECONDS = 2.0


class State(IntEnum):
    CLOSED = 0
    OPEN = 1
    HALF_OPEN = 2


class CircuitBreaker:
    """Opens after five failures in a row; two seconds later a single attempt may find out whether that is over."""

    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False
        self._era = 0

    @property
    def state(self):
        if self._opened_at is None:
            return State.CLOSED
        return State.HALF_OPEN if self._clock() >= self._opened_at + RESET_SECONDS else State.OPEN

    @property
    def retry_after(self):
        """Whole seconds until it is worth asking again."""
        if self._opened_at is None:
            return 1
        return max(1, math.ceil(self._opened_at + RESET_SECONDS - self._clock()))

    def enter(self):
        """Leave for an attempt, to be handed back with its result; None when there is none to be had."""
        match self.state:
            case State.CLOSED:
                return self._era
            case State.HALF_OPEN if not self._probing:
                self._probing = True
                return self._era
            case _:
                return None

    def succeeded(self, leave):
        """The upstream gave an answer."""
        if leave != self._era:
            return
        self._failures = 0
        if self._opened_at is not None:
            self._change(None)

    def failed(self, leave):
        """It did not."""
        if leave != self._era:
            return
        self._failures += 1
        if self._probing or self._failures >= THRESHOLD:
            self._change(self._clock())

    def _change(self, opened_at):
        self._opened_at = opened_at
        self._failures = 0
        self._probing = False
        self._era += 1
