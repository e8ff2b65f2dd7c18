"""What each fault makes of an answer, and which answers can't have it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.trial.plugin.faults import FAULTS, Headers

PLAIN: Headers = [(b"content-type", b"application/json")]


def spoiled(fault: str, status: int, document: Any = None, headers: Headers = PLAIN) -> tuple[int, Headers, Any] | None:
    body = b"" if document is None else json.dumps(document).encode()
    found = FAULTS[fault][1]((status, headers, body))
    return None if found is None else (found[0], found[1], json.loads(found[2]) if found[2] else None)


@pytest.mark.parametrize(
    ("fault", "status", "document", "expected"),
    [
        ("success-status", 201, {"id": 1}, (200, {"id": 1})),
        ("success-status", 200, [], (202, [])),
        ("success-status", 204, None, (200, None)),
        ("accepted", 404, {"title": "none"}, (200, {"title": "none"})),
        ("error-status", 409, {}, (404, {})),
        ("error-status", 404, {}, (400, {})),
        ("error-body", 422, {"title": "no"}, (422, {})),
        ("error-body", 500, {"title": "no"}, (500, {})),
        ("field", 200, {"id": 1, "name": "a"}, (200, {"id": 1})),
        ("field", 200, [{"id": 1, "name": "a"}, 2], (200, [{"id": 1}, 2])),
        ("field", 200, {"items": [{"id": 1, "name": "a"}], "next": None}, (200, {"items": [{"id": 1}], "next": None})),
        ("field", 200, {"items": [], "next": None}, (200, {"items": []})),
        ("value", 200, {"id": 1, "name": "a"}, (200, {"id": 1, "name": "ax"})),
        ("value", 200, {"id": 1, "gone": None}, (200, {"id": 2, "gone": None})),
        ("value", 200, {"rows": [{"ok": True}], "none": []}, (200, {"rows": [{"ok": False}], "none": []})),
        ("value", 200, [1.5, None], (200, [2.5, None])),
        ("row", 200, [1, 2], (200, [1])),
        ("row", 200, {"next": None, "items": [1]}, (200, {"next": None, "items": []})),
    ],
)  # fmt: skip
def test_an_answer_gets_the_fault(fault: str, status: int, document: Any, expected: tuple[int, Any]) -> None:
    assert spoiled(fault, status, document) == (expected[0], PLAIN, expected[1])


@pytest.mark.parametrize(
    ("fault", "status", "document"),
    [
        ("success-status", 404, {}), ("success-status", 302, None), ("accepted", 200, {}), ("accepted", 500, {}),
        ("error-status", 500, {}), ("error-body", 404, {}), ("error-body", 404, None), ("error-body", 200, {"a": 1}),
        ("field", 404, {"a": 1}), ("field", 200, {}), ("field", 200, 7), ("field", 200, None),
        ("value", 200, {"a": None, "b": [], "c": {}}), ("value", 200, None), ("value", 400, {"a": 1}),
        ("row", 200, []), ("row", 200, {"a": 1}), ("row", 200, None), ("headers", 200, {}),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_have_the_fault_is_left_alone(fault: str, status: int, document: Any) -> None:
    assert spoiled(fault, status, document) is None


def test_headers_that_tell_something_are_lost_and_no_others() -> None:
    telling: Headers = [(b"Location", b"/x"), (b"x-request-id", b"1"), (b"Retry-After", b"2")]
    assert spoiled("headers", 201, {}, PLAIN + telling) == (201, PLAIN, {})
