"""The prober's end of the channel to the host: one JSON object per line on what were stdin and stdout.

File descriptors 0 and 1 are taken away first (1 then leads to stderr), so that nothing that prints can forge a frame
and nothing that reads can swallow one.
"""

from __future__ import annotations

import itertools
import json
import os
import queue
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, BinaryIO

MAX_LINE = 4 * 1024 * 1024


class ChannelClosed(Exception):
    """The host is gone, or silent for too long."""


class Channel:
    """Sends frames from any thread; a reader thread sorts answers to requests from everything else.

    `on_end` is called on the reader thread when the host closes its side.
    """

    def __init__(self, source: BinaryIO, sink: BinaryIO, on_end: Callable[[], None] = lambda: None) -> None:
        self._source = source
        self._sink = sink
        self._on_end = on_end
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        self._frames: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, name="host-channel", daemon=True)
        self._reader.start()

    def send(self, frame: Mapping[str, Any]) -> None:
        """Write one frame.

        Raises:
            ValueError: it is longer than 4 MiB or holds what JSON doesn't know.
        """
        line = json.dumps(frame, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"
        if len(line) > MAX_LINE:
            raise ValueError(f"a {frame.get('kind')!r} frame of {len(line)} bytes is too long")
        with self._lock:
            self._sink.write(line)
            self._sink.flush()

    def receive(self, timeout_s: float) -> dict[str, Any]:
        """The next frame that is no answer.

        Raises:
            ChannelClosed: none came within `timeout_s` seconds, or the host is gone.
        """
        try:
            frame = self._frames.get(timeout=timeout_s)
        except queue.Empty:
            raise ChannelClosed(f"nothing from the host for {timeout_s:g} s") from None
        if frame is None:
            raise ChannelClosed("the host closed the channel")
        return frame

    def request(self, op: str, target: str, args: Mapping[str, Any]) -> Future[dict[str, Any]]:
        """Ask the host for an operation; the future holds the answer frame."""
        number = next(self._numbers)
        future: Future[dict[str, Any]] = Future()
        self._waiting[number] = future
        self.send({"kind": "request", "id": number, "op": op, "target": target, "args": dict(args)})
        return future

    def _read(self) -> None:
        try:
            while line := self._source.readline(MAX_LINE):
                self._sort(line)
        except (OSError, ValueError):
            pass  # closed under us, or no JSON: either way nobody is there to talk to
        self._frames.put(None)
        for future in list(self._waiting.values()):
            if not future.done():
                future.set_result({"ok": False, "fault": "harness", "error": "the host is gone"})
        self._on_end()

    def _sort(self, line: bytes) -> None:
        frame = json.loads(line)
        if not isinstance(frame, dict):
            raise ValueError("a frame is an object")
        if frame.get("kind") != "answer":
            self._frames.put(frame)
            return
        future = self._waiting.pop(frame.get("id", 0), None)
        if future is not None and future.set_running_or_notify_cancel():
            future.set_result(frame)


def take_stdio(on_end: Callable[[], None]) -> Channel:
    """A channel on stdin and stdout, which nobody else can reach afterwards."""
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return Channel(source, sink, on_end)
