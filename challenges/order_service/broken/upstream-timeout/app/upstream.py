"""One upstream: how it is called, how often, for how long, and when it is left alone."""

import asyncio
import email.utils
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from app import tracing
from app.breaker import CircuitBreaker
from app.budget import RetryBudget
from app.metrics import Metrics
from app.settings import ATTEMPT_SECONDS

MOST_ATTEMPTS = 3
FIRST_BACKOFF_SECONDS = 0.2
# More than that wait for nobody: they are refused, and the other upstream's calls never notice.
MOST_IN_FLIGHT = 520
LIMITS = httpx.Limits(max_connections=MOST_IN_FLIGHT + 20, max_keepalive_connections=100, keepalive_expiry=30)
_RANDOM = random.SystemRandom()
RETRIED = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})


class UpstreamError(Exception):
    """The upstream gave nothing to go on with. `status` is what our caller gets."""

    def __init__(self, status: int, detail: str, *, uncertain: bool, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        # Whether it may have done what was asked: some attempt got no answer that could be understood.
        self.uncertain = uncertain
        self.retry_after = retry_after


@dataclass(frozen=True)
class Call:
    """`deadline` is on the loop's clock; a call that isn't `repeatable` is tried once, whatever comes."""

    method: str
    path: str
    deadline: float
    json: Mapping[str, Any] | None = None
    key: str | None = None
    repeatable: bool = True
    attempt_seconds: float = ATTEMPT_SECONDS


@dataclass(frozen=True)
class Attempt:
    """How one attempt ended: with an answer, or with the status that stands for the lack of one."""

    answer: httpx.Response | None = None
    missing: int = 0

    @property
    def status(self) -> int:
        return self.missing if self.answer is None else self.answer.status_code

    @property
    def outcome(self) -> str:
        if self.answer is None:
            return "timeout" if self.missing == HTTPStatus.GATEWAY_TIMEOUT else "error"
        return f"{self.answer.status_code // 100}xx"


class Upstream:
    """A client with connections, breaker and retry budget of its own."""

    def __init__(self, name: str, base_url: str, metrics: Metrics) -> None:
        self.name = name
        self.breaker = CircuitBreaker()
        self._budget = RetryBudget()
        self._metrics = metrics
        self._in_flight = 0
        self._client = httpx.AsyncClient(base_url=base_url, limits=LIMITS, timeout=httpx.Timeout(None), trust_env=False)
        metrics.watch_breaker(name, lambda: float(self.breaker.state))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def call(self, call: Call) -> httpx.Response:
        """The answer below 500, after as many attempts as the rules allow.

        Raises:
            UpstreamError: there is none.
        """
        uncertain = False
        self._budget.called()
        for number in range(1, MOST_ATTEMPTS + 1):
            attempt = await self._attempt(call, uncertain=uncertain)
            if attempt.answer is not None and attempt.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                return attempt.answer
            uncertain |= attempt.answer is None
            if number == MOST_ATTEMPTS or not self._may_repeat(call, attempt):
                break
            pause = max(backoff(number), _retry_after(attempt))
            if asyncio.get_running_loop().time() + pause >= call.deadline or not self._budget.take():
                break
            await asyncio.sleep(pause)
            self._metrics.retries.labels(self.name).inc()
        status = attempt.status if attempt.status in RETRIED else HTTPStatus.BAD_GATEWAY
        raise UpstreamError(status, f"The {self.name} service does not answer.", uncertain=uncertain)

    def _may_repeat(self, call: Call, attempt: Attempt) -> bool:
        return call.repeatable and attempt.status in RETRIED

    async def _attempt(self, call: Call, *, uncertain: bool) -> Attempt:
        if self._in_flight >= MOST_IN_FLIGHT:
            raise UpstreamError(503, f"Too many calls of the {self.name} service.", uncertain=uncertain, retry_after=1)
        leave = self.breaker.enter()
        if leave is None:
            raise UpstreamError(
                503, f"The {self.name} service is down.", uncertain=uncertain, retry_after=self.breaker.retry_after
            )
        self._in_flight += 1
        attempt = Attempt(missing=HTTPStatus.BAD_GATEWAY)
        try:
            attempt = await self._send(call)
        finally:
            # Also when we are cancelled: a probe that never reports would keep the breaker open for ever.
            self._in_flight -= 1
            self._metrics.attempts.labels(self.name, attempt.outcome).inc()
            if attempt.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                self.breaker.succeeded(leave)
            else:
                self.breaker.failed(leave)
        return attempt

    async def _send(self, call: Call) -> Attempt:
        headers = tracing.current().headers()
        if call.key is not None:
            headers["Idempotency-Key"] = call.key
        # Per read: an answer that drips outlives it.
        seconds = httpx.Timeout(min(call.attempt_seconds, call.deadline - asyncio.get_running_loop().time()))
        try:
            answer = await self._client.request(
                call.method, call.path, json=call.json, headers=headers, timeout=seconds
            )
        except httpx.TimeoutException:
            return Attempt(missing=HTTPStatus.GATEWAY_TIMEOUT)
        except httpx.HTTPError:
            return Attempt(missing=HTTPStatus.BAD_GATEWAY)
        return Attempt(answer)


def backoff(number: int) -> float:
    """Seconds after attempt `number`: exponential, half of it at random (equal jitter)."""
    longest = FIRST_BACKOFF_SECONDS * 2.0 ** (number - 1)
    return longest / 2 + _RANDOM.uniform(0, longest / 2)


def _retry_after(attempt: Attempt) -> float:
    """Seconds that the upstream asks for: a number or a date (RFC 9110, 10.2.3)."""
    value = attempt.answer.headers.get("Retry-After", "") if attempt.answer is not None else ""
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return 0.0
