"""Score: from findings to points, band and levels. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.challenge import ChallengeFile
from harness.record import Band, CheckResult, Level, Score, Skill, SkillResult

LEVELS: tuple[Level, ...] = ("junior", "mid", "senior")
GRADABLE_SHARE = 0.8
EXCEEDS, MEETS, PARTLY = 90.0, 75.0, 50.0


def max_points(spec: ChallengeFile) -> dict[str, float]:
    """What each check is worth out of 100: its own `points`, or an equal share of what its tier has left."""
    worth: dict[str, float] = {}
    for tier in ("must", "should", "bonus"):
        named = {i: c for i, c in spec.checks.items() if c.tier == tier}
        free = [i for i, c in named.items() if c.points is None]
        rest = getattr(spec.rubric, tier) - sum(c.points or 0.0 for c in named.values())
        for check_id, entry in named.items():
            worth[check_id] = entry.points if entry.points is not None else rest / len(free)
    return worth


def share_worth(worth: Mapping[str, float], chosen: Iterable[str]) -> dict[str, float]:
    """The worth of a selection of checks, scaled so that together they make 100."""
    kept = {i: worth[i] for i in chosen}
    total = sum(kept.values())
    return {i: w * 100 / total for i, w in kept.items()} if total else kept


def score(checks: Sequence[CheckResult]) -> Score:
    """Points out of 100 with their bounds.

    What is not applicable leaves the sum. What could not be assessed (our fault) leaves it too, and widens the bounds.
    A blocked check earns nothing, since nothing was shown, but it is the root cause that is reported; `high` says
    what mending the cause could bring.
    """
    counted = [c for c in checks if c.outcome != "not_applicable"]
    total = sum(c.max_points for c in counted)
    if not total:
        return Score(value=None, low=0.0, high=100.0, assessed=0.0)
    lost_to_us = sum(c.max_points for c in counted if c.outcome == "not_assessed")
    blocked = sum(c.max_points for c in counted if c.outcome == "blocked")
    earned = sum(c.points for c in counted)
    judged = total - lost_to_us
    return Score(
        value=round(100 * earned / judged, 1) if is_gradable(counted) else None,
        low=round(100 * earned / total, 1),
        high=round(100 * (earned + lost_to_us + blocked) / total, 1),
        assessed=round(100 * judged / total, 2),
    )


def is_gradable(checks: Sequence[CheckResult]) -> bool:
    """Whether a number may be shown: at least 80 % of the weight assessed, and every must-have."""
    total = sum(c.max_points for c in checks if c.outcome != "not_applicable")
    lost = [c for c in checks if c.outcome == "not_assessed"]
    if not total or any(c.tier == "must" for c in lost):
        return False
    return (total - sum(c.max_points for c in lost)) / total >= GRADABLE_SHARE - 1e-9


def failed_musts(checks: Sequence[CheckResult]) -> list[str]:
    """The must-haves that were not met, which cap the band."""
    return [c.id for c in checks if c.tier == "must" and c.outcome in ("fail", "blocked")]


def band(value: float | None, checks: Sequence[CheckResult]) -> Band | None:
    """How the work meets the brief; a failed must-have caps it at `partly meets`."""
    if value is None:
        return None
    if value < PARTLY:
        return "below"
    if value < MEETS or failed_musts(checks):
        return "partly meets"
    return "exceeds" if value >= EXCEEDS else "meets"


def skills(checks: Sequence[CheckResult]) -> list[SkillResult]:
    """Each skill's points, and the highest level at which everything assessed holds.

    A level holds when no assessed check at it or below it is lost and at least one at it is passed.
    """
    by_skill: dict[Skill, list[CheckResult]] = {}
    for check in checks:
        if check.outcome not in ("not_applicable", "not_assessed"):
            by_skill.setdefault(check.skill, []).append(check)
    return [
        SkillResult(
            skill=skill,
            points=round(sum(c.points for c in group), 2),
            max_points=round(sum(c.max_points for c in group), 2),
            level=_level(group),
            checks=len(group),
            passed=sum(c.outcome == "pass" for c in group),
        )
        for skill, group in sorted(by_skill.items())
    ]


def _level(group: Sequence[CheckResult]) -> Level | None:
    reached: Level | None = None
    for level in LEVELS:
        here = [c for c in group if c.level == level]
        if any(c.outcome != "pass" for c in here):
            break
        if here:
            reached = level
    return reached
