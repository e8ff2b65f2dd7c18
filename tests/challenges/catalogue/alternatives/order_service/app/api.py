"""The routes."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from app.config import MAX_REQUEST_BYTES
from app.container import Container
from app.context import RequestContext
from app.metrics import CONTENT_TYPE, Metrics
from app.problems import ProblemError, database_unavailable
from app.repository import DatabaseUnavailableError
from app.schemas import SKU_PATTERN, HealthView, OrderRequest, OrderView, ReceiptView, StockView

v1 = APIRouter(prefix="/v1")
operations = APIRouter()

_SKU = re.compile(SKU_PATTERN.strip("^$"))


async def get_container(request: Request) -> Container:
    container: object = request.app.state.container
    if not isinstance(container, Container):
        raise TypeError("the application has not been started")
    return container


async def get_prepared(container: Annotated[Container, Depends(get_container)]) -> Container:
    if not container.prepared:
        raise database_unavailable()
    return container


async def get_metrics(request: Request) -> Metrics:
    metrics: object = request.app.state.metrics
    if not isinstance(metrics, Metrics):
        raise TypeError("the application has no metrics")
    return metrics


async def get_context(request: Request) -> RequestContext:
    context: object = request.state.context
    if not isinstance(context, RequestContext):
        raise TypeError("the middleware is missing")
    return context


async def get_client_key(request: Request) -> str | None:
    keys = request.headers.getlist("Idempotency-Key")
    if not keys:
        return None
    if len(keys) > 1 or not 1 <= len(keys[0]) <= 255:
        raise ProblemError(422, "invalid-key", "Idempotency-Key has to be one value of 1 to 255 characters.")
    return keys[0]


async def get_order_request(request: Request) -> OrderRequest:
    """Read here and not by FastAPI, so that whatever is no valid body is 422 and never quoted."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_REQUEST_BYTES:
            raise ProblemError(422, "invalid-request", "The body is too large.")
    try:
        return OrderRequest.model_validate_json(bytes(body))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:100]
        detail = f"{where}: {first['msg']}" if where else first["msg"]
    raise ProblemError(422, "invalid-request", detail)


ContainerDep = Annotated[Container, Depends(get_container)]
PreparedDep = Annotated[Container, Depends(get_prepared)]
ContextDep = Annotated[RequestContext, Depends(get_context)]


@v1.post("/orders", status_code=201)
async def create_order(
    order: Annotated[OrderRequest, Depends(get_order_request)],
    client_key: Annotated[str | None, Depends(get_client_key)],
    container: PreparedDep,
    context: ContextDep,
    response: Response,
) -> OrderView:
    try:
        view = await container.orders.place(order, client_key, context)
    except DatabaseUnavailableError as error:
        raise database_unavailable() from error
    response.headers["Location"] = f"/v1/orders/{view.id}"
    return view


@v1.get("/orders/{id}")
async def get_order(id: str, container: PreparedDep) -> OrderView:
    try:
        return await container.orders.find(id)
    except DatabaseUnavailableError as error:
        raise database_unavailable() from error


@v1.post("/orders/{id}/receipt", status_code=202)
async def mail_receipt(id: str, container: PreparedDep, context: ContextDep) -> ReceiptView:
    try:
        return await container.orders.mail_receipt(id, context)
    except DatabaseUnavailableError as error:
        raise database_unavailable() from error


@v1.get("/stock/{sku}")
async def get_stock(sku: str, container: ContainerDep, context: ContextDep) -> StockView:
    if not _SKU.fullmatch(sku):
        raise ProblemError(422, "invalid-sku", "That is no sku.")
    stock = await container.inventory.stock(sku, context)
    return StockView(sku=stock.sku, available=stock.available)


@operations.get("/healthz")
async def healthz() -> HealthView:
    return HealthView(status="alive")


@operations.get("/readyz")
async def readyz(container: ContainerDep) -> HealthView:
    reason = await container.unready_because()
    if reason is not None:
        raise ProblemError(503, "not-ready", reason, 1)
    return HealthView(status="ready")


@operations.get("/metrics")
async def metrics(registry: Annotated[Metrics, Depends(get_metrics)]) -> Response:
    return Response(registry.render(), headers={"Content-Type": CONTENT_TYPE})
