"""What can be tried without upstreams: the breaker, the budget, the waits, the trace headers."""

from app import tracing
from app.breaker import RESET_SECONDS, THRESHOLD, CircuitBreaker, State
from app.budget import CONSTANT, WINDOW_SECONDS, RetryBudget
from app.upstream import backoff


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> CircuitBreaker:
    breaker = CircuitBreaker(clock)
    for _ in range(THRESHOLD):
        leave = breaker.enter()
        assert leave is not None
        breaker.failed(leave)
    return breaker


def test_five_failures_open_it_and_nobody_gets_through() -> None:
    breaker = opened(Clock())
    assert breaker.state is State.OPEN
    assert breaker.enter() is None


def test_after_the_reset_one_gets_through_and_closes_it() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += RESET_SECONDS
    leave = breaker.enter()
    assert leave is not None
    assert breaker.enter() is None
    breaker.succeeded(leave)
    assert breaker.state is State.CLOSED


def test_a_probe_that_fails_opens_it_again() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += RESET_SECONDS
    leave = breaker.enter()
    assert leave is not None
    breaker.failed(leave)
    assert breaker.state is State.OPEN


def test_an_attempt_from_before_says_nothing() -> None:
    clock = Clock()
    breaker = CircuitBreaker(clock)
    old = breaker.enter()
    assert old is not None
    for _ in range(THRESHOLD):
        breaker.failed(old)
    breaker.succeeded(old)
    assert breaker.state is State.OPEN


def test_the_budget_is_spent_and_comes_back() -> None:
    clock = Clock()
    budget = RetryBudget(clock)
    assert all(budget.take() for _ in range(CONSTANT))
    assert not budget.take()
    for _ in range(5):
        budget.called()
    assert budget.take()
    clock.now += WINDOW_SECONDS + 1
    assert budget.take()


def test_waits_grow_and_differ() -> None:
    firsts, seconds = ([backoff(n) for _ in range(50)] for n in (1, 2))
    assert all(0.1 <= wait <= 0.2 for wait in firsts)
    assert all(0.2 <= wait <= 0.4 for wait in seconds)
    assert len(set(firsts)) > 1


def test_a_trace_goes_on_with_a_span_of_its_own() -> None:
    given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
    sent = tracing.received(given, "req-1").headers()
    assert sent["X-Request-ID"] == "req-1"
    assert sent["traceparent"].startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-")
    assert sent["traceparent"].endswith("-00")
    assert "00f067aa0ba902b7" not in sent["traceparent"]


def test_what_is_malformed_is_made_anew() -> None:
    trace = tracing.received(f"00-{'0' * 32}-00f067aa0ba902b7-01", "two words")
    assert trace.trace_id.strip("0")
    assert trace.request_id != "two words"
