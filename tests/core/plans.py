"""A small challenge and a plan for it, to judge and score without running anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.challenge import Challenge, ChallengeFile
from harness.submission import Dependencies, Project, Snapshot
from harness.submission.testing import OwnTests

DEPENDENCIES = Dependencies(requirements=("fastapi==0.118.0",), source="uv.lock", requires_python=">=3.11", pinned=True)


def make_entry(tier: str = "must", **rest: object) -> dict[str, object]:
    return {"tier": tier, "skill": "data", "level": "mid", "title": "Works"} | rest


def make_spec(
    checks: dict[str, dict[str, object]], rubric: tuple[float, float, float], **rest: object
) -> ChallengeFile:
    """`rubric` has the points of must, should and bonus."""
    must, should, bonus = rubric
    document = {
        "id": "small",
        "version": "1.0.0",
        "title": "Small",
        "graders": ["common"],
        "rubric": {"must": must, "should": should, "bonus": bonus},
        "checks": checks,
    }
    return ChallengeFile.model_validate(document | rest)


def make_challenge(folder: Path = Path("nowhere"), **rest: object) -> Challenge:
    """Three checks: `create` (visible) and `list` share 80 points, `page` has 20."""
    checks = {"create": make_entry(visible=True), "list": make_entry(), "page": make_entry("should")}
    return Challenge(make_spec(checks, (80, 20, 0), **rest), folder)


def make_snapshot(folder: Path = Path("nowhere")) -> Snapshot:
    return Snapshot(path=folder, id="ada", source="ada.zip", digest="sha256:00", files=1, bytes=2)


def make_project(**rest: Any) -> Project:
    defaults: dict[str, Any] = {
        "app": "app.main:app",
        "app_dir": "",
        "factory": False,
        "dependencies": DEPENDENCIES,
        "requires_python": ">=3.11",
        "own_tests": OwnTests(files=("tests/test_a.py",), requirements=("fastapi==0.118.0", "pytest==9.0.0")),
    }
    return Project(**(defaults | rest))
