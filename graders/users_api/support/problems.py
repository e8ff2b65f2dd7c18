"""What RFC 9457 and the brief ask of an error answer."""

from __future__ import annotations

import json
import re
from typing import Any

from harness.authoring import Claims, Fail, Reply

MEDIA_TYPE = "application/problem+json"
_TRACE = re.compile(r"Traceback \(most recent call last\)|\bFile \"[^\"]+\", line \d+|asyncpg\.|sqlalchemy\.|psycopg")


def check_problem(claims: Claims, reply: Reply, what: str) -> None:
    """Claim that an error answer is a problem document that agrees with its status, without a stack trace."""
    media_type = reply.headers.get("content-type", "").split(";")[0].strip().lower()
    claims.holds(
        media_type == MEDIA_TYPE,
        f"{what}: {reply.status} is not {MEDIA_TYPE}",
        expected=f"Content-Type: {MEDIA_TYPE}",
        actual=f"Content-Type: {media_type or 'none'}",
        shown=reply,
    )
    try:
        problem: Any = reply.json()
    except Fail:
        problem = None
    if not claims.holds(
        isinstance(problem, dict),
        f"{what}: {reply.status} is not a JSON object",
        expected="a JSON object with type, title, status and detail",
        actual=reply.describe(),
        shown=reply,
    ):
        return
    texts = [name for name in ("type", "title", "detail") if not isinstance(problem.get(name), str)]
    claims.holds(
        not texts,
        f"{what}: {' and '.join(texts)} of the problem {'is' if len(texts) == 1 else 'are'} missing or no text",
        expected="type, title and detail as texts",
        actual=reply.describe(),
        shown=reply,
    )
    claims.holds(
        problem.get("status") == reply.status,
        f"{what}: the problem's status is not that of the answer",
        expected=f'"status": {reply.status}',
        actual=f'"status": {json.dumps(problem["status"])}' if "status" in problem else "no status",
        shown=reply,
    )
    claims.holds(
        not _TRACE.search(reply.text),
        f"{what}: the answer shows the service's insides",
        expected="no stack trace or driver message",
        actual=reply.describe(),
        shown=reply,
    )
