"""What a stub can answer: a plain tuple, a scripted answer, or a stream that the check feeds."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class StubAnswer:
    """An answer with a way of its own. Times are in seconds.

    `delay_s` passes before the first byte, `drip_s` before each byte of the body. With `cut_after` the connection ends
    after so many bytes of a body whose length was promised in full. `reset` sends a TCP reset instead of anything.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_s: float = 0.0
    drip_s: float = 0.0
    cut_after: int | None = None
    reset: bool = False


class StubStream:
    """A chunked body that the check feeds, chunk by chunk, from whatever thread it runs on.

        stream = StubStream(headers={"Content-Type": "application/x-ndjson"})
        stubs.source.respond = lambda request: stream
        stream.send(b'{"n": 1}\\n')

    What is sent before anybody asks is kept until then. One stream answers one request.
    """

    def __init__(self, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.headers = dict(headers or {})
        self._lock = threading.Lock()
        self._kept: list[bytes | None] = []
        self._target: tuple[asyncio.AbstractEventLoop, asyncio.Queue[bytes | None]] | None = None
        self._opened = threading.Event()
        self._gone = threading.Event()

    @property
    def opened(self) -> bool:
        """Whether somebody has asked for it."""
        return self._opened.is_set()

    @property
    def gone(self) -> bool:
        """Whether whoever had asked hung up before the end."""
        return self._gone.is_set()

    def send(self, data: bytes) -> None:
        """Pass a chunk on, at once where somebody listens."""
        if data:
            self._put(data)

    def end(self) -> None:
        """End the body as it should end."""
        self._put(None)

    def _put(self, item: bytes | None) -> None:
        with self._lock:
            if self._target is None:
                self._kept.append(item)
                return
            loop, queue = self._target
        loop.call_soon_threadsafe(queue.put_nowait, item)

    # The stub's side, on its loop.

    def attach(self) -> asyncio.Queue[bytes | None] | None:
        """The chunks for the one caller; None for a second one."""
        with self._lock:
            if self._target is not None:
                return None
            queue: asyncio.Queue[bytes | None] = asyncio.Queue()
            for item in self._kept:
                queue.put_nowait(item)
            self._target = (asyncio.get_running_loop(), queue)
        self._opened.set()
        return queue

    def abandoned(self) -> None:
        """The caller hung up."""
        self._gone.set()


Answer: TypeAlias = tuple[int, Mapping[str, str], bytes] | StubAnswer | StubStream
