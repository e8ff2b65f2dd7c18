"""Waiting for what comes back after something was stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from harness.authoring import Api, Database, Fail, Lifecycle, NoAnswer, Reply

_TICK_S = 0.1
_PATIENCE_S = 5.0


async def eventually(call: Callable[[], Awaitable[Reply]], status: int, *, cap_s: float) -> tuple[bool, str]:
    """Whether an answer had the status within `cap_s` seconds, and the last answer in words."""
    limit = asyncio.get_running_loop().time() + cap_s
    while True:
        try:
            reply = await call()
            told = reply.describe()
        except Fail as silence:
            reply, told = None, silence.summary
        if reply is not None and reply.status == status:
            return True, told
        if asyncio.get_running_loop().time() > limit:
            return False, told
        await asyncio.sleep(_TICK_S)


async def back_to_work(api: Api, pod: Lifecycle) -> None:
    """Leave a service that answers to the checks that follow, whatever this one did to it."""
    async with api.fresh() as probe:
        well, _ = await eventually(lambda: probe.get("/readyz", deadline_s=5), 200, cap_s=3)
    if not well:
        await pod.restart("candidate")
        await pod.wait_ready()


async def unworn(api: Api, database: Database, pod: Lifecycle) -> None:
    """Start the service anew when connections are stuck in a transaction, or when it hangs for want of one.

    A leak is one check's matter; without this, all that come after would fail by it.
    """
    stuck = any(s.state.startswith("idle in transaction") for s in await database.sessions())
    if stuck:
        stuck = not await database.wait_until(
            lambda sessions: not any(s.state.startswith("idle in transaction") for s in sessions), cap_s=_PATIENCE_S
        )
    if not stuck:
        async with api.fresh() as probe:
            try:
                await probe.get("/readyz", deadline_s=_PATIENCE_S)
            except NoAnswer:
                stuck = True
    if stuck:
        await pod.restart("candidate")
        await pod.wait_ready()
