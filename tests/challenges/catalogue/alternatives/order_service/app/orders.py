"""How an order is made. The steps, and what undoes each, are in DESIGN.md."""

import asyncio
import hashlib
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

from app.compensation import Compensator, Undo
from app.config import DB_OPERATION_SECONDS, ORDER_SECONDS, ORDER_UPSTREAM_SECONDS, RECEIPT_SECONDS
from app.context import RequestContext
from app.problems import ProblemError
from app.repository import DatabaseUnavailableError, KeyHolder, NewOrder, OrderRepository
from app.schemas import OrderItem, OrderRequest, OrderView, ReceiptView, total_cents
from app.upstream.errors import UpstreamError
from app.upstream.inventory import InventoryClient
from app.upstream.payments import PaymentsClient


class OrderService:
    def __init__(
        self,
        repository: OrderRepository,
        inventory: InventoryClient,
        payments: PaymentsClient,
        compensator: Compensator,
    ) -> None:
        self._repository = repository
        self._inventory = inventory
        self._payments = payments
        self._compensator = compensator
        self._under_way: set[UUID] = set()

    async def place(
        self, request: OrderRequest, client_key: str | None, context: RequestContext
    ) -> OrderView:
        started = time.monotonic()
        order = NewOrder(
            id=uuid4(),
            client_key=None if client_key is None else hashlib.sha256(client_key.encode()).hexdigest(),
            fingerprint=request.fingerprint(),
            created_at=datetime.now(UTC),
            context=context,
        )
        undo = Undo(order.id, context)
        self._under_way.add(order.id)
        try:
            earlier = await self._claim(order)
            if earlier is not None:
                return earlier
            return await self._carry_out(request, order, undo, started)
        except UpstreamError:
            await self._record_failure(undo, started)
            raise
        except ProblemError:
            raise
        except BaseException:
            # The database failed, or we are being stopped: what was done has to be found out and undone.
            self._compensator.submit(undo, recorded=False)
            raise
        finally:
            self._under_way.discard(order.id)

    async def _claim(self, order: NewOrder) -> OrderView | None:
        """Writes the order down, or returns the one that was confirmed with the same key and body."""
        for _ in range(5):
            if await self._repository.insert_pending(order):
                return None
            holder = await self._repository.key_holder(order.client_key or "")
            if holder is None:
                continue
            if self._has_failed(holder):
                await self._repository.fail(holder.id, release=True, void=True)
                continue
            if holder.view is None:
                break
            if holder.fingerprint != order.fingerprint:
                raise ProblemError(422, "key-reused", "The Idempotency-Key was used with another body.")
            return holder.view
        raise ProblemError(409, "order-under-way", "An order with this Idempotency-Key is under way.", 1)

    def _has_failed(self, holder: KeyHolder) -> bool:
        """Its end could not be written down in time: then only this process knows."""
        if holder.view is None:
            return holder.id not in self._under_way
        return self._compensator.is_doomed(holder.id)

    async def _carry_out(
        self, request: OrderRequest, order: NewOrder, undo: Undo, started: float
    ) -> OrderView:
        """`undo` says at any time what would have to be undone if it ended there."""
        key = str(order.id)
        deadline = started + ORDER_UPSTREAM_SECONDS
        undo.release = True
        try:
            priced = await self._inventory.reserve(key, request.items, order.context, deadline)
        except UpstreamError as error:
            undo.release = error.maybe_done
            raise
        items = [
            OrderItem(sku=item.sku, quantity=item.quantity, unit_price_cents=item.unit_price_cents)
            for item in priced
        ]
        undo.void = True
        try:
            await self._payments.charge(
                key, total_cents(items), request.payment_token, order.context, deadline
            )
        except UpstreamError as error:
            undo.void = error.maybe_done
            raise
        undo.confirming = True
        if not await self._confirm(order.id, items, started + ORDER_SECONDS):
            raise DatabaseUnavailableError
        return OrderView.build(order.id, items, order.created_at)

    async def _confirm(self, order_id: UUID, items: list[OrderItem], deadline: float) -> bool:
        while True:
            left = deadline - time.monotonic()
            try:
                return await self._repository.confirm(order_id, items, min(left, DB_OPERATION_SECONDS))
            except DatabaseUnavailableError:
                if deadline - time.monotonic() < 0.2:
                    raise
                await asyncio.sleep(0.1)

    async def _record_failure(self, undo: Undo, started: float) -> None:
        left = started + ORDER_SECONDS - time.monotonic()
        recorded = False
        try:
            await self._repository.fail(
                undo.id,
                release=undo.release,
                void=undo.void,
                seconds=max(0.2, min(left, DB_OPERATION_SECONDS)),
            )
            recorded = True
        except DatabaseUnavailableError:
            pass
        finally:
            self._compensator.submit(undo, recorded=recorded)

    async def find(self, order_id: str, seconds: float = DB_OPERATION_SECONDS) -> OrderView:
        parsed = _parse_id(order_id)
        order = None
        if parsed is not None and not self._compensator.is_doomed(parsed):
            order = await self._repository.confirmed(parsed, seconds)
        if order is None:
            raise ProblemError(404, "unknown-order", "There is no such order.")
        return order

    async def mail_receipt(self, order_id: str, context: RequestContext) -> ReceiptView:
        deadline = time.monotonic() + RECEIPT_SECONDS
        order = await self.find(order_id, RECEIPT_SECONDS)
        receipt_id = await self._payments.send_receipt(str(order.id), context, deadline)
        return ReceiptView(order_id=order.id, receipt_id=receipt_id)


def _parse_id(value: str) -> UUID | None:
    try:
        parsed = UUID(value)
    except ValueError:
        return None
    return parsed if str(parsed) == value.lower() else None
