"""Mailbox: what waits for one listener, bounded, so that nobody else waits for it."""

import asyncio
from collections import deque

from app.schemas import Message

_MOST_BYTES = 4 * 1024 * 1024
_OVERHEAD = 200


class Mailbox:
    """Messages in order. Putting never waits; a box that overflows is emptied and closed for good."""

    def __init__(self) -> None:
        self._waiting: deque[Message] = deque()
        self._bytes = 0
        self._refilled = 0
        self._news = asyncio.Event()
        self._taken = asyncio.Event()
        self.closed = False

    async def put(self, message: Message) -> None:
        """Add a message, as soon as there is room."""
        while self._bytes > _MOST_BYTES and not self.closed:
            self._taken.clear()
            await self._taken.wait()
        if self.closed:
            return
        self._waiting.append(message)
        self._bytes += len(message.text) + _OVERHEAD
        self._news.set()

    def refill(self, message: Message) -> None:
        """Add a message that is kept anyway: it takes no memory of its own, and is no sign of a slow listener."""
        self._waiting.append(message)
        self._refilled += 1

    def close(self) -> None:
        """Let the listener go when it has read what is there."""
        self.closed = True
        self._news.set()
        self._taken.set()

    async def get(self) -> Message | None:
        """The next message; None when the box is closed and empty."""
        while not self._waiting:
            if self.closed:
                return None
            self._news.clear()
            await self._news.wait()
        message = self._waiting.popleft()
        self._taken.set()
        if self._refilled:
            self._refilled -= 1
        else:
            self._bytes -= len(message.text) + _OVERHEAD
        return message
