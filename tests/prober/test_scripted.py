"""Scripted answers of a stub: late, dripping, broken off, reset, and streams that the check feeds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from harness.authoring import Api, CapacityGate, NoAnswer, StubAnswer, StubStream, until


@pytest.fixture
def gate() -> Iterator[CapacityGate]:
    made = CapacityGate()
    yield made
    made.close()


def api(gate: CapacityGate) -> Api:
    return Api(f"http://127.0.0.1:{gate.port}")


def asked(gate: CapacityGate, answer: StubAnswer) -> tuple[int, bytes, float]:
    """Status, body and seconds of one call."""
    gate.respond = lambda _request: answer

    async def run() -> tuple[int, bytes, float]:
        async with api(gate) as client:
            begin = time.monotonic()
            reply = await client.post("/x", json={})
            return reply.status, reply.body, time.monotonic() - begin

    return asyncio.run(run())


def test_an_answer_comes_no_sooner_than_its_delay(gate: CapacityGate) -> None:
    status, body, seconds = asked(gate, StubAnswer(503, {"Retry-After": "1"}, b"later", delay_s=0.2))
    assert (status, body) == (503, b"later")
    assert seconds >= 0.2


def test_a_body_that_drips_is_whole_in_the_end(gate: CapacityGate) -> None:
    status, body, seconds = asked(gate, StubAnswer(body=b"abcd", drip_s=0.05))
    assert (status, body) == (200, b"abcd")
    assert seconds >= 0.2


@pytest.mark.parametrize("answer", [StubAnswer(body=b"abcdef", cut_after=3), StubAnswer(reset=True)])
def test_an_answer_that_breaks_off_is_no_answer(gate: CapacityGate, answer: StubAnswer) -> None:
    with pytest.raises(NoAnswer):
        asked(gate, answer)


def test_a_caller_that_leaves_during_the_delay_is_no_longer_in_flight(gate: CapacityGate) -> None:
    gate.respond = lambda _request: StubAnswer(delay_s=600)

    async def run() -> int:
        async with api(gate) as client:
            with pytest.raises(NoAnswer):
                await client.get("/x", deadline_s=0.2)
        async with asyncio.timeout(30):
            while gate.in_flight:  # noqa: ASYNC110 - it comes from a thread
                await asyncio.sleep(0.01)
        return gate.arrivals

    assert asyncio.run(run()) == 1


def test_a_stream_gives_each_piece_when_the_check_does(gate: CapacityGate) -> None:
    stream = StubStream(headers={"Content-Type": "application/x-ndjson"})
    gate.respond = lambda _request: stream

    async def run() -> list[bytes]:
        async with api(gate) as client, client.stream("GET", "/feed") as reply:
            assert (reply.status, reply.media_type, stream.opened) == (200, "application/x-ndjson", True)
            with pytest.raises(NoAnswer):
                await reply.read(deadline_s=0.2)
        async with api(gate) as client:
            other = StubStream()
            gate.respond = lambda _request: other
            other.send(b"kept\n")
            async with client.stream("GET", "/feed") as reply:
                pieces = [await reply.read()]
                other.send(b"next\n")
                pieces.append(await reply.read())
                other.end()
                return [*pieces, await reply.read()]

    assert asyncio.run(run()) == [b"kept\n", b"next\n", b""]


def test_a_stream_knows_that_its_caller_hung_up(gate: CapacityGate) -> None:
    stream = StubStream()
    gate.respond = lambda _request: stream

    async def run() -> None:
        stream.send(b"one")
        async with api(gate) as client, client.stream("GET", "/feed") as reply:
            assert await reply.read() == b"one"
            assert not stream.gone
        async with asyncio.timeout(30):
            while not stream.gone:  # noqa: ASYNC110 - it comes from a thread
                await asyncio.sleep(0.01)

    asyncio.run(run())


def test_only_some_requests_are_held(gate: CapacityGate) -> None:
    async def run() -> tuple[int, bool, int]:
        async with api(gate) as client:
            with gate.hold(only=lambda request: request.path == "/held"):
                held = asyncio.ensure_future(client.get("/held"))
                free = (await client.get("/free")).status
                early = held.done()
            return free, early, (await held).status

    assert asyncio.run(run()) == (200, False, 200)


def test_requests_tell_when_and_on_which_connection_they_came(gate: CapacityGate) -> None:
    async def run() -> None:
        async with api(gate) as one, api(gate) as other:
            await one.get("/a")
            await one.get("/b")
            await other.get("/c")

    begin = time.monotonic()
    asyncio.run(run())
    first, second, third = gate.requests
    assert begin <= first.at <= second.at <= third.at <= time.monotonic()
    assert first.connection == second.connection != third.connection


def test_a_request_counts_as_unsent_until_it_is_written_in_full(gate: CapacityGate) -> None:
    """With every connection of the server's backlog open and nobody reading, a long body stays with us."""

    async def run() -> list[int]:
        accepted: list[asyncio.StreamWriter] = []

        async def deaf(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted.append(writer)
            writer.transport.pause_reading()  # type: ignore[attr-defined]

        server = await asyncio.start_server(deaf, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        seen = []
        async with Api(f"http://127.0.0.1:{port}") as client, client.fresh() as other:
            seen.append(client.unsent)
            long = asyncio.create_task(client.post("/x", content=bytes(64 * 1024 * 1024)))
            short = asyncio.create_task(other.post("/x", content=b"short"))
            await until(lambda: len(accepted) == 2 and client.unsent == 1)
            seen.append(client.unsent)
            for task in (long, short):
                task.cancel()
            await asyncio.gather(long, short, return_exceptions=True)
            seen.append(client.unsent)
        for writer in accepted:
            writer.transport.abort()
        server.close()
        await server.wait_closed()
        return seen

    assert asyncio.run(run()) == [0, 1, 0]
