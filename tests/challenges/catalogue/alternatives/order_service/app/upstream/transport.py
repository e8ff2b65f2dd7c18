"""One upstream: attempts with a deadline, retries within a budget, a circuit breaker and bulkheads."""

import asyncio
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from app.config import (
    ATTEMPT_SECONDS,
    BACKOFF_SECONDS,
    LANE_LIMIT,
    MAX_ANSWER_BYTES,
    MAX_ATTEMPTS,
    MAX_RETRY_AFTER_SECONDS,
    MIN_ATTEMPT_SECONDS,
    STOCK_SECONDS,
)
from app.context import RequestContext
from app.logs import log_event
from app.metrics import Metrics
from app.upstream.breaker import BreakerOpenError, CircuitBreaker, Permit
from app.upstream.budget import RetryBudget
from app.upstream.errors import UpstreamTroubleError

_RETRYABLE: Final = frozenset({502, 503, 504})
_DIGITS: Final = re.compile(r"[0-9]{1,9}")
_random: Final = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Call:
    """`deadline` is on the clock of time.monotonic. `repeated`: the call was made before, so that even its
    first attempt is a retry (compensation).
    """

    method: str
    path: str
    lane: str
    context: RequestContext
    deadline: float
    body: Mapping[str, object] | None = None
    key: str | None = None
    attempt_seconds: float = ATTEMPT_SECONDS
    max_attempts: int = MAX_ATTEMPTS
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer."""

    status: int
    body: bytes
    retry_after: int | None


@dataclass(frozen=True, slots=True)
class CallResult:
    """`earlier_attempt_lost`: an attempt before this answer ended without one; it may have had its effect."""

    answer: Answer
    earlier_attempt_lost: bool


@dataclass(frozen=True, slots=True)
class _Lost:
    """An attempt without a complete answer."""

    outcome: str


@dataclass(slots=True)
class _Progress:
    attempts: int = 0
    lost: bool = False

    def trouble(self, detail: str, status: int, retry_after: float | None = None) -> UpstreamTroubleError:
        return UpstreamTroubleError(
            detail, status=status, maybe_done=self.lost, sent=self.attempts > 0, retry_after=retry_after
        )


class Upstream:
    def __init__(self, name: str, client: httpx.AsyncClient, metrics: Metrics) -> None:
        self.name = name
        self.breaker = CircuitBreaker()
        self.budget = RetryBudget()
        self._client = client
        self._metrics = metrics
        self._in_flight: Counter[str] = Counter()
        metrics.watch_upstream(name, self.breaker)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def call(self, call: Call) -> CallResult:
        """The answer, when it is one that must not be asked for again; else raises UpstreamTroubleError."""
        progress = _Progress()
        with self._lane(call):
            while True:
                permit = self._admit(call, progress)
                progress.attempts += 1
                result = await self._attempt(call, permit)
                if isinstance(result, Answer) and result.status not in _RETRYABLE:
                    return CallResult(result, progress.lost)
                progress.lost = progress.lost or isinstance(result, _Lost)
                await asyncio.sleep(self._pause(call, result, progress))

    @contextmanager
    def _lane(self, call: Call) -> Iterator[None]:
        if self._in_flight[call.lane] >= LANE_LIMIT:
            self._metrics.not_sent(self.name, "bulkhead")
            raise _Progress().trouble(f"too many requests wait for {self.name}", 503, 1)
        self._in_flight[call.lane] += 1
        try:
            yield
        finally:
            self._in_flight[call.lane] -= 1

    def _admit(self, call: Call, progress: _Progress) -> Permit:
        """Leave for one attempt. Nothing in here waits, so that what it finds still holds when it returns."""
        if call.deadline - time.monotonic() < MIN_ATTEMPT_SECONDS:
            self._metrics.not_sent(self.name, "deadline")
            raise progress.trouble(f"no time left for {self.name}", 504)
        retry = call.repeated or progress.attempts > 0
        if retry and not self.budget.available():
            self._metrics.not_sent(self.name, "budget")
            raise progress.trouble(f"{self.name} failed, and the retry budget is used up", 503)
        try:
            permit = self.breaker.acquire()
        except BreakerOpenError as error:
            raise self._breaker_trouble(error, progress) from error
        if retry:
            self.budget.note_retry()
            self._metrics.retry(self.name)
        else:
            self.budget.note_call()
        return permit

    def _breaker_trouble(self, error: BreakerOpenError, progress: _Progress) -> UpstreamTroubleError:
        self._metrics.not_sent(self.name, "breaker")
        return progress.trouble(
            f"{self.name} has failed too often and is not asked for the moment", 503, error.seconds
        )

    async def _attempt(self, call: Call, permit: Permit) -> Answer | _Lost:
        success: bool | None = None
        outcome = "cancelled"
        try:
            async with asyncio.timeout(min(call.attempt_seconds, call.deadline - time.monotonic())):
                answer = await self._exchange(call)
            success = answer.status < 500
            outcome = f"{answer.status // 100}xx"
        except TimeoutError:
            success, outcome = False, "timeout"
        except httpx.RequestError:
            success, outcome = False, "connection"
        else:
            return answer
        finally:
            permit.settle(success)
            self._metrics.attempt(self.name, outcome)
        return _Lost(outcome)

    async def _exchange(self, call: Call) -> Answer:
        headers = call.context.upstream_headers()
        content: bytes | None = None
        if call.body is not None:
            content = json.dumps(call.body).encode()
            headers["Content-Type"] = "application/json"
        if call.key is not None:
            headers["Idempotency-Key"] = call.key
        async with self._client.stream(call.method, call.path, headers=headers, content=content) as response:
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    body.clear()  # nothing that long is a good answer
                    break
            return Answer(response.status_code, bytes(body), _retry_after(response))

    def _pause(self, call: Call, result: Answer | _Lost, progress: _Progress) -> float:
        """How long to wait before the next attempt; raises when there will be none."""
        trouble = self._describe(result, progress)
        log_event(
            "attempt_failed",
            upstream=self.name,
            call=call.lane,
            number=progress.attempts,
            cause=trouble.detail,
            context={"trace_id": call.context.trace_id, "request_id": call.context.request_id},
        )
        if progress.attempts >= call.max_attempts:
            raise trouble
        if not self.budget.available():
            self._metrics.not_sent(self.name, "budget")
            raise trouble
        try:
            self.breaker.check()
        except BreakerOpenError as error:
            raise self._breaker_trouble(error, progress) from error
        seconds = _random.uniform(*BACKOFF_SECONDS[progress.attempts - 1])
        seconds = max(seconds, trouble.retry_after or 0.0)
        if time.monotonic() + seconds + MIN_ATTEMPT_SECONDS > call.deadline:
            raise trouble
        return seconds

    def _describe(self, result: Answer | _Lost, progress: _Progress) -> UpstreamTroubleError:
        if isinstance(result, Answer):
            return progress.trouble(
                f"{self.name} answered {result.status}", result.status, result.retry_after
            )
        if result.outcome == "timeout":
            return progress.trouble(f"{self.name} did not answer in time", 504)
        return progress.trouble(f"the connection to {self.name} failed", 502)


def _retry_after(response: httpx.Response) -> int | None:
    value = response.headers.get("Retry-After", "").strip()
    if response.status_code != 503 or not _DIGITS.fullmatch(value):
        return None
    return min(int(value), MAX_RETRY_AFTER_SECONDS)


def new_client(base_url: str) -> httpx.AsyncClient:
    """Time and number of calls are bounded by Upstream; the client's own limits are out of the way."""
    return httpx.AsyncClient(
        base_url=base_url,
        timeout=STOCK_SECONDS + 5,
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=4.0),
        headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        trust_env=False,
        follow_redirects=False,
    )
