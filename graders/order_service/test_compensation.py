"""What is undone when an order fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from harness.authoring import Claims, Question, StubRequest, check, expect, until

from .support.shop import Shop
from .support.world import Answer, Say, Script, Upstream, World, answer, failing, key_of, posts

# Three times what the brief gives.
_SOON_S = 45.0
# The brief has what failed asked again at least every 5 s.
_AFTERWARDS_S = 7.0
_STUBBORN = 2


@dataclass(frozen=True)
class Failed:
    """An order that failed, by its keys upstream."""

    status: int
    reservation: str
    charge: str


@check(
    "compensation",
    skill="resilience",
    level="senior",
    after=("create-order",),
    deadline_s=300,
    passed="When an order fails, what was reserved is released, once, and a doubtful charge is voided",
    failed="Orders that fail leave reservations or charges behind",
    why="A failed order that keeps its goods sells nothing to the next customer; one that keeps the money is worse.",
    hint="Write what is to be undone into the database together with the failure, and have a background task undo it "
    "until the upstream says that it is done.",
    question=Question(
        ask="The charge timed out. Has the customer paid, and what do you do?",
        junior="No, since it failed.",
        senior="It can't be known: void by key, idempotently, until acknowledged, from a durable intent.",
    ),
)
async def test_failed_orders_are_undone(shop: Shop, world: World) -> None:
    """Declined: released, once. Nonsense: released and voided. A release that fails is repeated. Confirmed: kept."""
    kept = await shop.made()
    kept_key = key_of(world.inventory.posts()[-1])
    declined = await _failed(shop, world, world.payments, posts(lambda _r, _s: answer(402, {"error": "declined"})))
    expect(
        await until(lambda: world.inventory.deletes(declined.reservation), cap_s=_SOON_S),
        "The payment is declined and the reservation is not released",
        expected=f"DELETE /reservations/{declined.reservation}",
        actual=f"none within {_SOON_S:g} s; DELETEs: {[r.path for r in world.inventory.deletes()]}",
    )
    claims = Claims()
    doubtful = await _failed(shop, world, world.payments, posts(lambda _r, _s: answer(201, ["?"])))
    unsure = await _failed(shop, world, world.inventory, posts(lambda _r, _s: answer(201, ["?"])))
    stubborn = await _stubborn(shop, world)
    await _undone(claims, world, doubtful, unsure, stubborn)
    await asyncio.sleep(_AFTERWARDS_S)
    for what, failed, wanted in (
        ("declined payment", declined, 1),
        ("nonsense from payments", doubtful, 1),
        ("nonsense from the inventory", unsure, 1),
        ("a release that failed twice", stubborn, _STUBBORN + 1),
    ):
        came = len(world.inventory.deletes(failed.reservation))
        claims.holds(
            came == wanted,
            f"{what}: the reservation is not released exactly once",
            expected=f"{wanted} DELETE, the last of them answered 204",
            actual=f"{came} DELETEs",
        )
    undone = world.inventory.deletes(kept_key) + world.payments.deletes(kept_key)
    claims.holds(not undone, "a confirmed order is undone", expected="no DELETE", actual=str([r.path for r in undone]))
    claims.status(await shop.api.get(f"/v1/orders/{kept.id}"), "the confirmed order", 200)
    claims.partial("Not all that failed is undone once", at_most=0.6)


async def _failed(shop: Shop, world: World, upstream: Upstream, script: Script) -> Failed:
    """Place an order that this script makes fail."""
    reservations, charges = len(world.inventory.posts()), len(world.payments.posts())
    upstream.play(script)
    reply = await shop.place()
    upstream.play(None)
    reserved, charged = world.inventory.posts()[reservations:], world.payments.posts()[charges:]
    expect(
        reply.status in (402, 502, 503, 504) and reserved,
        "An order does not fail that should",
        expected="402, or 502 for nonsense, after a reservation",
        actual=f"{len(reserved)} reservations; {reply.describe()}",
    )
    return Failed(reply.status, key_of(reserved[0]), key_of(charged[0]) if charged else "")


async def _stubborn(shop: Shop, world: World) -> Failed:
    """A declined payment, and an inventory whose first answers to the release are 500."""
    refused: list[str] = []

    def inventory(request: StubRequest, say: Say) -> Answer | None:
        if request.method == "DELETE" and len(refused) < _STUBBORN:
            refused.append(request.path)
            return answer(500, {"error": "not now"})
        return say(request)

    # What the orders before have left is not to get these answers.
    await asyncio.sleep(_AFTERWARDS_S)
    world.inventory.play(inventory)
    world.payments.play(posts(failing(402)))
    before = len(world.inventory.posts())
    reply = await shop.place()
    world.payments.play(None)
    return Failed(reply.status, key_of(world.inventory.posts()[before]), "")


async def _undone(claims: Claims, world: World, doubtful: Failed, unsure: Failed, stubborn: Failed) -> None:
    inventory, payments = world.inventory, world.payments
    waited: dict[str, Callable[[], bool]] = {
        "the charge got no good answer, and is not voided": lambda: bool(payments.deletes(doubtful.charge)),
        "the charge got no good answer, and the reservation is not released": lambda: bool(
            inventory.deletes(doubtful.reservation)
        ),
        "the reservation got no good answer, and is not released": lambda: bool(inventory.deletes(unsure.reservation)),
        "a release that fails is not repeated until it succeeds": lambda: (
            len(inventory.deletes(stubborn.reservation)) > _STUBBORN
        ),
    }
    await until(lambda: all(came() for came in waited.values()), cap_s=_SOON_S)
    for what, came in waited.items():
        claims.holds(came(), what, expected=f"a DELETE within {_SOON_S:g} s", actual="it doesn't come")
    claims.holds(not unsure.charge, "an order is charged without a good reservation", expected="no POST /charges")
