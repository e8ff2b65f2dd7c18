"""Visible: a record without what a candidate isn't told. Pure."""

from __future__ import annotations

from harness.record import CheckResult, GradeRecord, Problem, Score
from harness.score import band, failed_musts, score, skills


def visible_part(record: GradeRecord) -> GradeRecord:
    """The record as if its visible checks alone had been run, as `takehome check` does: points, band and all.

    Hidden checks, notes and interview questions are gone; a visible check that a hidden one blocks says only that it
    is blocked.
    """
    if record.visible_only:
        return record
    kept = [check for check in record.checks if check.visible]
    total = sum(check.max_points for check in kept)
    scale = 100 / total if total > 0 else 1.0
    hidden = {check.id for check in record.checks if not check.visible}
    checks = [_seen(check, hidden, scale) for check in kept]
    points = score(checks)
    if not record.gradable:
        points = Score(value=None, low=0.0, high=points.high, assessed=points.assessed)
    gradable = points.value is not None
    return record.model_copy(
        update={
            "visible_only": True,
            "checks": checks,
            "score": points,
            "gradable": gradable,
            "band": band(points.value, checks),
            "capped_by": failed_musts(checks) if gradable else [],
            "skills": skills(checks),
            "problem": _told(record.problem, hidden),
            "notes": [],
        }
    )


def _told(problem: Problem | None, hidden: set[str]) -> Problem | None:
    """The problem without the list of checks that it may hold; only what lies with the submission is told in full."""
    if problem is None:
        return None
    text = f"{problem.where}\n{problem.detail}"
    if problem.fault == "submission" and not any(name in text for name in hidden):
        return problem
    return problem.model_copy(update={"where": "", "detail": ""})


def _seen(check: CheckResult, hidden: set[str], scale: float) -> CheckResult:
    update: dict[str, object] = {
        "points": round(check.points * scale, 4),
        "max_points": round(check.max_points * scale, 4),
        "question": None,
    }
    if hidden.intersection(check.blocked_by):
        update |= {
            "blocked_by": [name for name in check.blocked_by if name not in hidden],
            "summary": "not tried: something that it needs failed",
            "expected": "",
            "actual": "",
            "reason": "",
        }
    return check.model_copy(update=update)
