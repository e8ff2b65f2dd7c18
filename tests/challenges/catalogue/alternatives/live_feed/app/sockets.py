"""WebSockets: one task that reads, one that writes, and a queue between the room and the writer."""

import asyncio
import contextlib
import json

from fastapi import WebSocket, WebSocketDisconnect

from app.live import race
from app.rooms import Feed, Room, hub, parse_text

MAX_FRAME = 1_048_576
CLOSE_TIMEOUT = 2.0
NONSENSE = json.dumps({"type": "error", "error": 'expected {"text": "1 to 65,536 characters"}'})


class TooBigError(Exception):
    """A message of more than 1 MiB came."""


def size_of(text: str | None, data: bytes | None) -> int:
    if text is None:
        return len(data or b"")
    return len(text) if len(text) > MAX_FRAME else len(text.encode())


async def read(socket: WebSocket, room: Room, user: str, feed: Feed) -> None:
    while True:
        event = await socket.receive()
        if event["type"] == "websocket.disconnect":
            return
        raw: str | None = event.get("text")
        if size_of(raw, event.get("bytes")) > MAX_FRAME:
            raise TooBigError
        text = None if raw is None else parse_text(raw)
        if text is None:
            feed.put_alone(NONSENSE)
        else:
            room.publish(user, text)
        await asyncio.sleep(0)  # let the writers write, however fast this one talks


async def write(socket: WebSocket, feed: Feed) -> None:
    while True:
        frame, cost = await feed.queue.get()
        await socket.send_text(frame)
        feed.sent(cost)


async def converse(socket: WebSocket, name: str, user: str) -> None:
    room, feed = hub.room(name), Feed()
    room.sockets.add(feed)  # before the handshake is through: from then on nothing may be missed
    hub.websockets += 1
    close_code: int | None = None
    try:
        await socket.accept()
        await race(read(socket, room, user, feed), write(socket, feed), feed.cut_off.wait())
    except TooBigError:
        close_code = 1009
    except WebSocketDisconnect:
        pass
    finally:
        hub.websockets -= 1
        room.sockets.discard(feed)
        hub.forget_if_unused(room)
    if close_code is not None:
        with contextlib.suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await socket.close(close_code)
