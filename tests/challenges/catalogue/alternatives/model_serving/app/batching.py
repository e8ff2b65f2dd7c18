"""Predictions: admitted or refused, queued per version, computed together.

One worker thread per version makes one call at a time. Everything here is guarded by one lock, which is never held
during a call.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from app.models import ModelStore, Scores, joined
from app.settings import ADMITTED_ROWS, CALL_ROWS, GATHER_SECONDS

if TYPE_CHECKING:
    from digit_model import Array

logger = logging.getLogger(__name__)


class PredictionFailedError(RuntimeError):
    """The call of the model raised."""


def _answer() -> Future[Scores]:
    """A future that a waiting coroutine cannot cancel: the worker alone settles it."""
    future: Future[Scores] = Future()
    future.set_running_or_notify_cancel()
    return future


@dataclass(eq=False)
class Ticket:
    """One admitted request."""

    version: str
    rows: Array
    answer: Future[Scores] = field(default_factory=_answer)
    came: float = field(default_factory=time.monotonic)
    taken: int = 0
    """Rows that went into a call, computed or not."""
    computing: int = 0
    parts: list[Scores] = field(default_factory=list)
    closed: bool = False
    """Nobody waits for it any more."""

    @property
    def waiting(self) -> int:
        return len(self.rows) - self.taken


@dataclass(frozen=True)
class Share:
    """What a ticket has in one call."""

    ticket: Ticket
    rows: Array


class Lane:
    """The queue of one version."""

    def __init__(self, version: str, lock: threading.Lock) -> None:
        self.version = version
        self.tickets: deque[Ticket] = deque()
        self.changed = threading.Condition(lock)

    def take(self) -> list[Share]:
        """Wait for rows, and a little for more of them. The lock is held by the caller."""
        while (pause := self._pause()) is None or pause > 0:
            self.changed.wait(pause)
        shares: list[Share] = []
        room = CALL_ROWS
        while room and self.tickets:
            ticket = self.tickets[0]
            count = min(room, ticket.waiting)
            shares.append(Share(ticket, ticket.rows[ticket.taken : ticket.taken + count]))
            ticket.taken += count
            ticket.computing = count
            room -= count
            if not ticket.waiting:
                self.tickets.popleft()
        return shares

    def _pause(self) -> float | None:
        if not self.tickets:
            return None
        if sum(ticket.waiting for ticket in self.tickets) >= CALL_ROWS:
            return 0.0
        return self.tickets[0].came + GATHER_SECONDS - time.monotonic()


class Batcher:
    """Admission and the queues of all versions."""

    def __init__(self, store: ModelStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._admitted = 0
        self._lanes = {version: Lane(version, self._lock) for version in store.versions}

    def start(self) -> None:
        for lane in self._lanes.values():
            threading.Thread(target=self._work, args=(lane,), name=f"predict-{lane.version}", daemon=True).start()

    def submit(self, version: str, rows: Array) -> Ticket | None:
        """Queue the rows; None when there is no room. Who submits has to `close`."""
        lane = self._lanes[version]
        with self._lock:
            if self._admitted + len(rows) > ADMITTED_ROWS:
                return None
            ticket = Ticket(version, rows)
            self._admitted += len(rows)
            lane.tickets.append(ticket)
            lane.changed.notify()
        return ticket

    def close(self, ticket: Ticket) -> None:
        """The client has its answer, or is gone: rows that still wait are dropped, and their room is free."""
        lane = self._lanes[ticket.version]
        with self._lock:
            ticket.closed = True
            if ticket.waiting:
                lane.tickets.remove(ticket)
            # Rows inside a call keep their room until it ends.
            self._admitted -= len(ticket.rows) - ticket.computing

    def _work(self, lane: Lane) -> None:
        while True:
            with self._lock:
                shares = lane.take()
            self._settle(lane, shares, self._compute(lane.version, shares))

    def _compute(self, version: str, shares: list[Share]) -> Scores | None:
        try:
            return self._store.predict(version, np.concatenate([share.rows for share in shares]))
        except Exception:
            logger.exception("predict failed")
            return None

    def _settle(self, lane: Lane, shares: list[Share], scores: Scores | None) -> None:
        finished: list[Ticket] = []
        failed: list[Ticket] = []
        at = 0
        with self._lock:
            for share in shares:
                ticket, count = share.ticket, len(share.rows)
                ticket.computing = 0
                if ticket.closed:
                    self._admitted -= count
                elif scores is None:
                    failed.append(ticket)
                    self._drop(lane, ticket)
                else:
                    ticket.parts.append(scores.part(at, at + count))
                    if not ticket.waiting:
                        finished.append(ticket)
                at += count
        for ticket in finished:
            ticket.answer.set_result(joined(ticket.parts))
        for ticket in failed:
            ticket.answer.set_exception(PredictionFailedError())

    def _drop(self, lane: Lane, ticket: Ticket) -> None:
        """A part of it failed: the rest is computed for nobody."""
        if ticket.waiting:
            lane.tickets.remove(ticket)
            ticket.taken = len(ticket.rows)
