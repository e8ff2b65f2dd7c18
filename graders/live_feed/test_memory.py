"""What stays in memory."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from harness.authoring import Evidence, Lifecycle, Question, WebSocket, check, expect

from .support.feed import Feed, heard

_TEXT = 32 * 1024
_WARM = 1200
# 48 MiB in five equal parts: a leak shows in each of them, what is kept for good reason in the first.
_BATCHES = 5
_BATCH = 308
_WINDOW = 12
_MIB = 1024 * 1024
_MOST = 16 * _MIB
_LOOKS = 3


@check(
    "memory",
    skill="performance",
    level="mid",
    after=("rooms",),
    deadline_s=300,
    passed="What is no longer kept is gone from memory",
    failed="Memory grows with everything that was ever said",
    why="A service that keeps everything lasts until the memory is full, always on the busiest day.",
    hint="A deque with maxlen per room; no list of everything, no cache without an end.",
    question=Question(
        ask="What of your service's memory grows with time, what with clients, and what bounds each?",
        junior="The garbage collector takes care.",
        senior="Lists histories, queues and rooms that nobody uses, each with its bound, and how it was measured.",
    ),
)
async def test_what_is_not_kept_is_gone(feed: Feed, pod: Lifecycle, evidence: Evidence) -> None:
    """After a restart and 1,200 messages of 32 KiB another 48 MiB of them make it grow by less than 16 MiB."""
    # A leak would not be seen while it fills what earlier checks made the process take.
    await pod.restart("candidate")
    await pod.wait_ready()
    room = feed.name("room")
    async with feed.talk(room, "talker") as talker:
        await feed.joined(talker)
        await _say(talker, _WARM)
        held = [await _least(pod)]
        for _ in range(_BATCHES):
            await _say(talker, _BATCH)
            held.append(await _least(pod))
    for number, (before, after) in enumerate(pairwise(held), start=1):
        evidence.number(f"MiB grown in batch {number} of {_BATCHES}", round((after - before) / _MIB, 1))
    grown = held[-1] - held[0]
    expect(
        grown < _MOST,
        "Memory grows with what was said",
        expected="less than 16 MiB more after 48 MiB of messages",
        actual=f"{grown / _MIB:.0f} MiB more",
    )


async def _say(talker: WebSocket, count: int) -> None:
    """Never more under way than a client that reads has soon."""
    text = "x" * _TEXT
    for start in range(0, count, _WINDOW):
        size = min(_WINDOW, count - start)
        for _ in range(size):
            await talker.send_json({"text": text})
        for _ in range(size):
            await heard(talker)


async def _least(pod: Lifecycle) -> int:
    """What is held once passing things are gone."""
    found = []
    for _ in range(_LOOKS):
        found.append(await pod.memory())
        await asyncio.sleep(0.2)
    return min(found)
