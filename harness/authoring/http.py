"""One HTTP exchange with a service that may be hostile: a deadline around all of it, and a cap on what is read.

httpx's own time-outs are per read, so an answer that drips outlives them; here they are off and one deadline counts.
Bodies are read raw: a compressed one is never unpacked.
"""

from __future__ import annotations

import errno
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import anyio
import httpx

from harness.authoring.lanes import Lanes
from harness.authoring.outcomes import Inconclusive, NoAnswer
from harness.authoring.reply import Reply
from harness.authoring.transcript import Exchange

DEADLINE_S = 25.0
BODY_CAP = 4 * 1024 * 1024
# The service speaks plain HTTP. httpx would read all certificate authorities anew for each client: 30 ms of CPU.
_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_CLOSE_S = 5.0
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EADDRNOTAVAIL})


@dataclass(frozen=True)
class Request:
    """What to send. `params` go into the query."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    params: Mapping[str, Any] | None


class _TooLarge(Exception):
    """The body is longer than the cap."""


class Connections:
    """Connections for hundreds of calls at a time."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(
            trust_env=False,
            transport=Lanes(_TLS),
            follow_redirects=False,
            timeout=None,  # noqa: S113 - see above
            headers={"Accept-Encoding": "identity"},
            # A service's cookies must not change what the next call means.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )

    async def exchange(self, request: Request, exchange: Exchange, deadline_s: float) -> Reply:
        """Send and read; fills `exchange` as it goes.

        Raises:
            NoAnswer: refused, reset, too late, too large or no HTTP.
            Inconclusive: this machine ran out of something.
        """
        start = time.perf_counter()
        exchange.problem = "hung up before the answer was complete"
        try:
            with anyio.fail_after(deadline_s):
                status, headers, body = await self._attempts(request, exchange)
        except TimeoutError as error:
            raise _no_answer(exchange, *_late(exchange, deadline_s)) from error
        except _TooLarge as error:
            raise _no_answer(exchange, f"sends more than {BODY_CAP} bytes", "a body without end") from error
        except httpx.LocalProtocolError:
            raise
        except httpx.TransportError as error:
            if ours(error):
                raise Inconclusive(f"no connection could be opened from here: {error}") from error
            raise _no_answer(exchange, *_broken(error)) from error
        finally:
            exchange.elapsed_ms = round((time.perf_counter() - start) * 1000, 1)
        exchange.problem = ""
        return Reply(status, headers, body, exchange.elapsed_ms or 0.0, exchange)

    async def _attempts(self, request: Request, exchange: Exchange) -> tuple[int, httpx.Headers, bytes]:
        opened: list[str] = []
        try:
            return await self._once(request, exchange, opened)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            # A kept connection that the server closed at the same moment says nothing about the request.
            if opened or exchange.status_line or request.method not in _REPEATABLE:
                raise
        return await self._once(request, exchange, opened)

    async def _once(self, request: Request, exchange: Exchange, opened: list[str]) -> tuple[int, httpx.Headers, bytes]:
        response = await self._sent(request, exchange, opened)
        body = bytearray()
        try:
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > BODY_CAP:
                    raise _TooLarge
        finally:
            exchange.reply_body = bytes(body)
            with anyio.move_on_after(_CLOSE_S, shield=True):
                await response.aclose()
        return response.status_code, response.headers, exchange.reply_body

    async def begin(self, request: Request, exchange: Exchange, deadline_s: float) -> httpx.Response:
        """Send, and wait for the headers only; the response is the caller's to close.

        Raises:
            NoAnswer: refused, reset, too late or no HTTP.
            Inconclusive: this machine ran out of something.
        """
        try:
            with anyio.fail_after(deadline_s):
                return await self._sent(request, exchange, [])
        except TimeoutError as error:
            raise _no_answer(exchange, *_late(exchange, deadline_s)) from error
        except httpx.LocalProtocolError:
            raise
        except httpx.TransportError as error:
            if ours(error):
                raise Inconclusive(f"no connection could be opened from here: {error}") from error
            raise _no_answer(exchange, *_broken(error)) from error

    async def _sent(self, request: Request, exchange: Exchange, opened: list[str]) -> httpx.Response:
        async def trace(event: str, _info: Mapping[str, Any]) -> None:
            if event == "connection.connect_tcp.started":
                opened.append(event)
            elif event == "http11.send_request_body.complete":
                exchange.sent = True

        built = self._client.build_request(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.body,
            params=request.params,
            extensions={"trace": trace},
        )
        exchange.url, exchange.target = str(built.url), built.url.raw_path.decode("ascii", "replace")
        exchange.headers = _pairs(built.headers)
        response = await self._client.send(built, stream=True)
        exchange.status_line = f"{response.http_version} {response.status_code} {response.reason_phrase}"
        exchange.reply_headers = _pairs(response.headers)
        return response

    async def aclose(self) -> None:
        """Close all connections; a peer that doesn't take part is left behind after 5 s."""
        with anyio.move_on_after(_CLOSE_S, shield=True), suppress(httpx.TransportError, OSError):
            await self._client.aclose()


def _pairs(headers: httpx.Headers) -> list[tuple[str, str]]:
    """As they were spelt on the wire."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw]


def _no_answer(exchange: Exchange, what: str, actual: str) -> NoAnswer:
    exchange.problem = actual
    return NoAnswer(
        f"{exchange.method} {exchange.target[:200]} {what}", expected="a complete HTTP answer", actual=actual
    )


def _late(exchange: Exchange, deadline_s: float) -> tuple[str, str]:
    if exchange.status_line:
        return "begins to answer and doesn't end", f"an incomplete answer after {deadline_s:g} s"
    return "isn't answered", f"no answer within {deadline_s:g} s"


def _broken(error: httpx.TransportError) -> tuple[str, str]:
    """What happened, for a reader who doesn't know httpx."""
    text = " ".join(str(error).split())[:200]
    match error:
        case httpx.ConnectError():
            return "can't be sent: nothing accepts connections", f"no connection: {text or 'refused'}"
        case httpx.RemoteProtocolError():
            return "is answered with something that is no complete HTTP answer", text or "no HTTP"
        case _:
            return "isn't answered: the connection was reset", f"connection reset {text}".strip()


def ours(error: BaseException) -> bool:
    """Whether this machine, not the service, kept the connection from being made."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in _OURS:
            return True
        seen = seen.__cause__ or seen.__context__
    return False
