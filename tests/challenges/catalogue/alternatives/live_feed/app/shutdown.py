"""What SIGTERM does: uvicorn waits for streams without an end, so they have to hear of it themselves."""

import asyncio
import os
import signal
import threading
from types import FrameType

from app.rooms import hub

FORCE_AFTER = 4.0
KILL_AFTER = 7.0


def kill() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)


def watch_for_the_end() -> None:
    """Wrap uvicorn's handler of SIGTERM and SIGINT."""
    if threading.current_thread() is not threading.main_thread():
        return  # under a test client
    loop = asyncio.get_running_loop()

    def wrap(number: signal.Signals) -> None:
        uvicorns = signal.getsignal(number)

        def begin() -> None:
            if hub.stopping.is_set():
                return
            hub.stopping.set()
            # Who doesn't read doesn't take its goodbye either: a second SIGINT makes uvicorn leave it.
            loop.call_later(FORCE_AFTER, signal.raise_signal, signal.SIGINT)
            loop.call_later(KILL_AFTER, kill)

        def handle(received: int, frame: FrameType | None) -> None:
            if callable(uvicorns):
                uvicorns(received, frame)
            loop.call_soon_threadsafe(begin)

        signal.signal(number, handle)

    wrap(signal.SIGTERM)
    wrap(signal.SIGINT)
