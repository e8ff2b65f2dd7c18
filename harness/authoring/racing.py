"""Calls that run while the check does something else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from harness.authoring.outcomes import Fail
from harness.authoring.reply import Reply

Call = Callable[[], Awaitable[Reply]]
_TICK_S = 0.02


class Race:
    """Calls under way."""

    def __init__(self, calls: Iterable[Call]) -> None:
        self._tasks = [asyncio.ensure_future(call()) for call in calls]

    def done(self) -> int:
        """How many have ended."""
        return sum(task.done() for task in self._tasks)

    def over(self) -> bool:
        """Whether all have ended."""
        return self.done() == len(self._tasks)

    def so_far(self) -> list[Reply | Fail | None]:
        """For each call its answer, why there is none, or None while it is under way."""
        return [_outcome(task) if task.done() else None for task in self._tasks]

    def answered(self) -> list[Reply]:
        """The answers that are there by now."""
        ended = [t for t in self._tasks if t.done() and not t.cancelled()]
        return [t.result() for t in ended if t.exception() is None]

    async def outcomes(self) -> list[Reply | Fail]:
        """Wait for all of them: an answer or why there is none, in the order of the calls."""
        ended: list[Reply | Fail] = []
        for result in await asyncio.gather(*self._tasks, return_exceptions=True):
            if not isinstance(result, (Reply, Fail)):
                raise result
            ended.append(result)
        return ended

    async def replies(self) -> list[Reply]:
        """All answers; the first that is missing is a Fail."""
        ended = await self.outcomes()
        for result in ended:
            if isinstance(result, Fail):
                raise result
        return [result for result in ended if isinstance(result, Reply)]

    async def abandon(self) -> None:
        """Hang up on those that are still under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def racing(calls: Iterable[Call]) -> AsyncIterator[Race]:
    """Start the calls; whatever is still under way at the end is hung up on."""
    race = Race(calls)
    try:
        yield race
    finally:
        await race.abandon()


def _outcome(task: asyncio.Future[Reply]) -> Reply | Fail:
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, Fail):
        return error
    raise error


async def until(condition: Callable[[], object], *, cap_s: float = 25.0) -> bool:
    """Whether the condition came true within `cap_s` seconds."""
    loop = asyncio.get_running_loop()
    limit = loop.time() + cap_s
    while not condition():
        if loop.time() > limit:
            return False
        await asyncio.sleep(_TICK_S)
    return True
