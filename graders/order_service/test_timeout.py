"""Upstreams that don't answer, or never finish."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from harness.authoring import (
    Api,
    Claims,
    Evidence,
    Fail,
    Question,
    Reply,
    StubAnswer,
    StubRequest,
    check,
    expect,
    racing,
)

from .support.shop import PATIENCE_S, UNAVAILABLE, Shop, mapping
from .support.world import JSON, Answer, Say, World, at_first, loaded, posts

_NEVER_S = 120.0
_DRIP_S = 1.0
# The brief's 2 s run from the start of the attempt, which we don't see; it may arrive late.
_SILENT_S = 1.0


@check(
    "upstream-timeout",
    skill="resilience",
    level="mid",
    after=("create-order",),
    visible=True,
    explained_by=("no-timeout", "swallowed-cancellation"),
    deadline_s=150,
    passed="An upstream that doesn't answer, or never finishes, is given up in time",
    failed="A request waits for an upstream that doesn't answer or never finishes",
    why="Without a deadline of its own, a service is as slow as the slowest thing that it calls, for ever.",
    hint="A limit around the whole attempt (asyncio.timeout), not per read, and one for the whole order.",
    question=Question(
        ask="Your HTTP client has a time-out of 2 seconds. How long can a call take at most?",
        junior="2 seconds.",
        senior="Knows that it counts per connect, read and pool wait: a byte a second outlives it; has one deadline "
        "for the whole and passes what is left of it on.",
    ),
)
async def test_silent_upstreams_are_given_up(api: Api, shop: Shop, world: World, evidence: Evidence) -> None:
    """Silent and dripping, inventory and payments, orders and a receipt: 502, 503 or 504 within thrice the deadline."""
    order = await shop.made()
    await world.rested()
    claims = Claims()
    await _second_attempt(claims, shop, world)
    await _given_up(api, shop, world, order.id, evidence)
    claims.partial("An attempt has no deadline of its own", at_most=0.7)


async def _second_attempt(claims: Claims, shop: Shop, world: World) -> None:
    """The first attempt is silent, the second one isn't: there is time for both."""
    world.inventory.play(at_first(1, StubAnswer(201, JSON, b"{}", delay_s=_NEVER_S)))
    before = len(world.inventory.posts())
    reply = await shop.place(deadline_s=PATIENCE_S)
    calls = world.inventory.posts()[before:]
    world.inventory.play(None)
    claims.holds(
        reply.status == 201 and len(calls) > 1 and calls[-1].at - calls[-2].at >= _SILENT_S,
        "a first attempt that is silent for 2 s is not given up for a second one",
        expected="an order after a second attempt, about 2 s after the first",
        actual=f"{len(calls)} arrivals in {calls[-1].at - calls[0].at if calls else 0:.2f} s; {reply.describe()}",
        shown=reply,
    )


async def _given_up(api: Api, shop: Shop, world: World, order: str, evidence: Evidence) -> None:
    ways = {"silent": shop.order(), "dripping": shop.order()}
    late = {"silent": shop.order(), "dripping": shop.order()}
    of_sku = {body["items"][0]["sku"]: way for way, body in ways.items()}
    of_token = {body["payment_token"]: way for way, body in late.items()}

    def inventory(request: StubRequest, say: Say) -> Answer | None:
        items = loaded(request).get("items") or [{}]
        return _way(of_sku.get(items[0].get("sku")), world.reservation(request)) or say(request)

    def payments(request: StubRequest, say: Say) -> Answer | None:
        if request.path == "/receipts":
            return _way("silent", {})
        return _way(of_token.get(str(loaded(request).get("payment_token"))), world.charge(request)) or say(request)

    world.inventory.play(posts(inventory))
    world.payments.play(posts(payments))
    calls = {f"an order, inventory {w}": partial(shop.place, b, deadline_s=PATIENCE_S) for w, b in ways.items()}
    calls |= {f"an order, payments {w}": partial(shop.place, b, deadline_s=PATIENCE_S) for w, b in late.items()}
    calls["a receipt, payments silent"] = partial(shop.receipt, order)
    async with racing(calls.values()) as race:
        outcomes = dict(zip(calls, await race.outcomes(), strict=True))
    world.inventory.play(None)
    world.payments.play(None)
    for what, outcome in outcomes.items():
        _in_time(what, outcome, evidence)


def _way(way: str | None, good: dict[str, Any]) -> StubAnswer | None:
    match way:
        case "silent":
            return StubAnswer(201, JSON, json.dumps(good).encode(), delay_s=_NEVER_S)
        case "dripping":
            return StubAnswer(201, JSON, json.dumps(good).encode(), drip_s=_DRIP_S)
        case _:
            return None


def _in_time(what: str, outcome: Reply | Fail, evidence: Evidence) -> None:
    wanted = f"502, 503 or 504 within {PATIENCE_S:g} s"
    if isinstance(outcome, Fail):
        raise Fail(f"{what}: not given up", expected=wanted, actual=outcome.actual or outcome.summary).about(
            outcome.exchange
        )
    evidence.number(f"{what}, s", round(outcome.elapsed_ms / 1000, 1))
    expect(outcome.status in UNAVAILABLE, f"{what}: no error", expected=wanted, actual=outcome.describe())
    mapping(outcome)
