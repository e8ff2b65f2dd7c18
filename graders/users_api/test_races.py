"""What happens when the same is asked twice at the same moment, or asked again."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from harness.authoring import Api, Claims, Database, Fail, Question, Reply, check, expect, racing

from .support.racing import after, parked, settled
from .support.resource import pinned
from .support.service import USERS, Service, mapping, user_id

_SPELLINGS = 20
_TWINS = 5


@check(
    "duplicate-email-race",
    skill="data",
    level="senior",
    after=("create-user",),
    deadline_s=150,
    passed="One address makes one user, even in a race",
    failed="Two users can share one address, or a race ends in an error",
    why="Looking first and writing then leaves a gap that two sign-ups fit into: a double click is enough.",
    hint="Let the database decide: a unique index on lower(email) (or on a lower-cased column), and turn its "
    "violation into 409.",
    question=Question(
        ask="What makes an e-mail address unique in your service, and when is that decided?",
        junior="A SELECT before the INSERT.",
        senior="A unique index over the lower-cased address; the violation becomes 409, and the SELECT is at most a "
        "courtesy.",
    ),
)
async def test_one_address_makes_one_user(api: Api, service: Service, database: Database) -> None:
    """Twenty spellings of one address, all parked in front of their write and let go at once, make one user."""
    person = service.people.person()
    spelt = service.people.spellings(person.email, _SPELLINGS)
    async with api.fresh() as racers, api.fresh() as other:
        calls = [partial(racers.post, USERS, json=person.body(email=email), deadline_s=60) for email in spelt]
        start = asyncio.Event()
        async with racing(after(start, calls)) as race:
            async with database.hold():
                start.set()
                await parked(database, race, _SPELLINGS, enough=2, cap_s=12)
                await settled(database, race, other)
            replies = await race.replies()
    statuses = sorted(r.status for r in replies)
    told = f"{_SPELLINGS} spellings of one address answered " + ", ".join(map(str, statuses))
    made = {user_id(r) for r in replies if r.status == 201}
    wanted = "one 201, the rest 409"
    expect(len(made) <= 1, f"One address made {len(made)} users", expected=wanted, actual=told)
    broken = [r for r in replies if r.status >= 500]
    expect(
        not broken,
        "A race for one address ends in a server error",
        expected=wanted,
        actual=f"{told}; for one: {broken[0].describe()}" if broken else told,
    )
    expect(
        statuses == [201] + [409] * (_SPELLINGS - 1),
        "A race for one address is not settled as one made and the rest refused",
        expected=wanted,
        actual=told,
    )
    await _is_alone(service, person.email)


async def _is_alone(service: Service, email: str) -> None:
    """Counted in the list, too. A list that loses users is the matter of another check: too few proves nothing."""
    try:
        users = (await service.walk()).users
    except Fail:
        return
    ids = {str(u.get("id")) for u in users if str(u.get("email")).lower() == email}
    expect(len(ids) <= 1, "Two users share one address", expected="1 user in the list", actual=f"{len(ids)} users")


@check(
    "idempotency-key",
    skill="resilience",
    level="senior",
    after=("create-user",),
    deadline_s=150,
    passed="A create with an Idempotency-Key can be sent again",
    failed="A create that is sent again isn't recognised",
    why="A client whose answer was lost must send again; without the key it gets a second user or a puzzling 409.",
    hint="Store the key with a hash of the parsed body and the answer, in the transaction that makes the user, with a "
    "unique index on the key; a second arrival waits on it or gets 409.",
    question=Question(
        ask="The process dies between making the user and storing the key. What does the client's retry get?",
        junior="Keeps keys in memory, or stores them after the fact.",
        senior="Key, user and answer are one transaction; concurrent use is settled by a unique index; knows how long "
        "keys have to live.",
    ),
)
async def test_a_create_with_a_key_can_be_sent_again(api: Api, service: Service, database: Database) -> None:
    """The same key and body give the same answer and one user; another body 422; at the same time 409 or the answer."""
    claims = Claims()
    person, key = service.people.person(), _key(service)
    first = await _create(api, person.body(), key)
    first.expect_status(201)
    again = await _create(api, person.body(), key)
    if claims.status(again, "the same key and body are not answered with the same 201", 201):
        claims.holds(
            pinned(mapping(again)) == pinned(mapping(first)),
            "the second answer is another one",
            expected=first.describe(),
            actual=again.describe(),
            shown=again,
        )
        claims.holds(
            again.headers.get("location") == first.headers.get("location"),
            "the second answer has another Location",
            expected=str(first.headers.get("location")),
            actual=str(again.headers.get("location")),
            shown=again,
        )
    other = await _create(api, service.people.person().body(), key)
    claims.status(other, "the same key with another body is not refused", 422)
    renamed = await _create(api, person.body(name=service.people.text(2)), key)
    claims.status(renamed, "the same key with another name is not refused", 422)
    unrelated = await _create(api, service.people.person().body(), _key(service))
    claims.status(unrelated, "another key with another body makes no user", 201)
    twice = await _create(api, person.body(), _key(service))
    claims.status(twice, "another key lets an address be used twice", 409)
    await _at_once(claims, api, service, database)
    claims.fail("An Idempotency-Key doesn't make a create repeatable")


def _key(service: Service) -> str:
    return f"{service.people.word(2)}-{service.people.rng.getrandbits(64):016x}"


async def _create(api: Api, body: dict[str, Any], key: str) -> Reply:
    return await api.post(USERS, json=body, headers={"Idempotency-Key": key}, deadline_s=60)


async def _at_once(claims: Claims, api: Api, service: Service, database: Database) -> None:
    """The same key and body several times at once, parked in front of their writes."""
    body, key = service.people.person().body(), _key(service)
    start = asyncio.Event()
    async with (
        api.fresh() as racers,
        api.fresh() as pulse,
        racing(after(start, [lambda: _create(racers, body, key)] * _TWINS)) as race,
    ):
        async with database.hold():
            start.set()
            await parked(database, race, _TWINS, enough=2, cap_s=8)
            await settled(database, race, pulse)
        replies = await race.replies()
    statuses = sorted(r.status for r in replies)
    ids = {user_id(r) for r in replies if r.status == 201}
    claims.holds(
        len(ids) == 1 and set(statuses) <= {201, 409},
        "one key used several times at once doesn't make exactly one user",
        expected="one user: 201 with the same user, or 409 while it is being made",
        actual=f"{len(ids)} users; answers {', '.join(map(str, statuses))}",
    )
    late = await _create(api, body, key)
    claims.holds(
        late.status == 201 and {user_id(late)} == ids,
        "after a race for one key, sending again doesn't give the user that was made",
        expected="201 with that user",
        actual=late.describe(),
        shown=late,
    )
