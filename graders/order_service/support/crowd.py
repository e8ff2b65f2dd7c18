"""Many stock calls at once, held upstream."""

from __future__ import annotations

import asyncio

from harness.authoring import Api, CapacityGate, NoAnswer, Race

_PULSES = 20
_CALM_S = 5.0
_NONE_S = 30.0
_TICK_S = 0.02


async def silence(api: Api) -> NoAnswer | None:
    """Why /healthz isn't answered, asked on a connection of its own; None when it is."""
    try:
        async with api.fresh() as probe:
            (await probe.get("/healthz")).expect_status(200)
    except NoAnswer as error:
        return error
    return None


async def all_under_way(api: Api, gate: CapacityGate, race: Race, count: int) -> NoAnswer | None:
    """Wait until `count` calls are upstream or over, or no more come; /healthz is asked all the while.

    A service that does well is waited for as long as it gets on; that no more come shows only in many answers of
    /healthz in a row. Returns the silence of a service that is deaf.
    """
    clock = asyncio.get_running_loop().time
    last, since, longest, pulses = 0, clock(), 0.0, 0
    while (now := gate.arrivals + race.done()) < count:
        if now != last:
            longest = max(longest, clock() - since)
            last, since, pulses = now, clock(), 0
        calm_s = max(_CALM_S, 3 * longest) if now else _NONE_S
        if pulses >= _PULSES and clock() - since >= calm_s:
            return None
        if (deaf := await silence(api)) is not None:
            return deaf
        pulses += 1
        await asyncio.sleep(_TICK_S)
    return None
