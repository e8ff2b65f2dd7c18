"""The service's metrics, in a registry of its own."""

from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.upstream.breaker import CircuitBreaker

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _BreakerCollector(Collector):
    """Reads the state when asked: an open breaker changes by the clock alone."""

    def __init__(self) -> None:
        self.breakers: dict[str, CircuitBreaker] = {}

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(
            "circuit_breaker_state",
            "0 closed, 1 open, 2 waits for or makes its one attempt",
            labels=["upstream"],
        )
        for name, breaker in self.breakers.items():
            family.add_metric([name], float(breaker.state.value))
        yield family


class Metrics:
    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "http_requests", "Requests below /v1", ["method", "route", "status"], registry=self._registry
        )
        self._request_seconds = Histogram(
            "http_request_duration_seconds",
            "Time to the beginning of the answer",
            ["route"],
            buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 6, 10, 30, 60),
            registry=self._registry,
        )
        self._attempts = Counter(
            "upstream_attempts", "Attempts sent", ["upstream", "outcome"], registry=self._registry
        )
        self._retries = Counter(
            "upstream_retries", "Attempts sent that were not the first", ["upstream"], registry=self._registry
        )
        self._refusals = Counter(
            "upstream_not_sent", "What was not sent, and why", ["upstream", "reason"], registry=self._registry
        )
        self._undo_pending = Gauge(
            "compensations_pending", "Failed orders that are not undone yet", registry=self._registry
        )
        self._breakers = _BreakerCollector()
        self._registry.register(self._breakers)

    def watch_upstream(self, name: str, breaker: CircuitBreaker) -> None:
        self._breakers.breakers[name] = breaker
        self._retries.labels(name)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method if method in _METHODS else "OTHER", route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def attempt(self, upstream: str, outcome: str) -> None:
        self._attempts.labels(upstream, outcome).inc()

    def retry(self, upstream: str) -> None:
        self._retries.labels(upstream).inc()

    def not_sent(self, upstream: str, reason: str) -> None:
        self._refusals.labels(upstream, reason).inc()

    def undo_pending(self, count: int) -> None:
        self._undo_pending.set(count)

    def render(self) -> bytes:
        return generate_latest(self._registry)
