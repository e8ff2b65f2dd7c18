"""WebSocket (RFC 6455): a connection to the service, with deadlines, and with the bad manners that a check needs."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import anyio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus

from harness.authoring.http import ours
from harness.authoring.outcomes import Fail, Inconclusive, NoAnswer
from harness.authoring.stub import RESET
from harness.authoring.transcript import Exchange, Transcript

_DEADLINE_S = 25.0
_CLOSE_S = 2.0
_KEPT = 64 * 1024


@dataclass(frozen=True)
class Closed:
    """How a connection ended: the code of the peer's close frame, 1005 for none in it, 1006 for no frame at all."""

    code: int
    reason: str


class WebSocketRefused(NoAnswer):
    """The handshake was answered with `status` and not with 101; 0 when it was not answered at all."""

    def __init__(self, summary: str, status: int, *, expected: str = "", actual: str = "") -> None:
        super().__init__(summary, expected=expected, actual=actual)
        self.status = status


class WebSocketClosed(Fail):
    """The service closed while a message was waited for."""

    def __init__(self, closed: Closed) -> None:
        super().__init__(
            f"The service closed the WebSocket with {closed.code}",
            expected="a message",
            actual=f"closed with {closed.code} {closed.reason}".strip(),
        )
        self.code = closed.code
        self.reason = closed.reason


class WebSocket:
    """One open connection. Pings are answered, none is sent, nothing is compressed.

    async with api.websocket("/v1/rooms/blue/ws", token=token) as ws:
        await ws.send_json({"text": "hi"})
        reply = await ws.receive_json()
    """

    def __init__(self, connection: ClientConnection, exchange: Exchange) -> None:
        self._connection = connection
        self.exchange = exchange

    async def send(self, message: str | bytes, deadline_s: float = _DEADLINE_S) -> None:
        """Send a text or a binary message.

        Raises:
            WebSocketClosed: the service has closed.
            NoAnswer: it doesn't take it within `deadline_s` seconds.
        """
        self._note(">", message)
        try:
            with anyio.fail_after(deadline_s):
                await self._connection.send(message)
        except ConnectionClosed as error:
            raise self._closed() from error
        except TimeoutError as error:
            raise self._silence(f"a message is not taken within {deadline_s:g} s") from error

    async def send_json(self, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Send a value as a text message."""
        await self.send(json.dumps(value, ensure_ascii=False))

    async def receive(self, deadline_s: float = _DEADLINE_S) -> str | bytes:
        """The next message.

        Raises:
            WebSocketClosed: the service closes instead.
            NoAnswer: none within `deadline_s` seconds.
        """
        try:
            with anyio.fail_after(deadline_s):
                message = await self._connection.recv()
        except ConnectionClosed as error:
            raise self._closed() from error
        except TimeoutError as error:
            raise self._silence(f"no message within {deadline_s:g} s") from error
        self._note("<", message)
        return message

    async def receive_json(self, deadline_s: float = _DEADLINE_S) -> Any:  # noqa: ANN401 - any JSON value
        """The next message as JSON.

        Raises:
            Fail: it is none.
        """
        message = await self.receive(deadline_s)
        try:
            return json.loads(message)
        except (ValueError, RecursionError) as error:
            raise Fail(
                "A WebSocket message is no JSON", expected="a JSON text message", actual=repr(message[:200])
            ).about(self.exchange) from error

    async def closed(self, deadline_s: float = _DEADLINE_S) -> Closed:
        """Wait until the service has closed; messages before that are passed over.

        Raises:
            NoAnswer: it doesn't within `deadline_s` seconds.
        """
        try:
            with anyio.fail_after(deadline_s):
                while True:
                    self._note("<", await self._connection.recv())
        except ConnectionClosed:
            return self._ended()
        except TimeoutError as error:
            raise self._silence(f"not closed within {deadline_s:g} s") from error

    def pause(self) -> None:
        """Stop reading from the socket: its buffers fill up."""
        self._connection.transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        self._connection.transport.resume_reading()

    def reset(self) -> None:
        """Vanish: a TCP reset, and no close frame."""
        transport = self._connection.transport
        with suppress(OSError):
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        transport.abort()

    def _ended(self) -> Closed:
        code = self._connection.close_code
        return Closed(1006 if code is None else code, self._connection.close_reason or "")

    def _closed(self) -> WebSocketClosed:
        error = WebSocketClosed(self._ended())
        error.about(self.exchange)
        return error

    def _silence(self, actual: str) -> NoAnswer:
        self.exchange.problem = actual
        silence = NoAnswer(f"The WebSocket {self.exchange.target[:200]} is silent", expected="a message", actual=actual)
        silence.about(self.exchange)
        return silence

    def _note(self, direction: str, message: str | bytes) -> None:
        if len(self.exchange.reply_body) < _KEPT:
            shown = message if isinstance(message, bytes) else message.encode("utf-8", "replace")
            self.exchange.reply_body += direction.encode() + b" " + shown[:2000] + b"\n"


@asynccontextmanager
async def websocket(
    base_url: str,
    path: str,
    transcript: Transcript,
    *,
    headers: Mapping[str, str],
    deadline_s: float,
    max_size: int | None,
    receive_buffer: int | None,
) -> AsyncIterator[WebSocket]:
    """Open a connection and close it in the end; see `Api.websocket`."""
    where = urlsplit(base_url)
    url = f"ws://{where.netloc}{path}"
    exchange = Exchange("GET", path, url, [("Upgrade", "websocket"), *headers.items()], b"")
    try:
        try:
            with anyio.fail_after(deadline_s):
                connection = await _connect(url, where.hostname, where.port, headers, max_size, receive_buffer)
        except InvalidStatus as error:
            raise refused(exchange, error.response.status_code, error.response.reason_phrase) from error
        except TimeoutError as error:
            raise refused(exchange, 0, f"no answer within {deadline_s:g} s") from error
        except (InvalidHandshake, InvalidMessage, ConnectionClosed, EOFError) as error:
            raise refused(exchange, 0, " ".join(str(error).split())[:200]) from error
        except OSError as error:
            if ours(error):
                raise Inconclusive(f"no connection could be opened from here: {error}") from error
            raise refused(exchange, 0, f"no connection: {error}") from error
        exchange.status_line = "HTTP/1.1 101 Switching Protocols"
        try:
            yield WebSocket(connection, exchange)
        finally:
            await _leave(connection)
    finally:
        transcript.add(exchange)


class _Direct(connect):
    """A handshake that is answered with a redirect is refused: what else answers there is not the service."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def _connect(
    url: str,
    host: str | None,
    port: int | None,
    headers: Mapping[str, str],
    max_size: int | None,
    receive_buffer: int | None,
) -> ClientConnection:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setblocking(False)
        if receive_buffer is not None:
            # Before the handshake: TCP's window scale is settled there.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        await anyio.to_thread.run_sync(_dial, sock, host or "127.0.0.1", port or 80)
        return await _Direct(
            url,
            sock=sock,
            additional_headers=dict(headers),
            compression=None,
            proxy=None,
            open_timeout=None,
            ping_interval=None,
            close_timeout=_CLOSE_S,
            max_size=max_size,
            # Hundreds of messages may come before a check looks; memory is bounded by their size.
            max_queue=4096,
        )
    except BaseException:
        sock.close()
        raise


def _dial(sock: socket.socket, host: str, port: int) -> None:
    sock.settimeout(_DEADLINE_S)
    sock.connect((host, port))
    sock.setblocking(False)


async def _leave(connection: ClientConnection) -> None:
    with anyio.move_on_after(_CLOSE_S + 1, shield=True) as scope, suppress(OSError, ConnectionClosed):
        await connection.close()
    if scope.cancelled_caught:
        connection.transport.abort()


def refused(exchange: Exchange, status: int, reason: str) -> WebSocketRefused:
    """What to raise when the handshake was answered with `status`, or not at all (0)."""
    actual = f"{status} {reason}".strip() if status else reason
    if status:
        exchange.status_line = f"HTTP/1.1 {actual}"
    else:
        exchange.problem = reason
    error = WebSocketRefused(
        f"The WebSocket {exchange.target[:200]} is refused", status, expected="101 Switching Protocols", actual=actual
    )
    error.about(exchange)
    return error
