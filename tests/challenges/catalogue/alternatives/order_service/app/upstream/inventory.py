"""The inventory's API."""

import time
from collections.abc import Sequence
from typing import Final

from app.config import STOCK_SECONDS, UNDO_CALL_SECONDS
from app.context import RequestContext
from app.schemas import WantedItem
from app.upstream.answers import PricedItem, Reservation, Stock, bad_answer, check_undone, parse_good
from app.upstream.errors import InsufficientStockError, UnknownSkuError
from app.upstream.transport import Call, CallResult, Upstream

_RESERVED: Final = frozenset({200, 201})
_STOCK: Final = frozenset({200})


class InventoryClient:
    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream

    async def reserve(
        self, key: str, items: Sequence[WantedItem], context: RequestContext, deadline: float
    ) -> list[PricedItem]:
        """The items with their prices, in the order asked for."""
        body = {"items": [{"sku": item.sku, "quantity": item.quantity} for item in items]}
        result = await self.upstream.call(
            Call("POST", "/reservations", "orders", context, deadline, body=body, key=key)
        )
        if result.answer.status == 409:
            raise InsufficientStockError("not enough in stock", maybe_done=result.earlier_attempt_lost)
        return self._priced(items, result)

    def _priced(self, items: Sequence[WantedItem], result: CallResult) -> list[PricedItem]:
        reservation = parse_good(Reservation, result, _RESERVED, self.upstream.name)
        by_sku = {item.sku: item for item in reservation.items}
        if len(reservation.items) != len(items) or len(by_sku) != len(items):
            raise bad_answer(self.upstream.name)
        priced: list[PricedItem] = []
        for item in items:
            found = by_sku.get(item.sku)
            if found is None or found.quantity != item.quantity:
                raise bad_answer(self.upstream.name)
            priced.append(found)
        return priced

    async def release(self, key: str, context: RequestContext, repeated: bool) -> None:
        deadline = time.monotonic() + UNDO_CALL_SECONDS
        result = await self.upstream.call(
            Call("DELETE", f"/reservations/{key}", "undo", context, deadline, repeated=repeated)
        )
        check_undone(result, self.upstream.name)

    async def stock(self, sku: str, context: RequestContext) -> Stock:
        deadline = time.monotonic() + STOCK_SECONDS
        result = await self.upstream.call(
            Call("GET", f"/stock/{sku}", "stock", context, deadline, attempt_seconds=STOCK_SECONDS)
        )
        if result.answer.status == 404:
            raise UnknownSkuError("the inventory does not know this sku", maybe_done=False)
        stock = parse_good(Stock, result, _STOCK, self.upstream.name)
        if stock.sku != sku:
            raise bad_answer(self.upstream.name)
        return stock
