"""When racers are where a check wants them: behind a lock, or upstream."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TypeAlias

from harness.authoring import Api, CapacityGate, Database, NoAnswer, Race, Reply, Session

_Call: TypeAlias = Callable[[], Awaitable[Reply]]

_STABLE = 12
_TICK_S = 0.02
_PULSE_S = 3.0


def after(start: asyncio.Event, calls: Iterable[_Call]) -> list[_Call]:
    """The calls, each sent once `start` is set: not before the lock is there that they shall wait for.

    On a busy machine the first would be through before it, and a race would be none.
    """

    async def late(call: _Call) -> Reply:
        await start.wait()
        return await call()

    return [partial(late, call) for call in calls]


def waiting(sessions: Iterable[Session]) -> list[Session]:
    """The sessions that wait for a lock."""
    return [s for s in sessions if s.wait_event_type == "Lock"]


async def parked(database: Database, race: Race, calls: int, *, enough: int = 1, cap_s: float = 25.0) -> int:
    """How many of the service's sessions wait for a lock, once `enough` do, or all calls have ended, or `cap_s` passed.

    One that waits alone for `cap_s` is the sign of a service that lets one through at a time.
    """
    limit = asyncio.get_running_loop().time() + cap_s
    count = 0
    while asyncio.get_running_loop().time() < limit and race.done() < calls:
        count = len(waiting(await database.sessions()))
        if count >= enough:
            break
        await asyncio.sleep(_TICK_S)
    return count


async def settled(database: Database, race: Race, probe: Api, *, cap_s: float = 10.0) -> int:
    """How many sessions wait for a lock, once that number stood still over a dozen answers of /healthz.

    Only how severe the race becomes depends on it, never who wins: so a service that is deaf is not waited for.
    """
    limit = asyncio.get_running_loop().time() + cap_s
    last, same = -1, 0
    while same < _STABLE and asyncio.get_running_loop().time() < limit:
        try:
            await probe.get("/healthz", deadline_s=_PULSE_S)
        except NoAnswer:
            break
        await asyncio.sleep(_TICK_S)
        count = len(waiting(await database.sessions())) + race.done()
        last, same = count, same + 1 if count == last else 0
    return len(waiting(await database.sessions()))


async def arrived(gate: CapacityGate, race: Race, calls: int, *, cap_s: float = 25.0) -> bool:
    """Whether a call reached the upstream before all calls had ended and before `cap_s` passed."""
    limit = asyncio.get_running_loop().time() + cap_s
    while True:
        if gate.arrivals > 0:
            return True
        if race.done() >= calls or asyncio.get_running_loop().time() > limit:
            return False
        await asyncio.sleep(_TICK_S)
