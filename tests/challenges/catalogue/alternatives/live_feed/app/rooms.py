"""Rooms, their messages, and the queues of those who listen. All is synchronous: nothing can come between."""

import asyncio
import json
import re
import sys
from collections import deque
from dataclasses import dataclass

KEPT = 1_000
MAX_TEXT = 65_536
MAX_WAITING = 8 * 1024 * 1024  # what may wait for one client, in bytes, before it is cut off
OVERHEAD = 256  # what a waiting message costs beside its frame

ROOM = re.compile(r"[a-z0-9-]{1,64}")
LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody said in a room."""

    id: int
    room: str
    user: str
    text: str

    def members(self) -> dict[str, str | int]:
        return {"id": self.id, "room": self.room, "user": self.user, "text": self.text}


def as_json(message: Message) -> str:
    return json.dumps({"type": "message", **message.members()}, ensure_ascii=False)


def as_event(message: Message) -> str:
    lines = "".join(f"data: {line}\n" for line in LINE_END.split(message.text))
    return f"id: {message.id}\nevent: message\n{lines}\n"


def parse_text(raw: str | bytes) -> str | None:
    """Return the text of {"text": ...}, or None if there is none that is allowed."""
    try:
        body: object = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    text = body.get("text") if isinstance(body, dict) else None
    if not isinstance(text, str) or not 1 <= len(text) <= MAX_TEXT:
        return None
    try:
        text.encode()  # a lone surrogate can be written in JSON, but not sent
    except UnicodeEncodeError:
        return None
    return text


class Feed:
    """The queue of one client. When too much waits in it, it is cut off."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self.waiting = 0
        self.cut_off = asyncio.Event()

    def put(self, frame: str, cost: int) -> None:
        if self.cut_off.is_set():
            return
        self.waiting += cost
        if self.waiting > MAX_WAITING:
            self.cut_off.set()
            while not self.queue.empty():
                self.queue.get_nowait()
            return
        self.queue.put_nowait((frame, cost))

    def put_alone(self, frame: str) -> None:
        self.put(frame, cost_of(frame))

    def sent(self, cost: int) -> None:
        self.waiting -= cost


def cost_of(frame: str) -> int:
    return max(sys.getsizeof(frame), len(frame.encode())) + OVERHEAD


class Room:
    def __init__(self, name: str) -> None:
        self.name = name
        self.last_id = 0
        self.history: deque[Message] = deque(maxlen=KEPT)
        self.sockets: set[Feed] = set()
        self.streams: set[Feed] = set()

    def publish(self, user: str, text: str) -> Message:
        self.last_id += 1
        message = Message(self.last_id, self.name, user, text)
        self.history.append(message)
        for feeds, encode in ((self.sockets, as_json), (self.streams, as_event)):
            if feeds:
                frame = encode(message)
                cost = cost_of(frame)
                for feed in feeds:
                    feed.put(frame, cost)
        return message

    def oldest_id(self) -> int:
        return self.last_id - len(self.history) + 1

    def get(self, message_id: int) -> Message | None:
        """Return a message that is still kept."""
        index = message_id - self.oldest_id()
        return self.history[index] if 0 <= index < len(self.history) else None


class Hub:
    """All rooms, and what is counted over all of them."""

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}
        self.websockets = 0
        self.streams = 0
        self.stopping = asyncio.Event()

    def room(self, name: str) -> Room:
        if name not in self.rooms:
            self.rooms[name] = Room(name)
        return self.rooms[name]

    def forget_if_unused(self, room: Room) -> None:
        """Drop a room in which nothing was ever said and nobody listens."""
        if not (room.last_id or room.sockets or room.streams):
            self.rooms.pop(room.name, None)


hub = Hub()
