"""What is kept in PostgreSQL. Every operation is one statement in a transaction of its own, is bounded in
time, and either raises DatabaseUnavailableError or was done. After that error it may still be done, later.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import make_url, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from app.config import DB_OPERATION_SECONDS, DB_POOL_SIZE
from app.context import RequestContext
from app.logs import log_crash, log_event
from app.models import CONFIRMED, FAILED, LIVE_KEY, PENDING, Base, OrderRow, StoredItem
from app.schemas import OrderItem, OrderView

T = TypeVar("T")


class DatabaseUnavailableError(Exception):
    pass


@dataclass(frozen=True, slots=True)
class NewOrder:
    id: UUID
    client_key: str | None
    fingerprint: str
    created_at: datetime
    context: RequestContext


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """The live order of a client's key; `view` when it is confirmed."""

    id: UUID
    fingerprint: str
    view: OrderView | None


@dataclass(frozen=True, slots=True)
class DueUndo:
    id: UUID
    release: bool
    void: bool
    context: RequestContext


def create_engine(database_url: str) -> AsyncEngine:
    return create_async_engine(
        make_url(database_url).set(drivername="postgresql+asyncpg"),
        isolation_level="AUTOCOMMIT",
        pool_size=DB_POOL_SIZE,
        max_overflow=0,
        pool_timeout=DB_OPERATION_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"timeout": 3, "command_timeout": 5, "server_settings": {"statement_timeout": "5000"}},
    )


class OrderRepository:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)
        self._stragglers: set[asyncio.Task[None]] = set()

    async def _run(
        self, work: Callable[[AsyncSession], Awaitable[T]], seconds: float = DB_OPERATION_SECONDS
    ) -> T:
        """The caller gets its answer in time even when closing a dead connection takes longer."""
        results: list[T] = []

        async def operation() -> None:
            async with self._sessions() as session:
                results.append(await work(session))
                await session.commit()

        task = asyncio.create_task(operation())
        self._stragglers.add(task)
        task.add_done_callback(self._forget)
        await asyncio.wait({task}, timeout=max(seconds, 0.05))
        if not task.done():
            task.cancel()
            log_event("database_operation_timed_out", seconds=seconds)
            raise DatabaseUnavailableError
        if task.cancelled():
            raise DatabaseUnavailableError
        error = task.exception()
        if error is not None:
            log_crash("database_operation_failed", error)
            raise DatabaseUnavailableError from error
        return results[0]

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._stragglers.discard(task)
        if not task.cancelled():
            task.exception()

    async def create_tables(self) -> None:
        async def work(session: AsyncSession) -> None:
            connection = await session.connection()
            await connection.run_sync(Base.metadata.create_all)

        await self._run(work, 8)

    async def ping(self) -> None:
        async def work(session: AsyncSession) -> None:
            await session.execute(text("SELECT 1"))

        await self._run(work)

    async def insert_pending(self, order: NewOrder) -> bool:
        """False when a live order holds the client's key."""

        async def work(session: AsyncSession) -> bool:
            statement = (
                insert(OrderRow)
                .values(
                    id=order.id,
                    status=PENDING,
                    client_key=order.client_key,
                    fingerprint=order.fingerprint,
                    created_at=order.created_at,
                    trace_id=order.context.trace_id,
                    trace_flags=order.context.trace_flags,
                    request_id=order.context.request_id,
                )
                .on_conflict_do_nothing(index_elements=[OrderRow.client_key], index_where=LIVE_KEY)
                .returning(OrderRow.id)
            )
            return (await session.execute(statement)).scalar_one_or_none() is not None

        return await self._run(work)

    async def key_holder(self, client_key: str) -> KeyHolder | None:
        async def work(session: AsyncSession) -> KeyHolder | None:
            statement = select(OrderRow).where(
                OrderRow.client_key == client_key, OrderRow.status.in_([PENDING, CONFIRMED])
            )
            row = (await session.execute(statement)).scalar_one_or_none()
            if row is None:
                return None
            return KeyHolder(row.id, row.fingerprint, _view(row) if row.status == CONFIRMED else None)

        return await self._run(work)

    async def confirm(self, order_id: UUID, items: list[OrderItem], seconds: float) -> bool:
        """False when the order has failed meanwhile. Can be repeated."""
        stored: list[StoredItem] = [
            {"sku": item.sku, "quantity": item.quantity, "unit_price_cents": item.unit_price_cents}
            for item in items
        ]

        async def work(session: AsyncSession) -> bool:
            statement = (
                update(OrderRow)
                .where(OrderRow.id == order_id, OrderRow.status != FAILED)
                .values(status=CONFIRMED, items=stored)
                .returning(OrderRow.id)
                .execution_options(synchronize_session=False)
            )
            return (await session.execute(statement)).scalar_one_or_none() is not None

        return await self._run(work, seconds)

    async def fail(
        self, order_id: UUID, *, release: bool, void: bool, seconds: float = DB_OPERATION_SECONDS
    ) -> None:
        """Whatever its status was: call it only for orders that no client has been told of."""

        async def work(session: AsyncSession) -> None:
            await session.execute(
                update(OrderRow)
                .where(OrderRow.id == order_id)
                .values(status=FAILED, release_due=release, void_due=void)
                .execution_options(synchronize_session=False)
            )

        await self._run(work, seconds)

    async def fail_leftovers(self) -> None:
        """For the start: what is pending then was under way when the process before ended."""

        async def work(session: AsyncSession) -> None:
            await session.execute(
                update(OrderRow)
                .where(OrderRow.status == PENDING)
                .values(status=FAILED, release_due=True, void_due=True)
                .execution_options(synchronize_session=False)
            )

        await self._run(work, 5)

    async def due(self) -> list[DueUndo]:
        async def work(session: AsyncSession) -> list[DueUndo]:
            statement = select(OrderRow).where(or_(OrderRow.release_due, OrderRow.void_due))
            return [
                DueUndo(
                    row.id,
                    row.release_due,
                    row.void_due,
                    RequestContext(row.trace_id, row.trace_flags, row.request_id),
                )
                for row in (await session.execute(statement)).scalars()
            ]

        return await self._run(work, 5)

    async def released(self, order_id: UUID) -> None:
        await self._clear(order_id, {"release_due": False})

    async def voided(self, order_id: UUID) -> None:
        await self._clear(order_id, {"void_due": False})

    async def _clear(self, order_id: UUID, values: dict[str, bool]) -> None:
        async def work(session: AsyncSession) -> None:
            await session.execute(
                update(OrderRow)
                .where(OrderRow.id == order_id)
                .values(values)
                .execution_options(synchronize_session=False)
            )

        await self._run(work)

    async def confirmed(self, order_id: UUID, seconds: float = DB_OPERATION_SECONDS) -> OrderView | None:
        async def work(session: AsyncSession) -> OrderView | None:
            statement = select(OrderRow).where(OrderRow.id == order_id, OrderRow.status == CONFIRMED)
            row = (await session.execute(statement)).scalar_one_or_none()
            return None if row is None else _view(row)

        return await self._run(work, seconds)

    async def aclose(self) -> None:
        await self._engine.dispose()


def _view(row: OrderRow) -> OrderView:
    items = [OrderItem.model_validate(item) for item in row.items or []]
    return OrderView.build(row.id, items, row.created_at)
