"""The profile that comes from a slow upstream."""

from __future__ import annotations

import asyncio
from functools import partial

from harness.authoring import (
    Api,
    CapacityGate,
    Evidence,
    Fail,
    NoAnswer,
    Partial,
    Question,
    Race,
    Reply,
    check,
    expect,
    racing,
)

from .support.service import USERS, Row, Service, mapping
from .support.upstream import profile_of, profiles

_IN_FLIGHT = 64
_SEQUENTIAL = 20
_MOST_ACCEPTS = 2
_PULSES = 20
_CALM_S = 5.0
_NONE_S = 30.0
_TICK_S = 0.02


@check(
    "upstream-capacity",
    skill="performance",
    level="senior",
    after=("create-user",),
    explained_by=("per-request", "blocking-call"),
    deadline_s=240,
    passed="64 profile calls are in flight at a time, over connections that are reused",
    failed="Fewer profile calls than needed run at a time, or each opens a connection",
    why="With a slow upstream, throughput is calls in flight divided by latency: the smallest pool on the way decides.",
    hint="One shared async client with limits above 64 made at start; no database connection and no thread held "
    "while waiting for the upstream (pool of 10, thread pool of 40).",
    question=Question(
        ask="Your upstream takes 2 seconds. How many profile calls can your process have in flight, and why?",
        junior="Says async has no limit.",
        senior="Names each pool on the way: HTTP client limits, database connection held per request, threads; and "
        "how a semaphore would protect the upstream on purpose.",
    ),
)
async def test_many_profiles_are_fetched_at_a_time(
    api: Api, service: Service, gate: CapacityGate, evidence: Evidence
) -> None:
    """64 calls are held upstream at one moment while /healthz answers; 20 in a row open at most 2 connections."""
    rows = await service.rows(_IN_FLIGHT)
    secret = service.people.word(6)
    gate.reset()
    gate.respond = profiles(secret)
    await _right(api, service, rows[0], secret)
    evidence.number("profile calls sent at once", _IN_FLIGHT)
    await _at_a_time(api, service, gate, rows, secret, evidence)
    await _in_a_row(api, service, gate, rows[:_SEQUENTIAL], secret, evidence)


async def _profile(api: Api, service: Service, row: Row) -> Reply:
    return await api.get(f"{USERS}/{row.id}/profile", token=await service.admin(), deadline_s=90)


async def _right(api: Api, service: Service, row: Row, secret: str) -> None:
    reply = await _profile(api, service, row)
    wanted = {"user_id": row.id, **profile_of(row.id, secret)}
    got = mapping(reply.expect_status(200))
    expect(
        {name: got.get(name) for name in wanted} == wanted,
        "The profile is not what the upstream said",
        expected=str(wanted),
        actual=reply.describe(),
    )


async def _at_a_time(
    api: Api, service: Service, gate: CapacityGate, rows: list[Row], secret: str, evidence: Evidence
) -> None:
    gate.reset()
    gate.respond = profiles(secret)

    async with (
        api.fresh() as callers,
        racing([partial(_profile, callers, service, row) for row in rows]) as race,
    ):
        with gate.hold():
            silence = await _all_under_way(api, gate, race) or await _silence(api)
            peak = gate.peak
            evidence.number("most in flight upstream", peak)
            if silence is not None:
                raise Fail(
                    f"With {peak} of {_IN_FLIGHT} profile calls in flight the service is deaf",
                    expected=f"{_IN_FLIGHT} in flight and /healthz answers",
                    actual=f"{peak} in flight at a time; /healthz: {silence.actual or silence.summary}",
                )
        if peak < _IN_FLIGHT:
            _too_few(peak)
        replies = await race.replies()
    for row, reply in zip(rows, replies, strict=True):
        reply.expect_status(200)
        expect(
            mapping(reply).get("headline") == profile_of(row.id, secret)["headline"],
            "Under load a user gets somebody else's profile",
            expected=profile_of(row.id, secret)["headline"],
            actual=reply.describe(),
        )


async def _silence(api: Api) -> NoAnswer | None:
    """Why /healthz isn't answered, asked on a connection of its own; None when it is."""
    try:
        async with api.fresh() as probe:
            (await probe.get("/healthz")).expect_status(200)
    except NoAnswer as silence:
        return silence
    return None


async def _all_under_way(api: Api, gate: CapacityGate, race: Race) -> NoAnswer | None:
    """Wait until all calls are upstream or over, or no more come; /healthz is asked all the while.

    A service that does well is waited for as long as it gets on: that more come late is for a slow machine, that no
    more come shows only in many answers of /healthz in a row. Returns the silence of a service that is deaf.
    """
    clock = asyncio.get_running_loop().time
    last, since, longest, pulses = 0, clock(), 0.0, 0
    while (now := gate.arrivals + race.done()) < _IN_FLIGHT:
        if now != last:
            longest = max(longest, clock() - since)
            last, since, pulses = now, clock(), 0
        calm_s = max(_CALM_S, 3 * longest) if now else _NONE_S
        if pulses >= _PULSES and clock() - since >= calm_s:
            return None
        if (silence := await _silence(api)) is not None:
            return silence
        pulses += 1
        await asyncio.sleep(_TICK_S)
    return None


def _too_few(peak: int) -> None:
    told = {
        "expected": f"{_IN_FLIGHT} calls in flight upstream at one moment",
        "actual": f"at most {peak} at a time, of {_IN_FLIGHT} that were sent",
    }
    if peak <= 1:
        raise Fail("Profile calls go upstream one at a time", **told)
    raise Partial(round(0.8 * peak / _IN_FLIGHT, 2), f"Only {peak} profile calls run at a time", **told)


async def _in_a_row(
    api: Api, service: Service, gate: CapacityGate, rows: list[Row], secret: str, evidence: Evidence
) -> None:
    gate.reset()
    gate.respond = profiles(secret)
    for row in rows:
        (await _profile(api, service, row)).expect_status(200)
    evidence.number(f"connections opened by {_SEQUENTIAL} calls in a row", gate.accepts)
    if gate.accepts > _MOST_ACCEPTS:
        raise Partial(
            0.5,
            "Connections to the upstream are not reused",
            expected=f"at most {_MOST_ACCEPTS} new connections for {_SEQUENTIAL} calls one after the other",
            actual=f"{gate.accepts} new connections",
        )
