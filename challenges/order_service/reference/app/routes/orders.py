"""Orders: made, read, receipted."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Header, Response, status

from app.dependencies import Resources, ResourcesDep
from app.problems import ProblemError, problems
from app.schemas import Order, OrderIn, Receipt
from app.upstream import UpstreamError

router = APIRouter(prefix="/v1/orders", tags=["orders"])

IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=255, pattern=r"^[!-~]+$", alias="Idempotency-Key")
]


@router.post("", status_code=status.HTTP_201_CREATED, responses=problems(402, 409, 422, 502, 503, 504))
async def create_order(
    order: OrderIn, response: Response, resources: ResourcesDep, idempotency_key: IdempotencyKey = None
) -> Order:
    """Reserve, charge, confirm."""
    made = await resources.orders.place(order, idempotency_key)
    response.headers["Location"] = f"/v1/orders/{made.id}"
    return made


@router.get("/{order_id}", responses=problems(404, 422, 503))
async def read_order(order_id: uuid.UUID, resources: ResourcesDep) -> Order:
    """A confirmed order."""
    return await _found(resources, order_id)


@router.post("/{order_id}/receipt", status_code=status.HTTP_202_ACCEPTED, responses=problems(404, 422, 502, 503, 504))
async def send_receipt(order_id: uuid.UUID, resources: ResourcesDep) -> Receipt:
    """Have the receipt mailed, once."""
    order = await _found(resources, order_id)
    try:
        made = await resources.payments.send_receipt(order.id)
    except UpstreamError as error:
        raise ProblemError(error.status, error.detail, {"Retry-After": str(error.retry_after or 1)}) from error
    return Receipt(order_id=order.id, receipt_id=made.receipt_id)


async def _found(resources: Resources, order_id: uuid.UUID) -> Order:
    order = await resources.store.find(order_id)
    if order is None:
        raise ProblemError(status.HTTP_404_NOT_FOUND, "There is no such order.")
    return order
