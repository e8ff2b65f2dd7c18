"""Orders are made, priced, read, and refused."""

from __future__ import annotations

import re
from typing import Any

from harness.authoring import Api, Claims, Question, Reply, check, expect

from .support.shop import ORDERS, PROBLEM, STOCK, Shop, mapping, order_id
from .support.world import World, answer, key_of, loaded

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
_MEMBERS = {"id", "status", "items", "total_cents", "created_at"}


@check(
    "create-order",
    skill="api-design",
    level="junior",
    visible=True,
    deadline_s=120,
    passed="Orders are made, priced, read and refused as the brief says",
    failed="Orders can't be made, read or refused as the brief says",
    why="All else builds on it.",
    hint="Compare with the brief, route by route: members, statuses, problem documents, and what is sent upstream.",
    question=Question(
        ask="Why does this service ask inventory before payments, and not the other way round?",
        junior="Because the brief says so.",
        senior="A reservation is cheap to undo and a charge is not: the step that hurts comes last.",
    ),
)
async def test_orders_are_made_read_and_refused(api: Api, shop: Shop, world: World) -> None:
    """201 with the inventory's prices, GET gives the same, both upstreams were asked rightly; refusals are problems."""
    body = shop.order(lines=3)
    reply = (await shop.place(body)).expect_status(201)
    claims = Claims()
    _is_order(claims, world, reply, body)
    read = await api.get(f"{ORDERS}/{order_id(reply)}")
    expect(
        read.status == 200 and mapping(read) == mapping(reply),
        "An order that was made can't be read",
        expected=f"200 and {reply.describe()[4:]}",
        actual=read.describe(),
    )
    _asked_rightly(claims, world, body)
    # Who can't make an order can't do anything; what is only not quite right costs its share.
    await _refusals(claims, api, shop)
    await _refused_upstream(claims, shop, world)
    await _stock_and_receipt(claims, shop, world, order_id(reply))
    claims.partial("Orders are not quite as the brief says")


def _is_order(claims: Claims, world: World, reply: Reply, body: dict[str, Any]) -> None:
    shown = mapping(reply)
    wanted = {"status": "confirmed", "items": world.lines(body["items"]), "total_cents": world.total(body["items"])}
    expect(
        {name: shown.get(name) for name in wanted} == wanted,
        "An order is not what was asked for",
        expected=str(wanted),
        actual=reply.describe(),
    )
    claims.holds(
        set(shown) == _MEMBERS,
        "the members of an order",
        expected=", ".join(sorted(_MEMBERS)),
        actual=", ".join(sorted(shown)),
        shown=reply,
    )
    created = shown.get("created_at")
    claims.holds(
        isinstance(created, str) and _TIME.fullmatch(created),
        "created_at is no UTC time",
        expected="RFC 3339, UTC",
        actual=str(created),
        shown=reply,
    )
    location = reply.headers.get("location", "")
    claims.holds(
        location.endswith(f"{ORDERS}/{shown.get('id')}"),
        "Location does not name the order",
        expected=f"{ORDERS}/{shown.get('id')}",
        actual=location or "none",
        shown=reply,
    )


def _asked_rightly(claims: Claims, world: World, body: dict[str, Any]) -> None:
    reservations, charges = world.inventory.posts("/reservations"), world.payments.posts("/charges")
    expect(
        len(reservations) == 1 and len(charges) == 1,
        "An order does not ask each upstream once",
        expected="one POST /reservations and one POST /charges",
        actual=f"{len(reservations)} and {len(charges)}",
    )
    claims.holds(
        loaded(reservations[0]).get("items") == body["items"],
        "the inventory is not asked for the items",
        expected=str(body["items"]),
        actual=reservations[0].body.decode("utf-8", "replace")[:300],
    )
    asked = loaded(charges[0])
    wanted = {"amount_cents": world.total(body["items"]), "payment_token": body["payment_token"]}
    claims.holds(
        {name: asked.get(name) for name in wanted} == wanted,
        "the payment is not what the items cost",
        expected=str(wanted),
        actual=charges[0].body.decode("utf-8", "replace")[:300],
    )
    claims.holds(
        key_of(reservations[0]) and key_of(charges[0]),
        "an upstream is sent no Idempotency-Key",
        expected="Idempotency-Key on POST /reservations and POST /charges",
        actual=f"{key_of(reservations[0])!r} and {key_of(charges[0])!r}",
    )


async def _refusals(claims: Claims, api: Api, shop: Shop) -> None:
    good = shop.order()
    line = good["items"][0]
    bad: dict[str, Any] = {
        "no items": {**good, "items": []},
        "a quantity of 0": {**good, "items": [{**line, "quantity": 0}]},
        "a quantity that is a text": {**good, "items": [{**line, "quantity": "2"}]},
        "an empty sku": {**good, "items": [{**line, "sku": ""}]},
        "one sku twice": {**good, "items": [line, line]},
        "21 items": {**good, "items": shop.order(lines=21)["items"]},
        "an unknown member": {**good, "price": 1},
        "no payment_token": {"items": good["items"]},
        "a list": [good],
    }
    for what, body in bad.items():
        _problem(claims, await api.post(ORDERS, json=body), 422, f"POST with {what}")
    _problem(claims, await api.get(f"{ORDERS}/{shop.unknown_id()}"), 404, "GET of an unknown order")
    _problem(claims, await api.get(f"/v1/{shop.sku()}"), 404, "an unknown route")
    _problem(claims, await api.get(f"{STOCK}/not%20a%20sku"), 422, "stock of something that is no sku")
    _problem(claims, await shop.receipt(shop.unknown_id()), 404, "a receipt of an unknown order")


async def _refused_upstream(claims: Claims, shop: Shop, world: World) -> None:
    world.inventory.script = lambda r, say: answer(409, {"error": "sold out"}) if r.method == "POST" else say(r)
    before = len(world.payments.posts())
    _problem(claims, await shop.place(), 409, "an order of what is not in stock")
    claims.holds(
        len(world.payments.posts()) == before,
        "an order of what is not in stock is charged",
        expected="no POST /charges",
        actual=f"{len(world.payments.posts()) - before}",
    )
    world.inventory.script = None
    world.payments.script = lambda r, say: answer(402, {"error": "declined"}) if r.method == "POST" else say(r)
    _problem(claims, await shop.place(), 402, "an order whose payment is declined")
    world.payments.script = None


async def _stock_and_receipt(claims: Claims, shop: Shop, world: World, order: str) -> None:
    sku = shop.sku()
    level = await shop.stock(sku)
    wanted: dict[str, Any] = {"sku": sku, "available": world.available(sku)}
    claims.holds(
        level.status == 200 and mapping(level) == wanted,
        "GET of the stock",
        expected=f"200 {wanted}",
        actual=level.describe(),
        shown=level,
    )
    receipt = await shop.receipt(order)
    wanted = {"order_id": order, "receipt_id": world.receipt_id(order)}
    claims.holds(
        receipt.status == 202 and mapping(receipt) == wanted,
        "POST of a receipt",
        expected=f"202 {wanted}",
        actual=receipt.describe(),
        shown=receipt,
    )


def _problem(claims: Claims, reply: Reply, status: int, what: str) -> None:
    if not claims.status(reply, what, status):
        return
    claims.holds(
        reply.media_type == PROBLEM and f'"status":{status}' in reply.text.replace(" ", ""),
        f"{what}: no problem document",
        expected=f"{PROBLEM} with status {status}",
        actual=reply.describe(),
        shown=reply,
    )
