"""The same checks under the weights of a role."""

from __future__ import annotations

from harness.reporting.profiles import profiles
from tests.reporting.records import make_check, make_record


def test_a_role_weighs_points_and_says_which_tested_skills_count_for_more() -> None:
    checks = [
        make_check("a", skill="async"),
        make_check("b", skill="performance"),
        make_check("c", "fail", skill="errors"),
        make_check("d", "not_applicable", skill="ml"),
        make_check("e", "not_applicable", skill="data"),
    ]
    assert [(p.role, p.score.value, p.weighs) for p in profiles(make_record(checks))] == [
        ("general", 66.7, "the rubric's own weights"),
        ("high-performance", 80, "async by 2, performance by 2"),
    ]
