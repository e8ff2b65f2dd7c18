"""The server side of a stub: HTTP/1.1 for whoever calls, on a thread and an event loop of its own.

The checks' loops come and go and may be busy; this one must always answer. Nothing that a caller sends controls it.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import h11

from harness.authoring.answers import Answer, StubAnswer, StubStream

_HEADERS_CAP = 65536
_BODY_CAP = 1024 * 1024
_CHUNK = 65536
_MOST_CONNECTIONS = 4000
_START_S = 10.0

# A reset instead of a FIN: SO_LINGER with a time of zero.
RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class StubRequest:
    """One request that arrived at a stub. `path` holds the query, too; names of headers are in lower case.

    `at` is the moment of its arrival on `time.monotonic()`, in seconds; `connection` counts the stub's connections.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    at: float = 0.0
    connection: int = 0


class Backend(Protocol):
    """Who decides what a stub answers. Called on the stub's loop."""

    def accepted(self) -> None:
        """A TCP connection was accepted."""

    def arrived(self, request: StubRequest) -> asyncio.Future[Answer | None]:
        """A request is complete; the future holds its answer, or None to hang up without one."""

    def left(self, request: StubRequest) -> None:
        """A request that arrived is over: answered, or its caller is gone. May be said twice."""


class StubServer:
    """Listens on 127.0.0.1:`port` from construction on; port 0 picks a free one.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, port: int, backend: Backend) -> None:
        self._backend = backend
        self._socket = socket.create_server(("127.0.0.1", port), backlog=1024)
        self.port: int = self._socket.getsockname()[1]
        self.loop = asyncio.new_event_loop()
        self._open: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"stub-{self.port}", daemon=True)
        self._thread.start()
        if not self._started.wait(_START_S):
            raise OSError(f"the stub on port {self.port} did not start")

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._serve, sock=self._socket))
        self.loop.call_soon(self._started.set)
        self.loop.run_forever()
        server.close()
        for task in self._open:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*self._open, return_exceptions=True))
        self.loop.close()

    def close(self) -> None:
        """Stop listening and hang up."""
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(_START_S)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        self._backend.accepted()
        try:
            if len(self._open) <= _MOST_CONNECTIONS:
                await _Connection(reader, writer, self._backend, next(self._numbers)).run()
        except (OSError, h11.ProtocolError, asyncio.CancelledError):
            pass  # a caller that is gone or talks no HTTP has only itself to tell
        finally:
            writer.close()


class _Connection:
    """One caller's connection: request after request."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, backend: Backend, number: int
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._backend = backend
        self._number = number
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEADERS_CAP)

    async def run(self) -> None:
        while (request := await self._request()) is not None:
            future = self._backend.arrived(request)
            try:
                if not await self._stays_until(future):
                    return
                answer = future.result()
                if answer is None:
                    return
                if isinstance(answer, StubAnswer) and answer.delay_s and not await self._waits(answer.delay_s):
                    return
                # Before it is sent: whoever has the answer is no longer in flight.
                self._backend.left(request)
                if not await self._respond(answer):
                    return
            finally:
                future.cancel()
                self._backend.left(request)
            if self._http.our_state is h11.MUST_CLOSE or self._http.their_state is h11.MUST_CLOSE:
                with suppress(OSError):
                    self._writer.write_eof()
                    await asyncio.wait_for(self._reader.read(_CHUNK), 1)
                return
            self._http.start_next_cycle()

    async def _request(self) -> StubRequest | None:
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                if self._http.they_are_waiting_for_100_continue:
                    await self._write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
                self._http.receive_data(await self._reader.read(_CHUNK))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > _BODY_CAP:
                    return None
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
                method, path = head.method.decode("ascii"), head.target.decode("latin-1")
                return StubRequest(method, path, headers, bytes(body), time.monotonic(), self._number)
            else:
                return None

    async def _stays_until(self, future: asyncio.Future[Answer | None]) -> bool:
        """Wait for the answer; False when the caller hangs up before."""
        ahead = 0
        while not future.done():
            reading = asyncio.ensure_future(self._reader.read(_CHUNK))
            either: set[asyncio.Future[Any]] = {future, reading}
            try:
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            finally:
                # A read that is called off leaves what arrives for the next one.
                reading.cancel()
                with suppress(asyncio.CancelledError, OSError):
                    await asyncio.wait({reading})
            if reading.cancelled():
                continue
            if reading.exception() is not None or not reading.result():
                return future.done()
            # The next request, sent ahead of our answer: kept, within reason.
            ahead += len(reading.result())
            if ahead > _BODY_CAP:
                return False
            self._http.receive_data(reading.result())
        return True

    async def _waits(self, seconds: float) -> bool:
        """Let time pass; False when the caller hangs up meanwhile."""
        loop = asyncio.get_running_loop()
        passed: asyncio.Future[Answer | None] = loop.create_future()
        timer = loop.call_later(seconds, passed.set_result, None)
        try:
            return await self._stays_until(passed)
        finally:
            timer.cancel()

    async def _respond(self, answer: Answer) -> bool:
        """Send it; False when the connection is of no more use."""
        if isinstance(answer, StubStream):
            return await self._stream(answer)
        if isinstance(answer, tuple):
            answer = StubAnswer(*answer)
        if answer.reset:
            self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self._writer.transport.abort()
            return False
        head = self._head(answer.status, answer.headers, ("Content-Length", str(len(answer.body))))
        body = answer.body if self._http.our_state is h11.SEND_BODY else b""
        if answer.cut_after is not None or answer.drip_s:
            # The rest goes past h11, which would not let a promise be broken.
            await self._write(head)
            return await self._slowly(body if answer.cut_after is None else body[: answer.cut_after], answer)
        data = head + ((self._http.send(h11.Data(data=body)) or b"") if body else b"")
        # In one write: a second small one would wait 40 ms for the caller's delayed ACK (RFC 896, RFC 1122 4.2.3.2).
        await self._write(data + (self._http.send(h11.EndOfMessage()) or b""))
        return True

    def _head(self, status: int, headers: Mapping[str, str], framing: tuple[str, str]) -> bytes:
        pairs = list(headers.items())
        if not {"content-length", "transfer-encoding"} & {name.lower() for name in headers}:
            pairs.append(framing)
        event = h11.Response(status_code=status, headers=[(n.encode(), v.encode()) for n, v in pairs])
        return self._http.send(event) or b""

    async def _slowly(self, body: bytes, answer: StubAnswer) -> bool:
        for at in range(len(body)) if answer.drip_s else ():
            if not await self._waits(answer.drip_s):
                return False
            await self._write(body[at : at + 1])
        if not answer.drip_s:
            await self._write(body)
        return False

    async def _stream(self, stream: StubStream) -> bool:
        queue = stream.attach()
        if queue is None:
            return False
        await self._write(self._head(stream.status, stream.headers, ("Transfer-Encoding", "chunked")))
        try:
            while (item := await self._next(queue)) is not None:
                await self._write(self._http.send(h11.Data(data=item)) or b"")
        except OSError:
            stream.abandoned()
            raise
        await self._write(self._http.send(h11.EndOfMessage()) or b"")
        return True

    async def _next(self, queue: asyncio.Queue[bytes | None]) -> bytes | None:
        """The next chunk; ConnectionError when the caller hangs up before there is one."""
        item = asyncio.ensure_future(queue.get())
        arrived: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()

        def tell(_: object) -> None:
            if not arrived.done():
                arrived.set_result(None)

        item.add_done_callback(tell)
        try:
            if not await self._stays_until(arrived):
                raise ConnectionResetError("the caller hung up")
            return item.result()
        finally:
            item.cancel()
            arrived.cancel()

    async def _write(self, data: bytes) -> None:
        if data:
            self._writer.write(data)
            await self._writer.drain()
