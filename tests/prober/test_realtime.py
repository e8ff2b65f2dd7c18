"""Clients of what has no end: WebSockets and server-sent events, against servers of well-kept libraries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from harness.authoring import (
    Api,
    CapacityGate,
    Closed,
    Fail,
    NoAnswer,
    WebSocketClosed,
    WebSocketRefused,
)
from harness.authoring.transcript import Transcript
from tests.prober.host import free_port
from tests.prober.hostile import Hostile, hostile

Handler = Callable[[ServerConnection], Awaitable[None]]


def door(connection: ServerConnection, request: Request) -> Response | None:
    return connection.respond(HTTPStatus.FORBIDDEN, "no") if request.path == "/closed" else None


@asynccontextmanager
async def served(handler: Handler, transcript: Transcript | None = None) -> AsyncIterator[Api]:
    async with serve(handler, "127.0.0.1", 0, process_request=door, ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with Api(f"http://127.0.0.1:{port}", transcript) as api:
            yield api


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        if message == "bye":
            await connection.close(4001, "as you wish")
            return
        await connection.send(message)


def test_messages_go_both_ways_and_are_in_the_transcript() -> None:
    transcript = Transcript()

    async def run() -> None:
        async with served(echo, transcript) as api, api.websocket("/room") as ws:
            await ws.send_json({"n": 1})
            assert await ws.receive_json() == {"n": 1}
            await ws.send(b"\x00")
            assert await ws.receive() == b"\x00"

    asyncio.run(run())
    (exchange,) = transcript.exchanges()
    assert exchange.status_line.startswith("HTTP/1.1 101")
    assert exchange.reply_body.startswith(b'> {"n": 1}\n< {"n": 1}\n')


def test_the_code_of_a_close_is_told() -> None:
    async def run() -> Closed:
        async with served(echo) as api, api.websocket("/room") as ws:
            await ws.send("bye")
            with pytest.raises(WebSocketClosed) as caught:
                await ws.receive()
            assert caught.value.code == 4001
            return await ws.closed()

    assert asyncio.run(run()) == Closed(4001, "as you wish")


def test_a_handshake_that_is_refused_is_no_answer_with_its_status() -> None:
    async def run() -> int:
        async with served(echo) as api:
            with pytest.raises(WebSocketRefused) as caught:
                async with api.websocket("/closed"):
                    pass
            return caught.value.status

    assert asyncio.run(run()) == 403


def test_nobody_listening_is_refused_without_a_status() -> None:
    async def run() -> int:
        async with Api(f"http://127.0.0.1:{free_port()}") as api:
            with pytest.raises(WebSocketRefused) as caught:
                async with api.websocket("/room"):
                    pass
            return caught.value.status

    assert asyncio.run(run()) == 0


@pytest.mark.parametrize("where", ["http://127.0.0.1:9/elsewhere", "/other", "ws://[", ""])
def test_a_redirect_is_refused_and_not_followed(where: str) -> None:
    async def run(server: Hostile) -> int:
        async with Api(server.base_url) as api:
            with pytest.raises(WebSocketRefused) as caught:
                async with api.websocket("/room"):
                    pass
            return caught.value.status

    answer = f"HTTP/1.1 307 Temporary Redirect\r\nlocation: {where}\r\ncontent-length: 0\r\n\r\n".encode()
    with hostile(answer) as server:
        assert asyncio.run(run(server)) == 307
        assert len(server.received) == 1


def test_silence_is_no_answer() -> None:
    async def run() -> None:
        async with served(echo) as api, api.websocket("/room") as ws:
            with pytest.raises(NoAnswer):
                await ws.receive(deadline_s=0.1)
            with pytest.raises(NoAnswer):
                await ws.closed(deadline_s=0.1)

    asyncio.run(run())


def test_what_is_no_json_is_a_fail() -> None:
    async def run() -> None:
        async with served(echo) as api, api.websocket("/room") as ws:
            await ws.send("{")
            with pytest.raises(Fail, match="no JSON"):
                await ws.receive_json()

    asyncio.run(run())


def test_a_reset_reaches_the_server_as_one() -> None:
    ends: list[str] = []

    async def listen(connection: ServerConnection) -> None:
        try:
            await connection.recv()
        except ConnectionClosed as error:
            ends.append("frame" if error.rcvd else "none")

    async def run() -> None:
        async with served(listen) as api:
            async with api.websocket("/room") as ws:
                ws.reset()
            async with asyncio.timeout(30):
                while not ends:  # noqa: ASYNC110 - a list has nothing to wait for
                    await asyncio.sleep(0.01)

    asyncio.run(run())
    assert ends == ["none"]


def test_one_that_does_not_read_fills_the_buffers_between() -> None:
    stuck: list[bool] = []

    async def flood(connection: ServerConnection) -> None:
        try:
            async with asyncio.timeout(1):
                for _ in range(64):
                    await connection.send(b"x" * 2**20)
        except TimeoutError:
            stuck.append(True)

    async def run() -> None:
        async with served(flood) as api, api.websocket("/room", receive_buffer=4096) as ws:
            ws.pause()
            async with asyncio.timeout(30):
                while not stuck:  # noqa: ASYNC110 - a list has nothing to wait for
                    await asyncio.sleep(0.01)

    asyncio.run(run())
    assert stuck == [True]


def test_server_sent_events_are_read_one_by_one() -> None:
    gate = CapacityGate()
    gate.respond = lambda _request: (
        200,
        {"Content-Type": "text/event-stream"},
        b": a comment\nid: 7\nevent: note\ndata: one\ndata: two\n\ndata: last\n\n",
    )

    async def run() -> list[tuple[str, str, str]]:
        async with (
            Api(f"http://127.0.0.1:{gate.port}") as api,
            api.stream("GET", "/events", headers={"Last-Event-ID": "6"}) as reply,
        ):
            found = []
            while (event := await reply.event()) is not None:
                found.append((event.id, event.event, event.data))
            return found

    try:
        assert asyncio.run(run()) == [("7", "note", "one\ntwo"), ("7", "message", "last")]
        assert gate.requests[0].headers["last-event-id"] == "6"
    finally:
        gate.close()


def test_an_answer_of_another_type_is_no_event_stream() -> None:
    gate = CapacityGate()

    async def run() -> None:
        async with Api(f"http://127.0.0.1:{gate.port}") as api, api.stream("GET", "/events") as reply:
            with pytest.raises(Fail, match="no event stream"):
                await reply.event()

    try:
        asyncio.run(run())
    finally:
        gate.close()
