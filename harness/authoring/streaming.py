"""StreamReply: an answer that is read piece by piece, as it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import anyio
import httpx
from httpx_sse import EventSource, ServerSentEvent

from harness.authoring.http import BODY_CAP, Connections, Request
from harness.authoring.outcomes import Fail, NoAnswer
from harness.authoring.transcript import Exchange

_CHUNK_DEADLINE_S = 25.0
_T = TypeVar("_T")


class StreamReply:
    """What came before the body, and the body as it arrives. Read it by `read` or by `event`, not by both."""

    def __init__(self, response: httpx.Response, exchange: Exchange) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.exchange = exchange
        self._response = response
        self._kept = bytearray()
        self._chunks: AsyncIterator[bytes] | None = None
        self._events: AsyncIterator[ServerSentEvent] | None = None

    @property
    def media_type(self) -> str:
        """The media type in lower case, without parameters."""
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()

    async def read(self, deadline_s: float = _CHUNK_DEADLINE_S) -> bytes:
        """The next piece of the body as it came over the wire, never decompressed; empty at the end.

        Raises:
            NoAnswer: nothing came within `deadline_s` seconds, or the stream broke off.
        """
        if self._chunks is None:
            self._chunks = self._response.aiter_raw()
        chunk = await self._within(self._chunks, deadline_s) or b""
        self._keep(chunk)
        return chunk

    async def event(self, deadline_s: float = _CHUNK_DEADLINE_S) -> ServerSentEvent | None:
        """The next server-sent event (WHATWG HTML, section 9.2); None at the end.

        Raises:
            Fail: the answer is no event stream.
            NoAnswer: no event came within `deadline_s` seconds, or the stream broke off.
        """
        if self.media_type != "text/event-stream":
            raise Fail(
                "The answer is no event stream",
                expected="text/event-stream",
                actual=f"{self.status} {self.media_type or 'without a media type'}",
            ).about(self.exchange)
        if self._events is None:
            self._events = EventSource(self._response).aiter_sse()
        event = await self._within(self._events, deadline_s)
        if event is not None:
            self._keep(f"id: {event.id}\nevent: {event.event}\ndata: {event.data}\n\n".encode())
        return event

    async def _within(self, items: AsyncIterator[_T], deadline_s: float) -> _T | None:
        try:
            with anyio.fail_after(deadline_s):
                return await anext(items, None)
        except TimeoutError as error:
            raise self._silent(f"nothing within {deadline_s:g} s") from error
        except httpx.TransportError as error:
            raise self._silent(f"the stream broke off: {' '.join(str(error).split())[:200]}") from error

    def _silent(self, actual: str) -> NoAnswer:
        self.exchange.problem = actual
        silence = NoAnswer(
            f"{self.exchange.method} {self.exchange.target[:200]} stops in the middle of its answer",
            expected="the next piece of the stream",
            actual=actual,
        )
        silence.about(self.exchange)
        return silence

    def _keep(self, data: bytes) -> None:
        if len(self._kept) < BODY_CAP:
            self._kept += data
            self.exchange.reply_body = bytes(self._kept)


@asynccontextmanager
async def opened(
    connections: Connections, request: Request, exchange: Exchange, deadline_s: float
) -> AsyncIterator[StreamReply]:
    """Send and wait up to `deadline_s` seconds for the headers; what is not read at the end is hung up on.

    Raises:
        NoAnswer: refused, reset, too late or no HTTP.
        Inconclusive: this machine ran out of something.
    """
    response = await connections.begin(request, exchange, deadline_s)
    try:
        yield StreamReply(response, exchange)
    finally:
        with anyio.move_on_after(5, shield=True), suppress(httpx.TransportError, OSError):
            await response.aclose()
