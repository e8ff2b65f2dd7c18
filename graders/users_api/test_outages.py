"""What the service says and does when PostgreSQL goes away."""

from __future__ import annotations

import asyncio

from harness.authoring import Api, Claims, Database, Fail, Lifecycle, Question, check, expect, racing

from .support.outage import back_to_work, eventually
from .support.service import Service

_PULSES = 20
_NOISE = 3
_RECOVERY_S = 30.0
_AT_ONCE = 12


@check(
    "database-restart",
    skill="resilience",
    level="senior",
    after=("create-user",),
    deadline_s=200,
    passed="After a restart of PostgreSQL the service recovers by itself",
    failed="After a restart of PostgreSQL the service needs a restart, too",
    why="Databases fail over and are patched: a pool full of dead connections turns a minute into an outage.",
    hint="Use a pool that notices dead connections: asyncpg's does, SQLAlchemy's with pool_pre_ping.",
    question=Question(
        ask="PostgreSQL was restarted a second ago. What do your pooled connections look like?",
        junior="Assumes the driver reconnects.",
        senior="Dead until used; pre-ping, discard on error, retry what is safe to repeat, and what each costs.",
    ),
)
async def test_the_service_recovers_after_a_database_restart(api: Api, service: Service, pod: Lifecycle) -> None:
    """Every connection is dead after the restart; soon all requests are answered again, writes too."""
    made, _ = await service.make()
    await service.admin()
    async with api.fresh() as warm, racing([lambda: service.get(made, api=warm)] * _AT_ONCE) as race:
        await race.replies()
    await pod.restart("postgres")
    try:
        well, told = await _all_well(api, service, made)
        expect(
            well,
            "The service does not recover after a restart of PostgreSQL",
            expected=f"within {_RECOVERY_S:.0f} s {_AT_ONCE} requests at once are all answered with 200",
            actual=told,
        )
        changed = await service.patch(made, {"name": service.people.text(1)})
        expect(changed.status == 200, "Writes fail after the restart", expected="200", actual=changed.describe())
    finally:
        await back_to_work(api, pod)


async def _all_well(api: Api, service: Service, made: str) -> tuple[bool, str]:
    """Whether a round of requests at once all answer 200 in time, and what the last round said."""
    limit = asyncio.get_running_loop().time() + _RECOVERY_S
    while True:
        async with api.fresh() as client, racing([lambda: service.get(made, api=client)] * _AT_ONCE) as race:
            outcomes = await race.outcomes()
        bad = [o for o in outcomes if isinstance(o, Fail) or o.status != 200]
        if not bad:
            return True, ""
        first = bad[0].summary if isinstance(bad[0], Fail) else bad[0].describe()
        if asyncio.get_running_loop().time() > limit:
            return False, f"{len(bad)} of {_AT_ONCE} still fail; the first: {first}"
        await asyncio.sleep(0.2)


@check(
    "health",
    skill="craft",
    level="junior",
    visible=True,
    deadline_s=200,
    passed="/healthz says that the process lives, /readyz whether it can work",
    failed="/healthz and /readyz don't tell life from readiness",
    why="Orchestrators restart on one and stop traffic on the other: mixed up, a database outage restarts every "
    "instance.",
    hint="/healthz touches nothing and answers 200; /readyz asks the database with a short limit and answers 503 when "
    "it doesn't get an answer.",
    question=Question(
        ask="The database is down for a minute. What should the orchestrator do with your instances, and why?",
        junior="Restart them.",
        senior="Take them out of rotation and leave them alone; separate liveness from readiness, with limits on what "
        "readiness may wait for.",
    ),
)
async def test_life_and_readiness_are_told_apart(api: Api, database: Database, pod: Lifecycle) -> None:
    """/healthz is 200 with and without a database and asks it nothing; /readyz is 200 with and 503 without one."""
    claims = Claims()
    claims.status(await api.get("/healthz"), "/healthz is not 200", 200)
    claims.status(await api.get("/readyz"), "/readyz is not 200 although PostgreSQL answers", 200)
    before = await database.statement_calls()
    for _ in range(_PULSES):
        await api.get("/healthz")
    asked = await database.statement_calls() - before
    claims.holds(
        asked <= _NOISE,
        "/healthz asks the database",
        expected=f"no SQL statements for {_PULSES} calls",
        actual=f"{asked} statements",
    )
    try:
        await pod.stop("postgres", grace_s=20)
        async with api.fresh() as probe:
            ready, told = await eventually(lambda: probe.get("/readyz"), 503, cap_s=10)
            claims.holds(ready, "/readyz is not 503 while PostgreSQL is down", expected="503", actual=told)
            alive, told = await eventually(lambda: probe.get("/healthz"), 200, cap_s=0)
            claims.holds(alive, "/healthz is not 200 while PostgreSQL is down", expected="200", actual=told)
    finally:
        await pod.start("postgres")
        await back_to_work(api, pod)
    claims.fail("Life and readiness are not told apart")
