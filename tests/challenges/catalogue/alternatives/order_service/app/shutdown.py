"""SIGTERM. uvicorn finishes what is in flight, however long it takes; this sets an end to it."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from app.config import DRAIN_SECONDS, HARD_EXIT_SECONDS


class Drain:
    def __init__(self) -> None:
        self.cutting = False
        self._tasks: set[asyncio.Task[object]] = set()

    @contextmanager
    def track(self) -> Iterator[None]:
        """For the task of a request: it is cancelled when there is no more time."""
        task: asyncio.Task[object] | None = asyncio.current_task()
        if task is None:
            yield
            return
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)

    def install(self) -> None:
        """Puts itself before uvicorn's handler, which is in place when the application starts."""
        if threading.current_thread() is not threading.main_thread():
            return
        previous = signal.getsignal(signal.SIGTERM)
        if not callable(previous):
            return
        uvicorn_handler = previous
        loop = asyncio.get_running_loop()

        def on_sigterm(signum: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._begin)
            uvicorn_handler(signum, frame)

        signal.signal(signal.SIGTERM, on_sigterm)

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(DRAIN_SECONDS, self._cut)
        loop.call_later(HARD_EXIT_SECONDS, os._exit, 0)

    def _cut(self) -> None:
        self.cutting = True
        for task in self._tasks:
            task.cancel()
