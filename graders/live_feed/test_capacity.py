"""Many who listen."""

from __future__ import annotations

import asyncio
import resource
import sys
from contextlib import AsyncExitStack, suppress

from harness.authoring import (
    Api,
    Evidence,
    Fail,
    Inconclusive,
    NoAnswer,
    Partial,
    Question,
    WebSocket,
    WebSocketClosed,
    check,
)

from .support.feed import Feed, heard_until

_RUNGS = {100: 0.2, 300: 0.5, 1000: 1.0}
_AT_ONCE = 25
# What a process has open besides its clients.
_SPARE = 22


@check(
    "idle-capacity",
    skill="performance",
    level="senior",
    after=("rooms",),
    deadline_s=300,
    passed="1,000 clients listen, and a message reaches all of them",
    failed="Fewer than 1,000 clients can listen at a time",
    why="Most connections of a real-time service are idle: what each costs decides how many there can be.",
    hint="No thread per connection, no polling task per connection, no limit below 1,000 on the way.",
    question=Question(
        ask="What does one idle WebSocket cost in your service, and what limits their number first?",
        junior="Nothing while it is idle.",
        senior="Tasks, buffers, file descriptors and pings; knows the limit of each and has measured one.",
    ),
)
async def test_a_thousand_listen(api: Api, feed: Feed, evidence: Evidence) -> None:
    """100, 300, then 1,000 WebSockets in one room: /healthz answers and one message reaches everybody."""
    files = _files()
    room = feed.name("room")
    reached, trouble = 0, ""
    async with AsyncExitStack() as stack:
        crowd: list[WebSocket] = []
        try:
            for rung in (rung for rung in _RUNGS if rung + _SPARE <= files):
                while len(crowd) < rung:
                    opening = [feed.talk(room, f"user-{len(crowd) + n}", deadline_s=60) for n in range(_AT_ONCE)]
                    crowd += await asyncio.gather(*(stack.enter_async_context(one) for one in opening))
                (await api.get("/healthz")).expect_status(200)
                text = feed.text()
                await feed.posted(room, text)
                await asyncio.gather(*(heard_until(ws, text) for ws in crowd))
                reached = rung
        except (NoAnswer, WebSocketClosed, Fail) as error:
            trouble = f"{error.summary}; {error.actual}"
    evidence.number("clients that listened and heard", reached)
    if not reached:
        raise Fail("Not even 100 clients can listen at a time", expected="1,000", actual=trouble)
    if not trouble and reached < max(_RUNGS):
        raise Inconclusive(f"a process may open only {files} files here, so no more than {reached} clients were tried")
    if reached < max(_RUNGS):
        raise Partial(
            _RUNGS[reached], f"{reached} clients can listen, 1,000 can't", expected="1,000 clients", actual=trouble
        )


def _files() -> int:
    """How many files the service may open, as far as can be told: what we may, before we raise it for ourselves."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    infinite = resource.RLIM_INFINITY
    return sys.maxsize if infinite in (soft, hard) else soft
