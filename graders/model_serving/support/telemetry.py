"""What the instrumented package tells: one report before and one after each call of load and predict."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass

from harness.authoring import Api, CapacityGate, NoAnswer, StubRequest

_TICK_S = 0.02
_PULSES = 5
_DOUBT_S = 10.0


@dataclass(frozen=True)
class Call:
    """One report. `rows` are the digests of a batch."""

    event: str
    phase: str
    version: str
    rows: tuple[str, ...]
    pid: int
    thread: int
    loop_running: bool


def call_of(request: StubRequest) -> Call | None:
    """What a request to the stub reports; None when it is none of the package's."""
    try:
        told = json.loads(request.body)
        return Call(
            str(told["event"]),
            str(told["phase"]),
            str(told["version"]),
            tuple(str(row) for row in told["rows"]),
            int(told["pid"]),
            int(told["thread"]),
            bool(told["loop_running"]),
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def begun(stub: CapacityGate, event: str) -> list[Call]:
    """The calls that have begun since the last reset, in their order."""
    calls = [call_of(request) for request in stub.requests]
    return [call for call in calls if call is not None and call.event == event and call.phase == "begin"]


def begins(event: str, matching: Callable[[Call], bool] = lambda _call: True) -> Callable[[StubRequest], bool]:
    """For `stub.hold(only=...)`: the beginnings of such calls."""

    def only(request: StubRequest) -> bool:
        call = call_of(request)
        return call is not None and call.event == event and call.phase == "begin" and matching(call)

    return only


def holding(row: str) -> Callable[[StubRequest], bool]:
    """For `stub.hold(only=...)`: the beginning of the call of predict that has this row in it."""
    return begins("predict", lambda call: row in call.rows)


async def settled(
    count: Callable[[], int],
    api: Api,
    *,
    least: int = 0,
    most: int | None = None,
    calm_s: float = 1.0,
    cap_s: float = 60.0,
) -> NoAnswer | None:
    """Wait until the count stands still over many answers of /healthz, or is `most`; the silence of a deaf service.

    Calm begins when all requests are sent. Each answer comes from a loop that has gone round, so what had been sent
    before it is in the service by then. Calm is `calm_s` at least, three of the longest gaps between arrivals so far,
    and eight of the slowest answers: a slow machine is waited for. With less than `least`, which costs points, calm
    has to be at least 10 s.
    """
    clock = asyncio.get_running_loop().time
    start = since = clock()
    last, longest, slowest, pulses = count(), 0.0, 0.0, 0
    async with api.fresh() as probe:
        while last != most and clock() < start + cap_s:
            if _calm(pulses, clock() - since, max(calm_s if last >= least else _DOUBT_S, 3 * longest, 8 * slowest)):
                break
            asked = clock()
            try:
                await probe.get("/healthz")
            except NoAnswer as silence:
                return silence
            pulses, slowest = pulses + 1, max(slowest, clock() - asked)
            if api.unsent:
                since, pulses = clock(), 0
            if (now := count()) != last:
                longest = max(longest, clock() - since)
                last, since, pulses = now, clock(), 0
            await asyncio.sleep(_TICK_S)
    return None


def _calm(pulses: int, passed_s: float, enough_s: float) -> bool:
    return pulses >= _PULSES and passed_s >= enough_s
