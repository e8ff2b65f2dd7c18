"""Many connections at a time for httpx: in lanes, as each of its pools looks at all that it holds at every step."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from typing import Protocol, cast

import httpx

# 500 calls in flight cost 4.5 s of CPU in one pool, 0.6 s in lanes of 32.
_WIDTH = 32
# Less than any server's keep-alive time, so that an idle connection is never closed while we write to it.
_KEEP_ALIVE_S = 1.0
_SPENT = 500


class Lanes(httpx.AsyncBaseTransport):
    """Pools of 32 connections each; a call takes the first that has room, so calls in a row keep to one connection."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._lanes: list[_Lane] = []

    @property
    def opened(self) -> int:
        """How many lanes there are by now."""
        return len(self._lanes)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send on the first free lane; it is taken until the response is closed."""
        lane = next((lane for lane in self._lanes if lane.taken < _WIDTH), None)
        if lane is None:
            lane = _Lane(self._tls)
            self._lanes.append(lane)
        lane.taken += 1
        try:
            response = await lane.transport.handle_async_request(request)
        except BaseException:
            lane.taken -= 1
            raise
        # A server that an exception has come through closes the connection a moment after its answer, unannounced; a
        # call that was sent on it by then would be lost, and taken for one that the service doesn't answer.
        spent = response.extensions.get("network_stream") if response.status_code >= _SPENT else None
        response.stream = _Stream(cast(httpx.AsyncByteStream, response.stream), lane, spent)
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        for lane in self._lanes:
            await lane.transport.aclose()


class _Lane:
    def __init__(self, tls: ssl.SSLContext) -> None:
        self.taken = 0
        limits = httpx.Limits(max_connections=_WIDTH, max_keepalive_connections=_WIDTH, keepalive_expiry=_KEEP_ALIVE_S)
        self.transport = httpx.AsyncHTTPTransport(verify=tls, trust_env=False, limits=limits)


class _Closable(Protocol):
    async def aclose(self) -> None: ...


class _Stream(httpx.AsyncByteStream):
    """A response's body; its lane is free again once it is closed. `spent` is a connection that is not to be kept."""

    def __init__(self, body: httpx.AsyncByteStream, lane: _Lane, spent: _Closable | None) -> None:
        self._body, self._spent = body, spent
        self._lane: _Lane | None = lane

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._body:
            yield chunk

    async def aclose(self) -> None:
        lane, self._lane = self._lane, None
        try:
            if self._spent is not None:
                await self._spent.aclose()
            await self._body.aclose()
        finally:
            if lane is not None:
                lane.taken -= 1
