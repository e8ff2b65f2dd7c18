"""Around every request: its trace, its log line, its numbers."""

import logging
import time
from starlette.datastructures import Headers, MutableHeaders
from app import tracing
from app.logs import FIELDS

logger = logging.getLogger(__name__)
UNMATCHED = "unmatched"


class Telemetry:
    """Pure ASGI, and around FastAPI's own error handling, so that a crash is told of as well."""

    def __init__(self, app, metrics):
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        trace = tracing.received(headers.get("traceparent", ""), headers.get("x-request-id", ""))
        tracing.begin(trace)
        started, status = (time.perf_counter(), 500)

        async def observed(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = trace.request_id
            await send(message)

        try:
            await self._app(scope, receive, observed)
        finally:
            self._tell(scope, status, time.perf_counter() - started)

    def _tell(self, scope, status, seconds):
        if not scope["path"].startswith("/v1/"):
            return
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
