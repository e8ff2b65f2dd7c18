"""What a reply says of itself, and when it ends a check."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from harness.authoring import Api, Fail, Reply
from tests.prober.hostile import hostile


async def get(base_url: str) -> Reply:
    async with Api(base_url) as api:
        return await api.get("/x")


def reply(status: int, body: object, media_type: str = "application/problem+json") -> Reply:
    content = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {media_type}\r\nContent-Length: {len(content)}\r\n\r\n"
    with hostile(head.encode() + content) as server:
        return asyncio.run(get(server.base_url))


PROBLEM = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "no such user"}


def test_a_problem_document_is_returned() -> None:
    assert reply(404, PROBLEM).expect_problem(404) == PROBLEM


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: reply(500, PROBLEM),
        lambda: reply(404, PROBLEM, "application/json"),
        lambda: reply(404, [PROBLEM]),
        lambda: reply(404, {**PROBLEM, "status": 400}),
        lambda: reply(404, {**PROBLEM, "detail": None}),
    ],
)
def test_what_is_no_problem_document_is_a_fail(wrong: Callable[[], Reply]) -> None:
    with pytest.raises(Fail):
        wrong().expect_problem(404)


def test_an_unexpected_status_fails_with_the_exchange_that_shows_it() -> None:
    found = reply(404, PROBLEM)
    with pytest.raises(Fail) as caught:
        found.expect_status(200, 201)
    assert (caught.value.expected, caught.value.exchange) == ("200 or 201", found.exchange)
