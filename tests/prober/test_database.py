"""The observer and the lock gates, against a real PostgreSQL and candidates that are plain connections."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from harness.authoring import Database, EnvironmentBroken, Fail, Inconclusive
from tests.prober.conftest import Server
from tests.prober.host import probe, suite

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("postgres")]
Body = Callable[[Database, Any], Awaitable[None]]


def run(server: Server, body: Body) -> None:
    """Run `body` with an observer and one connection of the candidate, on a table of two users."""

    async def within() -> None:
        observer = Database(server.settings)
        candidate = await asyncpg.connect(server.dsn)
        try:
            await candidate.execute(
                "DROP SCHEMA IF EXISTS own CASCADE; DROP TABLE IF EXISTS users; CREATE SCHEMA own; "
                "CREATE TABLE own.extra (x int); CREATE TABLE users (id text PRIMARY KEY, n int); "
                "INSERT INTO users VALUES ('a', 1), ('b', 2)"
            )
            async with asyncio.timeout(90):
                await body(observer, candidate)
        finally:
            candidate.terminate()
            await observer.aclose()

    asyncio.run(within())


def waits_for_lock(sessions: list[Any]) -> bool:
    return any(s.wait_event_type == "Lock" for s in sessions)


def test_the_candidate_s_sessions_are_seen_and_nobody_else_s(server: Server) -> None:
    async def body(database: Database, candidate: Any) -> None:
        await candidate.fetch("SELECT 'marker'")
        (session,) = await database.sessions()
        assert (session.pid, session.state) == (candidate.get_server_pid(), "idle")
        assert "marker" in session.query

    run(server, body)


def test_an_open_transaction_is_seen(server: Server) -> None:
    async def body(database: Database, candidate: Any) -> None:
        await candidate.execute("BEGIN")
        assert await database.wait_until(lambda sessions: sessions[0].state == "idle in transaction")

    run(server, body)


def test_the_candidate_s_tables_are_found(server: Server) -> None:
    async def body(database: Database, candidate: Any) -> None:
        assert await database.tables() == ["own.extra", "users"]

    run(server, body)


def test_a_held_table_can_be_read_and_not_written(server: Server) -> None:
    async def body(database: Database, candidate: Any) -> None:
        async with database.hold() as gate:
            assert await candidate.fetchval("SELECT count(*) FROM users") == 2
            write = asyncio.ensure_future(candidate.execute("INSERT INTO users VALUES ('c', 3)"))
            assert await database.wait_until(waits_for_lock)
            assert [s.pid for s in await gate.waiting()] == [candidate.get_server_pid()]
            assert not write.done()
        await write

    run(server, body)


def test_only_the_tables_that_were_named_are_held(server: Server) -> None:
    async def body(database: Database, candidate: Any) -> None:
        async with database.hold("own.extra"):
            await candidate.execute("INSERT INTO users VALUES ('c', 3)")

    run(server, body)


def test_a_gate_can_be_opened_early_and_used_again(server: Server) -> None:
    async def body(database: Database, candidate: Any) -> None:
        gate = database.hold()
        for _ in range(2):
            async with gate:
                write = asyncio.ensure_future(candidate.execute("UPDATE users SET n = n + 1"))
                assert await database.wait_until(waits_for_lock)
                await gate.release()
                await write

    run(server, body)


def test_a_held_row_stops_writers_of_that_row_alone(server: Server) -> None:
    async def body(database: Database, candidate: Any) -> None:
        async with database.hold_row("users", "id", "a"):
            await candidate.execute("UPDATE users SET n = 5 WHERE id = 'b'")
            write = asyncio.ensure_future(candidate.execute("UPDATE users SET n = 5 WHERE id = 'a'"))
            assert await database.wait_until(waits_for_lock)
        await write

    run(server, body)


def test_a_row_that_is_not_there_can_not_be_held(server: Server) -> None:
    async def body(database: Database, candidate: Any) -> None:
        with pytest.raises(Inconclusive):
            async with database.hold_row("users", "id", "zzz"):
                pass

    run(server, body)


def test_a_lock_that_the_candidate_never_gives_back_is_its_failure(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.authoring.database._LOCK_S", 1)

    async def body(database: Database, candidate: Any) -> None:
        await candidate.execute("BEGIN; UPDATE users SET n = 9")
        with pytest.raises(Fail, match="transactions open"):
            async with database.hold():
                pass

    run(server, body)


def test_statements_of_the_candidate_are_counted_and_nobody_else_s(server: Server) -> None:
    async def body(database: Database, candidate: Any) -> None:
        await candidate.fetch("SELECT n FROM users")
        before = await database.statement_calls()
        for _ in range(5):
            await candidate.fetch("SELECT n FROM users")
        assert await database.statement_calls() - before == 5
        await database.reset_statements()
        assert await database.statement_calls() == 0

    run(server, body)


def test_waiting_for_sessions_has_a_cap(server: Server) -> None:
    async def body(database: Database, candidate: Any) -> None:
        assert not await database.wait_until(lambda _sessions: False, cap_s=0.2)

    run(server, body)


def test_watching_costs_one_connection(server: Server) -> None:
    async def body(database: Database, candidate: Any) -> None:
        await asyncio.gather(*(database.sessions() for _ in range(20)))
        async with database.connect() as connection:
            query = "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user AND datname = 'app'"
            assert await connection.fetchval(query) == 2

    run(server, body)


def test_a_database_that_is_gone_is_the_environment_s_fault(server: Server) -> None:
    async def body(database: Database, candidate: Any) -> None:
        await database.sessions()
        async with database.connect():
            await asyncio.to_thread(server.run, "stop")
            try:
                with pytest.raises(EnvironmentBroken):
                    await database.sessions()
                with pytest.raises(EnvironmentBroken):
                    async with database.hold():
                        pass
            finally:
                await asyncio.to_thread(server.run, "start")
        assert await database.sessions() == []

    run(server, body)


def test_a_check_uses_the_database_and_its_gates(server: Server, tmp_path: Any) -> None:
    folder = suite(tmp_path / "g", '''
        @check("locks", **told())
        async def test_locks(database: Database, lock_gate: LockGate):
            async with lock_gate:
                assert "users" in lock_gate.tables
                assert await lock_gate.waiting() == []
            assert await database.statement_calls() >= 0
        @check("gone", **told())
        async def test_gone(database: Database, pod: Lifecycle):
            async with database.connect() as connection:
                await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        ''')  # fmt: skip

    async def body(database: Database, candidate: Any) -> None:
        told = await asyncio.to_thread(probe, folder, hello={"postgres": server.settings})
        assert told.result("locks")["outcome"] == "pass"
        gone = told.result("gone")
        assert (gone["outcome"], gone["fault"]) == ("not_assessed", "environment")
        assert "super-pw" not in str(told.frames)

    run(server, body)


def test_without_a_database_a_check_of_one_is_not_assessed(tmp_path: Any) -> None:
    folder = suite(tmp_path / "g", '''
        @check("one", **told())
        async def test_one(database: Database): pass
        ''')  # fmt: skip
    result = probe(folder).result("one")
    assert (result["outcome"], result["fault"]) == ("not_assessed", "harness")
