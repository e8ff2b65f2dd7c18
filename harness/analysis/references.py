"""CodeRef: a place in the submission's code, as a dictionary ready for JSON."""

from __future__ import annotations

from collections.abc import Iterable

CodeRef = dict[str, str | int]

_MESSAGE = 300


def code_ref(path: str, line: int, message: str, *, rule: str = "", url: str = "", group: str = "") -> CodeRef:
    """`path` is relative to the submission, `line` counts from 1."""
    found: CodeRef = {
        "path": path,
        "line": max(line, 1),
        "message": " ".join(message.split())[:_MESSAGE],
        "rule": rule,
        "url": url,
    }
    if group:
        found["group"] = group
    return found


def in_order(places: Iterable[CodeRef]) -> list[CodeRef]:
    """By path and line, so that the same code gives the same document."""
    return sorted(places, key=lambda place: (str(place["path"]), int(place["line"]), str(place["rule"])))
