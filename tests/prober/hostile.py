"""A raw TCP server whose answers are anything but HTTP as it should be."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[socket.socket, bytes], None]
OK = b"HTTP/1.1 200 OK\r\n"


class Hostile:
    """Answers each connection by a function, on a thread of its own; keeps what was received first on each."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.received: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._connections: list[socket.socket] = []
        self.stop = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self._connections.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            request = received(connection)
            self.received.append(request)
            self._answer(connection, request)

    def close(self) -> None:
        self.stop.set()
        self._socket.close()
        # So that an answer without end has one.
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


def received(connection: socket.socket) -> bytes:
    """One request, with its body."""
    data = connection.recv(65536)
    while b"\r\n\r\n" in data:
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        if length is None or len(body) >= int(length.group(1)):
            break
        data += connection.recv(65536)
    return data


@contextmanager
def hostile(answer: Answer | bytes) -> Iterator[Hostile]:
    """A server that gives `answer`: bytes and then closes, or whatever the function does."""

    def plain(connection: socket.socket, _request: bytes) -> None:
        assert isinstance(answer, bytes)
        connection.sendall(answer)

    server = Hostile(plain if isinstance(answer, bytes) else answer)
    try:
        yield server
    finally:
        server.close()


def forever(start: bytes, again: bytes, pause_s: float = 0.0) -> Answer:
    """Send `start` and then `again` without end."""

    def answer(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(start)
        waiting = threading.Event()
        while True:
            connection.sendall(again)
            waiting.wait(pause_s)

    return answer


def with_body(body: bytes, headers: bytes = b"") -> bytes:
    return OK + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body
