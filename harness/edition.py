"""Edition: what a candidate may see of a grade. Pure.

Hidden checks are absent: what is not in the record can be in no report that is made of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.record import CheckResult, GradeRecord, Problem
from harness.score import band, failed_musts, score, skills

# Not `again`: that checks were run once more tells that some were lost, hidden ones perhaps.
_STAGES = ("ingest", "environment", "ready", "pod", "probe", "image", "judge", "total")
_HIDDEN_CAUSE = "a check that is not shown"


def candidates_edition(record: GradeRecord) -> GradeRecord:
    """The record with its visible checks alone, scored by them, without interview questions and the team's notes."""
    visible = [check for check in record.checks if check.visible]
    shown = [_shown(check, {other.id for other in visible}) for check in _rescaled(visible)]
    points = score(shown)
    gradable = record.gradable and points.value is not None
    names = {f"check:{check.id}" for check in shown}
    return record.model_copy(
        update={
            "visible_only": True,
            "checks": shown,
            "skills": skills(shown),
            "score": points if gradable else points.model_copy(update={"value": None}),
            "gradable": gradable,
            "band": band(points.value, shown) if gradable else None,
            "capped_by": failed_musts(shown) if gradable else [],
            "notes": [],
            "problem": _told(record.problem) if record.problem or gradable else _nothing(shown),
            "began": {name: at for name, at in record.began.items() if name in names or name in _STAGES},
            "timings": {name: seconds for name, seconds in record.timings.items() if name in _STAGES},
        }
    )


def _rescaled(checks: Sequence[CheckResult]) -> list[CheckResult]:
    """Worth 100 together, as when they are all that was run."""
    total = sum(check.max_points for check in checks)
    factor = 100 / total if total else 0.0
    return [
        check.model_copy(
            update={"points": round(check.points * factor, 4), "max_points": round(check.max_points * factor, 4)}
        )
        for check in checks
    ]


def _shown(check: CheckResult, visible: set[str]) -> CheckResult:
    known = [name for name in check.blocked_by if name in visible or name == "start"]
    hidden = len(known) < len(check.blocked_by)
    update: dict[str, object] = {"question": None, "source": ""}
    if hidden:
        update |= {"blocked_by": known or [_HIDDEN_CAUSE], "summary": f"Needs what {_HIDDEN_CAUSE} asks", "reason": ""}
    return check.model_copy(update=update)


def _told(problem: Problem | None) -> Problem | None:
    """Trouble of ours is told without its details: they name checks."""
    if problem is None or problem.fault == "submission":
        return problem
    return problem.model_copy(update={"where": "", "detail": ""})


def _nothing(shown: Sequence[CheckResult]) -> Problem:
    what = "too little of what is visible could be assessed" if shown else "no check of this challenge is visible"
    return Problem(fault="harness", what=what, next_step="ask for a new run")
