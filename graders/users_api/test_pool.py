"""Connections to PostgreSQL: few, reused, waited for, and given back whatever happens."""

from __future__ import annotations

import asyncio
from functools import partial

from harness.authoring import Api, Claims, Database, Fail, NoAnswer, Question, Reply, Session, check, expect, racing

from .support.racing import after, parked, settled
from .support.service import USERS, Row, Service

_MOST = 10
_REQUESTS = 200
_WRITERS = 15
_HOLD_S = 1.0
_PROMISED_WAIT_S = 10.0
_CAP_S = 25.0
_OPENED = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
_BACKENDS = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND usename <> current_user AND backend_type = 'client backend'
"""


@check(
    "connection-pool",
    skill="data",
    level="senior",
    after=("create-user",),
    explained_by=("per-request", "blocking-call"),
    deadline_s=240,
    passed="A few database connections serve everybody, and always come back",
    failed="Database connections are opened per request, run out, or are not given back",
    why="PostgreSQL forks a process per connection; a session left in a transaction holds locks and stops vacuum until "
    "somebody kills it.",
    hint="One pool of at most 10 made at start, a time-out for getting a connection that is longer than 10 s, and a "
    "context manager (or yield dependency) around each transaction that ends it on every way out.",
    question=Question(
        ask="All connections of the pool are busy and a request comes in. What happens in your service?",
        junior="Takes the default without knowing it.",
        senior="Knows pool size, overflow and acquire time-out, sizes them against max_connections and the number of "
        "processes, and says when failing fast is better than waiting.",
    ),
)
async def test_a_few_connections_serve_everybody(api: Api, service: Service, database: Database) -> None:
    """200 requests reuse connections, 15 writers behind locks wait their turn, nothing is left in a transaction."""
    claims = Claims()
    rows = await service.rows(_WRITERS)
    await _reused(claims, service, database, rows)
    await _waited_for(claims, api, service, database, rows)
    await _given_back(claims, api, service, database, rows)
    claims.fail("Database connections are not handled well")


async def _reused(claims: Claims, service: Service, database: Database, rows: list[Row]) -> None:
    """PostgreSQL's own count of sessions finds connections that lived for one request only."""
    await service.admin()
    async with database.connect() as observer:
        before = int(await observer.fetchval(_OPENED))
        pids: set[int] = set()
        for number in range(_REQUESTS):
            reply = await service.get(rows[number % len(rows)].id)
            expect(reply.status == 200, "GET of a user fails", expected="200", actual=reply.describe())
            if number % 20 == 0:
                pids |= {int(r["pid"]) for r in await observer.fetch(_BACKENDS)}
        opened = int(await observer.fetchval(_OPENED)) - before
    claims.holds(
        max(opened, len(pids)) <= _MOST,
        "connections are not reused",
        expected=f"at most {_MOST} connections for {_REQUESTS} requests one after the other",
        actual=f"{opened} connections opened meanwhile, {len(pids)} different ones seen in samples",
    )


async def _waited_for(claims: Claims, api: Api, service: Service, database: Database, rows: list[Row]) -> None:
    """More writers than connections, all behind a lock: 10 s of waiting are promised, so a short wait is no matter."""
    admin, now = await service.admin(), asyncio.get_running_loop().time
    async with api.fresh() as writers, api.fresh() as other:
        change = {"bio": service.people.text(2)}
        calls = [partial(service.patch, row.id, change, token=admin, api=writers, deadline_s=60) for row in rows]
        begin = asyncio.Event()
        async with racing(after(begin, calls)) as race:
            start = now()
            async with database.hold():
                begin.set()
                await parked(database, race, len(rows), enough=2, cap_s=8)
                await settled(database, race, other, cap_s=4)
                open_ = len(await database.sessions())
                await asyncio.sleep(max(0.0, start + _HOLD_S - now()))
            held = now() - start
            outcomes = await race.outcomes()
    claims.holds(
        open_ <= _MOST,
        "more connections than allowed are open at a time",
        expected=f"at most {_MOST}",
        actual=f"{open_} with {len(rows)} requests under way",
    )
    lost = [o for o in outcomes if isinstance(o, Fail) or o.status != 200]
    if held < _PROMISED_WAIT_S - 1:
        claims.holds(
            not lost,
            "requests fail when all connections are busy",
            expected=f"{len(rows)} writers that waited {held:.0f} s for a lock or a connection all answer 200",
            actual=f"{len(lost)} didn't; the first: {_told(lost[0])}" if lost else "",
        )


def _told(outcome: Reply | Fail) -> str:
    return outcome.describe() if isinstance(outcome, Reply) else outcome.summary


async def _given_back(claims: Claims, api: Api, service: Service, database: Database, rows: list[Row]) -> None:
    """After errors of every kind, and clients that hung up in the middle of a write."""
    admin = await service.admin()
    taken = service.people.person().row()
    await service.import_rows([taken])
    try:
        # One more of each than there may be connections: a leak of any kind shows.
        for row in rows[: _MOST + 1]:
            await service.import_rows([service.people.person().row(), taken])
            await service.patch(row.id, {"name": "n"}, if_match='"stale"')
            await service.patch(row.id, {"name": None})
            await api.get(f"{USERS}/{service.people.uuid()}", token=admin)
    except NoAnswer as silence:
        raise Fail(
            "After some requests that were refused, others are not answered: connections are not given back",
            expected="answers to any number of requests that are refused",
            actual=silence.actual or silence.summary,
        ).about(silence.exchange) from silence
    async with api.fresh() as leavers:
        calls = [
            partial(service.patch, row.id, {"bio": "left"}, token=admin, api=leavers, deadline_s=60) for row in rows
        ]
        async with database.hold(), racing(calls) as race:
            await parked(database, race, len(rows), enough=2, cap_s=8)
            await race.abandon()
    left = await _left_in_transaction(database)
    claims.holds(
        not left,
        "sessions are left in a transaction after errors or after clients that hung up",
        expected="no session idle in transaction once all requests are over",
        actual="; ".join(f"pid {s.pid} {s.state}, last: {s.query[:80]}" for s in left[:3]),
    )
    async with api.fresh() as after, racing([partial(service.get, row.id, api=after) for row in rows]) as race:
        lost = [o for o in await race.outcomes() if isinstance(o, Fail) or o.status != 200]
    claims.holds(
        not lost,
        "after errors and clients that hung up, requests fail",
        expected="200 for all",
        actual=f"{len(lost)} of {len(rows)} don't; the first: {_told(lost[0])}" if lost else "",
    )


async def _left_in_transaction(database: Database) -> list[Session]:
    """The sessions that are still in a transaction when nothing runs any more."""
    limit = asyncio.get_running_loop().time() + _CAP_S
    while True:
        sessions = await database.sessions()
        open_ = [s for s in sessions if s.state.startswith("idle in transaction")]
        busy = [s for s in sessions if s.state == "active"]
        if (not open_ and not busy) or asyncio.get_running_loop().time() > limit:
            return open_
        await asyncio.sleep(0.05)
