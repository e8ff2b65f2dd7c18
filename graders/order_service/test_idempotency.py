"""Orders that are sent again: by the client, and upstream."""

from __future__ import annotations

from functools import partial

from harness.authoring import Api, Claims, Fail, Question, Reply, StubAnswer, StubRequest, check, expect, racing

from .support.shop import UNAVAILABLE, Made, Shop, mapping, order_id
from .support.world import Answer, Say, World, answer, at_first, failing, key_of, posts

_TWINS = 10
_SLOW_S = 0.5


@check(
    "idempotency",
    skill="resilience",
    level="senior",
    after=("create-order",),
    deadline_s=150,
    passed="An order that is sent again is made once and charged once",
    failed="An order that is sent again is made or charged twice",
    why="A client that got no answer can only send again: what it may not do is pay twice.",
    hint="Write the key with a unique constraint before the first upstream call, replay the stored order, and send one "
    "key of the order's own with every attempt upstream.",
    question=Question(
        ask="The client sends the same order again while the first is still being made. What happens, step by step?",
        junior="It looks whether the key exists, and if not, goes on.",
        senior="Sees that looking first is a race, has the database decide by a constraint before anything is done "
        "upstream, and says what a crash between leaves behind.",
    ),
)
async def test_an_order_is_made_once(api: Api, shop: Shop, world: World) -> None:
    """Replay, 422 for another body, ten twins charge once, one upstream key per order on all its attempts."""
    await world.rested()
    await _twins(api, shop, world)
    claims = Claims()
    made = await _replayed(claims, shop, world)
    await _told_apart(claims, shop, made)
    await _on_each_retry(claims, shop, world)
    await _free_again(claims, shop, world)
    claims.partial("Idempotency keys are not quite as the brief says", at_most=0.7)


async def _twins(api: Api, shop: Shop, world: World) -> None:
    """A slow charge keeps the first in flight while the others come."""
    key, body = shop.key(), shop.order()

    def slow(request: StubRequest, say: Say) -> Answer | None:
        good = say(request)
        if isinstance(good, tuple):
            return StubAnswer(*good, delay_s=_SLOW_S)
        return good

    world.payments.script = posts(slow)
    async with (
        api.fresh() as callers,
        racing([partial(shop.place, body, key=key, api=callers)] * _TWINS) as race,
    ):
        replies = await race.replies()
    world.payments.script = None
    _once(replies, world)


def _once(replies: list[Reply], world: World) -> None:
    made = [r for r in replies if r.status == 201]
    ids = {order_id(r) for r in made}
    charged = {key_of(r) for r in world.payments.posts("/charges")}
    reserved = {key_of(r) for r in world.inventory.posts("/reservations")}
    told = f"{len(charged)} charges, {len(reserved)} reservations, {len(ids)} orders"
    expect(
        len(charged) == 1 and len(reserved) == 1 and len(ids) == 1,
        "One order, sent several times at once, is made several times" if made else "None of several twins is made",
        expected=f"one charge, one reservation, one order for {_TWINS} requests with one key",
        actual=f"{told}; statuses {sorted(r.status for r in replies)}",
    )
    other = [r for r in replies if r.status not in (201, 409)]
    if other:
        raise Fail(
            "A twin of an order that is being made is neither replayed nor refused",
            expected="201 with the same order, or 409",
            actual=other[0].describe(),
        ).about(other[0].exchange)


async def _replayed(claims: Claims, shop: Shop, world: World) -> Made:
    made = await shop.made(key=(key := shop.key()))
    before = len(world.payments.posts()) + len(world.inventory.posts())
    again = await shop.place(made.body, key=key)
    claims.holds(
        again.status == 201 and mapping(again) == mapping(made.reply),
        "the same key and body don't give the same answer",
        expected=made.reply.describe(),
        actual=again.describe(),
        shown=again,
    )
    after = len(world.payments.posts()) + len(world.inventory.posts())
    claims.holds(
        after == before,
        "an upstream is asked again for an order that is there",
        expected="no call upstream",
        actual=f"{after - before} calls",
    )
    claims.status(await shop.place(key=key), "the same key with another body", 422)
    return made


async def _told_apart(claims: Claims, shop: Shop, made: Made) -> None:
    other = await shop.place(made.body, key=shop.key())
    claims.holds(
        other.status == 201 and order_id(other) != made.id,
        "another key with the same body is no order of its own",
        expected="201 and a new order",
        actual=other.describe(),
        shown=other,
    )
    keyless = [await shop.place(made.body) for _ in range(2)]
    ids = {order_id(r) for r in keyless if r.status == 201}
    claims.holds(
        len(ids) == 2,
        "two orders without a key are not two",
        expected="two orders",
        actual="; ".join(r.describe() for r in keyless),
    )


async def _on_each_retry(claims: Claims, shop: Shop, world: World) -> None:
    """One key per order, the same on every attempt, another for another order."""
    used: list[str] = []
    for keyed in (True, False):
        for upstream, path in ((world.inventory, "/reservations"), (world.payments, "/charges")):
            upstream.play(at_first(1, answer(503)))
            before = len(upstream.posts(path))
            reply = await shop.place(key=shop.key() if keyed else None)
            upstream.play(None)
            keys = [key_of(r) for r in upstream.posts(path)[before:]]
            claims.holds(
                reply.status == 201 and len(keys) == 2 and len(set(keys)) == 1 and keys[0],
                f"POST {path} is not repeated with the same Idempotency-Key",
                expected="two arrivals with one key",
                actual=f"keys {keys}; {reply.describe()}",
            )
            used.append(keys[0] if keys else "")
    claims.holds(
        len(set(used)) == len(used),
        "two orders share a key upstream",
        expected="a key of its own for each order",
        actual=", ".join(used),
    )


async def _free_again(claims: Claims, shop: Shop, world: World) -> None:
    key, body = shop.key(), shop.order()
    world.inventory.play(posts(failing(500)))
    claims.status(await shop.place(body, key=key), "an order while the inventory fails", *UNAVAILABLE)
    world.inventory.play(None)
    claims.status(await shop.place(body, key=key), "the same key after the order has failed", 201)
