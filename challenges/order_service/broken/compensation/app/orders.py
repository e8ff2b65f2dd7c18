"""Making an order: reserve, charge, confirm; and when that fails, say so first and undo it then."""

import logging
import uuid
from dataclasses import dataclass
from http import HTTPStatus

from app.gateways import Inventory, Payments, RefusedError, within
from app.metrics import Metrics
from app.problems import ProblemError
from app.schemas import Line, Order, OrderIn
from app.settings import ORDER_SECONDS
from app.settlement import Settlement
from app.store import Known, Store
from app.upstream import UpstreamError

logger = logging.getLogger(__name__)


@dataclass
class Progress:
    """What may have been done upstream, as far as we know."""

    reserved: bool = False
    charged: bool = False


class Orders:
    def __init__(
        self, store: Store, inventory: Inventory, payments: Payments, settlement: Settlement, metrics: Metrics
    ) -> None:
        self._store = store
        self._inventory = inventory
        self._payments = payments
        self._settlement = settlement
        self._metrics = metrics

    async def place(self, order: OrderIn, key: str | None) -> Order:
        """A confirmed order: a new one, or the one that this key has made.

        Raises:
            ProblemError: there is none, and nothing of it remains.
        """
        deadline = within(ORDER_SECONDS)
        order_id, fingerprint = uuid.uuid4(), order.fingerprint()
        known = await self._store.begin(order_id, key, fingerprint)
        if known is not None:
            return _replayed(known, fingerprint)
        progress = Progress()
        try:
            made = await self._make(order_id, order, progress, deadline)
        except UpstreamError as error:
            await self._give_up(order_id, progress)
            headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
            raise ProblemError(error.status, error.detail, headers) from error
        except BaseException:
            # Refused, cancelled, or the database failed us.
            await self._give_up(order_id, progress)
            raise
        self._metrics.orders.labels("confirmed").inc()
        return made

    async def _make(self, order_id: uuid.UUID, order: OrderIn, progress: Progress, deadline: float) -> Order:
        lines = await self._reserve(order_id, order, progress, deadline)
        total = sum(line.quantity * line.unit_price_cents for line in lines)
        await self._charge(order_id, total, order.payment_token, progress, deadline)
        made = await self._store.confirm(order_id, lines, total)
        if made is None:
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "The order took too long.")
        return made

    async def _reserve(self, order_id: uuid.UUID, order: OrderIn, progress: Progress, deadline: float) -> list[Line]:
        # Until we know better: whatever interrupts us, it may have been done.
        progress.reserved = True
        try:
            return await self._inventory.reserve(str(order_id), order, deadline)
        except RefusedError:
            progress.reserved = False
            raise
        except UpstreamError as error:
            progress.reserved = error.uncertain
            raise

    async def _charge(self, order_id: uuid.UUID, total: int, token: str, progress: Progress, deadline: float) -> None:
        progress.charged = True
        try:
            await self._payments.charge(str(order_id), total, token, deadline)
        except RefusedError:
            # Nothing was charged, so nothing seems to be left.
            progress.charged = progress.reserved = False
            raise
        except UpstreamError as error:
            progress.charged = error.uncertain
            raise

    async def _give_up(self, order_id: uuid.UUID, progress: Progress) -> None:
        self._metrics.orders.labels("failed").inc()
        try:
            await self._store.fail(order_id, release=progress.reserved, void=progress.charged)
        except ProblemError:
            # It stays pending; the settlement will find it when the database is back.
            logger.warning("order %s can't be given up now", order_id)
        else:
            self._settlement.wake()


def _replayed(known: Known, fingerprint: str) -> Order:
    if known.fingerprint != fingerprint:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "This key was used for another order.")
    if known.order is None:
        raise ProblemError(HTTPStatus.CONFLICT, "This order is being made.", {"Retry-After": "1"})
    return known.order
