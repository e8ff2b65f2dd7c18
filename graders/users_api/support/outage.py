"""Waiting for what comes back after something was stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from harness.authoring import Api, Fail, Lifecycle, Reply

_TICK_S = 0.1


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
