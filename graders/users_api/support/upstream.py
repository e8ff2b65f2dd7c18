"""The profile service that the grader plays: what it answers depends on the id, and on the seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from harness.authoring import StubRequest

Answer = tuple[int, dict[str, str], bytes]
JSON = {"Content-Type": "application/json"}


def profile_of(id_: str, secret: str) -> dict[str, str]:
    """The one right profile of a user in this check."""
    digest = hashlib.sha256(f"{secret}/{id_}".encode()).hexdigest()
    return {"headline": f"Héadline {digest[:12]}", "avatar_url": f"https://img.{digest[12:20]}.net/{digest[20:32]}.png"}


def profiles(secret: str) -> Callable[[StubRequest], Answer]:
    """Answers each id with its profile, and anything but GET /profiles/{id} with 404."""

    def respond(request: StubRequest) -> Answer:
        head, _, id_ = request.path.partition("?")[0].rpartition("/")
        if request.method != "GET" or head != "/profiles" or not id_:
            return 404, JSON, b'{"error": "no such profile"}'
        return 200, JSON, json.dumps(profile_of(id_, secret)).encode()

    return respond


def constant(status: int, body: bytes, media_type: str = "application/json") -> Callable[[StubRequest], Answer]:
    """Answers everything alike."""
    return lambda _request: (status, {"Content-Type": media_type}, body)


def hang_up(_request: StubRequest) -> None:
    """Ends the connection without an answer."""
