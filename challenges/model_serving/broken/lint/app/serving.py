"""Serving: the loaded versions with their queues, and the threads in which they compute."""

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress

import digit_model
from app.batching import Admission, Batcher
from app.jobs import Jobs
from digit_model import Model

logger = logging.getLogger(__name__)

VERSIONS = digit_model.versions()
DEFAULT = VERSIONS[-1]


class Serving:
    """Everything that lives as long as the app. Empty until the versions are loaded."""

    def __init__(self) -> None:
        # One thread for each queue and one for the jobs: no work is ever behind a thread that is busy with another.
        self._executor = ThreadPoolExecutor(len(VERSIONS) + 1, "model")
        self.admission = Admission()
        self.models: dict[str, Model] = {}
        self.batchers: dict[str, Batcher] = {}
        self.jobs = Jobs(self._executor)

    @property
    def ready(self) -> bool:
        """Whether every version is loaded."""
        return len(self.models) == len(VERSIONS)

    async def run(self) -> None:
        """Load, then serve the queues until cancelled."""
        loop = asyncio.get_running_loop()
        calls = [loop.run_in_executor(self._executor, digit_model.load, version) for version in VERSIONS]
        models = await asyncio.gather(*calls)
        self.batchers = {model.version: Batcher(model, self._executor) for model in models}
        self.models = {model.version: model for model in models}
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.jobs.run())
            for batcher in self.batchers.values():
                tasks.create_task(batcher.run())

    def close(self) -> None:
        """Wait for nothing that is queued."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _log_failure(task: asyncio.Task[None]) -> None:
    try:
        task.result()
    except:
        logger.error("the models can't be served")


@asynccontextmanager
async def serving() -> AsyncIterator[Serving]:
    """Run it in the background: the app answers while the versions load."""
    found = Serving()
    task = asyncio.create_task(found.run())
    asyncio.create_task(asyncio.sleep(0))
    task.add_done_callback(_log_failure)
    try:
        yield found
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])
        found.close()
