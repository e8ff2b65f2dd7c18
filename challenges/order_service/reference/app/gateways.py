"""What we ask of each upstream, and what we make of its answers."""

import asyncio
import uuid
from http import HTTPStatus
from typing import TypeVar

import httpx
from pydantic import ValidationError

from app.problems import ProblemError
from app.schemas import Answer, Charge, Line, OrderIn, ReceiptMade, Reservation, StockLevel
from app.settings import ATTEMPT_SECONDS, STOCK_SECONDS
from app.upstream import Call, Upstream, UpstreamError

Model = TypeVar("Model", bound=Answer)
DONE = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND})


class RefusedError(ProblemError):
    """The upstream understood, and said no: nothing was done."""


def within(seconds: float) -> float:
    """A deadline, on the loop's clock."""
    return asyncio.get_running_loop().time() + seconds


def unusable(upstream: str) -> UpstreamError:
    """An answer that says yes, and not to what."""
    return UpstreamError(HTTPStatus.BAD_GATEWAY, f"The {upstream} service gave no usable answer.", uncertain=True)


def _parsed(model: type[Model], answer: httpx.Response, upstream: str, *good: int) -> Model:
    status = answer.status_code
    if status >= HTTPStatus.BAD_REQUEST:
        raise UpstreamError(HTTPStatus.BAD_GATEWAY, f"The {upstream} service answered {status}.", uncertain=False)
    if status not in good:
        raise unusable(upstream)
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        raise unusable(upstream) from error


class Inventory:
    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream

    async def reserve(self, key: str, order: OrderIn, deadline: float) -> list[Line]:
        """Reserve all items; the lines with their prices, in the order asked.

        Raises:
            RefusedError: there is not enough.
            UpstreamError: it gave no usable answer.
        """
        asked = {line.sku: line.quantity for line in order.items}
        body = {"items": [line.model_dump() for line in order.items]}
        answer = await self.upstream.call(Call("POST", "/reservations", deadline, json=body, key=key))
        if answer.status_code == HTTPStatus.CONFLICT:
            raise RefusedError(HTTPStatus.CONFLICT, "There is not enough in stock.")
        found = {line.sku: line for line in _parsed(Reservation, answer, "inventory", 200, 201).items}
        if {sku: line.quantity for sku, line in found.items()} != asked:
            raise unusable("inventory")
        return [Line(**found[sku].model_dump()) for sku in asked]

    async def release(self, key: str) -> bool:
        """Give back what was reserved with this key, if anything was; whether that is settled."""
        return await _undo(self.upstream, f"/reservations/{key}")

    async def stock(self, sku: str) -> StockLevel:
        """Ask how much there is. That takes the warehouse a while."""
        call = Call("GET", f"/stock/{sku}", within(STOCK_SECONDS), attempt_seconds=STOCK_SECONDS)
        answer = await self.upstream.call(call)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise RefusedError(HTTPStatus.NOT_FOUND, "There is no such item.")
        level = _parsed(StockLevel, answer, "inventory", 200)
        if level.sku != sku:
            raise unusable("inventory")
        return level


class Payments:
    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream

    async def charge(self, key: str, amount_cents: int, payment_token: str, deadline: float) -> None:
        """Take the money.

        Raises:
            RefusedError: it was declined.
            UpstreamError: it gave no usable answer.
        """
        body = {"amount_cents": amount_cents, "payment_token": payment_token}
        answer = await self.upstream.call(Call("POST", "/charges", deadline, json=body, key=key))
        if answer.status_code == HTTPStatus.PAYMENT_REQUIRED:
            raise RefusedError(HTTPStatus.PAYMENT_REQUIRED, "The payment was declined.")
        if _parsed(Charge, answer, "payments", 200, 201).amount_cents != amount_cents:
            raise unusable("payments")

    async def void(self, key: str) -> bool:
        """Make the charge with this key undone, or impossible; whether that is settled."""
        return await _undo(self.upstream, f"/charges/{key}")

    async def send_receipt(self, order_id: uuid.UUID) -> ReceiptMade:
        """Have the receipt mailed. A second call would mail a second one, so there is none."""
        body = {"order_id": str(order_id)}
        call = Call("POST", "/receipts", within(ATTEMPT_SECONDS), json=body, repeatable=False)
        return _parsed(ReceiptMade, await self.upstream.call(call), "payments", 200, 202)


async def _undo(upstream: Upstream, path: str) -> bool:
    try:
        answer = await upstream.call(Call("DELETE", path, within(3 * ATTEMPT_SECONDS)))
    except UpstreamError:
        return False
    return answer.status_code in DONE
