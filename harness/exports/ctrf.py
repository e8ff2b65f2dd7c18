"""CTRF, the Common Test Report Format: https://github.com/ctrf-io/ctrf/blob/main/spec/ctrf.md.

The specification is a draft that calls itself 0.0.0, the one version that its own library (npm's ctrf) supports.
"""

from __future__ import annotations

import datetime
from typing import Any

from harness.exports.plain import document, finite, milliseconds
from harness.exports.verdicts import Verdict, verdicts
from harness.record import GradeRecord
from harness.reporting.text import one_line
from harness.version import __version__

_SPEC = "0.0.0"
_STATUSES = ("passed", "failed", "skipped", "pending", "other")


def ctrf(record: GradeRecord) -> str:
    """The record as test results; what could not be assessed is `other`, what is blocked or doesn't apply `skipped`."""
    challenge = one_line(record.challenge.id, 80) or "challenge"
    tests = [_test(one, challenge) for one in verdicts(record)]
    start = _epoch_ms(record.started_at)
    took = milliseconds(record.timings.get("total", 0.0))
    summary: dict[str, Any] = {
        "tests": len(tests),
        **{status: sum(test["status"] == status for test in tests) for status in _STATUSES},
        "flaky": sum(test.get("flaky", False) for test in tests),
        "start": start,
        "stop": start + took,
        "duration": took,
        "extra": {
            "gradable": record.gradable,
            "score": None if record.score.value is None else finite(record.score.value, 100.0),
            "visible_only": record.visible_only,
        },
    }
    tool = {"name": "takehome", "version": __version__}
    return document(
        {
            "reportFormat": "CTRF",
            "specVersion": _SPEC,
            "generatedBy": "takehome",
            "results": {"tool": tool, "summary": summary, "tests": tests},
        }
    )


def _test(one: Verdict, challenge: str) -> dict[str, Any]:
    status = "other" if one.state == "skipped" and one.outcome not in ("blocked", "not_applicable") else one.state
    test: dict[str, Any] = {
        "name": one.id,
        "status": status,
        "duration": milliseconds(one.seconds),
        "suite": [challenge, one.group],
        "rawStatus": one.outcome,
    }
    if again := one.attempts[1:]:
        told = [{"attempt": attempt.number, "status": attempt.state} for attempt in again]
        # The first verdict counts: what passed only later is failed, and not flaky.
        test |= {"retries": len(again), "retryAttempts": told, "flaky": one.flaky}
    if one.state != "passed":
        test["message"] = one.headline
    if one.state == "failed":
        test["trace"] = one.story
    return test


def _epoch_ms(stamp: str) -> int:
    """Milliseconds since 1970; 0 for a stamp that is no ISO time."""
    try:
        when = datetime.datetime.fromisoformat(stamp)
        zoned = when if when.tzinfo else when.replace(tzinfo=datetime.UTC)
        return max(0, round(zoned.timestamp() * 1000))
    except (ValueError, OverflowError):
        return 0
