"""The graded service as its users see it, and random orders for it. Whatever it can't do is a Fail that says so."""

from __future__ import annotations

import asyncio
import random
import string
import uuid
from dataclasses import dataclass
from typing import Any

from harness.authoring import Api, Fail, NoAnswer, Reply

from .world import World

ORDERS = "/v1/orders"
STOCK = "/v1/stock"
PROBLEM = "application/problem+json"
# Three times the deadline of an order that the brief pins.
PATIENCE_S = 18.0
UNAVAILABLE = (502, 503, 504)
_ALPHANUMERIC = string.ascii_uppercase + string.digits
_HEAL_S = 25.0
_PAUSE_S = 0.5


@dataclass(frozen=True)
class Made:
    """An order that was confirmed."""

    id: str
    body: dict[str, Any]
    reply: Reply


class Shop:
    """Places orders."""

    def __init__(self, api: Api, world: World, rng: random.Random) -> None:
        self.api = api
        self.world = world
        self.rng = rng

    def sku(self) -> str:
        return f"{''.join(self.rng.choices(_ALPHANUMERIC, k=6))}-{self.rng.randrange(1000, 10000)}"

    def key(self) -> str:
        """An idempotency key that nobody has used."""
        return f"key-{self.rng.getrandbits(80):020x}"

    def unknown_id(self) -> str:
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def order(self, lines: int = 2) -> dict[str, Any]:
        """The body of an order that nobody has placed."""
        return {
            "items": [{"sku": self.sku(), "quantity": self.rng.randint(1, 9)} for _ in range(lines)],
            "payment_token": f"tok_{self.rng.getrandbits(64):016x}",
        }

    async def place(
        self,
        body: dict[str, Any] | None = None,
        *,
        key: str | None = None,
        api: Api | None = None,
        headers: dict[str, str] | None = None,
        deadline_s: float = 25.0,
    ) -> Reply:
        """POST an order, by default a random one."""
        sent = dict(headers or {})
        if key is not None:
            sent["Idempotency-Key"] = key
        return await (api or self.api).post(
            ORDERS, json=self.order() if body is None else body, headers=sent, deadline_s=deadline_s
        )

    async def made(self, *, key: str | None = None, api: Api | None = None) -> Made:
        """A new order that is confirmed.

        Raises:
            Fail: it isn't.
        """
        body = self.order()
        reply = await self.place(body, key=key, api=api)
        return Made(order_id(reply.expect_status(201)), body, reply)

    async def stock(self, sku: str, *, api: Api | None = None, deadline_s: float = 90.0) -> Reply:
        return await (api or self.api).get(f"{STOCK}/{sku}", deadline_s=deadline_s)

    async def receipt(self, order: str, *, api: Api | None = None) -> Reply:
        return await (api or self.api).post(f"{ORDERS}/{order}/receipt", deadline_s=25)

    async def well_again(self) -> bool:
        """Whether orders are made; waits for breakers that another check has opened."""
        limit = asyncio.get_running_loop().time() + _HEAL_S
        while True:
            try:
                reply = await self.place()
            except NoAnswer:
                return False
            if reply.status not in UNAVAILABLE:
                return reply.status == 201
            if asyncio.get_running_loop().time() > limit:
                return False
            await asyncio.sleep(_PAUSE_S)


def mapping(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer; Fail when it is something else."""
    value = reply.json()
    if not isinstance(value, dict):
        raise Fail("The answer is not a JSON object", expected="a JSON object", actual=reply.describe())
    return value


def order_id(reply: Reply) -> str:
    """The id of an order in an answer; Fail when it is no UUID."""
    found = mapping(reply).get("id")
    try:
        return str(uuid.UUID(found)) if isinstance(found, str) else _no_id(reply)
    except ValueError:
        return _no_id(reply)


def _no_id(reply: Reply) -> str:
    raise Fail("An order has no id", expected='"id": a UUID as text', actual=reply.describe())
