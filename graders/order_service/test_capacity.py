"""Many calls that wait for one upstream: they fit, and they disturb nobody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from harness.authoring import (
    Api,
    Evidence,
    Fail,
    Inconclusive,
    NoAnswer,
    Partial,
    Question,
    Reply,
    check,
    expect,
    racing,
)

from .support.crowd import all_under_way, silence
from .support.shop import ORDERS, Shop, mapping
from .support.world import World

_CROWD = 550
_IN_FLIGHT = 500
_SEQUENTIAL = 20
_MOST_ACCEPTS = 2
# A stock call may take 60 s.
_PATIENCE_MS = 55_000


@check(
    "capacity",
    skill="performance",
    level="senior",
    after=("create-order",),
    explained_by=("per-request", "blocking-call"),
    deadline_s=240,
    passed="500 calls are in flight upstream at a time, over connections that are reused",
    failed="Fewer calls than needed run at a time, or each opens a connection",
    why="With a slow upstream, throughput is calls in flight divided by latency: the smallest pool on the way decides.",
    hint="One async client per upstream, made at start, limits of 500 and more; no thread and no database "
    "connection held while waiting.",
    question=Question(
        ask="How many calls of a slow upstream can your process have in flight, and what decides it?",
        junior="Says async has no limit.",
        senior="Names each pool on the way: HTTP client, database, threads, file descriptors; and puts the smallest "
        "where it is meant to be.",
    ),
)
async def test_many_calls_are_in_flight(api: Api, shop: Shop, world: World, evidence: Evidence) -> None:
    """500 stock calls are held upstream at one moment, /healthz answers; 20 in a row open at most 2 connections."""
    gate = world.inventory.gate
    # What waits for a held upstream, and a pool that is empty, are still there for a while.
    world.wear()
    skus = [shop.sku() for _ in range(_IN_FLIGHT)]
    evidence.number("stock calls sent at once", _IN_FLIGHT)
    async with (
        api.fresh() as callers,
        racing([partial(shop.stock, sku, api=callers, deadline_s=150) for sku in skus]) as race,
    ):
        with gate.hold():
            deaf = await all_under_way(api, gate, race, _IN_FLIGHT) or await silence(api)
            peak = gate.peak
        evidence.number("most in flight upstream", peak)
        if deaf is not None:
            raise Fail(
                f"With {peak} of {_IN_FLIGHT} stock calls in flight the service is deaf",
                expected=f"{_IN_FLIGHT} in flight and /healthz answers",
                actual=deaf.actual or deaf.summary,
            )
        if peak < _IN_FLIGHT:
            # Who still waits for a place would be in the way of the next check.
            await race.outcomes()
            _too_few(peak)
        replies = await race.replies()
    if any(waited_out(reply) for reply in replies):
        raise Inconclusive("calls were held for longer than the 60 s that one may take")
    for sku, reply in zip(skus, replies, strict=True):
        expect(
            reply.status == 200 and mapping(reply).get("available") == world.available(sku),
            "Under load somebody gets a wrong answer",
            expected=f"200 and {world.available(sku)} available",
            actual=reply.describe(),
        )
    await _in_a_row(shop, world, evidence)


def waited_out(reply: Reply) -> bool:
    """Whether a call has failed after about the time that it has."""
    return reply.status in (502, 503, 504) and reply.elapsed_ms >= _PATIENCE_MS


def _too_few(peak: int) -> None:
    told = {
        "expected": f"{_IN_FLIGHT} calls in flight upstream at one moment",
        "actual": f"at most {peak} at a time, of {_IN_FLIGHT} that were sent",
    }
    if peak <= 1:
        raise Fail("Stock calls go upstream one at a time", **told)
    raise Partial(round(0.8 * peak / _IN_FLIGHT, 2), f"Only {peak} stock calls run at a time", **told)


async def _in_a_row(shop: Shop, world: World, evidence: Evidence) -> None:
    world.reset()
    for _ in range(_SEQUENTIAL):
        (await shop.stock(shop.sku())).expect_status(200)
    accepts = world.inventory.gate.accepts
    evidence.number(f"connections opened by {_SEQUENTIAL} calls in a row", accepts)
    if accepts > _MOST_ACCEPTS:
        raise Partial(
            0.5,
            "Connections to the upstream are not reused",
            expected=f"at most {_MOST_ACCEPTS} new connections for {_SEQUENTIAL} calls one after the other",
            actual=f"{accepts} new connections",
        )


@check(
    "bulkhead",
    skill="async",
    level="senior",
    after=("create-order",),
    explained_by=("blocking-call",),
    deadline_s=240,
    passed="Callers of one upstream that hangs disturb nobody else",
    failed="When one upstream hangs, everything hangs",
    why="What requests share, they block for each other: one pool for all upstreams makes the slowest one everybody's.",
    hint="A client with a pool of its own per upstream, a limit of calls in flight that refuses the rest, and nothing "
    "shared (a database connection, a thread, a lock) held while waiting.",
    question=Question(
        ask="One of your upstreams hangs. Which parts of your service go down with it, and how do you know?",
        junior="Only the calls of it.",
        senior="Looks for what is shared: pools, threads, connections, memory, the loop; bounds each upstream's share "
        "of it, and shows it by a test that holds the upstream.",
    ),
)
async def test_a_hanging_upstream_is_not_everybodys(api: Api, shop: Shop, world: World, evidence: Evidence) -> None:
    """With 550 requests waiting for the inventory: /healthz, GET of an order, and receipts answer."""
    order = await shop.made()
    world.reset()
    world.wear()
    gate = world.inventory.gate
    async with (
        api.fresh() as callers,
        racing([partial(shop.stock, shop.sku(), api=callers, deadline_s=150) for _ in range(_CROWD)]) as race,
    ):
        with gate.hold():
            deaf = await all_under_way(api, gate, race, _CROWD)
            evidence.number("requests waiting for the inventory", _CROWD - race.done())
            evidence.number("of these in flight upstream", gate.in_flight)
            if gate.in_flight == 0:
                raise Fail(
                    "No call waits for the inventory",
                    expected=f"calls of {_CROWD} requests held at the inventory",
                    actual=race.answered()[0].describe() if race.answered() else "no arrival",
                )
            if deaf is None:
                await _others_answer(api, shop, order.id)
        # Who has waited for 60 s may have given up: then it was this machine that was slow.
        replies = [reply for reply in await race.replies() if not waited_out(reply)]
        refused = {reply.status for reply in replies} - {200, 503}
    if deaf is not None:
        raise Fail(
            f"With {_CROWD} requests waiting for the inventory, the service is deaf",
            expected="/healthz answers",
            actual=deaf.actual or deaf.summary,
        )
    expect(not refused, "A call that waited fails", expected="200, or 503 for what is too much", actual=str(refused))


async def _others_answer(api: Api, shop: Shop, order: str) -> None:
    async with api.fresh() as other:
        calls: dict[str, tuple[int, Callable[[], Awaitable[Reply]]]] = {
            "/healthz": (200, partial(other.get, "/healthz")),
            "GET of an order": (200, partial(other.get, f"{ORDERS}/{order}")),
            "a receipt, which needs payments only": (202, partial(shop.receipt, order, api=other)),
        }
        for what, (status, call) in calls.items():
            try:
                told = (reply := await call()).describe()
                good = reply.status == status
            except NoAnswer as error:
                told, good = error.actual or error.summary, False
            expect(
                good,
                f"While {_CROWD} requests wait for the inventory, {what} fails",
                expected=f"{what}: {status}",
                actual=told,
            )
