"""The two upstreams that the grader plays. What they answer depends on the seed; a check can script them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from harness.authoring import CapacityGate, StubAnswer, StubRequest, Stubs, StubStream

JSON = {"Content-Type": "application/json"}
# The brief's window of the retry budget, and a little more.
WINDOW_S = 10.5
_DEAREST = 5000
_QUIET_S = 6.0
_QUIET_CAP_S = 30.0
_TICK_S = 0.1

Answer: TypeAlias = "tuple[int, Mapping[str, str], bytes] | StubAnswer | StubStream"
Say = Callable[[StubRequest], "Answer | None"]
Script = Callable[[StubRequest, Say], "Answer | None"]


def answer(status: int, body: object = None, **headers: str) -> Answer:
    """A JSON answer; header names with underscores for hyphens."""
    content = b"" if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {**(JSON if content else {}), **named}, content


def failing(status: int = 503, **headers: str) -> Script:
    """A script: the upstream answers everything so."""
    return lambda _request, _say: answer(status, {"error": "not now"}, **headers)


def hang_up(_request: StubRequest, _say: Say) -> None:
    """A script: every connection ends without an answer."""


def posts(script: Script) -> Script:
    """The script for POSTs only: all else goes well."""
    return lambda request, say: script(request, say) if request.method == "POST" else say(request)


def at_first(times: int, bad: Answer | None) -> Script:
    """A script: the first POSTs with each key get `bad`, the next ones what is right."""
    seen: dict[str, int] = {}

    def script(request: StubRequest, say: Say) -> Answer | None:
        key = key_of(request)
        seen[key] = seen.get(key, 0) + 1
        return bad if seen[key] <= times else say(request)

    return posts(script)


def key_of(request: StubRequest) -> str:
    """The idempotency key that a call carries, in its header or as the last part of its path."""
    if request.method == "DELETE":
        return request.path.partition("?")[0].rpartition("/")[2]
    return request.headers.get("idempotency-key", "")


def loaded(request: StubRequest) -> dict[str, Any]:
    """The body of a call as a JSON object; empty when it is none."""
    try:
        value = json.loads(request.body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


@dataclass
class Upstream:
    """One stub and its script."""

    gate: CapacityGate
    plain: Say
    world: World
    script: Script | None = None

    def play(self, script: Script | None) -> None:
        """Follow a script from now on; None for the plain answers."""
        self.script = script
        self.world.wear()

    def respond(self, request: StubRequest) -> Answer | None:
        return self.plain(request) if self.script is None else self.script(request, self.plain)

    def calls(self, method: str, path: str = "") -> list[StubRequest]:
        """The calls since the last reset with this method, below this path."""
        return [r for r in self.gate.requests if r.method == method and r.path.startswith(path)]

    def posts(self, path: str = "") -> list[StubRequest]:
        return self.calls("POST", path)

    def deletes(self, key: str = "") -> list[StubRequest]:
        """DELETE calls, of one key if it is given."""
        return [r for r in self.calls("DELETE") if not key or key_of(r) == key]


@dataclass
class Wear:
    """When an upstream was last anything but healthy, on `time.monotonic()`. One for the session."""

    at: float = 0.0
    worn: bool = False


@dataclass
class World:
    """Both upstreams, and what they sell."""

    stubs: Stubs
    secret: str
    wearing: Wear
    inventory: Upstream = field(init=False)
    payments: Upstream = field(init=False)

    def __post_init__(self) -> None:
        self.inventory = Upstream(self.stubs.inventory, self._inventory, self)
        self.payments = Upstream(self.stubs.payments, self._payments, self)
        self.reset()

    def reset(self) -> None:
        """Both healthy, nothing held, nothing counted."""
        for upstream in (self.inventory, self.payments):
            upstream.script = None
            upstream.gate.reset()
            upstream.gate.respond = upstream.respond

    def wear(self) -> None:
        """Something is amiss from now on: the breakers and the retry budget remember it for a while."""
        self.wearing.at, self.wearing.worn = time.monotonic(), True

    async def rested(self) -> None:
        """Wait until the retry budget has forgotten what the checks before did."""
        await asyncio.sleep(max(0.0, self.wearing.at + WINDOW_S - time.monotonic()))

    async def quiet(self) -> None:
        """Wait until no compensation of an earlier check comes any more: the brief has them come every 5 s."""
        limit = time.monotonic() + _QUIET_CAP_S
        since = self.wearing.at
        while time.monotonic() < min(limit, since + _QUIET_S):
            await asyncio.sleep(_TICK_S)
            since = max([since, *(r.at for u in (self.inventory, self.payments) for r in u.deletes())])

    def price(self, sku: str) -> int:
        """What one of it costs, in cents."""
        return 1 + int(self._digest("price", sku)[:8], 16) % _DEAREST

    def available(self, sku: str) -> int:
        return int(self._digest("stock", sku)[:6], 16) % 1000

    def total(self, items: list[dict[str, Any]]) -> int:
        return sum(self.price(item["sku"]) * item["quantity"] for item in items)

    def lines(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The items with their prices."""
        return [
            {"sku": i.get("sku"), "quantity": i.get("quantity"), "unit_price_cents": self.price(str(i.get("sku")))}
            for i in items
        ]

    def receipt_id(self, order_id: str) -> str:
        return f"rcpt_{self._digest('receipt', order_id)[:20]}"

    def reservation(self, request: StubRequest) -> dict[str, Any]:
        """What a good inventory says to a reservation."""
        items = loaded(request).get("items")
        return {
            "reservation_id": f"res_{self._digest('reservation', key_of(request))[:20]}",
            "items": self.lines([i for i in items if isinstance(i, dict)] if isinstance(items, list) else []),
        }

    def charge(self, request: StubRequest) -> dict[str, Any]:
        """What a good payments service says to a charge."""
        return {
            "charge_id": f"ch_{self._digest('charge', key_of(request))[:20]}",
            "amount_cents": loaded(request).get("amount_cents"),
        }

    def _digest(self, *parts: str) -> str:
        return hashlib.sha256("/".join((self.secret, *parts)).encode()).hexdigest()

    def _inventory(self, request: StubRequest) -> Answer | None:
        path = request.path.partition("?")[0]
        match request.method, path.split("/")[1:]:
            case "POST", ["reservations"]:
                return answer(201, self.reservation(request))
            case "DELETE", ["reservations", _]:
                return answer(204)
            case "GET", ["stock", sku]:
                return answer(200, {"sku": sku, "available": self.available(sku)})
            case _:
                return answer(404, {"error": "no such thing"})

    def _payments(self, request: StubRequest) -> Answer | None:
        path = request.path.partition("?")[0]
        match request.method, path.split("/")[1:]:
            case "POST", ["charges"]:
                return answer(201, self.charge(request))
            case "DELETE", ["charges", _]:
                return answer(204)
            case "POST", ["receipts"]:
                return answer(202, {"receipt_id": self.receipt_id(str(loaded(request).get("order_id")))})
            case _:
                return answer(404, {"error": "no such thing"})
