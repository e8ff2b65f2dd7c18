"""Many calls at a time: each lane takes 32, and is free again however a call ends."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from harness.authoring import Api
from harness.authoring.lanes import Lanes

CROWD = 100


class Server:
    """Counts connections; answers once as many requests wait as `together`."""

    def __init__(self, together: int) -> None:
        self.connections = 0
        self.base_url = ""
        self._together = together
        self._waiting = 0
        self._all = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                if b" /broken" in request:
                    break
                self._waiting += 1
                if self._waiting >= self._together:
                    self._all.set()
                await self._all.wait()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def served(together: int) -> AsyncIterator[tuple[Server, Api]]:
    server = Server(together)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=1024)
    server.base_url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        async with Api(server.base_url) as api:
            yield server, api
    finally:
        listening.close()


def test_a_hundred_calls_are_under_way_at_once() -> None:
    async def run() -> tuple[int, set[int]]:
        async with served(CROWD) as (server, api):
            replies = await asyncio.gather(*(api.get("/") for _ in range(CROWD)))
            return server.connections, {reply.status for reply in replies}

    assert asyncio.run(run()) == (CROWD, {200})


def test_calls_in_a_row_keep_to_one_connection() -> None:
    async def run() -> int:
        async with served(1) as (server, api):
            for _ in range(40):
                await api.get("/")
            return server.connections

    assert asyncio.run(run()) == 1


def test_calls_that_fail_leave_their_lane() -> None:
    async def run() -> int:
        lanes = Lanes(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        async with httpx.AsyncClient(transport=lanes) as client, served(1) as (server, _):
            for _ in range(40):
                with pytest.raises(httpx.TransportError):
                    await client.get(f"{server.base_url}/broken")
                await client.get(server.base_url)
            return lanes.opened

    assert asyncio.run(run()) == 1
