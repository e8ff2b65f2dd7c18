"""Making users: the first thing a client does, and what every other check stands on."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from harness.authoring import Api, Claims, Question, Reply, check

from .support.data import People, Person
from .support.resource import check_user, pinned
from .support.secrets import leak, telltale_members
from .support.service import USERS, Service, mapping, user_id


@check(
    "create-user",
    skill="api-design",
    level="junior",
    visible=True,
    deadline_s=120,
    passed="Users are made, found again and can sign in",
    failed="Making users doesn't work as the brief says",
    why="Everything else builds on it; and a password that comes back in an answer ends up in logs and caches.",
    hint="Answer 201 with Location, ETag and the user; use one model for input and another for output, so that "
    "no password or hash can slip into an answer, and mind that validation errors can echo the input.",
    question=Question(
        ask="Where could a password leave your service, other than through the user resource?",
        junior="Names the response model that leaves it out.",
        senior="Thinks of validation errors that echo the input, logs and traces, exception messages of the "
        "database driver, and uses a secret type plus separate input and output models.",
    ),
)
async def test_users_are_made_found_and_can_sign_in(api: Api, service: Service, people: People) -> None:
    """A new user answers 201 with what was sent, is found at its Location, can sign in, and its password stays in."""
    claims = Claims()
    person = people.person()
    spelt = people.spellings(person.email, 1)[0]
    made = await api.post(USERS, json=person.named(spelt).body())
    user = mapping(made.expect_status(201))
    made_id = user_id(made)
    token, _ = await service.sign_in(spelt, person.password)
    await service.admin()
    await _token(claims, api, person)
    found = await api.get(f"{USERS}/{made_id}", token=token)
    found.expect_status(200)

    check_user(claims, user, person, "201")
    claims.holds(
        pinned(mapping(found)) == pinned(user),
        "GET shows another user than POST did",
        expected=str(pinned(user)),
        actual=found.describe(),
        shown=found,
    )
    await _location(claims, made, made_id, api, token)
    claims.holds(
        bool(made.headers.get("etag")), "201 has no ETag", expected="an ETag header", actual="none", shown=made
    )
    await _defaults(claims, api, people)
    leaks = Claims()
    await _nothing_leaks(leaks, [made, found], person, api, service)
    await _limits(claims, api, people)
    if leaks.broken:
        # Not a Fail, which would block what needs no more than a user; yet little is left of a service that leaks.
        claims.broken[:0] = leaks.broken
        claims.count += leaks.count
        claims.worth(0.1, "Answers give secrets away")
    claims.partial("A user can be made, but not all is as the brief says")


async def _token(claims: Claims, api: Api, person: Person) -> None:
    reply = await api.post("/v1/login", json={"email": person.email, "password": person.password})
    body = mapping(reply.expect_status(200))
    lifetime = body.get("expires_in")
    whole = isinstance(lifetime, int) and not isinstance(lifetime, bool) and lifetime > 0
    claims.holds(
        body.get("token_type") == "bearer" and whole,
        "the answer to a sign-in is not what the brief says",
        expected='"token_type": "bearer" and "expires_in": a whole number of seconds',
        actual=f'"token_type": {json.dumps(body.get("token_type"))}, "expires_in": {json.dumps(lifetime)}',
        shown=reply,
    )


async def _location(claims: Claims, made: Reply, made_id: str, api: Api, token: str) -> None:
    location = made.headers.get("location", "")
    path = urlsplit(location).path
    good = claims.holds(
        path == f"{USERS}/{made_id}",
        "201 doesn't say where the new user is",
        expected=f"Location: {USERS}/{made_id}",
        actual=f"Location: {location}" if location else "no Location header",
        shown=made,
    )
    if good:
        claims.status(await api.get(path, token=token), "Location doesn't lead to the user", 200)


async def _defaults(claims: Claims, api: Api, people: People) -> None:
    bare = Person(email=people.email(), name=people.text(1), password=people.password(8))
    made = await api.post(USERS, json=bare.body())
    if claims.status(made, "a user of e-mail, name and a password of 8 characters is refused", 201):
        check_user(claims, mapping(made), bare, "201 without bio and tags")


async def _nothing_leaks(claims: Claims, seen: list[Reply], person: Person, api: Api, service: Service) -> None:
    """The password is looked for wherever an answer could hold it."""
    wrong = service.people.password()
    without_name = {k: v for k, v in person.body(email=service.people.email()).items() if k != "name"}
    seen += [
        await api.post(USERS, json=person.body()),
        await api.post(USERS, json=without_name),
        await api.post(USERS, json=person.body(email="no address")),
        await api.post(USERS, json=[person.password]),
        await api.post("/v1/login", json={"email": person.email, "password": wrong}),
        await api.post("/v1/login", json={"password": person.password}),
        await service.get(user_id(seen[0])),
        await service.page(limit=5),
    ]
    for reply in seen:
        found = leak(reply, person.password) or leak(reply, wrong)
        claims.holds(
            not found,
            f"a {reply.status} answer holds {found}",
            expected="no trace of it",
            actual=reply.describe(),
            shown=reply,
        )
    members = telltale_members(mapping(seen[0]))
    claims.holds(
        not members, "the user has a member for its password", expected="none", actual=", ".join(members), shown=seen[0]
    )


async def _limits(claims: Claims, api: Api, people: People) -> None:
    """The longest that is allowed is taken, one more is refused."""
    name, bio = (people.text(40) * 30)[:99] + "x", (people.text(40) * 60)[:999] + "x"
    tags = [people.word(9).ljust(30, "é")[:30] for _ in range(10)]
    largest = people.person().body(name=f" {name}\t", bio=bio, tags=tags, password=people.password(128))
    taken = await api.post(USERS, json=largest)
    if claims.status(taken, "the longest name, bio, tags and password that the brief allows are refused", 201):
        user = mapping(taken)
        claims.holds(
            (user.get("name"), user.get("bio"), user.get("tags")) == (name, bio, tags),
            "the longest values come back changed, or the name is not trimmed",
            expected=f"name {name!r}, bio of 1000 and 10 tags of 30 characters",
            actual=taken.describe(),
            shown=taken,
        )
    refused: dict[str, dict[str, Any]] = {
        "a name of 101 characters": {"name": "n" * 101},
        "a name of spaces": {"name": "   "},
        "a bio of 1001 characters": {"bio": "b" * 1001},
        "11 tags": {"tags": people.tags(11)},
        "a tag of 31 characters": {"tags": ["t" * 31]},
        "an empty tag": {"tags": [""]},
        "a password of 7 characters": {"password": people.password(7)},
        "a password of 129 characters": {"password": people.password(129)},
        "an address without @": {"email": people.word(4)},
        "an address of more than 254 characters": {"email": f"a@{'.'.join([people.word(3) * 6] * 8)}.com"},
        "an unknown member": {people.word(3): 1},
        "a role": {"role": "admin"},
        "a number for a name": {"name": 5},
        "a text for tags": {"tags": people.word(2)},
        "a number for a bio": {"bio": 5},
        "null for a password": {"password": None},
    }
    for what, change in refused.items():
        claims.status(await api.post(USERS, json=people.person().body(**change)), f"{what} is not refused", 422)
