"""Making an order: reserve, charge, confirm; and when that fails, say so first and undo it then."""

import logging
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from app.gateways import RefusedError, within
from app.problems import ProblemError
from app.settings import ORDER_SECONDS
from app.upstream import UpstreamError

logger = logging.getLogger(__name__)


@dataclass
class Progress:
    """What may have been done upstream, as far as we know."""

    reserved: bool = False
    charged: bool = False


class Orders:
    def __init__(self, store, inventory, payments, settlement, metrics):
        self._store = store
        self._inventory = inventory
        self._payments = payments
        self._settlement = settlement
        self._metrics = metrics

    async def place(self, order, key):
        """A confirmed order: a new one, or the one that this key has made.

        Raises:
            ProblemError: there is none, and nothing of it remains.
        """
        deadline = within(ORDER_SECONDS)
        order_id, fingerprint = (uuid.uuid4(), order.fingerprint())
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
            await self._give_up(order_id, progress)
            raise
        self._metrics.orders.labels("confirmed").inc()
        return made

    async def _make(self, order_id, order, progress, deadline):
        lines = await self._reserve(order_id, order, progress, deadline)
        total = sum((line.quantity * line.unit_price_cents for line in lines))
        await self._charge(order_id, total, order.payment_token, progress, deadline)
        made = await self._store.confirm(order_id, lines, total)
        if made is None:
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "The order took too long.")
        return made

    async def _reserve(self, order_id, order, progress, deadline):
        progress.reserved = True
        try:
            return await self._inventory.reserve(str(order_id), order, deadline)
        except RefusedError:
            progress.reserved = False
            raise
        except UpstreamError as error:
            progress.reserved = error.uncertain
            raise

    async def _charge(self, order_id, total, token, progress, deadline):
        progress.charged = True
        try:
            await self._payments.charge(str(order_id), total, token, deadline)
        except RefusedError:
            progress.charged = False
            raise
        except UpstreamError as error:
            progress.charged = error.uncertain
            raise

    async def _give_up(self, order_id, progress):
        self._metrics.orders.labels("failed").inc()
        try:
            await self._store.fail(order_id, release=progress.reserved, void=progress.charged)
        except ProblemError:
            logger.warning("order %s can't be given up now", order_id)
        else:
            self._settlement.wake()


def _replayed(known, fingerprint):
    if known.fingerprint != fingerprint:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "This key was used for another order.")
    if known.order is None:
        raise ProblemError(HTTPStatus.CONFLICT, "This order is being made.", {"Retry-After": "1"})
    return known.order
