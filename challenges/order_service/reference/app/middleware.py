"""Around every request: its trace, its log line, its numbers."""

import logging
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import tracing
from app.logs import FIELDS
from app.metrics import Metrics

logger = logging.getLogger(__name__)

UNMATCHED = "unmatched"


class Telemetry:
    """Pure ASGI, and around FastAPI's own error handling, so that a crash is told of as well."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        trace = tracing.received(headers.get("traceparent", ""), headers.get("x-request-id", ""))
        tracing.begin(trace)
        started, status = time.perf_counter(), 500

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = trace.request_id
            await send(message)

        try:
            await self._app(scope, receive, observed)
        finally:
            self._tell(scope, status, time.perf_counter() - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        if not scope["path"].startswith("/v1/"):
            return
        # The template, not the path: each id in a label would be a time series of its own.
        route = getattr(scope.get("route"), "path", UNMATCHED)
        self._metrics.requests.labels(scope["method"], route, str(status)).inc()
        self._metrics.durations.labels(route).observe(seconds)
        fields = {
            "method": scope["method"],
            "path": scope["path"],
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
        }
        logger.info("request answered", extra={FIELDS: fields})
