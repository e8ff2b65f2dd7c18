"""Jobs as their clients see them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from harness.authoring import Fail, Reply

from .digits import NEW, Row
from .service import JOBS, Service, body_of, mapping

STATUSES = ("queued", "running", "done", "failed")
ENDED = ("done", "failed")
_CAP_S = 90.0
_TICK_S = 0.03


@dataclass(frozen=True)
class Job:
    """A job as the service says it is."""

    id: str
    status: str
    completed: int

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.status in ENDED


def job_of(body: dict[str, Any], total: int, version: str = NEW) -> Job:
    """The job in a body; Fail when it isn't what the brief says."""
    id_, status, completed = body.get("id"), body.get("status"), body.get("completed")
    good = (
        isinstance(id_, str)
        and status in STATUSES
        and isinstance(completed, int)
        and not isinstance(completed, bool)
        and 0 <= completed <= total
        and body.get("total") == total
        and body.get("version") == version
        and (status != "done" or completed == total)
    )
    if not good:
        raise Fail(
            "A job is not what the brief says",
            expected=f"id, status ({', '.join(STATUSES)}), version {version}, total {total}, completed from 0 to "
            "total, which it is when done",
            actual=str(body)[:300],
        )
    return Job(str(id_), str(status), int(str(completed)))


async def start(service: Service, rows: Sequence[Row], version: str | None = None) -> Job:
    """Start a job; who started it has hung up when this returns."""
    async with service.api.fresh() as client:
        reply = await client.post(JOBS, json=body_of(rows, version))
    reply.expect_status(202)
    job = job_of(mapping(reply), len(rows), version or NEW)
    place = str(reply.headers.get("location", ""))
    if not place.endswith(f"{JOBS}/{job.id}"):
        reply.fail("Location is not that of the job", f"Location: {JOBS}/{job.id}")
    return job


async def look(service: Service, id_: str, total: int, version: str = NEW) -> Job:
    """How far it is."""
    reply = await service.api.get(f"{JOBS}/{id_}")
    return job_of(mapping(reply.expect_status(200)), total, version)


async def watched(service: Service, id_: str, total: int, version: str = NEW) -> list[Job]:
    """Every state seen until it ends."""
    clock = asyncio.get_running_loop().time
    limit = clock() + _CAP_S
    seen = [await look(service, id_, total, version)]
    while not seen[-1].ended:
        if clock() > limit:
            raise Fail(
                "A job doesn't end",
                expected=f"done: {total} rows, and nothing is held",
                actual=f"{seen[-1].status}, {seen[-1].completed} completed, after {_CAP_S:g} s",
            )
        await asyncio.sleep(_TICK_S)
        seen.append(await look(service, id_, total, version))
    return seen


def forward_only(seen: Sequence[Job]) -> None:
    """Fail when progress goes back."""
    for earlier, later in pairwise(seen):
        back = later.completed < earlier.completed or STATUSES.index(later.status) < STATUSES.index(earlier.status)
        if back:
            raise Fail(
                "A job goes back",
                expected="completed and status only go forward",
                actual=f"{earlier.status} {earlier.completed}, then {later.status} {later.completed}",
            )


async def results(service: Service, id_: str) -> Reply:
    """What it found."""
    return await service.api.get(f"{JOBS}/{id_}/results")
