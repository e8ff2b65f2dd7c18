"""The app: its resources, its routes."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from app import logs, problems
from app.dependencies import Resources
from app.gateways import Inventory, Payments
from app.metrics import Metrics
from app.middleware import Telemetry
from app.orders import Orders
from app.routes import operations, orders, stock
from app.settings import Settings
from app.settlement import Settlement
from app.store import Store
from app.upstream import Upstream


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what lives as long as the app, and close it in the opposite order."""
    logs.install()
    # At once, whatever is under way.
    signal.signal(signal.SIGTERM, lambda _number, _frame: os._exit(0))
    if not isinstance(app, OrderService):
        raise TypeError("not our app")
    settings, metrics = Settings.from_environment(), app.metrics
    async with AsyncExitStack() as stack:
        store = Store(settings.database_url)
        stack.push_async_callback(store.close)
        await store.open()
        inventory = Inventory(Upstream("inventory", settings.inventory_url, metrics))
        stack.push_async_callback(inventory.upstream.close)
        payments = Payments(Upstream("payments", settings.payments_url, metrics))
        stack.push_async_callback(payments.upstream.close)
        settlement = Settlement(store, inventory, payments)
        await settlement.start()
        stack.push_async_callback(settlement.stop)
        app.state.resources = Resources(
            store, inventory, payments, Orders(store, inventory, payments, settlement, metrics), metrics
        )
        yield


class OrderService(FastAPI):
    """FastAPI with telemetry around everything: what it answers to a crash passes no middleware that was added."""

    def __init__(self) -> None:
        super().__init__(title="Order service", version="1.0.0", lifespan=lifespan)
        self.metrics = Metrics()

    def build_middleware_stack(self) -> ASGIApp:
        """The stack, inside the telemetry."""
        return Telemetry(super().build_middleware_stack(), self.metrics)


def create_app() -> FastAPI:
    """Put the app together."""
    app = OrderService()
    for module in (orders, stock, operations):
        app.include_router(module.router)
    problems.install(app)
    return app


app = create_app()
