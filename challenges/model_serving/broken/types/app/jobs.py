"""Jobs: many rows, scored in the background, one after the other."""

import asyncio
import logging
import uuid
from dataclasses import dataclass, field
from typing import Any

from app.batching import OverloadedError, read_digits
from app.limits import BATCH_ROWS, KEPT_JOBS, WAITING_JOBS
from app.schemas import JobInfo

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Job:
    """One job. `found` grows as it goes on."""

    id: str
    model: Any
    rows: Any
    status: Any = "queued"
    found: Any = field(default_factory=list)
    _changed: Any = field(default_factory=asyncio.Event)

    @property
    def finished(self):
        """Whether nothing more will come."""
        return self.status in {"done", "failed"}

    def info(self):
        """How far it is."""
        return JobInfo(
            id=self.id,
            status=self.status,
            version=self.model.version,
            total=len(self.rows),
            completed=len(self.found),
        )

    def go(self, status, found=None):
        """Take a step, and tell those who watch."""
        self.found += found or []
        self.status = status
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def progress(self):
        """How far it is, now and after each step, until it ends."""
        while True:
            changed, finished = self._changed, self.finished
            yield self.info()
            if finished:
                return
            await changed.wait()


class Jobs:
    """All jobs. The oldest that are finished are forgotten when there are many."""

    def __init__(self, executor):
        self._executor = executor
        self._jobs: dict[str, Job] = {}
        self._queue: asyncio.Queue[Job] = asyncio.Queue(WAITING_JOBS)

    def get(self, id_):
        """The job, when there is one."""
        return self._jobs.get(id_)

    def start(self, model, rows):
        """Queue a job.

        Raises:
            OverloadedError: too many are waiting.
        """
        job = Job(str(uuid.uuid4()), model, rows)
        try:
            self._queue.put_nowait(job)
        except asyncio.QueueFull as error:
            raise OverloadedError from error
        self._jobs[job.id] = job
        finished = [id_ for id_, kept in self._jobs.items() if kept.finished]
        for id_ in finished[: max(0, len(self._jobs) - KEPT_JOBS)]:
            del self._jobs[id_]
        return job

    async def run(self):
        """Do the jobs in their order until cancelled."""
        while True:
            await self._do(await self._queue.get())

    async def _do(self, job):
        loop = asyncio.get_running_loop()
        job.go("running")
        try:
            for start in range(0, len(job.rows), BATCH_ROWS):
                rows = job.rows[start : start + BATCH_ROWS]
                found = await loop.run_in_executor(self._executor, read_digits, job.model, rows)
                job.go("running", found)
        except Exception:  # whatever the backend raises ends this job, not those after it
            logger.exception("job %s failed", job.id)
            job.go("failed")
        else:
            job.go("done")
