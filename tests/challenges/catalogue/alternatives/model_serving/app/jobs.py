"""Jobs: many rows, scored in the background by threads of their own, in calls of their own."""

from __future__ import annotations

import logging
import secrets
import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import StrEnum
from queue import Full, Queue
from typing import TYPE_CHECKING

from app.models import ModelStore, Scores, joined
from app.settings import CALL_ROWS, JOB_WORKERS, JOBS_KEPT, JOBS_WAITING

if TYPE_CHECKING:
    from digit_model import Array

logger = logging.getLogger(__name__)


class Status(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Snapshot:
    """A job as it is at one moment."""

    id: str
    status: Status
    version: str
    total: int
    completed: int

    @property
    def finished(self) -> bool:
        return self.status in (Status.DONE, Status.FAILED)


def _change() -> Future[None]:
    """A future that nobody who waits for it can cancel."""
    future: Future[None] = Future()
    future.set_running_or_notify_cancel()
    return future


@dataclass(eq=False)
class Job:
    """Changed by one worker, watched by anybody."""

    version: str
    rows: Array | None
    total: int
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    _status: Status = Status.QUEUED
    _completed: int = 0
    _parts: list[Scores] = field(default_factory=list)
    _changed: Future[None] = field(default_factory=_change)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def snapshot(self) -> Snapshot:
        return self.watch()[0]

    def watch(self) -> tuple[Snapshot, Future[None]]:
        """The job as it is, and what is settled when it is so no longer."""
        with self._lock:
            return Snapshot(self.id, self._status, self.version, self.total, self._completed), self._changed

    def results(self) -> Scores | None:
        """None while it isn't done."""
        with self._lock:
            return joined(self._parts) if self._status is Status.DONE else None

    def run(self, store: ModelStore) -> None:
        rows, self.rows = self.rows, None
        if rows is None:
            return
        self._advance(Status.RUNNING)
        try:
            for start in range(0, self.total, CALL_ROWS):
                scores = store.predict(self.version, rows[start : start + CALL_ROWS])
                last = start + CALL_ROWS >= self.total
                self._advance(Status.DONE if last else Status.RUNNING, scores)
        except Exception:
            logger.exception("job %s failed", self.id)
            self._advance(Status.FAILED)

    def _advance(self, status: Status, scores: Scores | None = None) -> None:
        with self._lock:
            self._status = status
            if scores is not None:
                self._parts.append(scores)
                self._completed += len(scores.labels)
            before, self._changed = self._changed, _change()
        before.set_result(None)


class JobBoard:
    """All jobs, and the threads that run them."""

    def __init__(self, store: ModelStore) -> None:
        self._store = store
        self._waiting: Queue[Job] = Queue(JOBS_WAITING)
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._finished: deque[str] = deque()

    def start(self) -> None:
        for number in range(JOB_WORKERS):
            threading.Thread(target=self._work, name=f"job-{number}", daemon=True).start()

    def submit(self, version: str, rows: Array) -> Job | None:
        """Queue a job; None when too many wait."""
        job = Job(version, rows, len(rows))
        with self._lock:
            try:
                self._waiting.put_nowait(job)
            except Full:
                return None
            self._jobs[job.id] = job
        return job

    def get(self, job_id: str) -> Job | None:
        with self._lock:
            return self._jobs.get(job_id)

    def _work(self) -> None:
        while True:
            job = self._waiting.get()
            job.run(self._store)
            with self._lock:
                self._finished.append(job.id)
                if len(self._finished) > JOBS_KEPT:
                    del self._jobs[self._finished.popleft()]
