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
        self.closed = False

    def put(self, message: Message) -> None:
        """Add a message, or give up on a listener that is too far behind."""
        if self.closed:
            return
        self._waiting.append(message)
        self._bytes += len(message.text) + _OVERHEAD
        if self._bytes > _MOST_BYTES:
            self._waiting.clear()
            self.close()
        self._news.set()

    def refill(self, message: Message) -> None:
        """Add a message that is kept anyway: it takes no memory of its own, and is no sign of a slow listener."""
        self._waiting.append(message)
        self._refilled += 1

    def close(self) -> None:
        """Let the listener go when it has read what is there."""
        self.closed = True
        self._news.set()

    async def get(self) -> Message | None:
        """The next message; None when the box is closed and empty."""
        while not self._waiting:
            if self.closed:
                return None
            self._news.clear()
            await self._news.wait()
        message = self._waiting.popleft()
        if self._refilled:
            self._refilled -= 1
        else:
            self._bytes -= len(message.text) + _OVERHEAD
        return message
