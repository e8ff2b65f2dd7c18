"""Undoes what failed orders left behind, until it is undone: over outages, crashes and restarts."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from app.gateways import Inventory, Payments
from app.problems import ProblemError
from app.settings import ORDER_SECONDS
from app.store import Debt, Store

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0
BATCH = 20
STOP_SECONDS = 8.0
# Nobody works at an order any more that is so much older than its deadline.
STALE_SECONDS = 5 * ORDER_SECONDS


class Settlement:
    """One task of this process. The debts are in PostgreSQL: what it doesn't get done, the next process does."""

    def __init__(self, store: Store, inventory: Inventory, payments: Payments) -> None:
        self._store = store
        self._inventory = inventory
        self._payments = payments
        self._due = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Whatever is pending now is of a process that is no more."""
        await self._store.abandon(0)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Finish what is under way, if that doesn't take long."""
        self._stopping = True
        self._due.set()
        if self._task is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._task, STOP_SECONDS)

    def wake(self) -> None:
        """There is something new to undo."""
        self._due.set()

    async def _run(self) -> None:
        while not self._stopping:
            self._due.clear()
            try:
                await self._store.abandon(STALE_SECONDS)
                while await self._settle_some():
                    pass
            except ProblemError:
                logger.warning("the database does not answer")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), PAUSE_SECONDS)

    async def _settle_some(self) -> bool:
        """One batch; whether it is worth going on at once."""
        debts = await self._store.debts(BATCH)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._settle(debt)) for debt in debts]
        return len(debts) == BATCH and all(task.result() for task in tasks) and not self._stopping

    async def _settle(self, debt: Debt) -> bool:
        key = str(debt.order_id)
        settled = True
        if debt.void:
            settled = await _undone(self._payments.void, key)
            if settled:
                await self._store.voided(debt.order_id)
        if debt.release:
            released = await _undone(self._inventory.release, key)
            if released:
                await self._store.released(debt.order_id)
            settled = settled and released
        return settled


async def _undone(undo: Callable[[str], Awaitable[bool]], key: str) -> bool:
    done = await undo(key)
    if not done:
        logger.warning("order %s is not undone yet", key)
    return done
