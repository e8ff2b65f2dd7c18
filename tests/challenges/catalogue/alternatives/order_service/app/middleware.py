"""Around every request: trace and request id, one log line, metrics, and an answer even to the unexpected."""

import asyncio
import time
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.context import RequestContext
from app.logs import log_access, log_crash
from app.metrics import Metrics
from app.problems import ProblemError, problem_response
from app.shutdown import Drain

_CLIENT_GONE: Final = 499


class _Exchange:
    """One request below /v1 and what becomes of it."""

    def __init__(self, scope: Scope, send: Send, metrics: Metrics) -> None:
        self.context = RequestContext.from_headers(scope["headers"])
        scope.setdefault("state", {})["context"] = self.context
        self._scope = scope
        self._send = send
        self._metrics = metrics
        self._started = time.monotonic()
        self.answered = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["X-Request-ID"] = self.context.request_id
            self.finish(message["status"])
        await self._send(message)

    def finish(self, status: int) -> None:
        """When the answer begins, so that whoever has it finds it counted."""
        if self.answered:
            return
        self.answered = True
        seconds = time.monotonic() - self._started
        route = _route_template(self._scope)
        self._metrics.request(self._scope["method"], route, status, seconds)
        log_access(
            trace_id=self.context.trace_id,
            request_id=self.context.request_id,
            method=self._scope["method"],
            path=self._scope["path"],
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 1),
        )


class RequestMiddleware:
    def __init__(self, app: ASGIApp, metrics: Metrics, drain: Drain) -> None:
        self._app = app
        self._metrics = metrics
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_below_v1(scope):
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send, self._metrics)
        try:
            with self._drain.track():
                await self._app(scope, receive, exchange.send)
        except asyncio.CancelledError:
            if exchange.answered or not self._drain.cutting:
                raise
            problem = ProblemError(503, "shutting-down", "The service is being stopped.", 5)
            await problem_response(problem)(scope, receive, exchange.send)
        except Exception as error:
            if exchange.answered:
                raise
            log_crash("unexpected_error", error, context={"trace_id": exchange.context.trace_id})
            problem = ProblemError(500, "internal-error", "Something unexpected happened.")
            await problem_response(problem)(scope, receive, exchange.send)
        finally:
            exchange.finish(_CLIENT_GONE)


def _is_below_v1(scope: Scope) -> bool:
    path: object = scope.get("path")
    return scope["type"] == "http" and isinstance(path, str) and f"{path}/".startswith("/v1/")


def _route_template(scope: Scope) -> str:
    template: object = getattr(scope.get("route"), "path", None)
    return template if isinstance(template, str) else "unknown"
