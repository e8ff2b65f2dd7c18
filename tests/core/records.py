"""Small results to score."""

from __future__ import annotations

from harness.record import CheckResult, Level, Outcome, Skill, Tier


def result(
    check_id: str = "one",
    outcome: Outcome = "pass",
    *,
    points: float | None = None,
    worth: float = 10,
    tier: Tier = "should",
    skill: Skill = "data",
    level: Level = "mid",
) -> CheckResult:
    earned = points if points is not None else worth if outcome == "pass" else 0
    return CheckResult(
        id=check_id,
        skill=skill,
        tier=tier,
        level=level,
        outcome=outcome,
        points=earned,
        max_points=worth,
        title=check_id,
        summary="",
    )
