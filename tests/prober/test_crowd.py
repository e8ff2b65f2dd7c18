"""WebSockets by the thousand, against a server of a well-kept library."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.utils import accept_key

from harness.authoring import Api, WebSocketRefused, until
from harness.authoring.transcript import Transcript
from tests.prober.host import free_port


def door(connection: ServerConnection, request: Request) -> Response | None:
    return connection.respond(HTTPStatus.FORBIDDEN, "no") if request.path == "/closed" else None


async def listen(connection: ServerConnection) -> None:
    async for _ in connection:
        pass


@asynccontextmanager
async def served(transcript: Transcript | None = None) -> AsyncIterator[tuple[Api, Server]]:
    async with serve(listen, "127.0.0.1", 0, process_request=door, ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with Api(f"http://127.0.0.1:{port}", transcript) as api:
            yield api, server


def test_everybody_hears_a_message_and_leaves_in_the_end() -> None:
    async def run() -> tuple[int, int, int]:
        async with served() as (api, server):
            async with api.crowd() as crowd:
                await crowd.open(["/room"] * 300)
                await asyncio.gather(*(one.send("hello") for one in server.connections))
                heard = await crowd.heard(lambda message: message == b"hello")
                there = len(crowd)
            return heard, there, len(server.connections)

    assert asyncio.run(run()) == (300, 300, 0)


def test_a_message_in_fragments_is_one_message() -> None:
    async def run() -> int:
        async with served() as (api, server), api.crowd() as crowd:
            await crowd.open(["/room"])
            (one,) = server.connections
            await one.send(["he", "ll", "o"])
            return await crowd.heard(lambda message: message == b"hello")

    assert asyncio.run(run()) == 1


def test_pings_are_answered() -> None:
    async def run() -> None:
        async with served() as (api, server), api.crowd() as crowd:
            await crowd.open(["/room"] * 3)
            for one in server.connections:
                async with asyncio.timeout(20):
                    await (await one.ping())

    asyncio.run(run())


def test_who_was_disconnected_is_not_waited_for() -> None:
    async def run() -> tuple[int, int]:
        async with served() as (api, server), api.crowd() as crowd:
            await crowd.open(["/room"] * 3)
            first, *rest = server.connections
            await first.close()
            for one in rest:
                await one.send("hello")
            heard = await crowd.heard(lambda message: message == b"hello", deadline_s=600)
            return heard, len(crowd)

    heard, there = asyncio.run(run())
    assert heard <= 2
    assert there == 2


def test_what_nobody_hears_is_given_up_at_the_deadline() -> None:
    async def run() -> int:
        async with served() as (api, _), api.crowd() as crowd:
            await crowd.open(["/room"] * 3)
            return await crowd.heard(lambda message: message == b"hello", deadline_s=0.2)

    assert asyncio.run(run()) == 0


@pytest.mark.parametrize(("path", "status"), [("/closed", 403), ("/room", 0)])
def test_a_handshake_that_is_refused_is_told_with_its_status(path: str, status: int) -> None:
    transcript = Transcript()

    async def run() -> int:
        async with served(transcript) as (api, _):
            other = api if status else Api(f"http://127.0.0.1:{free_port()}", transcript)
            async with other, other.crowd() as crowd:
                with pytest.raises(WebSocketRefused) as caught:
                    await crowd.open([path] * 5)
                return caught.value.status

    assert asyncio.run(run()) == status
    assert transcript.exchanges()[0].target == path


def test_a_server_that_never_answers_the_handshake_is_given_up() -> None:
    async def run() -> str:
        async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(deaf, "127.0.0.1", 0)
        async with server, Api(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as api, api.crowd() as crowd:
            with pytest.raises(WebSocketRefused) as caught:
                await crowd.open(["/room"], deadline_s=0.2)
            return caught.value.actual

    assert asyncio.run(run()) == "no answer within 0.2 s"


def test_who_floods_with_pings_and_never_reads_is_read_no_more() -> None:
    """Sent and read by us is at most what the buffers of both sides hold, far below what is offered."""

    async def run() -> int:
        sent = 0

        async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            request = (await reader.readuntil(b"\r\n\r\n")).decode()
            key = next(
                line.split(": ")[1] for line in request.split("\r\n") if line.lower().startswith("sec-websocket-key")
            )
            upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            writer.write(f"{upgrade}Sec-WebSocket-Accept: {accept_key(key)}\r\n\r\n".encode())
            reader._transport.pause_reading()  # type: ignore[attr-defined]
            ping = b"\x89\x7d" + b"p" * 125
            with contextlib.suppress(TimeoutError):
                while sent < 256 * 1024 * 1024:
                    writer.write(ping * 512)
                    async with asyncio.timeout(2):
                        await writer.drain()
                    sent += len(ping) * 512
            writer.transport.abort()

        server = await asyncio.start_server(flood, "127.0.0.1", 0)
        async with server, Api(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as api, api.crowd() as crowd:
            await crowd.open(["/room"])
            await until(lambda: len(crowd) == 0, cap_s=60)
        return sent

    assert asyncio.run(run()) < 64 * 1024 * 1024


def test_bytes_that_are_no_websocket_are_a_refusal() -> None:
    async def run() -> int:
        async def rude(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"hello\r\n\r\n" * 1000)
            writer.close()

        server = await asyncio.start_server(rude, "127.0.0.1", 0)
        async with server, Api(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as api, api.crowd() as crowd:
            with pytest.raises(WebSocketRefused) as caught:
                await crowd.open(["/room"] * 2)
            return caught.value.status

    assert asyncio.run(run()) == 0
