"""The bulk import: all or nothing."""

from __future__ import annotations

import json
from typing import Any

from harness.authoring import Claims, Question, check

from .support.service import Service, mapping

_ROWS = 25


@check(
    "bulk-atomicity",
    skill="data",
    level="mid",
    after=("create-user",),
    deadline_s=120,
    passed="An import is done as a whole or not at all",
    failed="An import that fails leaves some of its rows behind",
    why="After half an import nobody knows what is in, and sending it again fails on the rows that are.",
    hint="Validate all rows first, write them in one transaction (best in one statement), and turn a unique violation "
    "anywhere into 409 for the whole.",
    question=Question(
        ask="Row 499 of 500 breaks a constraint. What is in the table, and what does the client learn?",
        junior="Commits per row, or checks for duplicates beforehand only.",
        senior="One transaction, one multi-row statement, an error that names the rows, and thoughts on when partial "
        "success would be the better contract.",
    ),
)
async def test_an_import_is_done_as_a_whole_or_not_at_all(service: Service) -> None:
    """A bad last row keeps the good ones out: sent again without it, they are all new."""
    claims = Claims()
    people = service.people
    known, _ = people.person(), await service.admin()
    done = await service.import_rows([known.row()])
    if claims.status(done, "an import of one row is refused", 201):
        _created(claims, mapping(done), 1)
    claims.fail("The import doesn't work")
    bad: list[tuple[str, dict[str, Any], int]] = [
        ("an invalid address", {**people.person().row(), "email": "no address"}, 422),
        ("a name of spaces", {**people.person().row(), "name": "  "}, 422),
        ("an unknown member", {**people.person().row(), "password": people.password()}, 422),
        ("an address that is taken", {**people.person().row(), "email": people.spellings(known.email, 1)[0]}, 409),
    ]
    for what, row, status in bad:
        rows = [p.row() for p in people.people(_ROWS)]
        await _nothing_stays(claims, service, rows, row, what, status)
    rows = [p.row() for p in people.people(_ROWS)]
    twin = {**people.person().row(), "email": people.spellings(rows[0]["email"], 1)[0]}
    await _nothing_stays(claims, service, rows, twin, "the first row's address in capitals", 409)
    await _sizes_and_sign_in(claims, service, known.email)
    claims.fail("An import is not all or nothing")


async def _nothing_stays(
    claims: Claims, service: Service, rows: list[dict[str, Any]], last: dict[str, Any], what: str, status: int
) -> None:
    refused = await service.import_rows([*rows, last])
    claims.status(refused, f"an import whose last row has {what} is not answered with {status}", status)
    again = await service.import_rows(rows)
    kept = claims.holds(
        again.status == 201,
        f"an import whose last row has {what} left rows behind",
        expected="201 for the same rows without the last: none of them was stored",
        actual=again.describe(),
        shown=again,
    )
    if kept:
        _created(claims, mapping(again), len(rows))


def _created(claims: Claims, body: dict[str, Any], count: int) -> None:
    claims.holds(
        body.get("created") == count,
        "an import counts wrongly",
        expected=f'"created": {count}',
        actual=f'"created": {json.dumps(body.get("created"))}',
    )


async def _sizes_and_sign_in(claims: Claims, service: Service, email: str) -> None:
    claims.status(await service.import_rows([]), "an import of no rows is not refused", 422)
    many = [{"email": f"u{n}.{service.people.email()}", "name": "n"} for n in range(501)]
    claims.status(await service.import_rows(many), "an import of 501 rows is not refused", 422)
    for password in (service.people.password(), "None", "null"):
        reply = await service.api.post("/v1/login", json={"email": email, "password": password})
        claims.holds(
            reply.status != 200,
            "somebody can sign in as an imported user, who has no password",
            expected="401",
            actual=reply.describe(),
            shown=reply,
        )
