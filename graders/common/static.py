"""Static: the analysis document as the checks read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.authoring import Evidence, Fail, Inconclusive

LEAST_LINES = 60
SHOWN = 20


def part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """One part of a document.

    Raises:
        Inconclusive: it isn't there, or its tool did not finish.
    """
    found = document.get(name)
    if not isinstance(found, Mapping):
        raise Inconclusive(f"the analysis says nothing about {name}")
    if found.get("problem"):
        raise Inconclusive(str(found["problem"]))
    return found


def enough_code(document: Mapping[str, Any]) -> int:
    """The lines of code.

    Raises:
        Fail: too few to judge, as in a starter kit that nobody has gone on with.
    """
    lines = int(document.get("lines") or 0)
    if lines < LEAST_LINES:
        raise Fail(
            "There is too little code to judge",
            expected=f"at least {LEAST_LINES} lines of code besides tests",
            actual=f"{lines} lines",
        )
    return lines


def show(evidence: Evidence, places: list[Mapping[str, Any]]) -> None:
    """Point at the first places."""
    for place in places[:SHOWN]:
        evidence.code(
            str(place["path"]),
            int(place["line"]),
            str(place["message"]),
            rule=str(place.get("rule", "")),
            url=str(place.get("url", "")),
        )
