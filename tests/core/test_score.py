from __future__ import annotations

import pytest

from harness.record import Level
from harness.score import band, is_gradable, score, skills
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
