"""Health of checks: what a cohort says about the checks themselves. Pure.

Difficulty is the mean share lost, discrimination the corrected item-total correlation: Pearson's r of a check's share
with the points of all other checks (Nunnally and Bernstein, Psychometric Theory, 3rd ed., ch. 8). Over a handful of
submissions it says nothing, so it is left out below ten. Flaky is the share of those submissions, among those for which
a check came to a verdict more than once under the same conditions, whose verdicts differ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from harness.record import CheckResult, GradeRecord, Outcome

FEWEST = 10
# Below it, those who do well elsewhere do no better here than the rest.
_WEAK = 0.1
_VERDICTS = ("pass", "partial", "fail", "blocked")


class CheckHealth(BaseModel):
    """One check over all submissions. Shares are from 0 to 1; `discrimination` is from -1 to 1, or None."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    judged: int
    difficulty: float | None
    discrimination: float | None
    unassessed: float
    repeated: int = 0
    flaky: float | None = None
    alarm: str


def health(records: Sequence[GradeRecord], earlier: Sequence[GradeRecord] = ()) -> list[CheckHealth]:
    """One row a check, in the order of the records; `earlier` grades tell only how steady the verdicts are."""
    seen = _verdicts([*records, *earlier])
    found: dict[str, list[tuple[CheckResult, GradeRecord]]] = {}
    for record in records:
        for check in record.checks:
            found.setdefault(check.id, []).append((check, record))
    return [_health(name, pairs, seen.get(name, ())) for name, pairs in found.items()]


def _verdicts(records: Sequence[GradeRecord]) -> dict[str, list[set[Outcome]]]:
    """By check: for each submission that it judged more than once, the verdicts. What else has changed is another case.

    A candidate's own view runs fewer checks before one, so it is another case, too.
    """
    found: dict[tuple[object, ...], list[Outcome]] = {}
    for record in records:
        where = record.environment
        asked = (record.challenge.version, record.challenge.digest, record.visible_only)
        case = (record.submission.digest, *asked, where.harness, where.image)
        for check in record.checks if record.submission.digest else ():
            judged = [outcome for outcome in check.attempts or [check.outcome] if outcome in _VERDICTS]
            found.setdefault((check.id, *case), []).extend(judged)
    by_check: dict[str, list[set[Outcome]]] = {}
    for (name, *_), outcomes in found.items():
        if len(outcomes) > 1:
            by_check.setdefault(str(name), []).append(set(outcomes))
    return by_check


def _health(
    name: str, seen: Sequence[tuple[CheckResult, GradeRecord]], verdicts: Sequence[set[Outcome]]
) -> CheckHealth:
    asked = [(check, record) for check, record in seen if check.outcome != "not_applicable"]
    judged = [(check, record) for check, record in asked if check.outcome != "not_assessed"]
    unassessed = 1 - len(judged) / len(asked) if asked else 0.0
    # A submission that never started says nothing about a single check.
    tried = [(c, r) for c, r in judged if c.blocked_by != ["start"]]
    shares = [check.fraction if check.outcome in ("pass", "partial") else 0.0 for check, _ in tried]
    rest = [record.score.low - check.points for check, record in tried]
    difficulty = round(1 - sum(shares) / len(shares), 3) if shares else None
    discrimination = correlation(shares, rest) if len(tried) >= FEWEST else None
    flaky = sum(len(outcomes) > 1 for outcomes in verdicts) / len(verdicts) if verdicts else None
    return CheckHealth(
        id=name,
        judged=len(tried),
        difficulty=difficulty,
        discrimination=None if discrimination is None else round(discrimination, 2),
        unassessed=round(unassessed, 3),
        repeated=len(verdicts),
        flaky=None if flaky is None else round(flaky, 3),
        alarm=_alarm(len(tried), difficulty, discrimination, unassessed, flaky),
    )


def _alarm(
    judged: int, difficulty: float | None, discrimination: float | None, unassessed: float, flaky: float | None
) -> str:
    if unassessed >= 0.2:
        return "often not assessed: look at the grading before the grades"
    if flaky:
        return "the same submission got different verdicts: verify it, and look at those grades"
    if judged >= 5 and difficulty == 1.0:
        return "nobody passes: the check or the brief is suspect; verify it against the reference"
    if discrimination is not None and discrimination < _WEAK and difficulty not in (0.0, 1.0):
        return "those who do well elsewhere do no better here"
    return ""


def correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Pearson's r; None where one of the two doesn't vary."""
    if len(first) < 2:
        return None
    a, b = sum(first) / len(first), sum(second) / len(second)
    both = sum((x - a) * (y - b) for x, y in zip(first, second, strict=True))
    spread = math.sqrt(sum((x - a) ** 2 for x in first) * sum((y - b) ** 2 for y in second))
    return both / spread if spread > 1e-12 else None
