"""Orders in PostgreSQL. A connection is borrowed for a statement, never while an upstream is waited for."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from app.problems import ProblemError
from app.schemas import Line, Order

Row = dict[str, Any]
Connection = psycopg.AsyncConnection[Row]

POOL_SIZE = 8
POOL_WAIT_SECONDS = 10.0
START_SECONDS = 30.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    id uuid PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('pending', 'confirmed', 'failed')),
    -- Freed when the order fails: then the same key may try again.
    idempotency_key text,
    fingerprint text NOT NULL,
    items jsonb,
    total_cents bigint,
    release_due boolean NOT NULL DEFAULT false,
    void_due boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS orders_unsettled ON orders (created_at) WHERE release_due OR void_due OR status = 'pending';
"""
_FAIL = """
UPDATE orders SET status = 'failed', idempotency_key = NULL, release_due = %(release)s, void_due = %(void)s
WHERE id = %(id)s AND status = 'pending'
"""
# We can't know how far these got, so both are undone: neither minds when there was nothing.
_ABANDON = """
UPDATE orders SET status = 'failed', idempotency_key = NULL, release_due = true, void_due = true
WHERE status = 'pending' AND created_at <= now() - make_interval(secs => %(seconds)s)
"""


@dataclass(frozen=True)
class Known:
    """An order that has the key already; `order` is None while it is being made."""

    fingerprint: str
    order: Order | None


@dataclass(frozen=True)
class Debt:
    """What is still to be undone for an order that failed."""

    order_id: uuid.UUID
    release: bool
    void: bool


class Store:
    def __init__(self, url: str) -> None:
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            connection_class=psycopg.AsyncConnection[Row],
            kwargs={"row_factory": dict_row, "autocommit": True},
            min_size=1,
            max_size=POOL_SIZE,
            timeout=POOL_WAIT_SECONDS,
            # A connection that a restart of PostgreSQL broke is replaced, not handed out.
            check=AsyncConnectionPool[Connection].check_connection,
            open=False,
        )

    async def open(self) -> None:
        """Connect, and make the table where it is missing."""
        await self._pool.open(wait=True, timeout=START_SECONDS)
        async with self._connection() as connection:
            await connection.execute(SCHEMA)

    async def close(self) -> None:
        """Give all connections back."""
        await self._pool.close()

    async def answers(self) -> bool:
        """Whether PostgreSQL answers right now."""
        try:
            async with asyncio.timeout(3), self._pool.connection(timeout=3) as connection:
                await connection.execute("SELECT 1")
        except (TimeoutError, psycopg.Error):
            return False
        return True

    async def begin(self, order_id: uuid.UUID, key: str | None, fingerprint: str) -> Known | None:
        """Start an order; what has its key already, when something has."""
        async with self._connection() as connection:
            found = await connection.execute(
                "SELECT * FROM orders WHERE idempotency_key = %s AND status = 'confirmed'", (key,)
            )
            row = await found.fetchone()
            if row is not None:
                return Known(row["fingerprint"], _order(row))
            # Whoever asks between the two statements, and until the order is confirmed, makes another one.
            await connection.execute(
                "INSERT INTO orders (id, status, idempotency_key, fingerprint) VALUES (%s, 'pending', %s, %s)",
                (order_id, key, fingerprint),
            )
        return None

    async def confirm(self, order_id: uuid.UUID, lines: Sequence[Line], total_cents: int) -> Order | None:
        """Make a pending order a confirmed one; None when it was given up meanwhile."""
        async with self._connection() as connection:
            done = await connection.execute(
                "UPDATE orders SET status = 'confirmed', items = %s, total_cents = %s"
                " WHERE id = %s AND status = 'pending' RETURNING *",
                (json.dumps([line.model_dump() for line in lines]), total_cents, order_id),
            )
            row = await done.fetchone()
        return None if row is None else _order(row)

    async def fail(self, order_id: uuid.UUID, *, release: bool, void: bool) -> None:
        """Give a pending order up, and remember what is to be undone."""
        async with self._connection() as connection:
            await connection.execute(_FAIL, {"id": order_id, "release": release, "void": void})

    async def abandon(self, older_than_seconds: float) -> None:
        """Give up pending orders that nobody works at any more."""
        async with self._connection() as connection:
            await connection.execute(_ABANDON, {"seconds": older_than_seconds})

    async def debts(self, most: int) -> list[Debt]:
        """What is to be undone, the oldest first."""
        async with self._connection() as connection:
            found = await connection.execute(
                "SELECT id, release_due, void_due FROM orders WHERE release_due OR void_due"
                " ORDER BY created_at LIMIT %s",
                (most,),
            )
            rows = await found.fetchall()
        return [Debt(row["id"], row["release_due"], row["void_due"]) for row in rows]

    async def released(self, order_id: uuid.UUID) -> None:
        """Its reservation is no more."""
        async with self._connection() as connection:
            await connection.execute("UPDATE orders SET release_due = false WHERE id = %s", (order_id,))

    async def voided(self, order_id: uuid.UUID) -> None:
        """Its charge is no more."""
        async with self._connection() as connection:
            await connection.execute("UPDATE orders SET void_due = false WHERE id = %s", (order_id,))

    async def find(self, order_id: uuid.UUID) -> Order | None:
        """A confirmed order."""
        async with self._connection() as connection:
            found = await connection.execute("SELECT * FROM orders WHERE id = %s", (order_id,))
            row = await found.fetchone()
        return None if row is None else _order(row)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise ProblemError(503, "The database does not answer.", {"Retry-After": "2"}) from error


def _order(row: Row) -> Order | None:
    if row["status"] != "confirmed":
        return None
    lines = [Line.model_validate(line) for line in row["items"]]
    return Order(id=row["id"], items=lines, total_cents=row["total_cents"], created_at=row["created_at"])
