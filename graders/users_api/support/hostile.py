"""Requests that hurt: each has a kind, words for a reader, and the statuses that are fine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from .data import People
from .service import MERGE_PATCH, USERS

Fine = Callable[[int], bool]


@dataclass(frozen=True)
class Blow:
    """One hostile request. `wanted` says in words which statuses `fine` takes."""

    kind: str
    what: str
    method: str
    path: str
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    signed_in: bool = True
    fine: Fine = lambda status: status < 500
    wanted: str = "any answer below 500"


def _one_of(*codes: int) -> dict[str, Any]:
    return {"fine": lambda status: status in codes, "wanted": " or ".join(map(str, codes))}


def _create(kind: str, what: str, content: bytes, **more: Any) -> Blow:  # noqa: ANN401 - passed through
    headers = {"Content-Type": "application/json"}
    return Blow(kind, what, "POST", USERS, content, headers, signed_in=False, **more)


def _text(value: object) -> bytes:
    return json.dumps(value).encode()


def _ids() -> list[Blow]:
    bad = {
        "a word": "me",
        "a number": "1",
        "a huge number": "9" * 400,
        "a UUID with a letter too many": "0b8f3a52-9f4b-4c55-9d6c-0c8d1a3e5f70a",
        "a quote": "%27%20OR%20%271%27=%271",
        "a NUL": "%00",
        "bytes that are no UTF-8": "%ff%fe",
        "a path": "..%2f..%2fetc%2fpasswd",
    }
    made = [Blow("ids", f"{what} as an id", "GET", f"{USERS}/{id_}", **_one_of(404, 422)) for what, id_ in bad.items()]
    made.append(Blow("ids", "a word as an id of a profile", "GET", f"{USERS}/me/profile", **_one_of(404, 422)))
    made.append(Blow("ids", "a word as an id to delete", "DELETE", f"{USERS}/me", **_one_of(404, 422)))
    return made


def _nul(people: People, known: str) -> list[Blow]:
    made = []
    for member in ("email", "name", "bio", "tags", "password"):
        body = people.person().body()
        body[member] = ["a\0b"] if member == "tags" else f"a\0{body[member]}"
        made.append(_create("NUL characters", f"a NUL in {member}", _text(body), **_one_of(422)))
    login = {"email": f"a\0{people.email()}", "password": people.password()}
    for what, body in (("an e-mail", login), ("a password", {**login, "email": people.email(), "password": "\0" * 9})):
        headers = {"Content-Type": "application/json"}
        made.append(
            Blow(
                "NUL characters",
                f"a NUL in {what} to sign in with",
                "POST",
                "/v1/login",
                _text(body),
                headers,
                {},
                False,
                lambda s: s in (401, 422),
                "401 or 422",
            )
        )
    patch = {"Content-Type": MERGE_PATCH, "If-Match": "*"}
    made.append(
        Blow(
            "NUL characters",
            "a NUL in a patch",
            "PATCH",
            f"{USERS}/{known}",
            _text({"bio": "a\0b"}),
            patch,
            **_one_of(422),
        )
    )
    row = {"users": [{**people.person().row(), "name": "a\0b"}]}
    made.append(
        Blow(
            "NUL characters",
            "a NUL in an import",
            "POST",
            f"{USERS}/import",
            _text(row),
            {"Content-Type": "application/json"},
            **_one_of(422),
        )
    )
    made.append(
        Blow("NUL characters", "a NUL in a cursor", "GET", USERS, params={"cursor": "a\0b"}, **_one_of(400, 422))
    )
    return made


def _numbers(people: People) -> list[Blow]:
    made = [
        Blow("numbers", f"limit={what}", "GET", USERS, params={"limit": value}, **_one_of(422))
        for what, value in (
            ("10^30", "1" + "0" * 30),
            ("a number of 5000 digits", "7" * 5000),
            ("1e400", "1e400"),
            ("NaN", "NaN"),
        )
    ]
    body = people.person().body()
    odd = {"5000 digits": b"7" * 5000, "NaN": b"NaN", "infinity": b"-Infinity", "1e999": b"1e999"}
    for what, number in odd.items():
        content = _text(body).replace(_text(body["bio"]), number)
        made.append(_create("numbers", f"{what} for a bio", content, **_one_of(400, 422)))
    return made


def _depth(people: People) -> list[Blow]:
    body = _text(people.person().body(bio="@"))
    return [
        _create("nesting", what, body.replace(b'"@"', deep), **_one_of(400, 413, 422))
        for what, deep in (
            ("50,000 nested arrays", b"[" * 50_000 + b"]" * 50_000),
            ("20,000 nested objects", b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
            ("50,000 arrays that never close", b"[" * 50_000),
        )
    ]


def _encodings(people: People) -> list[Blow]:
    def surrogate(member: str) -> bytes:
        body = people.person().body()
        body[member] = ["\ud800"] if member == "tags" else f"\ud800{body[member]}"
        return _text(body)

    latin = _text(people.person().body(name="@")).replace(b'"@"', b'"caf\xe9"')
    made = [
        _create("encodings", f"a lone surrogate in {member}", surrogate(member))
        for member in ("name", "bio", "tags", "email", "password")
    ]
    login = _text({"email": people.email(), "password": "\ud800" * 9})
    headers = {"Content-Type": "application/json"}
    made += [
        Blow("encodings", "a lone surrogate to sign in with", "POST", "/v1/login", login, headers, signed_in=False),
        _create("encodings", "a body that is no UTF-8", latin),
        _create("encodings", "bytes that are nothing at all", people.rng.randbytes(64)),
        _create("encodings", "a member name with a lone surrogate", _text({"\udc00": 1})),
    ]
    return made


def _shapes(people: People, known: str) -> list[Blow]:
    patch = {"Content-Type": MERGE_PATCH, "If-Match": "*"}
    no_object = {"null": b"null", "a number": b"5", "a text": b'"x"', "an array": b"[1]"}
    no_json = {"half an object": b'{"email"', "two objects": b"{} {}", "nothing": b""}
    made = [
        make(content)
        for bodies, fine in ((no_object, _one_of(422)), (no_json, _one_of(400, 422)))
        for what, content in bodies.items()
        for make in (
            partial(_create, "shapes", f"{what} as a body", **fine),
            partial(Blow, "shapes", f"{what} as a patch", "PATCH", f"{USERS}/{known}", headers=patch, **fine),
        )
    ]
    made += [
        _create("shapes", "an e-mail of 100,000 characters", _text(people.person().body(email="a" * 10**5 + "@b.com"))),
        _create("shapes", "an object for an e-mail", _text(people.person().body(email={"a": [1]}))),
        Blow(
            "shapes",
            "a cursor of 5,000 characters",
            "GET",
            USERS,
            params={"cursor": "QUJD" * 1250},
            **_one_of(400, 414, 422),
        ),
        Blow(
            "shapes",
            "an If-Match that is no tag",
            "PATCH",
            f"{USERS}/{known}",
            b'{"name": "x"}',
            {**patch, "If-Match": "\"'); DROP TABLE users; --"},
        ),
        Blow(
            "shapes",
            "an If-None-Match that is no tag",
            "GET",
            f"{USERS}/{known}",
            headers={"If-None-Match": 'W/"",,,"'},
        ),
    ]
    return made


def blows(people: People, known: str) -> list[Blow]:
    """All of them; `known` is the id of a user that is there."""
    groups = (_ids(), _nul(people, known), _numbers(people), _depth(people), _encodings(people))
    return [blow for group in (*groups, _shapes(people, known)) for blow in group]
