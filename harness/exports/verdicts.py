"""Verdicts: what a reader of test results is told of each check. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.exports.blame import ours, their_problem, whole_id
from harness.exports.plain import block, finite
from harness.record import CheckResult, GradeRecord, Outcome
from harness.reporting.text import one_line

State = Literal["passed", "failed", "skipped"]
_STATES: dict[Outcome, State] = {"pass": "passed", "partial": "failed", "fail": "failed"}
_MOST_ID = 120


@dataclass(frozen=True)
class Attempt:
    """A run of a check that came to a verdict; `number` counts all its runs from 1."""

    number: int
    state: State


@dataclass(frozen=True)
class Verdict:
    """One check as a test. `outcome` is the record's word for it, `seconds` how long it ran.

    `attempts` are there when it ran more than once. `whole`: it is no check, and stands for the submission.
    """

    id: str
    group: str
    outcome: str
    state: State
    headline: str
    story: str
    seconds: float
    attempts: tuple[Attempt, ...] = ()
    whole: bool = False

    @property
    def flaky(self) -> bool:
        """Whether it passes in the end and was lost before: as CTRF and its like have it, whatever came after."""
        return self.state == "passed" and bool(self.attempts) and self.attempts[0].state == "failed"


def verdicts(record: GradeRecord) -> list[Verdict]:
    """One verdict a check, in the order of the record.

    A check that is blocked, not assessed or not applicable is skipped: it is no finding of its own. A submission that
    can't be graded through its own fault fails as one more test, the first, so that the results never look green. In
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
        what = one_line(problem.what)
        told.insert(0, Verdict(whole_id(record), "start", "fail", "failed", what, block(story), 0.0, whole=True))
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
        attempts=() if spoilt else _attempts(check),
    )


def _attempts(check: CheckResult) -> tuple[Attempt, ...]:
    # A run that our side spoilt says nothing of how steady the check is.
    return tuple(
        Attempt(number, _STATES.get(outcome, "skipped"))
        for number, outcome in enumerate(check.attempts, 1)
        if outcome != "not_assessed"
    )


def _why_skipped(check: CheckResult) -> str:
    if check.outcome == "blocked":
        return one_line("blocked by " + (", ".join(check.blocked_by) or "an earlier failure"))
    if check.outcome == "not_applicable":
        return one_line(f"does not apply: {check.summary or check.title}")
    theirs = check.fault == "submission"
    return one_line(f"not assessed{'' if theirs else ' (ours)'}: {check.reason or check.summary}")
