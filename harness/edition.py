"""Edition: what a candidate may see of a grade. Pure.

Hidden checks are absent: what is not in the record can be in no report, and in no export, that is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from harness.record import CheckResult, GradeRecord, Problem, Score
from harness.score import band, failed_musts, score, skills

# Not `again`: that checks were run once more tells that some were lost, hidden ones perhaps.
_STAGES = ("ingest", "environment", "ready", "pod", "probe", "image", "judge", "total")
# What stands between a check that one needs, and why that was not assessed.
_NEEDED = "which was not assessed: "
_HIDDEN_CAUSE = "a check that is not shown"


def candidates_edition(record: GradeRecord) -> GradeRecord:
    """The record with its visible checks alone, scored by them, without interview questions and the team's notes.

    As `takehome check` makes it; a record of that is left as it is.
    """
    if record.visible_only:
        return record
    visible = [check for check in record.checks if check.visible]
    masked = _mask([check.id for check in record.checks if not check.visible])
    shown = [_shown(check, {other.id for other in visible}, masked) for check in _rescaled(visible)]
    points = score(shown)
    if not record.gradable:
        points = Score(value=None, low=0.0, high=points.high, assessed=points.assessed)
    gradable = points.value is not None
    names = {f"check:{check.id}" for check in shown}
    return record.model_copy(
        update={
            "visible_only": True,
            "checks": shown,
            "skills": skills(shown),
            "score": points,
            "gradable": gradable,
            "band": band(points.value, shown),
            "capped_by": failed_musts(shown) if gradable else [],
            "notes": [],
            "problem": _told(record.problem, masked) if record.problem or gradable else _nothing(shown),
            "began": {name: at for name, at in record.began.items() if name in names or name in _STAGES},
            "timings": {name: seconds for name, seconds in record.timings.items() if name in _STAGES},
        }
    )


def _mask(hidden: Sequence[str]) -> Callable[[str], str]:
    """What writes over the ids of hidden checks, wherever they stand as words of their own."""
    if not hidden:
        return str
    ids = re.compile(rf"(?<![\w/-])(?:{'|'.join(map(re.escape, hidden))})(?![\w/-])")
    return lambda text: ids.sub(_HIDDEN_CAUSE, text)


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


def _shown(check: CheckResult, visible: set[str], masked: Callable[[str], str]) -> CheckResult:
    known = [name for name in check.blocked_by if name in visible or name == "start"]
    update: dict[str, object] = {"question": None, "source": ""}
    if len(known) < len(check.blocked_by):
        update |= {"blocked_by": known or [_HIDDEN_CAUSE], "summary": f"Needs what {_HIDDEN_CAUSE} asks", "reason": ""}
    elif check.outcome in ("blocked", "not_assessed"):
        update |= {"summary": masked(check.summary), "reason": masked(_reason(check))}
    return check.model_copy(update=update)


def _reason(check: CheckResult) -> str:
    """Why it was not assessed, without the trouble of ours behind it: that quotes the checks' own code."""
    if check.fault == "submission":
        return check.reason
    said = check.reason.partition(_NEEDED)
    known = said[0] + said[1].rstrip(": ")
    return "" if "\n" in known else known


def _told(problem: Problem | None, masked: Callable[[str], str]) -> Problem | None:
    """Trouble of ours is told without its details: they list checks. What lies with the submission is told in full."""
    if problem is None:
        return None
    if problem.fault != "submission":
        return problem.model_copy(update={"where": "", "detail": ""})
    return problem.model_copy(update={"where": masked(problem.where), "detail": masked(problem.detail)})


def _nothing(shown: Sequence[CheckResult]) -> Problem:
    what = "too little of what is visible could be assessed" if shown else "no check of this challenge is visible"
    return Problem(fault="harness", what=what, next_step="ask for a new run")
