"""Verdicts: what a reader of test results is told of each check. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.exports.blame import GRADABLE, ours, their_problem
from harness.exports.plain import block, finite
from harness.record import CheckResult, GradeRecord, Outcome
from harness.reporting.text import one_line

State = Literal["passed", "failed", "skipped"]
_STATES: dict[Outcome, State] = {"pass": "passed", "partial": "failed", "fail": "failed"}
_MOST_ID = 120


@dataclass(frozen=True)
class Verdict:
    """One check as a test. `outcome` is the record's word for it, `seconds` how long it ran.

    `retries` counts the attempts after the first, `flaky` tells that they came to different verdicts.
    """

    id: str
    group: str
    outcome: str
    state: State
    headline: str
    story: str
    seconds: float
    retries: int = 0
    flaky: bool = False


def verdicts(record: GradeRecord) -> list[Verdict]:
    """One verdict a check, in the order of the record.

    A check that is blocked, not assessed or not applicable is skipped: it is no finding of its own. A submission that
    can't be graded through its own fault fails as a test named `gradable`, so that the results never look green. In
    a record that can't be graded through ours nothing fails.
    """
    spoilt = ours(record)
    told = [_verdict(check, spoilt) for check in record.checks]
    problem = their_problem(record)
    if problem is not None:
        story = "\n".join(
            f"{name}: {text}"
            for name, text in (("where", problem.where), ("next", problem.next_step), ("detail", problem.detail))
            if text
        )
        told.insert(0, Verdict(GRADABLE, "start", "fail", "failed", one_line(problem.what), block(story), 0.0))
    return told


def story(check: CheckResult) -> str:
    """What was seen, what the brief says of it, and how to try it: as many lines as there are things to say."""
    parts = (
        ("", check.summary),
        ("expected", check.expected),
        ("actual", check.actual),
        ("why", check.why),
        ("hint", check.hint),
        ("try", check.evidence.reproduce),
    )
    return "\n".join(f"{name}: {block(text)}" if name else block(text) for name, text in parts if text.strip())


def _verdict(check: CheckResult, spoilt: bool) -> Verdict:
    state = _STATES.get(check.outcome, "skipped")
    headline = one_line(check.title)
    if spoilt and state == "failed":
        state, headline = "skipped", "not judged: the run was not whole, through no fault of the submission"
    elif state == "skipped":
        headline = _why_skipped(check)
    return Verdict(
        id=one_line(check.id, _MOST_ID) or "check",
        group=check.skill,
        outcome=check.outcome,
        state=state,
        headline=headline,
        story="" if state == "passed" else story(check),
        seconds=round(finite(check.seconds), 3),
        retries=max(0, len(check.attempts) - 1),
        flaky=check.unsteady,
    )


def _why_skipped(check: CheckResult) -> str:
    if check.outcome == "blocked":
        return one_line("blocked by " + (", ".join(check.blocked_by) or "an earlier failure"))
    if check.outcome == "not_applicable":
        return one_line(f"does not apply: {check.summary or check.title}")
    theirs = check.fault == "submission"
    return one_line(f"not assessed{'' if theirs else ' (ours)'}: {check.reason or check.summary}")
