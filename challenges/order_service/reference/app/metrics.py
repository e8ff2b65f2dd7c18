"""The numbers that `/metrics` shows."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """One registry per app, so that tests don't share numbers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "http_requests_total", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.durations = Histogram("http_request_duration_seconds", "Time to answer", ["route"], registry=self.registry)
        self.attempts = Counter(
            "upstream_attempts_total", "Attempts made upstream", ["upstream", "outcome"], registry=self.registry
        )
        self.retries = Counter(
            "upstream_retries_total", "Attempts that were not a call's first", ["upstream"], registry=self.registry
        )
        self.orders = Counter("orders_total", "Orders by how they ended", ["outcome"], registry=self.registry)
        self._breakers = Gauge(
            "circuit_breaker_state", "0 closed, 1 open, 2 half-open", ["upstream"], registry=self.registry
        )

    def watch_breaker(self, upstream: str, state: Callable[[], float]) -> None:
        """Show a breaker, and show its upstream's counters from the start."""
        self._breakers.labels(upstream).set_function(state)
        self.retries.labels(upstream)
