"""Undoes what failed orders have left upstream, for as long as it takes."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.config import UNDO_CONCURRENCY, UNDO_DRAIN_SECONDS, UNDO_PAUSE_SECONDS
from app.context import RequestContext
from app.logs import log_event
from app.metrics import Metrics
from app.repository import DatabaseUnavailableError, OrderRepository
from app.upstream.errors import UpstreamError, UpstreamTroubleError
from app.upstream.inventory import InventoryClient
from app.upstream.payments import PaymentsClient

_random: Final = random.SystemRandom()

UndoCall = Callable[[str, RequestContext, bool], Awaitable[None]]


@dataclass(slots=True)
class Undo:
    """What a failed order leaves to be done. `confirming`: it is not known whether it was confirmed in the
    database; that has to be taken back before anything else.
    """

    id: UUID
    context: RequestContext
    release: bool = False
    void: bool = False
    confirming: bool = False


class Compensator:
    def __init__(
        self,
        repository: OrderRepository,
        inventory: InventoryClient,
        payments: PaymentsClient,
        metrics: Metrics,
    ) -> None:
        self._repository = repository
        self._inventory = inventory
        self._payments = payments
        self._metrics = metrics
        self._tasks: set[asyncio.Task[None]] = set()
        self._doomed: set[UUID] = set()
        self._inventory_slots = asyncio.Semaphore(UNDO_CONCURRENCY)
        self._payments_slots = asyncio.Semaphore(UNDO_CONCURRENCY)

    def is_doomed(self, order_id: UUID) -> bool:
        """It has failed, though the database may still call it confirmed."""
        return order_id in self._doomed

    def submit(self, undo: Undo, *, recorded: bool) -> None:
        """`recorded`: the database knows already that the order has failed, and what is due."""
        if recorded and not (undo.release or undo.void):
            return
        if undo.confirming and not recorded:
            self._doomed.add(undo.id)
        task = asyncio.create_task(self._settle(undo, recorded))
        self._tasks.add(task)
        task.add_done_callback(self._done)
        self._metrics.undo_pending(len(self._tasks))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._metrics.undo_pending(len(self._tasks))

    async def resume(self) -> None:
        """After a start: everything that was under way has failed, and what is due goes on."""
        await self._repository.fail_leftovers()
        for due in await self._repository.due():
            self.submit(Undo(due.id, due.context, release=due.release, void=due.void), recorded=True)

    async def stop(self) -> None:
        """A moment for what can be done at once; the rest is in the database, for the next start."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=UNDO_DRAIN_SECONDS)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1)

    async def _settle(self, undo: Undo, recorded: bool) -> None:
        record = asyncio.create_task(self._record(undo, recorded))
        try:
            if undo.confirming:
                await asyncio.shield(record)
            await asyncio.gather(self._release(undo, record), self._void(undo, record), record)
        finally:
            record.cancel()

    async def _record(self, undo: Undo, recorded: bool) -> None:
        if not recorded:
            await self._insist(lambda: self._repository.fail(undo.id, release=undo.release, void=undo.void))
        self._doomed.discard(undo.id)

    async def _release(self, undo: Undo, record: asyncio.Task[None]) -> None:
        if undo.release:
            await self._until_undone(undo, self._inventory.release, self._inventory_slots)
            await asyncio.shield(record)
            await self._insist(lambda: self._repository.released(undo.id))

    async def _void(self, undo: Undo, record: asyncio.Task[None]) -> None:
        if undo.void:
            await self._until_undone(undo, self._payments.void, self._payments_slots)
            await asyncio.shield(record)
            await self._insist(lambda: self._repository.voided(undo.id))

    async def _until_undone(self, undo: Undo, call: UndoCall, slots: asyncio.Semaphore) -> None:
        sent = False
        while True:
            try:
                async with slots:
                    await call(str(undo.id), undo.context, sent)
            except UpstreamError as error:
                sent = sent or error.sent
                pause = _random.uniform(*UNDO_PAUSE_SECONDS)
                if isinstance(error, UpstreamTroubleError):
                    # An open breaker is left to the clients' traffic for a moment once it may be tried.
                    pause += error.retry_after or 0.0
                log_event("undo_failed", order_id=undo.id, cause=error.detail, next_in=round(pause, 1))
            else:
                return
            await asyncio.sleep(pause)

    async def _insist(self, operation: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await operation()
            except DatabaseUnavailableError:
                await asyncio.sleep(_random.uniform(*UNDO_PAUSE_SECONDS))
            else:
                return
