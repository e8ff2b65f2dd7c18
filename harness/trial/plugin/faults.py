"""What a change of a service could do to its answers without anybody meaning it. Pure, and of the standard library."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Union

Headers = list[tuple[bytes, bytes]]
# Status, headers, body.
Answer = tuple[int, Headers, bytes]
# The answer with the fault in it; None when it could not have it.
Fault = Callable[[Answer], "Answer | None"]
Json = Union[None, bool, int, float, str, "list[Json]", "dict[str, Json]"]

_TELLING = frozenset(
    b"location retry-after www-authenticate etag link allow deprecation sunset last-modified content-disposition"
    b"".split()
)


def _is_success(status: int) -> bool:
    return 200 <= status < 300


def _is_refusal(status: int) -> bool:
    return 400 <= status < 500


def other_success(answer: Answer) -> Answer | None:
    status, headers, body = answer
    return (200 if status != 200 else 202, headers, body) if _is_success(status) else None


def accepted(answer: Answer) -> Answer | None:
    status, headers, body = answer
    return (200, headers, body) if _is_refusal(status) else None


def other_refusal(answer: Answer) -> Answer | None:
    status, headers, body = answer
    return (404 if status != 404 else 400, headers, body) if _is_refusal(status) else None


def empty_error(answer: Answer) -> Answer | None:
    status, headers, body = answer
    return (status, headers, b"{}") if status >= 400 and body not in (b"", b"{}") else None


def without_headers(answer: Answer) -> Answer | None:
    status, headers, body = answer
    left = [(n, v) for n, v in headers if n.lower() not in _TELLING and not n.lower().startswith(b"x-")]
    return (status, left, body) if len(left) < len(headers) else None


def _changed(change: Callable[[Json], Json]) -> Fault:
    def fault(answer: Answer) -> Answer | None:
        status, headers, body = answer
        if not (_is_success(status) and body):
            return None
        found = change(json.loads(body))
        return None if found is None else (status, headers, json.dumps(found).encode())

    return fault


def _without_field(document: Json) -> Json:
    """Of rows, where there are any: what stands around them is looked at by everybody."""
    if isinstance(document, list):
        rows = [_without_field(row) if isinstance(row, dict) else None for row in document]
        changed = [row if new is None else new for row, new in zip(document, rows, strict=True)]
        return changed if any(row is not None for row in rows) else None
    if not isinstance(document, dict) or not document:
        return None
    for key, value in document.items():
        if isinstance(value, list) and (less := _without_field(value)) is not None:
            return {**document, key: less}
    return dict(list(document.items())[:-1])


def _other_value(document: Json) -> Json:
    if isinstance(document, bool):
        return not document
    if isinstance(document, (int, float)):
        return document + 1
    if isinstance(document, str):
        return document + "x"
    if isinstance(document, dict):
        for key, value in reversed(list(document.items())):
            if (other := _other_value(value)) is not None:
                return {**document, key: other}
    if isinstance(document, list):
        for index, value in reversed(list(enumerate(document))):
            if (other := _other_value(value)) is not None:
                return [*document[:index], other, *document[index + 1 :]]
    return None


def _without_row(document: Json) -> Json:
    if isinstance(document, list):
        return document[:-1] if document else None
    if isinstance(document, dict):
        for key, value in document.items():
            if isinstance(value, list) and value:
                return {**document, key: value[:-1]}
    return None


FAULTS: dict[str, tuple[str, Fault]] = {
    "success-status": ("a success has another status, such as 200 for 201", other_success),
    "accepted": ("what has to be refused (4xx) is answered with 200", accepted),
    "error-status": ("a refusal has another status, such as 404 for 409", other_refusal),
    "error-body": ("the body of an error is empty", empty_error),
    "field": ("a field is missing", _changed(_without_field)),
    "value": ("a value is another", _changed(_other_value)),
    "row": ("a list lacks its last row", _changed(_without_row)),
    "headers": ("headers such as Location or Retry-After are missing", without_headers),
}
