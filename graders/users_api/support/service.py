"""The graded service as its users see it: accounts, rows, pages. Whatever it can't do is a Fail that says so."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

from harness.authoring import Api, Fail, Reply, Settings, expect

from .data import People, Person

USERS = "/v1/users"
MERGE_PATCH = "application/merge-patch+json"
PAGE = 100
MAX_PAGES = 400
_MARGIN_S = 20.0


@dataclass
class SignedIn:
    """The administrator's token, kept for the session: hashing a password is what costs most here."""

    token: str = ""
    good_until: float = 0.0


@dataclass(frozen=True)
class Account:
    """A user that the check made, and its token."""

    id: str
    person: Person
    token: str


@dataclass(frozen=True)
class Row:
    """A user that was imported: nobody can sign in as it."""

    id: str
    email: str


@dataclass
class Walk:
    """What a walk over all pages saw: users in order, and how many pages they came on."""

    users: list[dict[str, Any]] = field(default_factory=list)
    pages: int = 0


def mapping(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer; Fail when it is something else."""
    value = reply.json()
    if not isinstance(value, dict):
        raise Fail("The answer is not a JSON object", expected="a JSON object", actual=reply.describe())
    return value


def user_id(reply: Reply) -> str:
    """The `id` of the user in an answer."""
    found = mapping(reply).get("id")
    expect(isinstance(found, str), "The user has no id", expected='"id": "<uuid>"', actual=reply.describe())
    return str(found)


def bearer_challenge(reply: Reply) -> bool:
    """Whether `WWW-Authenticate` offers Bearer."""
    return bool(re.match(r"\s*bearer\b", reply.headers.get("www-authenticate", ""), re.IGNORECASE))


class Service:
    """Calls that most checks need, with the administrator's rights unless a token is given."""

    def __init__(self, api: Api, settings: Settings, people: People, signed_in: SignedIn) -> None:
        self.api = api
        self.people = people
        self._settings = settings
        self._signed_in = signed_in

    async def sign_in(self, email: str, password: str) -> tuple[str, float]:
        """A token and how long it lives, in seconds."""
        reply = await self.api.post("/v1/login", json={"email": email, "password": password})
        body = mapping(reply.expect_status(200))
        token, lifetime = body.get("access_token"), body.get("expires_in")
        expect(
            isinstance(token, str) and token != "",
            "Signing in gives no access_token",
            expected='"access_token": "<token>"',
            actual=reply.describe(),
        )
        return str(token), float(lifetime) if isinstance(lifetime, (int, float)) else 60.0

    async def admin(self) -> str:
        """The administrator's token."""
        if time.monotonic() >= self._signed_in.good_until:
            environment = self._settings.environment
            token, lifetime = await self.sign_in(environment["ADMIN_EMAIL"], environment["ADMIN_PASSWORD"])
            self._signed_in.token = token
            self._signed_in.good_until = time.monotonic() + max(lifetime - _MARGIN_S, lifetime / 2)
        return self._signed_in.token

    def forget_admin(self) -> None:
        """Sign in anew the next time."""
        self._signed_in.good_until = 0.0

    async def make(self, person: Person | None = None) -> tuple[str, Person]:
        """A new user: its id and what it was made of."""
        person = person or self.people.person()
        reply = await self.api.post(USERS, json=person.body())
        return user_id(reply.expect_status(201)), person

    async def account(self) -> Account:
        """A new user that has signed in."""
        made, person = await self.make()
        token, _ = await self.sign_in(person.email, person.password)
        return Account(id=made, person=person, token=token)

    async def get(self, id_: str, *, api: Api | None = None, deadline_s: float = 25.0) -> Reply:
        return await (api or self.api).get(f"{USERS}/{id_}", token=await self.admin(), deadline_s=deadline_s)

    async def patch(
        self,
        id_: str,
        change: dict[str, Any],
        *,
        if_match: str | None = "*",
        token: str | None = None,
        deadline_s: float = 25.0,
        api: Api | None = None,
    ) -> Reply:
        """A merge patch; `if_match` None leaves the header out."""
        headers = {"Content-Type": MERGE_PATCH}
        if if_match is not None:
            headers["If-Match"] = if_match
        return await (api or self.api).patch(
            f"{USERS}/{id_}", json=change, headers=headers, token=token or await self.admin(), deadline_s=deadline_s
        )

    async def import_rows(self, rows: list[dict[str, Any]], *, token: str | None = None) -> Reply:
        return await self.api.post(
            f"{USERS}/import", json={"users": rows}, token=token or await self.admin(), deadline_s=60
        )

    async def page(self, cursor: str | None = None, limit: int | None = None) -> Reply:
        params: dict[str, Any] = {}
        if limit is not None:
            params["limit"] = limit
        if cursor is not None:
            params["cursor"] = cursor
        return await self.api.get(USERS, params=params, token=await self.admin())

    async def walk(self, limit: int = PAGE) -> Walk:
        """Every user, page by page."""
        walk = Walk()
        cursor: str | None = None
        while walk.pages < MAX_PAGES:
            users, cursor = page_of(await self.page(cursor, limit))
            walk.users += users
            walk.pages += 1
            if cursor is None:
                return walk
        raise Fail(
            "The list never ends",
            expected="next_cursor is null on the last page",
            actual=f"still a next_cursor after {MAX_PAGES} pages of {limit}",
        )

    async def rows(self, count: int) -> list[Row]:
        """`count` users, made the cheapest way that works: by import, else one by one."""
        people = self.people.people(count)
        reply = await self.import_rows([p.row() for p in people])
        if reply.status != 201:
            return [Row((await self.make(p))[0], p.email) for p in people]
        try:
            ids = {u.get("email"): u.get("id") for u in (await self.walk()).users}
        except Fail:
            ids = {}
        return [Row(str(ids[p.email]), p.email) if ids.get(p.email) else Row(*await self._made_row()) for p in people]

    async def _made_row(self) -> tuple[str, str]:
        made, person = await self.make()
        return made, person.email


def page_of(reply: Reply) -> tuple[list[dict[str, Any]], str | None]:
    """The users and the next cursor of one page."""
    body = mapping(reply.expect_status(200))
    items, cursor = body.get("items"), body.get("next_cursor")
    good = isinstance(items, list) and all(isinstance(i, dict) for i in items)
    if not good or not isinstance(cursor, (str, type(None))):
        raise Fail(
            "A page is not what the brief says",
            expected='{"items": [user, ...], "next_cursor": string or null}',
            actual=reply.describe(),
        )
    assert isinstance(items, list)
    return items, cursor
