"""The retry budget: retries are a share of the calls, so that they can't multiply the load on a sick upstream."""

import time
from collections import deque

WINDOW_SECONDS = 10.0
CONSTANT = 30
SHARE = 0.2


class RetryBudget:
    """Of the last ten seconds: at most 30 retries and one more for every five calls."""

    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._calls: deque[float] = deque()
        self._retries: deque[float] = deque()

    def called(self):
        """Count a call's first attempt."""
        self._forget()
        self._calls.append(self._clock())

    def take(self):
        """Whether one more retry is affordable; if so, it counts."""
        self._forget()
        if len(self._retries) + 1 > CONSTANT + SHARE * len(self._calls):
            return False
        self._retries.append(self._clock())
        return True

    def _forget(self):
        horizon = self._clock() - WINDOW_SECONDS
        for moments in (self._calls, self._retries):
            while moments and moments[0] < horizon:
                moments.popleft()
