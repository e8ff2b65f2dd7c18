"""Retry budget: in any window at most a fixed number of retries, and one more for every few calls."""

import time
from collections import deque
from collections.abc import Callable

from app.config import BUDGET_CALLS_PER_EXTRA_RETRY, BUDGET_RETRIES, BUDGET_WINDOW_SECONDS


class RetryBudget:
    """The worst windows begin with a retry, so it is enough to look at those that begin with each of the
    retries remembered. With every retry goes the number of calls there had been by then.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._calls = 0
        self._retries: deque[tuple[float, int]] = deque()

    def note_call(self) -> None:
        self._calls += 1

    def note_retry(self) -> None:
        self._retries.append((self._clock(), self._calls))

    def available(self) -> bool:
        horizon = self._clock() - BUDGET_WINDOW_SECONDS
        while self._retries and self._retries[0][0] < horizon:
            self._retries.popleft()
        count = len(self._retries) + 1
        for index, (_, calls_before) in enumerate(self._retries):
            extra = (self._calls - calls_before) // BUDGET_CALLS_PER_EXTRA_RETRY
            if count - index > BUDGET_RETRIES + extra:
                return False
        return True
