"""Walking the list of users, and what a page costs."""

from __future__ import annotations

import base64
import json
from collections import Counter
from typing import Any

from harness.authoring import Api, Claims, Database, Evidence, Fail, Question, Session, check, expect

from .support.service import MAX_PAGES, USERS, Row, Service, page_of

_ROWS = 50
_LIMIT = 7
_CHANGES = 6
_SMALL, _LARGE = 5, 50


@check(
    "cursor-pages",
    skill="api-design",
    level="mid",
    after=("create-user",),
    deadline_s=150,
    passed="Walking the pages shows every user once, whatever happens meanwhile",
    failed="Walking the pages loses or repeats users",
    why="Offsets shift when rows come and go: exports and syncs silently skip users.",
    hint="Make the cursor say where to go on (the last row's sort key and its id as tie-break), not how many to skip, "
    "and protect it so that a damaged one is refused.",
    question=Question(
        ask="A user on page one is deleted while a client fetches page two. What does the client see?",
        junior="OFFSET: one user is skipped, or hasn't thought about it.",
        senior="Keyset pagination over a total order with a unique tie-break, an index that serves it, and an opaque "
        "cursor whose damage is noticed.",
    ),
)
async def test_a_walk_shows_every_user_once(api: Api, service: Service) -> None:
    """While users are made and deleted between the pages, those that stay are seen exactly once."""
    rows = await service.rows(_ROWS)
    claims = Claims()
    await _limits(claims, api, service)
    await _tampered(claims, api, service)
    order = [str(u.get("id")) for u in (await service.walk()).users]
    repeated = [i for i, n in Counter(order).items() if n > 1]
    claims.holds(not repeated, "a quiet walk repeats users", expected="none twice", actual=f"{len(repeated)} twice")
    lost = [r for r in rows if r.id not in set(order)]
    claims.holds(not lost, "a quiet walk loses users", expected="all users", actual=f"{len(lost)} missing")
    claims.fail("The list can't be walked")
    seen, gone = await _walk_while_things_change(service, rows)
    times = Counter(seen)
    stayed = [i for i in order if i not in gone]
    lost_ids = [i for i in stayed if times[i] == 0]
    twice = [i for i in stayed if times[i] > 1]
    claims.holds(
        not lost_ids,
        "users are lost when others are made or deleted between two pages",
        expected=f"all {len(stayed)} users that existed throughout",
        actual=f"{len(lost_ids)} of them never shown",
    )
    claims.holds(
        not twice,
        "users are repeated when others are made or deleted between two pages",
        expected="each user once",
        actual=f"{len(twice)} of them more than once",
    )
    claims.fail("Walking the pages doesn't show every user once")


async def _walk_while_things_change(service: Service, rows: list[Row]) -> tuple[list[str], set[str]]:
    """The ids seen in a walk by small pages, and those that were deleted during it.

    Deleted are, of our own rows: one that was already shown, the one that the cursor stands on, and one to come.
    """
    ours = [r.id for r in rows]
    seen: list[str] = []
    gone: set[str] = set()
    cursor: str | None = None
    admin, changes = await service.admin(), 0
    for _ in range(MAX_PAGES):
        users, cursor = page_of(await service.page(cursor, _LIMIT))
        page = [str(u.get("id")) for u in users]
        seen += page
        if cursor is None:
            return seen, gone
        mine = [i for i in page if i in ours]
        if not mine or changes >= _CHANGES:
            continue
        changes += 1
        ahead = [i for i in ours if i not in seen and i not in gone]
        for victim in {mine[0], mine[-1], *ahead[-1:]}:
            reply = await service.api.delete(f"{USERS}/{victim}", token=admin)
            reply.expect_status(204)
            gone.add(victim)
        await service.import_rows([service.people.person().row() for _ in range(2)])
    raise Fail(
        "A walk never ends when users are made meanwhile",
        expected="next_cursor is null on the last page",
        actual=f"still a next_cursor after {MAX_PAGES} pages",
    )


async def _limits(claims: Claims, api: Api, service: Service) -> None:
    admin = await service.admin()
    for limit in ("0", "101", "-1", "1.5", "many", ""):
        reply = await api.get(USERS, params={"limit": limit}, token=admin)
        claims.status(reply, f"limit={limit or '(empty)'} is not refused", 422)
    for wanted in (None, 1, 3):
        users, cursor = page_of(await service.page(limit=wanted))
        size = 20 if wanted is None else wanted
        claims.holds(
            len(users) == size and cursor is not None,
            f"a page with {'no limit' if wanted is None else f'limit={wanted}'} has another size",
            expected=f"{size} users and a next_cursor, as there are more",
            actual=f"{len(users)} users, next_cursor {json.dumps(cursor)}",
        )


async def _tampered(claims: Claims, api: Api, service: Service) -> None:
    _, cursor = page_of(await service.page(limit=3))
    admin, rng = await service.admin(), service.people.rng
    whole = cursor or ""
    middle = len(whole) // 2
    flipped = "A" if whole[middle : middle + 1] != "A" else "B"
    damaged: dict[str, str] = {
        "made of other letters": service.people.word(5),
        "of random bytes in base64": base64.urlsafe_b64encode(rng.randbytes(24)).decode(),
        "cut in half": whole[: len(whole) // 2],
        "with one letter changed": whole[:middle] + flipped + whole[middle + 1 :],
        "of punctuation": "!!//..",
    }
    for what, value in damaged.items():
        reply = await api.get(USERS, params={"limit": 3, "cursor": value}, token=admin)
        claims.status(reply, f"a cursor {what} is not refused", 400, 422)


# A pool hands out one connection after another, and each may have to look up types once.
_ROUNDS = 8


def _at_rest(sessions: list[Session]) -> bool:
    return all(session.state == "idle" for session in sessions)


@check(
    "query-count",
    skill="performance",
    level="mid",
    after=("create-user",),
    deadline_s=120,
    passed="A page costs the same number of SQL statements, however long it is",
    failed="Each user on a page costs a statement of its own",
    why="N+1 is invisible on a laptop with ten rows and the first thing to fall over in production.",
    hint="Fetch what a page needs with a join, an array aggregate or one more query for all rows together.",
    question=Question(
        ask="How would you notice an N+1 in a code review, and how in production?",
        junior="Looks for queries in loops.",
        senior="Knows lazy loading hides them, counts statements per request in tests or traces, and knows when one "
        "more batched query beats a join.",
    ),
)
async def test_a_long_page_costs_no_more_statements_than_a_short_one(
    service: Service, database: Database, evidence: Evidence
) -> None:
    """PostgreSQL itself counts the statements of a page of 5 and of a page of 50: equal, give or take one."""
    await service.rows(_LARGE)
    await service.admin()
    counts: dict[int, list[int]] = {_SMALL: [], _LARGE: []}
    for round_ in range(_ROUNDS):
        for limit in (_SMALL, _LARGE):
            await database.wait_until(_at_rest)
            before = await database.statement_calls()
            users: list[dict[str, Any]]
            users, _ = page_of(await service.page(limit=limit))
            expect(len(users) == limit, "A page is too short", expected=f"{limit} users", actual=f"{len(users)} users")
            # A session may be given back, with a statement or two, after the answer has been sent.
            await database.wait_until(_at_rest)
            if round_:  # The first of each kind may prepare statements and look up types.
                counts[limit].append(await database.statement_calls() - before)
    # The fewest, so that statements of something in the background count for nobody.
    small, large = min(counts[_SMALL]), min(counts[_LARGE])
    evidence.number(f"statements for {_SMALL} users", small)
    evidence.number(f"statements for {_LARGE} users", large)
    expect(
        large <= small + 1,
        "The number of SQL statements grows with the page",
        expected=f"as many for {_LARGE} users as for {_SMALL}: {small}, give or take one",
        actual=f"{small} statements for {_SMALL} users, {large} for {_LARGE}",
    )
