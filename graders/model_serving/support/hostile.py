"""Bodies that have to be refused, and one that is only large."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.authoring import Api, Reply

from .digits import PIXELS, Digits
from .service import body_of

_LIMIT = 4 * 1024 * 1024
_DEEP = 20_000
_UNFIT = (422,)
_UNREAD = (400, 422)
_MANY = (413, 422)


@dataclass(frozen=True)
class Case:
    """A body and the statuses that are right for it."""

    name: str
    content: bytes
    statuses: tuple[int, ...]


async def send(api: Api, route: str, case: Case) -> Reply:
    """Post it as JSON."""
    return await api.post(route, content=case.content, headers={"Content-Type": "application/json"})


def cases(digits: Digits, most: int) -> Iterator[Case]:
    """All that a route which takes at most `most` rows refuses."""
    yield from _numbers(digits)
    yield from _shapes(digits, most)
    yield from _bodies(digits)


def filler(digits: Digits) -> Case:
    """A request that is in order, with so much white space that it is just below the limit."""
    body = json.dumps(body_of([digits.row()], None)).encode()
    return Case("", body + b" " * (_LIMIT - 1 - len(body)), (200,))


def _numbers(digits: Digits) -> Iterator[Case]:
    """One pixel is wrong, in the last of two rows."""
    pixels: list[tuple[str, str, tuple[int, ...]]] = [
        (f"a pixel that is {text}", text, _UNREAD)
        for text in ("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "-0.5", "16.5", "1" + "0" * 5000)
    ]
    pixels += [(f"{text} in place of a pixel", text, _UNFIT) for text in ('"3"', '"x"', "true", "null", "{}", "[3]")]
    for name, text, statuses in pixels:
        good, bad = digits.rows(2)
        shown = [str(int(value)) for value in bad]
        shown[digits.rng.randrange(PIXELS)] = text
        told = name if len(name) < 60 else "a pixel of 5,000 digits"
        yield Case(
            told,
            f'{{"inputs": [{_json(body_of([good], None)["inputs"][0])}, [{", ".join(shown)}]]}}'.encode(),
            statuses,
        )


def _shapes(digits: Digits, most: int) -> Iterator[Case]:
    row = body_of([digits.row()], None)["inputs"][0]
    bodies: list[tuple[str, Any]] = [
        ("a row of 63", {"inputs": [row, row[:-1]]}),
        ("a row of 65", {"inputs": [[*row, 0]]}),
        ("an empty row", {"inputs": [[]]}),
        ("rows in rows", {"inputs": [[row]]}),
        ("a row of eight rows of eight", {"inputs": [[row[at : at + 8] for at in range(0, PIXELS, 8)]]}),
        ("one row that is not in an array", {"inputs": row}),
        ("a row that is a text", {"inputs": ["0" * PIXELS]}),
        ("a row that is null", {"inputs": [row, None]}),
        ("a row that is an object", {"inputs": [{"0": 1}]}),
        ("no rows", {"inputs": []}),
        ("inputs that is null", {"inputs": None}),
        ("inputs that is a text", {"inputs": "7"}),
        ("no inputs", {}),
        ("a version that is a number", {"inputs": [row], "version": 2}),
        ("an unknown member", {"inputs": [row], "model": "digits"}),
        ("an array in place of the object", [row]),
        ("a text in place of the object", "digits"),
        ("null in place of the object", None),
    ]
    for name, body in bodies:
        yield Case(name, _json(body).encode(), _UNFIT)
    yield Case(f"{most + 1} rows", _json({"inputs": [row] * (most + 1)}).encode(), _MANY)


def _bodies(digits: Digits) -> Iterator[Case]:
    good = _json(body_of([digits.row()], None)).encode()
    yield Case("JSON that breaks off", good[:-3], _UNREAD)
    yield Case("no body", b"", _UNREAD)
    yield Case("bytes that are no UTF-8", b"\xff\xfe" + good, _UNREAD)
    yield Case(f"JSON nested {_DEEP:,} deep", b'{"inputs": ' + b"[" * _DEEP + b"]" * _DEEP + b"}", _UNREAD)
    yield Case("a body of more than 4 MiB", good + b" " * _LIMIT, (413,))


def _json(value: object) -> str:
    return json.dumps(value)
