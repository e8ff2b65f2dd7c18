"""Gradescope's `results.json`: https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format."""

from __future__ import annotations

from typing import Any

from harness.errors import UsageError
from harness.exports.blame import GRADABLE, ours
from harness.exports.plain import document, finite
from harness.exports.verdicts import Verdict, verdicts
from harness.record import CheckResult, GradeRecord
from harness.reporting import words
from harness.reporting.text import one_line


def gradescope(record: GradeRecord) -> str:
    """The score out of 100 and a test a check; students don't see those of hidden checks.

    The format has no word for "no grade". A submission that can't be graded through its own fault gets 0.

    Raises:
        UsageError: it can't be graded through ours. Without the file Gradescope says that its autograder failed,
            which is what happened; a number would be held against the student.
    """
    if ours(record):
        raise UsageError(
            "there is no score to hand to Gradescope, through no fault of the submission",
            where="--format gradescope",
            detail=one_line(record.problem.what) if record.problem else "",
            next_step="grade it again",
        )
    checks: list[CheckResult | None] = list(record.checks)
    told = verdicts(record)
    if told and told[0].id == GRADABLE:
        checks.insert(0, None)
    return document(
        {
            "score": finite(record.score.value or 0.0, 100.0),
            "output": one_line(words.verdict(record), 600),
            "output_format": "text",
            "stdout_visibility": "hidden",
            "tests": [_test(one, check) for one, check in zip(told, checks, strict=True)],
        }
    )


def _test(one: Verdict, check: CheckResult | None) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": one.id,
        "output": f"{one.headline}\n{one.story}".strip(),
        "output_format": "text",
        "visibility": "visible" if check is None or check.visible else "hidden",
    }
    # What could not be judged has no points, so none are lost.
    if check is not None and check.outcome not in ("not_assessed", "not_applicable"):
        test |= {"score": finite(check.points, 100.0), "max_score": finite(check.max_points, 100.0)}
        test["status"] = "passed" if one.state == "passed" else "failed"
    return test
