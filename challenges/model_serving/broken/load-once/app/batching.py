"""Batcher: gathers the rows of many requests into few calls of predict, in threads."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from app.limits import ADMITTED_ROWS, BATCH_ROWS, BATCH_WINDOW_S
from app.schemas import Digit, digits
from digit_model import Model, load

logger = logging.getLogger(__name__)

Rows = list[list[float]]


class OverloadedError(Exception):
    """There is no room for more."""


class Admission:
    """Counts the rows that were let in and are not answered yet."""

    def __init__(self, most: int = ADMITTED_ROWS) -> None:
        self._most = most
        self._rows = 0

    @contextmanager
    def of(self, rows: int) -> Iterator[None]:
        """Let them in until the end of the block.

        Raises:
            OverloadedError: there is no room.
        """
        if self._rows + rows > self._most:
            raise OverloadedError
        self._rows += rows
        try:
            yield
        finally:
            self._rows -= rows


@dataclass(frozen=True)
class _Waiting:
    """The rows of one request; whoever cancels the future wants them no more."""

    rows: Rows
    answer: asyncio.Future[list[Digit]]


class Batcher:
    """One version's queue. One call of predict at a time: what comes meanwhile goes together with the next."""

    def __init__(self, model: Model, executor: Executor) -> None:
        self._model = model
        self._executor = executor
        self._queue: deque[_Waiting] = deque()
        self._filled = asyncio.Event()

    def submit(self, rows: Rows) -> asyncio.Future[list[Digit]]:
        """Queue the rows. Cancel the future to take them out again."""
        answer: asyncio.Future[list[Digit]] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(rows, answer))
        self._filled.set()
        return answer

    async def run(self) -> None:
        """Serve the queue until cancelled."""
        while True:
            await self._filled.wait()
            if self._queued() < BATCH_ROWS:
                await asyncio.sleep(BATCH_WINDOW_S)
            batch = self._take()
            if batch:
                await self._predict(batch)

    def _queued(self) -> int:
        return sum(len(waiting.rows) for waiting in self._queue)

    def _take(self) -> list[_Waiting]:
        """The next requests that fit into one call, without those that were given up."""
        batch: list[_Waiting] = []
        room = BATCH_ROWS
        while self._queue and len(self._queue[0].rows) <= room:
            waiting = self._queue.popleft()
            if not waiting.answer.cancelled():
                batch.append(waiting)
                room -= len(waiting.rows)
        if not self._queue:
            self._filled.clear()
        return batch

    async def _predict(self, batch: list[_Waiting]) -> None:
        rows = [row for waiting in batch for row in waiting.rows]
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._executor, read_digits, self._model, rows)
        except (
            Exception
        ) as error:  # whatever the backend raises: the requests have to hear of it, and the queue goes on
            logger.exception("a batch of %d rows failed", len(rows))
            for waiting in batch:
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
            return
        start = 0
        for waiting in batch:
            end = start + len(waiting.rows)
            if not waiting.answer.done():
                waiting.answer.set_result(found[start:end])
            start = end


def read_digits(model: Model, rows: Rows) -> list[Digit]:
    """One call of predict. Blocks."""
    return digits(load(model.version).predict(np.array(rows, np.float64)))
