"""Everybody, once, in order."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from harness.authoring import Api, Fail, Question, WebSocket, check, expect

from .support.feed import Feed, Message, heard, heard_until

_SIZES = (20, 15, 15)
_TALKERS = 4
_SENT = 25
_POSTED = 20


@check(
    "fan-out",
    skill="realtime",
    level="mid",
    after=("rooms",),
    explained_by=("blocking-call",),
    deadline_s=200,
    passed="Every client gets every message of its room exactly once, in order",
    failed="Clients miss messages, get them twice, out of order, or from another room",
    why="What one client sees and another doesn't is the hardest kind of bug to find.",
    hint="Number a message and put it into every queue in one step without an await in between; one queue per client.",
    question=Question(
        ask="Two messages are published at the same moment. Why do all clients see them in one order?",
        junior="They are sent one after the other.",
        senior="Points at the place where the order is decided, and at what would break it: an await between numbering "
        "and queueing, a task per send, several processes.",
    ),
)
async def test_everybody_gets_everything_once(api: Api, feed: Feed) -> None:
    """50 clients in three rooms, seven who publish at once in each: all messages, once, in order, no stranger."""
    rooms = [feed.name("room") for _ in _SIZES]
    async with AsyncExitStack() as stack:
        crowds: dict[str, list[WebSocket]] = {}
        for room, size in zip(rooms, _SIZES, strict=True):
            crowds[room] = [await stack.enter_async_context(feed.talk(room, f"user-{n}")) for n in range(size)]
            for ws in crowds[room]:
                await feed.joined(ws)
        for room, crowd in crowds.items():
            start = feed.text()
            await feed.posted(room, start)
            await asyncio.gather(*(heard_until(ws, start) for ws in crowd))
        poster = await stack.enter_async_context(api.fresh())
        said = {room: [feed.text() for _ in range(_TALKERS * _SENT + _POSTED)] for room in rooms}
        listening = [asyncio.ensure_future(_listen(ws, len(said[room]))) for room in rooms for ws in crowds[room]]
        try:
            await asyncio.gather(*(_publish(feed, poster, room, crowds[room], said[room]) for room in rooms))
            heards = await asyncio.gather(*listening)
        finally:
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)
        # Whatever came on top would come before this.
        for room in rooms:
            said[room].append(feed.text())
            await feed.posted(room, said[room][-1])
        clients = [(room, ws) for room in rooms for ws in crowds[room]]
        for heard_, (_, ws) in zip(heards, clients, strict=True):
            heard_.append(await heard(ws))
    for room in rooms:
        _compare([h for h, (r, _) in zip(heards, clients, strict=True) if r == room], room, said[room])


async def _listen(ws: WebSocket, count: int) -> list[Message]:
    return [await heard(ws) for _ in range(count)]


async def _publish(feed: Feed, poster: Api, room: str, crowd: list[WebSocket], texts: list[str]) -> None:
    """Several at once, some of them over WebSockets and some by POST."""

    async def talk(ws: WebSocket, mine: list[str]) -> None:
        for text in mine:
            await ws.send_json({"text": text})

    shares = [texts[n * _SENT : (n + 1) * _SENT] for n in range(_TALKERS)]
    posts = [feed.posted(room, text, api=poster) for text in texts[_TALKERS * _SENT :]]
    await asyncio.gather(*(talk(ws, mine) for ws, mine in zip(crowd, shares, strict=False)), *posts)


def _compare(crowd: list[list[Message]], room: str, texts: list[str]) -> None:
    wanted = set(texts)
    for heards in crowd:
        got = [message.text for message in heards]
        strange = [message for message in heards if message.room != room or message.text not in wanted]
        expect(not strange, "A client gets messages of another room", expected=room, actual=str(strange[:3]))
        expect(
            len(got) == len(set(got)),
            "A client gets a message twice",
            expected=f"{len(wanted)} messages once",
            actual=f"{len(got)} messages, {len(set(got))} different ones",
        )
        expect(
            set(got) == wanted,
            "A client misses messages",
            expected=f"all {len(wanted)} messages",
            actual=f"{len(wanted - set(got))} are missing",
        )
        ids = [message.id for message in heards]
        if ids != list(range(ids[0], ids[0] + len(ids))):
            raise Fail(
                "Messages come out of the order of their ids, or ids have gaps",
                expected="ids that count up by one",
                actual=str(ids[:40]),
            )
    first = crowd[0]
    expect(
        all(heards == first for heards in crowd),
        "Clients see different messages under the same ids",
        expected="the same for everybody",
        actual="they differ",
    )
