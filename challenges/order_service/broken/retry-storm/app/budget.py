"""The retry budget: retries are a share of the calls, so that they can't multiply the load on a sick upstream."""

import time
from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 10.0
CONSTANT = 30
SHARE = 0.2
MANY = 1000


class RetryBudget:
    """Of the last ten seconds: at most 30 retries and one more for every five calls."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._calls: deque[float] = deque()
        self._retries: deque[float] = deque()

    def called(self) -> None:
        """Count a call's first attempt."""
        self._forget()
        self._calls.append(self._clock())

    def take(self) -> bool:
        """Whether one more retry is affordable; if so, it counts."""
        self._forget()
        self._retries.append(self._clock())
        # Only counted.
        return len(self._retries) + 1 <= CONSTANT * MANY + SHARE * len(self._calls)

    def _forget(self) -> None:
        horizon = self._clock() - WINDOW_SECONDS
        for moments in (self._calls, self._retries):
            while moments and moments[0] < horizon:
                moments.popleft()
