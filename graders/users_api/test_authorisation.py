"""Who may do what: objects, functions, properties, and what a token is worth (OWASP API 1, 2, 3 and 5)."""

from __future__ import annotations

import time
from typing import Any

from harness.authoring import Api, Claims, Question, Reply, Settings, check

from .support import tokens
from .support.resource import pinned
from .support.service import USERS, Account, Service, bearer_challenge, mapping


@check(
    "authorisation",
    skill="api-design",
    level="mid",
    visible=True,
    after=("create-user",),
    deadline_s=150,
    passed="Nobody reaches what isn't theirs",
    failed="Users can reach what isn't theirs",
    why="Broken object-level authorisation is first on OWASP's list for APIs: an id in a URL is all it takes.",
    hint="Decide in one dependency who may see a user, answer 404 for somebody else's as for an unknown one, check the "
    "signature, algorithm and expiry of tokens, and look the token's user up on each call.",
    question=Question(
        ask="Somebody deletes their account. What is their token worth a second later, and why?",
        junior="It works until it expires, or hasn't thought about it.",
        senior="Explains what a stateless token can't know, looks the user up per request or keeps lifetimes short "
        "with revocation, and pins the algorithm when verifying.",
    ),
)
async def test_nobody_reaches_what_is_not_theirs(api: Api, service: Service, settings: Settings) -> None:
    """Another user, a raised role and a forged token get nothing, and nothing changes."""
    claims = Claims()
    victim, other = await service.account(), await service.account()
    before = mapping((await service.get(victim.id)).expect_status(200))
    await _objects(claims, api, service, victim, other)
    await _properties(claims, service, other)
    await _functions(claims, api, service, other)
    await _tokens(claims, api, service, settings, victim, other)
    after = await service.get(victim.id)
    claims.holds(
        after.status == 200 and pinned(mapping(after)) == pinned(before),
        "a user was changed by somebody who may not",
        expected=str(pinned(before)),
        actual=after.describe(),
    )
    claims.fail("Not everything is guarded")


async def _attempts(api: Api, service: Service, id_: str, token: str) -> list[tuple[str, Reply]]:
    path = f"{USERS}/{id_}"
    return [
        ("read", await api.get(path, token=token)),
        ("change", await service.patch(id_, {"name": "taken over"}, token=token)),
        ("read the profile of", await api.get(f"{path}/profile", token=token)),
        ("delete", await api.delete(path, token=token)),
    ]


async def _objects(claims: Claims, api: Api, service: Service, victim: Account, other: Account) -> None:
    claims.status(await api.get(f"{USERS}/{other.id}", token=other.token), "a user can't read itself", 200)
    unknown = service.people.uuid()
    foreign = await _attempts(api, service, victim.id, other.token)
    absent = await _attempts(api, service, unknown, other.token)
    for (what, reply), (_, nobody) in zip(foreign, absent, strict=True):
        if claims.status(reply, f"a user can {what} another", 404):
            claims.holds(
                nobody.status == 404 and _told(reply, victim.id) == _told(nobody, unknown),
                f"an attempt to {what} another user tells that it exists",
                expected=f"the same as for an unknown id: {nobody.describe()}",
                actual=reply.describe(),
                shown=reply,
            )


def _told(reply: Reply, id_: str) -> dict[str, Any]:
    """What a problem says, without the id and without members that differ by nature (a trace id, say)."""
    problem = mapping(reply)
    return {name: str(problem.get(name)).replace(id_, "{id}") for name in ("type", "title", "status", "detail")}


async def _properties(claims: Claims, service: Service, other: Account) -> None:
    patched = await service.patch(other.id, {"role": "admin"}, token=other.token)
    claims.status(patched, "PATCH takes a role", 422)
    shown = mapping(await service.get(other.id))
    claims.holds(
        shown.get("role") == "user", "a user made itself an admin", expected="role user", actual=str(shown.get("role"))
    )


async def _functions(claims: Claims, api: Api, service: Service, other: Account) -> None:
    claims.status(await api.get(USERS, token=other.token), "a user who is no admin can list all users", 403)
    row = service.people.person().row()
    claims.status(await service.import_rows([row], token=other.token), "a user who is no admin can import users", 403)


async def _tokens(
    claims: Claims, api: Api, service: Service, settings: Settings, victim: Account, other: Account
) -> None:
    admin, rng = await service.admin(), service.people.rng
    key, now = settings.environment.get("SECRET_KEY", ""), int(time.time())
    forged: dict[str, str | None] = {
        "signed with another key": tokens.foreign(admin, f"{rng.getrandbits(256):064x}"),
        "signed with an empty key": tokens.foreign(admin, ""),
        "with somebody else's signature": tokens.swapped(other.token, admin),
        "that has expired": tokens.expired(admin, key, now),
        "made of random words": f"{service.people.word(9)}.{service.people.word(9)}.{service.people.word(9)}",
    }
    forged |= {f"without a signature ({n})": t for n, t in enumerate(tokens.unsigned(admin), 1)}
    headers: dict[str, dict[str, str]] = {
        "no Authorization header": {},
        "Basic credentials": {"Authorization": "Basic dXNlcjpwYXNz"},
        "a bearer scheme without a token": {"Authorization": "Bearer"},
    }
    headers |= {f"a token {what}": {"Authorization": f"Bearer {t}"} for what, t in forged.items() if t}
    path = f"{USERS}/{victim.id}"
    for what, sent in headers.items():
        _refused(claims, what, await api.get(path, headers=sent))
    nobody: list[tuple[str, Reply]] = [
        ("PATCH", await _bare_patch(api, path)),
        ("DELETE", await api.delete(path)),
        ("the list", await api.get(USERS)),
        ("the import", await api.post(f"{USERS}/import", json={"users": [service.people.person().row()]})),
        ("the profile", await api.get(f"{path}/profile")),
    ]
    for what, reply in nobody:
        _refused(claims, f"no token at {what}", reply)
    gone = await api.delete(f"{USERS}/{other.id}", token=other.token)
    claims.status(gone, "a user can't delete itself", 204)
    if gone.status == 204:
        _refused(claims, "a deleted user's token", await api.get(f"{USERS}/{other.id}", token=other.token))
        claims.status(await service.get(other.id), "a deleted user is still found by an admin", 404)
    wrong: dict[str, Any] = {"email": victim.person.email, "password": victim.person.password + "x"}
    claims.status(await api.post("/v1/login", json=wrong), "a wrong password signs in", 401)


async def _bare_patch(api: Api, path: str) -> Reply:
    headers = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
    return await api.patch(path, content=b'{"name": "taken over"}', headers=headers)


def _refused(claims: Claims, what: str, reply: Reply) -> None:
    good = claims.status(reply, f"{what} is not answered with 401", 401)
    if good:
        claims.holds(
            bearer_challenge(reply),
            f"{what}: 401 without a WWW-Authenticate header",
            expected="WWW-Authenticate: Bearer",
            actual=reply.headers.get("www-authenticate", "no such header"),
            shown=reply,
        )
