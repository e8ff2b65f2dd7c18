"""Database: what PostgreSQL itself says about the candidate's sessions, and locks that hold them where we want them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import asyncpg

from harness.authoring.outcomes import EnvironmentBroken, Fail, Inconclusive

_CONNECT_S = 15.0
_QUERY_S = 30.0
_LOCK_S = 20.0
_POLL_S = 0.02
_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    OSError,
    TimeoutError,
)
_SESSIONS = """
    SELECT pid, coalesce(state, '') AS state, coalesce(wait_event_type, '') AS wait_event_type, query
    FROM pg_stat_activity WHERE usename = $1 AND backend_type = 'client backend' ORDER BY backend_start, pid
"""
# Tables of extensions are not the candidate's.
_TABLES = """
    SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      AND NOT EXISTS (SELECT FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1, 2
"""
_STATEMENTS = """
    SELECT coalesce(sum(s.calls), 0)::bigint
    FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid WHERE r.rolname = $1
"""


@dataclass(frozen=True)
class Session:
    """One of the candidate's connections as pg_stat_activity shows it; texts are empty where that says NULL."""

    pid: int
    state: str
    wait_event_type: str
    query: str


class Database:
    """A superuser who watches. Everything raises EnvironmentBroken when PostgreSQL is not there."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self.role = str(settings["role"])
        self._observer: Any = None
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Any]:
        """An asyncpg connection of one's own to the candidate's database, as superuser."""
        connection = await self._open()
        try:
            yield connection
        except _GONE as error:
            if connection.is_closed() or isinstance(error, asyncpg.PostgresError):
                raise _gone(error) from error
            raise
        finally:
            await _close(connection)

    async def sessions(self) -> list[Session]:
        """The sessions of the candidate's role, the oldest first."""
        rows = await self._fetch(_SESSIONS, self.role)
        return [Session(r["pid"], r["state"], r["wait_event_type"], r["query"]) for r in rows]

    async def tables(self) -> list[str]:
        """The candidate's tables: the plain name in schema `public`, `schema.name` elsewhere."""
        return [_plain(r["schema"], r["name"]) for r in await self._fetch(_TABLES)]

    def hold(self, *tables: str) -> LockGate:
        """For `async with`: tables (all by default) that can be read and not written until the end of the block."""
        return LockGate(self, tables=tables)

    def hold_row(self, table: str, column: str, value: object) -> LockGate:
        """For `async with`: one row that can be read and not changed until the end of the block."""
        return LockGate(self, tables=(table,), row=(column, str(value)))

    async def statement_calls(self) -> int:
        """How many statements the candidate's role has run since the last reset."""
        return int((await self._fetch(_STATEMENTS, self.role))[0][0])

    async def reset_statements(self) -> None:
        """Count statements from zero."""
        await self._fetch("SELECT pg_stat_statements_reset()")

    async def wait_until(self, predicate: Callable[[list[Session]], bool], cap_s: float = 25) -> bool:
        """Watch the sessions until `predicate` holds; False when it didn't within `cap_s` seconds."""
        clock = asyncio.get_running_loop().time
        limit = clock() + cap_s
        while not predicate(await self.sessions()):
            if clock() >= limit:
                return False
            await asyncio.sleep(_POLL_S)
        return True

    async def aclose(self) -> None:
        """Close the connection that watches."""
        if self._observer is not None:
            await _close(self._observer)
            self._observer = None

    async def _open(self) -> Any:  # noqa: ANN401 - asyncpg has no types
        settings = self._settings
        try:
            return await asyncpg.connect(
                host=settings["host"],
                port=settings["port"],
                user=settings["superuser"],
                password=settings["superuser_password"],
                database=settings["database"],
                timeout=_CONNECT_S,
                command_timeout=_QUERY_S,
                ssl=False,
            )
        except (*_GONE, asyncpg.PostgresError) as error:
            raise _gone(error) from error

    async def _fetch(self, query: str, *values: object) -> list[Any]:
        # One watching connection for all tasks of a check; a pool would be seen in the server's own counts.
        async with self._turn:
            if self._observer is None or self._observer.is_closed():
                self._observer = await self._open()
            try:
                rows: list[Any] = await self._observer.fetch(query, *values)
            except _GONE as error:
                raise _gone(error) from error
            return rows


class LockGate:
    """A lock on the candidate's tables, or on one row, held inside `async with`. May be used again afterwards.

    SHARE ROW EXCLUSIVE lets everybody read and nobody write: racers pass their "is it there?" and wait before the
    write. Raises on entry: Fail, when the candidate's own open transactions keep us from the lock for 20 s.
    """

    def __init__(self, database: Database, *, tables: tuple[str, ...] = (), row: tuple[str, str] | None = None) -> None:
        self._database = database
        self._wanted = tables
        self._row = row
        self._connection: Any = None
        self.tables: list[str] = []

    async def __aenter__(self) -> LockGate:
        self.tables = list(self._wanted) or await self._database.tables()
        if not self.tables:
            raise Fail("The service keeps nothing in PostgreSQL", expected="tables", actual="no table")
        connection = await self._database._open()
        try:
            await self._lock(connection)
        except BaseException:
            await _close(connection)
            raise
        self._connection = connection
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.release()

    async def release(self) -> None:
        """Let go before the end of the block."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # The end of a session is the end of its transaction.
            await _close(connection)

    async def waiting(self) -> list[Session]:
        """The candidate's sessions that wait for this lock, or for one that does."""
        if self._connection is None:
            return []
        rows = await self._database._fetch(
            "WITH RECURSIVE queue(pid) AS (SELECT $1::int UNION SELECT a.pid FROM queue q, pg_stat_activity a "
            "WHERE a.wait_event_type = 'Lock' AND q.pid = ANY (pg_blocking_pids(a.pid))) SELECT pid FROM queue",
            self._connection.get_server_pid(),
        )
        pids = {r["pid"] for r in rows}
        return [s for s in await self._database.sessions() if s.pid in pids]

    async def _lock(self, connection: Any) -> None:  # noqa: ANN401 - asyncpg has no types
        names = [_quoted(table) for table in self.tables]
        try:
            await connection.execute(f"BEGIN; SET LOCAL lock_timeout = '{int(_LOCK_S)}s'")
            if self._row is None:
                await connection.execute(f"LOCK TABLE {', '.join(names)} IN SHARE ROW EXCLUSIVE MODE")
                return
            column, value = self._row
            query = f"SELECT 1 FROM {names[0]} WHERE {_identifier(column)}::text = $1 FOR UPDATE"  # noqa: S608 - quoted
            found = await connection.fetch(query, value)
        except asyncpg.LockNotAvailableError as error:
            held = [s for s in await self._database.sessions() if s.state.startswith("idle in transaction")]
            raise Fail(
                "The service leaves transactions open",
                expected="no lock is held when no request is under way",
                actual=f"{len(held)} sessions idle in a transaction; the tables stayed locked for {_LOCK_S:g} s",
            ) from error
        except _GONE as error:
            raise _gone(error) from error
        if not found:
            raise Inconclusive(f"there is no row to lock where {column} is the value that was asked for")


def _gone(error: BaseException) -> EnvironmentBroken:
    return EnvironmentBroken(f"PostgreSQL doesn't answer: {type(error).__name__}: {error}")


async def _close(connection: Any) -> None:  # noqa: ANN401 - asyncpg has no types
    try:
        await connection.close(timeout=5)
    except (*_GONE, asyncpg.PostgresError):
        connection.terminate()


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _plain(schema: str, name: str) -> str:
    return name if schema == "public" else f"{schema}.{name}"


def _quoted(table: str) -> str:
    schema, dot, name = table.partition(".")
    return f"{_identifier(schema)}.{_identifier(name)}" if dot else f"public.{_identifier(table)}"
