"""Server-sent events."""

import asyncio
import re

from starlette.types import Send

from app.live import chunk, head, race
from app.rooms import Feed, Room, as_event, hub

KEEP_ALIVE = 15.0
EVENT_ID = re.compile(r"[0-9]{1,18}")


def start_of(room: Room, last_event_id: str | None) -> int:
    """Return the id after which the events begin."""
    if last_event_id is None or EVENT_ID.fullmatch(last_event_id) is None:
        return room.last_id
    return min(max(int(last_event_id), room.oldest_id() - 1), room.last_id)


async def follow(feed: Feed, send: Send) -> None:
    while not feed.cut_off.is_set():
        try:
            async with asyncio.timeout(KEEP_ALIVE):
                frame, cost = await feed.queue.get()
        except TimeoutError:
            frame, cost = ":\n\n", 0
        await send(chunk(frame.encode()))
        feed.sent(cost)


async def listen(name: str, last_event_id: str | None, send: Send) -> None:
    """Send what was said after an id from what the room keeps, and from there on what the queue gets."""
    cursor = start_of(hub.room(name), last_event_id)
    feed = Feed()
    hub.streams += 1
    try:
        await send(head("text/event-stream; charset=utf-8"))
        while cursor < hub.room(name).last_id:
            message = hub.room(name).get(cursor + 1)
            if message is None:
                return  # too slow: it is no longer kept. The client may come back with Last-Event-ID
            await send(chunk(as_event(message).encode()))
            cursor += 1
        hub.room(name).streams.add(feed)
        await race(follow(feed, send), feed.cut_off.wait())
    finally:
        hub.streams -= 1
        room = hub.room(name)
        room.streams.discard(feed)
        hub.forget_if_unused(room)
