"""The prober's channel over any byte stream: one reader thread, one queue, JSON lines."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.errors import EnvironmentFault, HarnessFault

MAX_LINE = 4 * 1024 * 1024
# A prober gone wild fills a pipe and not our memory: so many bytes wait here, or one line.
_MOST_WAITING = 16 * 1024 * 1024
_OBJECT = 100


class StreamChannel:
    """A channel over `write(bytes)` and an iterator of received chunks."""

    def __init__(self, write: Callable[[bytes], object], chunks: Iterator[bytes]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._frames: queue.Queue[bytes | None] = queue.Queue()
        self._waiting = 0
        self._room = threading.Condition()
        self._closed = threading.Event()
        self._fault = ""
        self._thread = threading.Thread(target=self._read, args=(chunks,), name="prober-channel", daemon=True)
        self._thread.start()

    def _read(self, chunks: Iterator[bytes]) -> None:
        pending = bytearray()
        try:
            for chunk in chunks:
                # Whoever prints without end would be read without end, too.
                if self._closed.is_set():
                    return
                pending += chunk
                while (end := pending.find(b"\n")) >= 0:
                    self._put(bytes(pending[:end]))
                    del pending[: end + 1]
                if len(pending) > MAX_LINE:
                    self._fault = f"the prober sent a line of more than {MAX_LINE} bytes"
                    break
        except (OSError, ValueError):
            pass  # the stream was closed under us: the same as its end
        self._put(None)

    def _put(self, item: bytes | None) -> None:
        with self._room:
            self._room.wait_for(lambda: self._closed.is_set() or self._waiting <= _MOST_WAITING)
            if self._closed.is_set():
                return
            self._waiting += _held(item)
        self._frames.put(item)

    def send(self, frame: Mapping[str, Any]) -> None:
        """Write one frame; EnvironmentFault when the prober is gone."""
        data = json.dumps(frame, separators=(",", ":")).encode() + b"\n"
        try:
            with self._lock:
                self._write(data)
        except (OSError, ValueError) as error:
            raise EnvironmentFault("the prober is gone", detail=str(error)) from error

    def receive(self, timeout_s: float) -> dict[str, Any] | None:
        """The next frame; None at the end; TimeoutError; HarnessFault for what is no frame."""
        try:
            line = self._frames.get(timeout=max(timeout_s, 0.001))
        except queue.Empty as error:
            raise TimeoutError(f"nothing from the prober for {timeout_s:.0f} s") from error
        with self._room:
            self._waiting -= _held(line)
            self._room.notify_all()
        if line is None:
            if self._fault:
                raise HarnessFault(self._fault)
            return None
        try:
            frame = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise HarnessFault("the prober sent something that is no JSON", detail=repr(line[:200])) from error
        if not isinstance(frame, dict) or not isinstance(frame.get("kind"), str):
            raise HarnessFault("the prober sent something that is no frame", detail=repr(line[:200]))
        return frame

    def close(self) -> None:
        """Stop handing over; the reader ends with its stream."""
        with self._room:
            self._closed.set()
            self._room.notify_all()


def _held(line: bytes | None) -> int:
    """What a line costs us, in bytes: an empty one is an object, too."""
    return len(line or b"") + _OBJECT
