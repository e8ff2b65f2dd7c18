"""Hub: the rooms, their last messages, and who listens."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from app.mailbox import Mailbox
from app.schemas import Message, Stats

_KEPT = 1000
Kind = Literal["websocket", "stream"]


@dataclass
class Room:
    """One room. All of it happens on the event loop, without an await in between, so it needs no lock."""

    last_id: int = 0
    kept: deque[Message] = field(default_factory=lambda: deque(maxlen=_KEPT))
    mailboxes: set[Mailbox] = field(default_factory=set)


class Hub:
    """All rooms of this process."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self._count: dict[Kind, int] = {"websocket": 0, "stream": 0}
        self._closing = False

    async def publish(self, room_name: str, user: str, text: str) -> Message:
        """Number a message and put it into every mailbox."""
        room = self._rooms.setdefault(room_name, Room())
        number = room.last_id + 1
        await asyncio.sleep(0)
        room.last_id = number
        message = Message(id=number, room=room_name, user=user, text=text)
        room.kept.append(message)
        for mailbox in room.mailboxes:
            mailbox.put(message)
        return message

    @contextmanager
    def listen(self, room_name: str, kind: Kind, after: int | None = None) -> Iterator[Mailbox]:
        """A mailbox that gets what is published from now on, and before that what is kept after the id `after`."""
        room = self._rooms.setdefault(room_name, Room())
        mailbox = Mailbox()
        if after is not None:
            for message in room.kept:
                if message.id > after:
                    mailbox.refill(message)
        if self._closing:
            mailbox.close()
        room.mailboxes.add(mailbox)
        self._count[kind] += 1
        try:
            yield mailbox
        finally:
            self._count[kind] -= 1
            room.mailboxes.discard(mailbox)

    def close(self) -> None:
        """Let everybody go, and whoever comes later at once."""
        self._closing = True
        for room in self._rooms.values():
            for mailbox in room.mailboxes:
                mailbox.close()

    def stats(self) -> Stats:
        """How many listen."""
        return Stats(websockets=self._count["websocket"], streams=self._count["stream"])
