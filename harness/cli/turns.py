"""Turns: what a turn of `check --watch` tells of the one before it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from harness.record import CheckResult, GradeRecord
from harness.reporting import words
from harness.reporting.text import one_line

_MOST_FILES = 3
_LOST = ("fail", "partial", "blocked")


def lost(record: GradeRecord) -> tuple[str, ...]:
    """The checks to begin the next turn with: those that were lost. None where nothing could be graded.

    Not those that could not be assessed, which is our trouble: alone they would be graded for ever.
    """
    if not record.gradable:
        return ()
    return tuple(check.id for check in record.checks if check.outcome in _LOST)


def changed(paths: Sequence[str]) -> str:
    """`changed: app/main.py, app/users.py and 2 more`."""
    shown = [one_line(path, 120) for path in paths[:_MOST_FILES]]
    more = f" and {len(paths) - len(shown)} more" if len(paths) > len(shown) else ""
    return f"changed: {', '.join(shown)}{more}"


def mended(record: GradeRecord, asked: Collection[str]) -> list[str]:
    """After some checks alone: which of those pass now, and what comes next."""
    passing = [check for check in record.checks if check.id in asked and check.outcome in ("pass", "not_applicable")]
    rest = "now all the others" if len(passing) == len(asked) else "the others are checked once these pass"
    count = f"{len(passing)} of {len(asked)} that were lost pass now; {rest}"
    return [f"{_names(passing, 'passes')} now", count] if passing else [count]


def since(before: GradeRecord, after: GradeRecord) -> list[str]:
    """After all checks: which ended otherwise than in the run of all before, and how many points that makes.

    Nothing where nothing could be graded: why not has been told.
    """
    if not after.gradable:
        return []
    was = {check.id: check.outcome for check in before.checks}
    other = [check for check in after.checks if check.id in was and was[check.id] != check.outcome]
    better = [check for check in other if check.outcome == "pass"]
    worse = [check for check in other if check.outcome in _LOST and was[check.id] == "pass"]
    lines = [f"{_names(better, 'passes')} now"] if better else []
    lines += [f"{_names(worse, 'is')} lost now"] if worse else []
    lines += [
        f"{one_line(check.id, 80)}: {words.OUTCOME[check.outcome]} now, {words.OUTCOME[was[check.id]]} before"
        for check in other
        if check not in better and check not in worse
    ]
    if before.score.value is not None and after.score.value is not None:
        points = round(after.score.value - before.score.value, 1)
        lines += [f"{points:+g} points"] if points else []
    return lines or ["every check ended as in the run before"]


def _names(checks: Sequence[CheckResult], verb: str) -> str:
    """`a passes`, `a, b pass`."""
    many = {"passes": "pass", "is": "are"}[verb]
    return f"{', '.join(one_line(check.id, 80) for check in checks)} {verb if len(checks) == 1 else many}"
