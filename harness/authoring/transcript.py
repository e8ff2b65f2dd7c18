"""What was sent and what came back, kept as evidence: capped, and without secrets."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.authoring.redact import Redactor

KEPT = 40
BODY_SHOWN = 2000
# Redacted before it is cut, since half a secret is not recognised; cut before that, since bodies are up to 4 MiB.
_BODY_READ = 4 * BODY_SHOWN
_HEADERS_SHOWN = 4000


@dataclass
class Exchange:
    """One request and its answer, as they were; `problem` says why there is no answer.

    `sent` once the request has been written in full.
    """

    method: str
    target: str
    url: str
    headers: list[tuple[str, str]]
    body: bytes
    status_line: str = ""
    reply_headers: list[tuple[str, str]] = field(default_factory=list)
    reply_body: bytes = b""
    problem: str = ""
    elapsed_ms: float | None = None
    sent: bool = False

    def shown(self, redactor: Redactor) -> dict[str, object]:
        """As the record keeps it: three texts and numbers that are safe to show."""
        head = f"{self.method} {self.target} HTTP/1.1"
        request = _message(head, self.headers, self.body, redactor)
        response = ""
        if self.status_line:
            response = _message(self.status_line, self.reply_headers, self.reply_body, redactor)
        if self.problem:
            response = f"{response}\n\n({self.problem})".strip()
        return {"request": request, "response": response, "elapsed_ms": self.elapsed_ms}


def _message(head: str, headers: Iterable[tuple[str, str]], body: bytes, redactor: Redactor) -> str:
    lines = "\n".join([head, *(f"{name}: {redactor.header(name, value)}" for name, value in headers)])
    if len(lines) > _HEADERS_SHOWN:
        lines = lines[:_HEADERS_SHOWN] + "\n... (more headers)"
    return f"{lines}\n\n{body_text(body, redactor)}".rstrip()


def body_text(body: bytes, redactor: Redactor) -> str:
    """The start of a body as text without secrets, with a note of what was left out."""
    text = redactor.text(body[:_BODY_READ].decode("utf-8", "replace"))
    if len(body) <= _BODY_READ and len(text) <= BODY_SHOWN:
        return text
    return f"{text[:BODY_SHOWN]}\n... ({len(body)} bytes in all)"


class Transcript:
    """The last exchanges of one check. Safe to use from several threads."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept: deque[Exchange] = deque(maxlen=kept)
        self._under_way: dict[int, Exchange] = {}
        self._lock = threading.Lock()
        self.count = 0

    def begin(self, exchange: Exchange) -> None:
        """An exchange is under way, until it is added."""
        with self._lock:
            self._under_way[id(exchange)] = exchange

    def unsent(self) -> int:
        """How many exchanges are under way whose request has not been written in full."""
        with self._lock:
            return sum(not exchange.sent for exchange in self._under_way.values())

    def add(self, exchange: Exchange) -> None:
        with self._lock:
            self._under_way.pop(id(exchange), None)
            self._kept.append(exchange)
            self.count += 1

    def exchanges(self, always: Exchange | None = None) -> list[Exchange]:
        """Oldest first; `always` is among them even when it is older than what is kept."""
        with self._lock:
            kept = list(self._kept)
        if always is not None and all(exchange is not always for exchange in kept):
            kept = [always, *kept[1:]] if len(kept) == self._kept.maxlen else [always, *kept]
        return kept

    def last(self) -> Exchange | None:
        with self._lock:
            return self._kept[-1] if self._kept else None
