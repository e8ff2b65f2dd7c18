"""Restarts and shutting down. Whatever a check stops, it starts again."""

from __future__ import annotations

import asyncio

from harness.authoring import (
    Api,
    CapacityGate,
    Claims,
    Fail,
    Lifecycle,
    NoAnswer,
    Question,
    Race,
    Reply,
    check,
    expect,
    racing,
)

from .support.data import Person
from .support.racing import arrived
from .support.resource import pinned
from .support.service import USERS, Service, mapping
from .support.upstream import profile_of, profiles

_REFUSING_S = 10.0
_GRACE_S = 30.0


@check(
    "restart",
    skill="resilience",
    level="mid",
    after=("create-user",),
    deadline_s=200,
    passed="A restart loses nothing",
    failed="A restart loses data, or the service doesn't start on a database that is in use",
    why="Every deployment is a restart: what lives in the process only is gone with it.",
    hint="Keep users and idempotency keys in PostgreSQL, make tables only where they are missing, and derive nothing "
    "that must last from a key made at start.",
    question=Question(
        ask="Which state of your service would a restart lose, and which of it may it lose?",
        junior="None, it is all in the database.",
        senior="Goes through caches, keys, in-flight work and counters, and says what makes each safe to lose; and how "
        "tables change while two versions run.",
    ),
)
async def test_a_restart_loses_nothing(api: Api, service: Service, pod: Lifecycle) -> None:
    """Users, passwords and idempotency keys are there after a restart on the same database."""
    claims = Claims()
    made, person = await service.make()
    before = (await service.get(made)).expect_status(200)
    keyed = service.people.person()
    headers = {"Idempotency-Key": f"{service.people.word(2)}-{service.people.rng.getrandbits(64):016x}"}
    first = await api.post(USERS, json=keyed.body(), headers=headers)
    again = await api.post(USERS, json=keyed.body(), headers=headers)
    await pod.restart("candidate")
    await pod.wait_ready()
    async with api.fresh() as after:
        await _signs_in(claims, after, person)
        service.forget_admin()
        shown = await service.get(made, api=after)
        claims.holds(
            shown.status == 200 and pinned(mapping(shown)) == pinned(mapping(before)),
            "a user is not the same after a restart",
            expected=str(pinned(mapping(before))),
            actual=shown.describe(),
            shown=shown,
        )
        twin = person.named(service.people.spellings(person.email, 1)[0])
        taken = await after.post(USERS, json=twin.body())
        claims.status(taken, "after a restart an address can be used twice", 409)
        # Whether keys work at all is the matter of another check.
        if (first.status, again.status) == (201, 201):
            late = await after.post(USERS, json=keyed.body(), headers=headers)
            claims.holds(
                late.status == 201 and pinned(mapping(late)) == pinned(mapping(first)),
                "an Idempotency-Key is forgotten by a restart",
                expected=f"the same answer as before: {first.describe()}",
                actual=late.describe(),
                shown=late,
            )
    claims.fail("A restart loses something")


async def _signs_in(claims: Claims, api: Api, person: Person) -> None:
    reply = await api.post("/v1/login", json={"email": person.email, "password": person.password})
    claims.status(reply, "a user can't sign in after a restart", 200)


@check(
    "graceful-shutdown",
    skill="resilience",
    level="senior",
    after=("create-user",),
    explained_by=("dangling-task", "swallowed-cancellation", "blocking-call"),
    deadline_s=200,
    passed="SIGTERM lets requests in flight finish, then the process ends",
    failed="SIGTERM cuts requests off, or doesn't end the process",
    why="Each deployment sends SIGTERM: a service that drops what is in flight fails some users every time.",
    hint="Leave SIGTERM to uvicorn (no handler of your own, no os._exit), close clients and pools after the yield of "
    "the lifespan, and start nothing that keeps the process alive.",
    question=Question(
        ask="What happens between SIGTERM and the end of your process, and who closes what in which order?",
        junior="uvicorn handles it.",
        senior="Listener closed, requests drained with a limit, then lifespan shutdown closes client and pool; and why "
        "the load balancer has to know first.",
    ),
)
async def test_requests_in_flight_finish_after_sigterm(
    api: Api, service: Service, pod: Lifecycle, gate: CapacityGate
) -> None:
    """A profile call held upstream while SIGTERM arrives gets its 200, and then the process ends."""
    made, _ = await service.make()
    secret, token = service.people.word(6), await service.admin()
    gate.reset()
    gate.respond = profiles(secret)
    try:
        async with api.fresh() as caller:
            call = lambda: caller.get(f"{USERS}/{made}/profile", token=token, deadline_s=60)  # noqa: E731
            async with racing([call]) as race:
                with gate.hold():
                    expect(
                        await arrived(gate, race, 1),
                        "No profile call reaches the upstream, so none can be in flight",
                        expected="GET {PROFILE_URL}/profiles/{id}",
                        actual=race.answered()[0].describe() if race.answered() else "nothing arrived",
                    )
                    await pod.signal("candidate", "SIGTERM")
                    taken = not await _refusing(api, race)
                outcome = (await race.outcomes())[0]
        expect(
            not taken,
            "New requests are still taken after SIGTERM",
            expected="new connections are refused while requests in flight finish",
            actual=f"/healthz still answers {_REFUSING_S:.0f} s later",
        )
        _finished(outcome, profile_of(made, secret)["headline"])
        expect(
            await _ended(pod),
            "The process doesn't end after SIGTERM",
            expected=f"it ends within {_GRACE_S:.0f} s once nothing is in flight",
            actual="still running",
        )
    finally:
        await _up_again(pod)
        service.forget_admin()


async def _refusing(api: Api, race: Race) -> bool:
    """Whether new connections are refused after a while, which shows that the signal is being acted on."""
    limit = asyncio.get_running_loop().time() + _REFUSING_S
    while not race.done() and asyncio.get_running_loop().time() < limit:
        try:
            async with api.fresh() as probe:
                await probe.get("/healthz", deadline_s=1)
        except NoAnswer:
            return True
        await asyncio.sleep(0.05)
    return race.done() > 0


def _finished(outcome: Reply | Fail, headline: str) -> None:
    if isinstance(outcome, Fail):
        raise Fail(
            "SIGTERM cuts off a request in flight",
            expected="200 once the upstream answers",
            actual=outcome.actual or outcome.summary,
        )
    expect(
        outcome.status == 200 and mapping(outcome).get("headline") == headline,
        "A request in flight fails after SIGTERM",
        expected="200 with the profile, once the upstream answers",
        actual=outcome.describe(),
    )


async def _ended(pod: Lifecycle) -> bool:
    limit = asyncio.get_running_loop().time() + _GRACE_S
    while asyncio.get_running_loop().time() < limit:
        if not (await pod.state("candidate")).running:
            return True
        await asyncio.sleep(0.1)
    return False


async def _up_again(pod: Lifecycle) -> None:
    if (await pod.state("candidate")).running:
        await pod.stop("candidate", grace_s=2)
    await pod.start("candidate")
    await pod.wait_ready()
