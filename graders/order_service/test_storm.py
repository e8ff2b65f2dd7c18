"""Retries must not multiply the load."""

from __future__ import annotations

import asyncio

from harness.authoring import Api, Evidence, Inconclusive, Question, check, expect

from .support.shop import Shop
from .support.world import World, answer, at_first, key_of

_ORDERS = 150
# With fewer than five at a time there are never five failures in a row: the breaker has no say in it.
_AT_A_TIME = 4
_WINDOW_S = 10.0
_CONSTANT = 30
_SHARE = 0.2


@check(
    "retry-storm",
    skill="resilience",
    level="senior",
    after=("create-order",),
    deadline_s=200,
    passed="Retries keep to their budget",
    failed="Each failure is retried, however many there are",
    why="Three attempts each make three times the load, just when the upstream can bear it least.",
    hint="Count calls and retries of the last ten seconds per upstream, and retry only while the retries are few.",
    question=Question(
        ask="Your upstream gets slower and times out for half of the calls. What do your retries do to it?",
        junior="They make most calls succeed.",
        senior="Sees the positive feedback, bounds retries by a share of all calls, sheds load, and knows that retries "
        "of several layers multiply.",
    ),
)
async def test_retries_have_a_budget(api: Api, shop: Shop, world: World, evidence: Evidence) -> None:
    """150 orders, each of whose reservations fails once: far fewer retries than orders."""
    await shop.made()
    await world.quiet()
    await world.rested()
    before = len(world.inventory.posts("/reservations"))
    world.inventory.play(at_first(1, answer(503, {"error": "overloaded"})))
    left = iter(range(_ORDERS))

    async def customer(callers: Api) -> None:
        for _ in left:
            await shop.place(api=callers)

    async with api.fresh() as callers:
        await asyncio.gather(*(customer(callers) for _ in range(_AT_A_TIME)))
    world.inventory.play(None)
    calls = world.inventory.posts("/reservations")[before:]
    expect(calls, "No reservation is asked for", expected="POST /reservations", actual="no arrival")
    keys = {key_of(r) for r in calls}
    took = calls[-1].at - calls[0].at
    retries = len(calls) - len(keys)
    most = _SHARE * len(keys) + _CONSTANT * (int(took / _WINDOW_S) + 1)
    for name, value in (("calls", len(keys)), ("retries", retries), ("most retries", most), ("seconds", took)):
        evidence.number(name, round(value, 1))
    if retries > most:
        expect(
            False,
            "Retries are not bounded by a budget",
            expected=f"at most {most:.0f} retries for {len(keys)} calls in {took:.1f} s",
            actual=f"{retries} retries",
        )
    # So slow that retrying everything would have been within the budget.
    if most >= _ORDERS:
        raise Inconclusive(f"{_ORDERS} orders took {took:.0f} s")
