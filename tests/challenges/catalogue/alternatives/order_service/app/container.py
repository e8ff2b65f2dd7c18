"""Puts the parts together, and takes them apart."""

import asyncio

from app.compensation import Compensator
from app.config import STARTUP_WAIT_SECONDS, Settings
from app.logs import log_event
from app.metrics import Metrics
from app.orders import OrderService
from app.repository import DatabaseUnavailableError, OrderRepository, create_engine
from app.upstream.breaker import BreakerState
from app.upstream.inventory import InventoryClient
from app.upstream.payments import PaymentsClient
from app.upstream.transport import Upstream, new_client


class Container:
    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._upstreams = [
            Upstream("inventory", new_client(settings.inventory_url), metrics),
            Upstream("payments", new_client(settings.payments_url), metrics),
        ]
        self.inventory = InventoryClient(self._upstreams[0])
        self.payments = PaymentsClient(self._upstreams[1])
        self.repository = OrderRepository(create_engine(settings.database_url))
        self._compensator = Compensator(self.repository, self.inventory, self.payments, metrics)
        self.orders = OrderService(self.repository, self.inventory, self.payments, self._compensator)
        self._prepared = asyncio.Event()
        self._preparation: asyncio.Task[None] | None = None

    @property
    def prepared(self) -> bool:
        """The tables are there, and what an earlier process left was taken over: orders can be made."""
        return self._prepared.is_set()

    async def start(self) -> None:
        """Waits for the database for a while; without it the service comes up unready, and tries on."""
        self._preparation = asyncio.create_task(self._prepare())
        await asyncio.wait({self._preparation}, timeout=STARTUP_WAIT_SECONDS)

    async def _prepare(self) -> None:
        while True:
            try:
                await self.repository.create_tables()
                await self._compensator.resume()
            except DatabaseUnavailableError:
                log_event("database_not_prepared")
            else:
                self._prepared.set()
                log_event("prepared")
                return
            await asyncio.sleep(1)

    async def unready_because(self) -> str | None:
        if not self.prepared:
            return "The database has not been prepared yet."
        for upstream in self._upstreams:
            if upstream.breaker.state is BreakerState.OPEN:
                return f"The circuit breaker of {upstream.name} is open."
        try:
            await self.repository.ping()
        except DatabaseUnavailableError:
            return "The database does not answer."
        return None

    async def stop(self) -> None:
        if self._preparation is not None:
            self._preparation.cancel()
        await self._compensator.stop()
        closing = [asyncio.create_task(upstream.aclose()) for upstream in self._upstreams]
        closing.append(asyncio.create_task(self.repository.aclose()))
        await asyncio.wait(closing, timeout=2)
