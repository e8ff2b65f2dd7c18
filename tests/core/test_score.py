from __future__ import annotations

import pytest

from harness.record import Level, Score, SkillResult
from harness.score import band, failed_musts, is_gradable, max_points, score, share_worth, skills
from tests.core.plans import make_entry, make_spec
from tests.core.records import result


def test_everything_passed_is_a_hundred() -> None:
    found = score([result("a"), result("b", worth=90)])
    assert (found.value, found.low, found.high, found.assessed) == (100, 100, 100, 100)


def test_what_we_could_not_assess_costs_no_points_and_widens_the_bounds() -> None:
    found = score([result("a", worth=90), result("b", "not_assessed", worth=10)])
    assert (found.value, found.low, found.high, found.assessed) == (100, 90, 100, 90)


def test_a_blocked_check_earns_nothing_and_shows_in_the_upper_bound() -> None:
    found = score([result("a", worth=60), result("b", "fail", worth=10), result("c", "blocked", worth=30)])
    assert (found.value, found.low, found.high, found.assessed) == (60, 60, 90, 100)


def test_what_does_not_apply_leaves_the_sum() -> None:
    assert score([result("a"), result("b", "not_applicable", worth=90)]).value == 100


def test_less_than_80_percent_assessed_is_not_gradable() -> None:
    found = score([result("a", worth=79), result("b", "not_assessed", worth=21)])
    assert found.value is None


def test_exactly_80_percent_assessed_is_gradable() -> None:
    assert is_gradable([result("a", worth=80), result("b", "not_assessed", worth=20)])


def test_an_unassessed_must_have_is_not_gradable() -> None:
    assert not is_gradable([result("a", worth=99), result("b", "not_assessed", worth=1, tier="must")])


def test_nothing_at_all_is_not_gradable() -> None:
    assert score([]).value is None


@pytest.mark.parametrize(
    ("value", "expected"), [(100, "exceeds"), (89.9, "meets"), (74.9, "partly meets"), (49.9, "below")]
)
def test_the_band_follows_the_points(value: float, expected: str) -> None:
    assert band(value, [result("a")]) == expected


@pytest.mark.parametrize("outcome", ["fail", "blocked"])
def test_a_missed_must_have_caps_the_band(outcome: str) -> None:
    missed = result("m", "fail" if outcome == "fail" else "blocked", tier="must")
    assert band(95.0, [missed, result("a")]) == "partly meets"


def test_there_is_no_band_without_a_number() -> None:
    assert band(None, [result("a")]) is None


@pytest.mark.parametrize(
    ("junior", "senior", "level"), [("pass", "pass", "senior"), ("pass", "fail", "junior"), ("fail", "pass", None)]
)
def test_a_skill_reaches_the_highest_level_at_which_everything_holds(
    junior: str, senior: str, level: Level | None
) -> None:
    checks = [
        result("a", "pass" if junior == "pass" else "fail", level="junior"),
        result("b", "pass" if senior == "pass" else "fail", level="senior"),
    ]
    assert skills(checks)[0].level == level


def test_an_unassessed_check_does_not_lower_a_skill() -> None:
    checks = [result("a", level="junior"), result("b", "not_assessed", level="senior")]
    assert skills(checks)[0].level == "junior"


def test_without_any_weight_everything_is_still_possible() -> None:
    assert score([result("a", "not_applicable")]) == Score(value=None, low=0, high=100, assessed=0)


def test_points_and_bounds_have_one_decimal_and_the_assessed_share_two() -> None:
    third, fails, lost = result("a", worth=30), result("b", "fail", worth=59.3), result("c", "not_assessed", worth=0.7)
    assert score([third, fails, lost]) == Score(value=33.6, low=33.3, high=34.1, assessed=99.22)


def test_what_does_not_apply_does_not_count_as_assessed() -> None:
    checks = [result("a", worth=30), result("b", "not_applicable", worth=70), result("c", "not_assessed", worth=10)]
    assert not is_gradable(checks)


@pytest.mark.parametrize(("value", "expected"), [(90, "exceeds"), (75, "meets"), (50, "partly meets"), (0, "below")])
def test_each_band_begins_at_its_threshold(value: float, expected: str) -> None:
    assert band(value, [result("a")]) == expected


def test_only_a_must_have_that_is_not_met_caps_the_band() -> None:
    checks = [
        result("failed", "fail", tier="must"),
        result("blocked", "blocked", tier="must"),
        result("partial", "partial", tier="must"),
        result("passed", tier="must"),
        result("optional", "fail"),
    ]
    assert failed_musts(checks) == ["failed", "blocked"]


def test_a_skill_has_the_points_and_the_number_of_its_assessed_checks() -> None:
    checks = [
        result("a", worth=3.3333),
        result("b", "partial", worth=3.3333, points=1.1111),
        result("c", "not_assessed", worth=5),
        result("d", "not_applicable", worth=5),
        result("e", skill="async", level="junior", worth=2),
    ]
    assert skills(checks) == [
        SkillResult(skill="async", points=2, max_points=2, level="junior", checks=1, passed=1),
        SkillResult(skill="data", points=4.44, max_points=6.67, level=None, checks=2, passed=1),
    ]


def test_a_skill_without_checks_of_a_level_can_reach_the_next() -> None:
    assert skills([result("a", level="junior"), result("b", level="senior")])[0].level == "senior"


def test_checks_share_what_their_tier_has_left_after_those_with_points_of_their_own() -> None:
    checks = {
        "create": make_entry("must"),
        "list": make_entry("must"),
        "race": make_entry("must", points=30),
        "page": make_entry("should", points=12),
        "cache": make_entry("should"),
        "trace": make_entry("bonus", points=4),
    }
    worth = max_points(make_spec(checks, (76, 20, 4)))
    assert worth == {"create": 23, "list": 23, "race": 30, "page": 12, "cache": 8, "trace": 4}


def test_a_selection_of_checks_is_worth_100_and_keeps_its_proportions() -> None:
    assert share_worth({"a": 10, "b": 30, "c": 60}, ["b", "a"]) == {"b": 75, "a": 25}


def test_a_selection_without_weight_stays_without() -> None:
    assert share_worth({"a": 0.0, "b": 100}, ["a"]) == {"a": 0.0}
