"""Jobs: scored one after the other by one thread, whoever asks or hangs up."""

import threading
import uuid
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from digit_model import Prediction

from app.asked import Asked
from app.errors import Refused
from app.limits import JOBS_KEPT, JOBS_WAITING, RETRY_AFTER_SECONDS, ROWS_PER_CALL
from app.models import Models

Status = Literal["queued", "running", "done", "failed"]


@dataclass(eq=False)
class Job:
    """Its numbers are written by the thread that scores it, and read by everybody."""

    asked: Asked
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: Status = "queued"
    completed: int = 0
    parts: list[Prediction] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.asked.rows)

    @property
    def over(self) -> bool:
        return self.status in ("done", "failed")

    def results(self) -> Prediction:
        """All predictions of a job that is done."""
        return Prediction(
            np.concatenate([part.labels for part in self.parts]),
            np.concatenate([part.probabilities for part in self.parts]),
        )


class Jobs:
    """Those that wait, the one that runs, and the last ones that are over."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._changed = threading.Condition()
        self._waiting: deque[Job] = deque()
        self._known: OrderedDict[str, Job] = OrderedDict()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def add(self, asked: Asked) -> Job:
        """Queue a job.

        Raises:
            Refused: too many wait.
        """
        job = Job(asked)
        with self._changed:
            if len(self._waiting) >= JOBS_WAITING:
                raise Refused(503, "too many jobs wait", RETRY_AFTER_SECONDS)
            self._known[job.id] = job
            self._waiting.append(job)
            self._drop_old()
            self._changed.notify()
        return job

    def get(self, job_id: str) -> Job:
        """A job that is known.

        Raises:
            Refused: there is none of this id.
        """
        with self._changed:
            job = self._known.get(job_id)
        if job is None:
            raise Refused(404, "there is no such job")
        return job

    def _drop_old(self) -> None:
        over = [job for job in self._known.values() if job.over]
        for job in over[: max(0, len(over) - JOBS_KEPT)]:
            del self._known[job.id]

    def _run(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._score(job)
                job.status = "done"
            except Exception:  # noqa: BLE001 - the next job shall have its turn
                job.status = "failed"

    def _next(self) -> Job | None:
        with self._changed:
            while not self._waiting and not self._stopped:
                self._changed.wait()
            return None if self._stopped else self._waiting.popleft()

    def _score(self, job: Job) -> None:
        model = self._models.get(job.asked.version)
        job.status = "running"
        for start in range(0, job.total, ROWS_PER_CALL):
            part = model.predict(job.asked.rows[start : start + ROWS_PER_CALL])
            job.parts.append(part)
            job.completed += len(part.labels)
