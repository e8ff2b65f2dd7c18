"""Upstreams that answer 2xx and nonsense."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from harness.authoring import Claims, Question, Reply, StubRequest, check

from .support.shop import PROBLEM, STOCK, Shop
from .support.world import JSON, Answer, Say, Upstream, World, answer, posts

_HTML = (200, {"Content-Type": "text/html"}, b"<!doctype html><title>Welcome</title><p>Please sign in")


@check(
    "bad-upstream-data",
    skill="errors",
    level="mid",
    after=("create-order",),
    deadline_s=150,
    passed="What an upstream says is checked before it is believed",
    failed="Nonsense from an upstream is believed, or crashes the service",
    why="A 200 with a sign-in page in it is an everyday failure: who believes it confirms orders that nobody has paid.",
    hint="Parse each upstream answer into a strict model, compare it with what was asked, and turn what doesn't fit "
    "into a 502.",
    question=Question(
        ask="How far do you trust the answer of a service that your own company runs?",
        junior="Reads the fields that are needed.",
        senior="Parses at the edge into a model, ignores unknown members, checks what is asked for, and has an alarm "
        "on what doesn't fit.",
    ),
)
async def test_nonsense_is_a_502(shop: Shop, world: World) -> None:
    """HTML, cut JSON, wrong shapes, types and values with 200 or 201: 502, a problem document, and no order."""
    claims = Claims()
    for what, change in _reservations(world).items():
        await _refused(claims, shop, world.inventory, f"a reservation that is {what}", change)
    for what, change in _charges(world).items():
        await _refused(claims, shop, world.payments, f"a charge that is {what}", change)
    await _stock(claims, shop, world)
    more = {"note": "new in version 7"}
    world.payments.play(posts(lambda request, _say: answer(200, world.charge(request) | more)))
    claims.status(await shop.place(), "a charge with 200 and a member more than needed", 201)
    world.payments.play(None)
    claims.fail("An upstream's nonsense is not a 502")


def _always(what: Answer, _request: StubRequest, _say: Say) -> Answer:
    return what


def _cut(good: Any, request: StubRequest, _say: Say) -> Answer:  # noqa: ANN401 - a method of World
    text = json.dumps(good(request)).encode()
    return 201, JSON, text[: len(text) * 2 // 3]


def _with(good: Any, change: Any, request: StubRequest, _say: Say) -> Answer:  # noqa: ANN401
    return answer(201, change(good(request)))


def _reservations(world: World) -> dict[str, Any]:
    good = world.reservation

    def lines(**change: object) -> Any:  # noqa: ANN401
        return lambda body: {**body, "items": [{**body["items"][0], **change}, *body["items"][1:]]}

    return {
        "HTML": partial(_always, _HTML),
        "cut JSON": partial(_cut, good),
        "empty": partial(_always, (201, JSON, b"")),
        "null": partial(_always, (201, JSON, b"null")),
        "without items": partial(_with, good, lambda body: {"reservation_id": body["reservation_id"]}),
        "priced with a text": partial(_with, good, lines(unit_price_cents="12")),
        "priced below zero": partial(_with, good, lines(unit_price_cents=-5)),
        "of another item": partial(_with, good, lines(sku="SOMETHING-ELSE")),
        "of another quantity": partial(_with, good, lines(quantity=1000)),
        "missing an item": partial(_with, good, lambda body: {**body, "items": body["items"][1:]}),
    }


def _charges(world: World) -> dict[str, Any]:
    good = world.charge
    return {
        "HTML": partial(_always, _HTML),
        "cut JSON": partial(_cut, good),
        "a list": partial(_with, good, lambda body: [body]),
        "without an id": partial(_with, good, lambda body: {"amount_cents": body["amount_cents"]}),
        "of another amount": partial(_with, good, lambda body: {**body, "amount_cents": body["amount_cents"] + 1}),
    }


async def _refused(claims: Claims, shop: Shop, upstream: Upstream, what: str, script: Any) -> None:  # noqa: ANN401
    reply, came = await _played(shop, upstream, script)
    # On a machine that stalls for seconds attempts run out of time, and the breaker opens: asked again once it is well.
    if reply.status in (503, 504) and await shop.well_again():
        reply, came = await _played(shop, upstream, script)
    if claims.status(reply, what, 502):
        claims.holds(
            reply.media_type == PROBLEM and came == 1,
            f"{what}: no problem document, or asked again",
            expected=f"{PROBLEM}, one arrival",
            actual=f"{came} arrivals; {reply.describe()}",
            shown=reply,
        )


async def _played(shop: Shop, upstream: Upstream, script: Any) -> tuple[Reply, int]:  # noqa: ANN401
    """An order while the upstream plays a script: its answer, and how often the upstream was asked."""
    upstream.play(posts(script))
    before = len(upstream.posts())
    reply = await shop.place()
    came = len(upstream.posts()) - before
    upstream.play(None)
    return reply, came


async def _stock(claims: Claims, shop: Shop, world: World) -> None:
    for what, bad in {
        "HTML": _HTML,
        "of another item": answer(200, {"sku": "SOMETHING-ELSE", "available": 3}),
        "a text": answer(200, {"available": "many"}),
    }.items():
        world.inventory.play(partial(_always, bad))
        claims.status(await shop.api.get(f"{STOCK}/{shop.sku()}"), f"stock that is {what}", 502)
    world.inventory.play(None)
