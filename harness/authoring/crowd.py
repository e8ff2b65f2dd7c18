"""Crowd: thousands of WebSockets (RFC 6455) that only listen, at a price at which the prober can hold them.

A client with tasks and queues for each connection costs several times what the service pays for its side. Here a
connection is a protocol object around the state machine of `websockets`: pings are answered, the last message is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from harness.authoring.http import ours
from harness.authoring.outcomes import Inconclusive
from harness.authoring.transcript import Exchange, Transcript
from harness.authoring.websocket import WebSocketRefused, refused

_AT_ONCE = 50
_DEADLINE_S = 60.0
_LEAVE_S = 30.0
_TICK_S = 0.05
_MESSAGE_CAP = 64 * 1024


class _Member(asyncio.Protocol):
    """One connection."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._websocket = ClientProtocol(parse_uri(url), max_size=_MESSAGE_CAP)
        self._request = self._websocket.connect()
        self._request.headers.update(Headers(headers))
        self._transport: asyncio.Transport | None = None
        self._parts = b""
        self.last = b""
        self.answered = asyncio.Event()
        self.gone = asyncio.Event()

    @property
    def open(self) -> bool:
        return self._websocket.state is OPEN and not self.gone.is_set()

    def refusal(self) -> tuple[int, str]:
        """The status of the answer to the handshake, 0 when there was none, and what was wrong with it."""
        error = self._websocket.handshake_exc
        if isinstance(error, InvalidStatus):
            return error.response.status_code, error.response.reason_phrase
        return 0, " ".join(str(error or "the connection was closed").split())[:200]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a TCP connection
        self._transport = transport
        self._websocket.send_request(self._request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._websocket.receive_data(data)
        self._flush()
        for event in self._websocket.events_received():
            if not isinstance(event, Frame):
                self.answered.set()
            elif event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._parts = (b"" if event.opcode is not Opcode.CONT else self._parts) + bytes(event.data)
                if event.fin:
                    self.last, self._parts = self._parts, b""

    def eof_received(self) -> None:
        self._websocket.receive_eof()
        self._flush()

    def pause_writing(self) -> None:
        # Who sends pings and never reads the answers is read no more.
        assert self._transport is not None  # noqa: S101 - it is what calls
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        assert self._transport is not None  # noqa: S101 - it is what calls
        self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()
        self.answered.set()

    def leave(self) -> None:
        """Begin to say good-bye."""
        if self.open:
            self._websocket.send_close(1000)
            self._flush()
        elif self._transport is not None:
            self._transport.abort()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _flush(self) -> None:
        assert self._transport is not None  # noqa: S101 - set when it is made
        for data in self._websocket.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()


class Crowd:
    """WebSockets that listen.

    async with api.crowd() as crowd:
        await crowd.open([f"/v1/rooms/blue/ws?token={token}"] * 5000)
        await api.post("/v1/rooms/blue/messages", json={"text": "hi"}, token=token)
        assert await crowd.heard(lambda message: b"hi" in message) == 5000
    """

    def __init__(self, base_url: str, headers: Mapping[str, str], transcript: Transcript) -> None:
        self._where = urlsplit(base_url)
        self._headers = headers
        self._transcript = transcript
        self._members: list[_Member] = []

    def __len__(self) -> int:
        """How many are connected now."""
        return sum(member.open for member in self._members)

    async def open(self, paths: Sequence[str], *, deadline_s: float = _DEADLINE_S) -> None:
        """Open one connection for each path, 50 at a time; `deadline_s` is for each handshake, in seconds.

        Raises:
            WebSocketRefused: a handshake was answered with another status than 101, or not in time.
            Inconclusive: this machine had no socket left.
        """
        for start in range(0, len(paths), _AT_ONCE):
            batch = paths[start : start + _AT_ONCE]
            joining = [asyncio.ensure_future(self._joined(path, deadline_s)) for path in batch]
            try:
                await asyncio.gather(*joining)
            finally:
                for one in joining:
                    one.cancel()
                await asyncio.gather(*joining, return_exceptions=True)

    async def heard(self, match: Callable[[bytes], bool], *, deadline_s: float = _DEADLINE_S) -> int:
        """Wait until the last message of everybody matches; how many there are of whom that was seen in time.

        Ends early when somebody was disconnected: it will not hear any more.
        """
        clock = asyncio.get_running_loop().time
        limit = clock() + deadline_s
        waiting = self._members
        while (waiting := [m for m in waiting if not match(m.last)]) and clock() < limit:
            if not all(member.open for member in waiting):
                break
            await asyncio.sleep(_TICK_S)
        return len(self._members) - len(waiting)

    async def leave(self) -> None:
        """Close all connections and wait until the service has; those that it keeps for 30 s are reset."""
        for member in self._members:
            member.leave()
        try:
            async with asyncio.timeout(_LEAVE_S):
                for member in self._members:
                    await member.gone.wait()
        except TimeoutError:
            pass
        finally:
            for member in self._members:
                member.abort()
            self._members.clear()

    async def _joined(self, path: str, deadline_s: float) -> None:
        url = f"ws://{self._where.netloc}{path}"
        exchange = Exchange("GET", path, url, [("Upgrade", "websocket"), *self._headers.items()], b"")
        loop, host, port = asyncio.get_running_loop(), self._where.hostname or "127.0.0.1", self._where.port or 80
        try:
            async with asyncio.timeout(deadline_s):
                _, member = await loop.create_connection(lambda: _Member(url, self._headers), host, port)
                self._members.append(member)
                await member.answered.wait()
        except TimeoutError as error:
            raise self._refused(exchange, 0, f"no answer within {deadline_s:g} s") from error
        except OSError as error:
            if ours(error):
                raise Inconclusive(f"no connection could be opened from here: {error}") from error
            raise self._refused(exchange, 0, f"no connection: {error}") from error
        if not member.open:
            raise self._refused(exchange, *member.refusal())

    def _refused(self, exchange: Exchange, status: int, reason: str) -> WebSocketRefused:
        error = refused(exchange, status, reason)
        self._transcript.add(exchange)
        return error


@asynccontextmanager
async def crowded(base_url: str, headers: Mapping[str, str], transcript: Transcript) -> AsyncIterator[Crowd]:
    """A crowd that leaves in the end; see `Api.crowd`."""
    crowd = Crowd(base_url, headers, transcript)
    try:
        yield crowd
    finally:
        await crowd.leave()
