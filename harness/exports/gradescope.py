"""Gradescope's `results.json`: https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format."""

from __future__ import annotations

from typing import Any

from harness.edition import candidates_edition
from harness.exports.blame import ours, refusal
from harness.exports.plain import document, finite
from harness.exports.verdicts import Verdict, verdicts
from harness.record import CheckResult, GradeRecord
from harness.reporting import words
from harness.reporting.text import one_line


def gradescope(record: GradeRecord) -> str:
    """The score out of 100 and a test a check; students don't see those of hidden checks, nor read of them in others.

    The format has no word for "no grade". A submission that can't be graded through its own fault gets 0.

    Raises:
        EnvironmentFault, HarnessFault: it can't be graded through ours. Without the file Gradescope says that its
            autograder failed, which is what happened; a number would be held against the student.
    """
    if ours(record):
        raise refusal(record, "gradescope")
    shown = _students_edition(record)
    return document(
        {
            "score": finite(record.score.value or 0.0, 100.0),
            "output": _output(record, shown),
            "output_format": "text",
            "stdout_visibility": "hidden",
            "tests": _tests(record, shown),
        }
    )


def _students_edition(record: GradeRecord) -> GradeRecord:
    """What students may read. It stays a grade where there is one, even if its visible checks alone were none."""
    visible = [check for check in record.checks if check.visible]
    shown = candidates_edition(record.model_copy(update={"checks": visible}) if record.visible_only else record)
    return shown.model_copy(update={"gradable": True, "problem": None}) if record.gradable else shown


def _output(record: GradeRecord, shown: GradeRecord) -> str:
    if len(shown.checks) == len(record.checks):
        return one_line(words.verdict(shown), 600)
    told = f"{words.verdict(shown)} " if shown.checks or not shown.gradable else ""
    return one_line(f"{told}Checks that are not shown count as well.", 600)


def _tests(record: GradeRecord, shown: GradeRecord) -> list[dict[str, Any]]:
    """A visible check is told from what students may read, a hidden one from the record."""
    seen = verdicts(shown)
    whole = [_told(one, visible=True) for one in seen if one.whole]
    public = iter([one for one in seen if not one.whole])
    everything = [one for one in verdicts(record) if not one.whole]
    return whole + [
        _told(next(public) if check.visible else one, visible=check.visible) | _points(check)
        for one, check in zip(everything, record.checks, strict=True)
    ]


def _told(one: Verdict, *, visible: bool) -> dict[str, Any]:
    return {
        "name": one.id,
        "output": f"{one.headline}\n{one.story}".strip(),
        "output_format": "text",
        "visibility": "visible" if visible else "hidden",
    }


def _points(check: CheckResult) -> dict[str, Any]:
    """What a check brought of the whole's points; what could not be judged has none, so none are lost."""
    if check.outcome in ("not_assessed", "not_applicable"):
        return {}
    return {
        "score": finite(check.points, 100.0),
        "max_score": finite(check.max_points, 100.0),
        "status": "passed" if check.outcome == "pass" else "failed",
    }
