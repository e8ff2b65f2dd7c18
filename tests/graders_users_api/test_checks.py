"""What the checks of users_api say of themselves."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from harness.authoring.checks import Check, check_of

ROOT = Path(__file__).resolve().parents[2]
SUITES = sorted((ROOT / "graders" / "users_api").glob("test_*.py"))
ELSEWHERE = {"openapi-contract", "openapi-quality", "types", "lint"}


def checks_of(module: ModuleType) -> list[Check]:
    found = (check_of(value) for value in vars(module).values())
    return [check for check in found if check is not None]


CHECKS = [c for path in SUITES for c in checks_of(importlib.import_module(f"graders.users_api.{path.stem}"))]


def entries() -> dict[str, dict[str, object]]:
    """The checks of challenge.toml by id."""
    found: dict[str, dict[str, object]] = tomllib.loads(
        (ROOT / "challenges" / "users_api" / "challenge.toml").read_text()
    )["checks"]
    return found


def test_every_check_of_the_challenge_is_written_once() -> None:
    assert sorted(c.id for c in CHECKS) == sorted(set(entries()) - ELSEWHERE)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_says_of_itself_what_the_challenge_says(check: Check) -> None:
    entry = entries()[check.id]
    assert (check.skill, check.level, check.visible) == (entry["skill"], entry["level"], entry.get("visible", False))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_has_all_that_a_reader_needs(check: Check) -> None:
    assert all((check.why, check.hint, check.question))
    assert check.passed != check.failed
    assert set(check.after) <= {"create-user"}
