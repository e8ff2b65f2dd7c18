"""What is in stock: the inventory's answer, which takes its time."""

from fastapi import APIRouter

from app.dependencies import ResourcesDep
from app.problems import ProblemError, problems
from app.schemas import Sku, Stock
from app.upstream import UpstreamError

router = APIRouter(prefix="/v1/stock", tags=["stock"])


@router.get("/{sku}", responses=problems(404, 422, 502, 503, 504))
async def read_stock(sku: Sku, resources: ResourcesDep) -> Stock:
    """Touches no database: nothing of ours is held while we wait."""
    try:
        level = await resources.inventory.stock(sku)
    except UpstreamError as error:
        raise ProblemError(error.status, error.detail, {"Retry-After": str(error.retry_after or 1)}) from error
    return Stock(sku=level.sku, available=level.available)
