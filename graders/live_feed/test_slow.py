"""Clients that don't read, and clients that vanish."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

from harness.authoring import (
    Api,
    Evidence,
    Fail,
    NoAnswer,
    Partial,
    Question,
    StreamReply,
    WebSocket,
    WebSocketClosed,
    check,
    expect,
)

from .support.feed import Feed, Message, heard

_T = TypeVar("_T")
_TEXT = 60_000
# 24 MB: the kernel's buffers on both sides hide some, and 16 MiB may wait.
_COUNT = 420
_AT_ONCE = 10
_SILENCE_S = 20.0
_CROWD = 200
_STREAMS = 40
_BATCH = 20
_SOON_S = 60.0
_AFTER = 20


@check(
    "slow-consumer",
    skill="resilience",
    level="senior",
    after=("rooms",),
    explained_by=("blocking-call",),
    deadline_s=300,
    passed="A client that doesn't read costs nobody else anything",
    failed="A client that doesn't read holds up the others, or fills the memory",
    why="One phone in a tunnel must not stop the room; and what waits for it must have an end.",
    hint="One bounded queue and one sending task per client; on overflow drop the client or the messages, never wait.",
    question=Question(
        ask="A client of yours stops reading. Where does what it doesn't read pile up, layer by layer?",
        junior="In the network.",
        senior="Its receive buffer, our send buffer, the server's write buffer, our queue; says who waits at each when "
        "it is full, and where it is cut off.",
    ),
)
async def test_who_does_not_read_costs_nobody_anything(api: Api, feed: Feed, evidence: Evidence) -> None:
    """25 MB are said while a WebSocket and an event stream aren't read: readers get all, the others can't get all."""
    room = feed.name("room")
    async with AsyncExitStack() as stack:
        slow = await stack.enter_async_context(feed.talk(room, "slow", receive_buffer=4096))
        await feed.joined(slow)
        sleeper_api = await stack.enter_async_context(api.fresh())
        sleeper = await stack.enter_async_context(feed.events(room, api=sleeper_api))
        slow.pause()
        quick = await stack.enter_async_context(feed.talk(room, "quick"))
        await feed.joined(quick)
        reader = await stack.enter_async_context(feed.events(room))
        await _said(api, feed, room, quick, reader)
        slow.resume()
        left = await _left(slow)
        slept = await _slept(sleeper)
    evidence.number("messages said", _COUNT)
    evidence.number("messages that were waiting for the WebSocket", left)
    evidence.number("messages that were waiting for the event stream", slept)
    unbounded = [what for what, got in (("a WebSocket", left), ("an event stream", slept)) if got >= _COUNT]
    if unbounded:
        raise Partial(
            0.3,
            f"What waits for {' and '.join(unbounded)} that isn't read has no end",
            expected=f"fewer than {_COUNT} messages of {_TEXT} characters",
            actual=f"all {_COUNT} were kept for it",
        )


async def _said(api: Api, feed: Feed, room: str, quick: WebSocket, reader: StreamReply) -> None:
    """Publish in small groups, each of which the readers have before the next: they are never behind."""
    filler = "x" * _TEXT
    async with api.fresh() as poster:
        done = 0
        while done < _COUNT:
            wanted = []
            for number in range(done, done + _AT_ONCE):
                wanted.append(await _post(feed, poster, room, f"{number} {filler}"))
            done += _AT_ONCE
            for message in wanted:
                got = await _reading(lambda: heard(quick), "a WebSocket")
                event = await _reading(reader.event, "an event stream")
                expect(got.id == message.id, "A reader misses messages", expected=str(message.id), actual=str(got.id))
                expect(
                    event is not None and event.id == str(message.id),
                    "The reader of an event stream misses messages",
                    expected=str(message.id),
                    actual="the stream ended" if event is None else str(event.id),
                )


async def _post(feed: Feed, poster: Api, room: str, text: str) -> Message:
    try:
        return await feed.posted(room, text, api=poster)
    except NoAnswer as silence:
        raise Fail(
            "Publishing waits for a client that doesn't read",
            expected="201 while one client of the room doesn't read",
            actual=silence.actual,
        ).about(silence.exchange) from silence


async def _reading(read: Callable[[], Awaitable[_T]], what: str) -> _T:
    try:
        return await read()
    except (NoAnswer, WebSocketClosed) as error:
        raise Fail(
            f"Who reads {what} gets no more messages while another client doesn't read",
            expected="each message",
            actual=error.actual,
        ).about(error.exchange) from error


async def _left(slow: WebSocket) -> int:
    """How many messages come after all, until the connection ends or is silent."""
    count = 0
    try:
        while count < _COUNT:
            message = await heard(slow, _SILENCE_S)
            count += len(message.text) > _TEXT
    except (NoAnswer, WebSocketClosed):
        pass
    return count


async def _slept(sleeper: StreamReply) -> int:
    count = 0
    try:
        while count < _COUNT and (event := await sleeper.event(_SILENCE_S)) is not None:
            count += len(event.data) > _TEXT
    except NoAnswer:
        pass
    return count


@check(
    "clean-up",
    skill="resilience",
    level="mid",
    after=("rooms",),
    explained_by=("swallowed-cancellation", "dangling-task"),
    deadline_s=300,
    passed="Who vanishes is forgotten, and publishing goes on",
    failed="Clients that vanish stay registered, or hold up publishing",
    why="Connections end without a word all day long; what stays of each is a leak.",
    hint="Register in a context manager and remove in its finally, whatever ends the connection.",
    question=Question(
        ask="In which ways can a connection of yours end, and which of them does your code notice?",
        junior="The client disconnects.",
        senior="Close frame, FIN, RST, half-open, cancellation, exceptions in send or receive; and what pings are for.",
    ),
)
async def test_who_vanishes_is_forgotten(api: Api, feed: Feed, evidence: Evidence) -> None:
    """200 WebSockets are reset and 40 event streams hang up: /stats goes back, and each of 20 messages arrives."""
    room = feed.name("room")
    before = {kind: await feed.open_ones(kind) for kind in ("websockets", "streams")}
    async with feed.talk(room, "stays") as stays:
        await feed.joined(stays)
        async with AsyncExitStack() as stack, api.fresh() as listeners:
            crowd = [await stack.enter_async_context(feed.talk(room, f"user-{n}")) for n in range(_CROWD)]
            for _ in range(_STREAMS):
                await stack.enter_async_context(feed.events(room, api=listeners))
            await _counted(feed, "websockets", before["websockets"] + _CROWD + 1)
            await _counted(feed, "streams", before["streams"] + _STREAMS)
            for ws in crowd:
                ws.reset()
        for _ in range(_AFTER):
            message = await feed.posted(room, feed.text())
            got = await heard(stays)
            expect(got == message, "A message is lost after others vanished", expected=str(message), actual=str(got))
        await _counted(feed, "websockets", before["websockets"] + 1)
        await _counted(feed, "streams", before["streams"])
    evidence.number("WebSockets that were reset", _CROWD)


async def _counted(feed: Feed, kind: str, wanted: int) -> None:
    """Wait until /stats says so."""
    loop = asyncio.get_running_loop()
    limit = loop.time() + _SOON_S
    while (count := await feed.open_ones(kind)) != wanted:
        if loop.time() > limit:
            raise Fail(
                f"/stats doesn't count the open {kind} right",
                expected=str(wanted),
                actual=f"{count}, still after {_SOON_S:g} s",
            )
        await asyncio.sleep(0.1)
