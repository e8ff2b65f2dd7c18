"""Profiles: what the same checks come to when a role asks for some skills more than for others. Pure.

The roles and what each puts first are those of a hiring guide for FastAPI developers: high-performance APIs (async,
performance, concurrency), ML deployment (serving, inference), microservices (API design, communication, errors).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.record import CheckResult, GradeRecord, Score, Skill
from harness.score import score

# How much more a role asks for a skill, the one it is about first. Types and craft stay at one: together they may not
# outgrow the rubric's share.
ROLES: Mapping[str, Mapping[Skill, float]] = {
    "general": {},
    "high-performance": {"async": 2.0, "performance": 2.0, "data": 1.5},
    "ml": {"ml": 2.0, "performance": 1.5, "async": 1.5},
    "microservices": {"api-design": 1.5, "errors": 2.0, "resilience": 2.0},
}


@dataclass(frozen=True)
class Profile:
    """One role: the score under its weights, and the skills that it weighs more, as text."""

    role: str
    score: Score
    weighs: str


def profiles(record: GradeRecord) -> tuple[Profile, ...]:
    """The score under each role; a role whose first skill is not tested says nothing, and is left out."""
    tested = {check.skill for check in record.checks if check.outcome != "not_applicable"}
    return tuple(
        Profile(role, score(_weighed(record.checks, weights)), _told(weights, tested))
        for role, weights in ROLES.items()
        if not weights or next(iter(weights)) in tested
    )


def _weighed(checks: Sequence[CheckResult], weights: Mapping[Skill, float]) -> list[CheckResult]:
    return [
        check.model_copy(update={"points": check.points * factor, "max_points": check.max_points * factor})
        for check in checks
        for factor in (weights.get(check.skill, 1.0),)
    ]


def _told(weights: Mapping[Skill, float], tested: set[Skill]) -> str:
    named = [f"{skill} by {factor:g}" for skill, factor in weights.items() if skill in tested]
    return ", ".join(named) or "the rubric's own weights"
