"""Batcher: rows of several requests in one call of predict. Plain threads around one condition."""

import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np
from digit_model import Prediction

from app.asked import Asked
from app.errors import Refused
from app.limits import (
    GATHER_SECONDS,
    PREDICTION_THREADS,
    RETRY_AFTER_SECONDS,
    ROWS_ADMITTED,
    ROWS_PER_CALL,
)
from app.models import Models


@dataclass(eq=False)
class Ticket:
    """A request that was admitted; `answer` comes when its rows have been predicted."""

    asked: Asked
    answer: Future[Prediction] = field(default_factory=Future)

    @property
    def size(self) -> int:
        return len(self.asked.rows)


class Batcher:
    """Admits rows as long as there is room, and predicts them in calls that requests share."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._changed = threading.Condition()
        self._queue: deque[Ticket] = deque()
        self._admitted = 0
        self._calls = 0
        self._stopped = False
        self._threads = [
            threading.Thread(target=self._run, name=f"predict-{number}", daemon=True)
            for number in range(PREDICTION_THREADS)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take nothing more; what is under way is finished by its thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def admit(self, asked: Asked) -> Ticket:
        """Take a request in.

        Raises:
            Refused: there is no room for all of its rows.
        """
        ticket = Ticket(asked)
        with self._changed:
            if self._stopped or self._admitted + ticket.size > ROWS_ADMITTED:
                raise Refused(503, "there is no room for so many rows now", RETRY_AFTER_SECONDS)
            self._admitted += ticket.size
            self._queue.append(ticket)
            self._changed.notify()
        return ticket

    def forget(self, ticket: Ticket) -> None:
        """Nobody waits for it any more: it is never predicted, unless that has begun."""
        with self._changed:
            if ticket in self._queue:
                self._queue.remove(ticket)
                self._admitted -= ticket.size
                ticket.answer.cancel()

    def _run(self) -> None:
        while batch := self._next():
            try:
                rows = np.concatenate([ticket.asked.rows for ticket in batch])
                found = self._models.get(batch[0].asked.version).predict(rows)
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait have to know
                self._settle(batch, error)
            else:
                self._settle(batch, found)

    def _next(self) -> list[Ticket]:
        """The next batch; empty when the batcher is stopped."""
        with self._changed:
            while not self._queue:
                if self._stopped:
                    return []
                self._changed.wait()
            if self._calls == 0:
                self._gather()
            batch = self._take()
            self._calls += bool(batch)
        return batch or self._next()

    def _gather(self) -> None:
        """No call is under way: wait a moment for company."""
        until = time.monotonic() + GATHER_SECONDS
        while self._queue and sum(ticket.size for ticket in self._queue) < ROWS_PER_CALL:
            left = until - time.monotonic()
            if left <= 0 or self._stopped:
                return
            self._changed.wait(left)

    def _take(self) -> list[Ticket]:
        """From the front of the queue: one version, and as many rows as fit into a call."""
        batch: list[Ticket] = []
        room = ROWS_PER_CALL
        for ticket in list(self._queue):
            if batch and ticket.asked.version != batch[0].asked.version:
                continue
            if ticket.size > room:
                break
            batch.append(ticket)
            room -= ticket.size
            self._queue.remove(ticket)
        return batch

    def _settle(self, batch: list[Ticket], found: Prediction | Exception) -> None:
        with self._changed:
            self._calls -= 1
            self._admitted -= sum(ticket.size for ticket in batch)
            self._changed.notify()
        at = 0
        for ticket in batch:
            rows = slice(at, at + ticket.size)
            at += ticket.size
            if isinstance(found, Exception):
                ticket.answer.set_exception(found)
            else:
                ticket.answer.set_result(Prediction(found.labels[rows], found.probabilities[rows]))
