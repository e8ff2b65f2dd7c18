"""What a user looks like on the wire, compared with what it was made of."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from harness.authoring import Claims

from .data import Person

MEMBERS = ("id", "email", "name", "bio", "tags", "role", "created_at")


def is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


def is_utc(value: object) -> bool:
    """Whether a value is an RFC 3339 moment in UTC."""
    if not isinstance(value, str) or len(value) < 20 or value[10] not in "Tt ":
        return False
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return False
    return moment.utcoffset() == timedelta(0)


def pinned(user: dict[str, Any]) -> dict[str, Any]:
    """The members that the brief names."""
    return {name: user.get(name) for name in MEMBERS}


def check_user(claims: Claims, user: dict[str, Any], person: Person, where: str) -> None:
    """Claim that `user` is the resource of `person`."""
    for name, wanted in (
        ("email", person.email.lower()),
        ("name", person.name),
        ("bio", person.bio),
        ("tags", person.tags),
        ("role", "user"),
    ):
        claims.holds(
            name in user and user[name] == wanted,
            f"{where}: {name} is not what was sent" if name != "role" else f"{where}: the role is not user",
            expected=repr(wanted),
            actual=repr(user[name]) if name in user else "no such member",
        )
    claims.holds(is_uuid(user.get("id")), f"{where}: id is not a UUID", expected="a UUID", actual=repr(user.get("id")))
    claims.holds(
        is_utc(user.get("created_at")),
        f"{where}: created_at is not an RFC 3339 time in UTC",
        expected="like 2030-01-31T12:00:00Z",
        actual=repr(user.get("created_at")),
    )
