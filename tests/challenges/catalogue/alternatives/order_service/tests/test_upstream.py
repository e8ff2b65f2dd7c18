"""The parts that need neither a database nor a network: python -m unittest"""

import time
import unittest

import httpx

from app.context import RequestContext
from app.metrics import Metrics
from app.upstream.breaker import BreakerOpenError, BreakerState, CircuitBreaker
from app.upstream.budget import RetryBudget
from app.upstream.errors import UpstreamTroubleError
from app.upstream.transport import Call, Upstream

CONTEXT = RequestContext("a" * 32, "01", "test")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Script:
    """An upstream that answers by a script; None is a connection that fails. The last one is for good."""

    def __init__(self, *statuses: int | None, retry_after: str = "") -> None:
        self._statuses = list(statuses)
        self._headers = {"Retry-After": retry_after} if retry_after else {}
        self.times: list[float] = []
        self.parents: set[str] = set()
        self.upstream = Upstream(
            "inventory",
            httpx.AsyncClient(base_url="http://upstream", transport=httpx.MockTransport(self._answer)),
            Metrics(),
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.times.append(time.monotonic())
        self.parents.add(request.headers["traceparent"].split("-")[2])
        status = self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]
        if status is None:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(status, headers=self._headers, stream=httpx.ByteStream(b"{}"))

    def call(self, seconds: float = 5.5, max_attempts: int = 3) -> Call:
        deadline = time.monotonic() + seconds
        return Call("GET", "/stock/A", "stock", CONTEXT, deadline, max_attempts=max_attempts)


class RetryTest(unittest.IsolatedAsyncioTestCase):
    async def test_tries_again_with_equal_jitter(self) -> None:
        script = Script(503, None, 200)
        result = await script.upstream.call(script.call())
        self.assertEqual(result.answer.status, 200)
        self.assertTrue(result.earlier_attempt_lost)
        first, second, third = script.times
        self.assertTrue(0.1 <= second - first <= 0.25)
        self.assertTrue(0.2 <= third - second <= 0.45)
        self.assertEqual(len(script.parents), 3)

    async def test_gives_up_after_three(self) -> None:
        script = Script(504)
        with self.assertRaises(UpstreamTroubleError) as caught:
            await script.upstream.call(script.call())
        self.assertEqual((len(script.times), caught.exception.status), (3, 504))
        self.assertFalse(caught.exception.maybe_done)

    async def test_500_is_not_repeated(self) -> None:
        script = Script(500, 200)
        self.assertEqual((await script.upstream.call(script.call())).answer.status, 500)
        self.assertEqual(len(script.times), 1)

    async def test_retry_after_that_does_not_fit_fails_at_once(self) -> None:
        script = Script(503, 200, retry_after="9")
        started = time.monotonic()
        with self.assertRaises(UpstreamTroubleError):
            await script.upstream.call(script.call())
        self.assertLess(time.monotonic() - started, 0.1)

    async def test_a_lost_attempt_may_have_been_done(self) -> None:
        script = Script(None)
        with self.assertRaises(UpstreamTroubleError) as caught:
            await script.upstream.call(script.call(max_attempts=1))
        self.assertTrue(caught.exception.maybe_done)


class BreakerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.breaker = CircuitBreaker(self.clock)

    def _fail(self, times: int) -> None:
        for _ in range(times):
            self.breaker.acquire().settle(False)

    def test_opens_after_five_in_a_row(self) -> None:
        self._fail(4)
        self.breaker.acquire().settle(True)
        self._fail(4)
        self.assertIs(self.breaker.state, BreakerState.CLOSED)
        self._fail(1)
        self.assertIs(self.breaker.state, BreakerState.OPEN)

    def test_lets_one_through_and_closes(self) -> None:
        late = self.breaker.acquire()
        self._fail(5)
        self.clock.now += 2
        probe = self.breaker.acquire()
        with self.assertRaises(BreakerOpenError):
            self.breaker.acquire()
        late.settle(True)
        self.assertIs(self.breaker.state, BreakerState.HALF_OPEN)
        probe.settle(True)
        self.assertIs(self.breaker.state, BreakerState.CLOSED)

    def test_opens_again_when_the_one_fails_and_frees_it_when_cancelled(self) -> None:
        self._fail(5)
        self.clock.now += 2
        self.breaker.acquire().settle(None)
        self.breaker.acquire().settle(False)
        self.assertIs(self.breaker.state, BreakerState.OPEN)


class BudgetTest(unittest.TestCase):
    def _use_up(self, budget: RetryBudget) -> int:
        count = 0
        while budget.available():
            budget.note_retry()
            count += 1
        return count

    def test_thirty_and_a_fifth_of_the_calls(self) -> None:
        clock = Clock()
        budget = RetryBudget(clock)
        self.assertEqual(self._use_up(budget), 30)
        for _ in range(50):
            budget.note_call()
        self.assertEqual(self._use_up(budget), 10)
        clock.now += 11
        self.assertEqual(self._use_up(budget), 30)

    def test_calls_of_long_ago_count_for_nothing(self) -> None:
        budget = RetryBudget(Clock())
        for _ in range(500):
            budget.note_call()
        self.assertEqual(self._use_up(budget), 30)


class ContextTest(unittest.TestCase):
    def test_a_bad_traceparent_begins_a_new_trace(self) -> None:
        good = "00-" + "a" * 32 + "-" + "b" * 16 + "-00"
        kept = RequestContext.from_headers([(b"traceparent", good.encode()), (b"x-request-id", b"me")])
        self.assertEqual((kept.trace_id, kept.trace_flags, kept.request_id), ("a" * 32, "00", "me"))
        for bad in (
            good.upper(),
            "01" + good[2:],
            good.replace("a", "0"),
            good.replace("b", "0"),
            good + "-x",
        ):
            fresh = RequestContext.from_headers([(b"traceparent", bad.encode()), (b"x-request-id", b"a b")])
            self.assertNotIn(fresh.trace_id, ("a" * 32, "0" * 32))
            self.assertNotEqual(fresh.request_id, "a b")


if __name__ == "__main__":
    unittest.main()
