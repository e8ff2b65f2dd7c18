"""One slow thing must not stop everything: nothing waits on the event loop."""

from __future__ import annotations

from functools import partial

from harness.authoring import Api, CapacityGate, Database, Fail, NoAnswer, Question, Reply, check, expect, racing

from .support.data import People
from .support.racing import arrived, parked
from .support.rows import tables_of
from .support.service import USERS, Service
from .support.upstream import profiles

_CALLS = 4


@check(
    "event-loop",
    skill="async",
    level="senior",
    after=("create-user",),
    explained_by=("blocking-call",),
    deadline_s=200,
    passed="While one request waits, the others go on",
    failed="One request that waits stops all others",
    why="A blocking call inside async def stops the whole process, not one request: one slow query and the service "
    "is down for everybody.",
    hint="Look for calls that block inside async def: a synchronous database driver, requests, time.sleep. Use an "
    "async driver and client, or leave the function a plain def, which runs in a thread.",
    question=Question(
        ask="A colleague calls a synchronous library inside async def. What happens under load, and what would you do?",
        junior="Says it is slower.",
        senior="Explains that the loop stands still for everybody incl. health checks, names to_thread and its limits "
        "(threads, cancellation), and how to find such calls (asyncio debug mode, lint rules).",
    ),
)
async def test_others_are_answered_while_one_waits(
    api: Api, service: Service, people: People, database: Database, gate: CapacityGate
) -> None:
    """With a PATCH parked on a lock in PostgreSQL, then with profile calls held upstream, all else answers."""
    slow, person = await service.make()
    quick, _ = await service.make()
    await service.admin()
    await _parked_on_its_row(api, service, database, (slow, person.email), quick)
    await _parked_on_a_table(api, service, database, slow, quick)
    await _behind_the_upstream(api, service, people, gate, slow, quick)


async def _parked_on_its_row(api: Api, service: Service, database: Database, slow: tuple[str, str], quick: str) -> None:
    """A lock on the row of one user, where the row can be found: names of tables and columns are the candidate's."""
    id_, email = slow
    places = await tables_of(database, email)
    if len(places) != 1:
        return
    async with (
        api.fresh() as writer,
        database.hold_row(places[0].table, places[0].column, email),
        racing([lambda: _rename(service, id_, writer)]) as race,
    ):
        await parked(database, race, 1)
        if not race.done():
            await _others_answer(api, service, quick, "a PATCH waits for a row that is locked in PostgreSQL")


async def _parked_on_a_table(api: Api, service: Service, database: Database, slow: str, quick: str) -> None:
    """A lock on all tables: they can be read, and a write waits, or it goes somewhere else."""
    async with api.fresh() as writer, database.hold(), racing([lambda: _rename(service, slow, writer)]) as race:
        await parked(database, race, 1)
        if not race.done():
            await _others_answer(api, service, quick, "a PATCH waits for a table that is locked in PostgreSQL")
            return
        answered = race.answered()
    expect(
        not answered or answered[0].status != 200,
        "Users are not kept in PostgreSQL",
        expected="a PATCH that waits while every table of the database is locked against writing",
        actual=f"it is answered at once: {answered[0].describe()}" if answered else "",
    )


async def _rename(service: Service, id_: str, api: Api) -> Reply:
    return await service.patch(id_, {"name": service.people.text(1)}, api=api, deadline_s=60)


async def _behind_the_upstream(
    api: Api, service: Service, people: People, gate: CapacityGate, slow: str, quick: str
) -> None:
    gate.reset()
    gate.respond = profiles(people.word(6))
    admin = await service.admin()
    async with api.fresh() as callers:
        calls = [lambda: callers.get(f"{USERS}/{slow}/profile", token=admin, deadline_s=60)] * _CALLS
        with gate.hold():
            async with racing(calls) as race:
                # A service that never asks upstream is found out by another check.
                if await arrived(gate, race, _CALLS):
                    await _others_answer(api, service, quick, "a profile is being fetched from a slow upstream")


async def _others_answer(api: Api, service: Service, quick: str, when: str) -> None:
    async with api.fresh() as other:
        for what, call in (
            ("/healthz", partial(other.get, "/healthz")),
            ("GET of another user", partial(service.get, quick, api=other)),
        ):
            try:
                reply = await call()
            except NoAnswer as silence:
                raise Fail(
                    f"While {when}, {what} is not answered: the event loop stands still",
                    expected=f"{what} answers 200 meanwhile",
                    actual=silence.actual or silence.summary,
                ) from silence
            expect(
                reply.status == 200,
                f"While {when}, {what} fails",
                expected=f"{what} answers 200 meanwhile",
                actual=reply.describe(),
            )
