"""The details of what a reader sees first: order, anchors, causes, cells, and how much of an exchange."""

from __future__ import annotations

import pytest

from harness.record import CheckResult, EvidenceItems, Exchange, Outcome, SkillResult
from harness.reporting import views
from harness.reporting.views import Cell, SkillRow
from tests.reporting.records import make_check, make_record

UNTESTED = (Cell("junior", 0, 0), Cell("mid", 0, 0), Cell("senior", 0, 0))


def rank(*checks: CheckResult) -> list[str]:
    return [item.check.id for item in views.groups(make_record(list(checks))).findings]


def test_findings_that_differ_by_less_than_a_point_are_ranked_by_points() -> None:
    assert rank(make_check("must", "fail", tier="must", points=3.3), make_check("should", "fail", points=3.4)) == [
        "should", "must",
    ]  # fmt: skip


def test_findings_that_differ_by_a_rounding_error_are_ranked_by_tier_and_then_by_level() -> None:
    assert rank(
        make_check("should", "fail", points=3.33334),
        make_check("must", "fail", tier="must", points=3.33331),
        make_check("junior", "fail", level="junior", points=3.33334),
    ) == ["must", "junior", "should"]


def test_an_anchor_has_at_most_60_characters_of_the_id() -> None:
    (item,) = views.items(make_record([make_check("x" * 61)]))
    assert item.anchor == "check-" + "x" * 60


def test_a_cause_that_is_not_known_is_called_by_its_name() -> None:
    (cause,) = views.groups(make_record([make_check("a", "blocked", blocked_by=["the weather"])])).causes
    assert (cause.id, cause.title, [item.check.id for item in cause.blocked]) == ("the weather", "the weather", ["a"])


def test_a_blocked_check_without_a_cause_is_put_down_to_an_earlier_failure() -> None:
    (cause,) = views.groups(make_record([make_check("a", "blocked")])).causes
    assert cause.title == "an earlier failure"


@pytest.mark.parametrize("outcome", ["fail", "partial"])
def test_a_failed_check_goes_before_a_cause_that_is_no_check(outcome: Outcome) -> None:
    checks = [make_check("root", outcome, fraction=0.5), make_check("a", "blocked", blocked_by=["unknown", "root"])]
    found = views.groups(make_record(checks))
    assert [item.check.id for item in found.findings[0].blocked] == ["a"]
    assert found.causes == ()


def test_a_check_blocked_by_a_circle_of_others_is_shown_under_the_first() -> None:
    checks = [
        make_check("a", "blocked", blocked_by=["b"]),
        make_check("b", "blocked", blocked_by=["c"]),
        make_check("c", "blocked", blocked_by=["b"]),
    ]
    assert [cause.id for cause in views.groups(make_record(checks)).causes] == ["b", "c"]


def test_an_item_counts_its_own_lost_points_and_those_that_wait_behind_it() -> None:
    checks = [
        make_check("root", "partial", points=4, fraction=0.25),
        make_check("a", "blocked", points=2, blocked_by=["root"]),
        make_check("b", "blocked", points=5, blocked_by=["a"]),
    ]
    (item,) = views.groups(make_record(checks)).findings
    assert (item.lost, item.behind) == (3, 7)


def test_strengths_of_a_skill_already_named_come_after_one_of_each_skill() -> None:
    checks = [
        make_check("second", level="senior", points=4),
        make_check("first", level="senior", points=5),
        make_check("other", skill="craft", level="junior"),
        make_check("third", level="mid"),
    ]
    strengths = views.strengths(views.groups(make_record(checks)), limit=4)
    assert [item.check.id for item in strengths] == ["first", "other", "second", "third"]


def test_a_must_have_that_failed_is_missed() -> None:
    record = make_record([make_check("a", "fail", tier="must"), make_check("b", "fail")])
    assert [item.check.id for item in views.missed_musts(record)] == ["a"]


def exchanged(outcome: Outcome, times: int, *, shows: int = -1) -> views.Transcript:
    told = [Exchange(request=f"GET /{n}", response="200", shows=n == shows) for n in range(1, times + 1)]
    return views.transcript(make_check("a", outcome, evidence=EvidenceItems(transcript=told)))


@pytest.mark.parametrize(
    ("outcome", "times", "shows", "numbers", "most", "telling"),
    [
        ("pass", 2, -1, [1, 2], 1000, 1000),
        ("pass", 3, -1, [1, 2, 3], 1000, 1000),
        ("pass", 4, -1, [1, 2, 4], 1000, 1000),
        ("fail", 3, -1, [1, 2, 3], 3000, 3000),
        ("partial", 9, 2, [1, 2, 3], 1000, 3000),
    ],
)
def test_a_transcript_has_room_for_what_tells_most(
    outcome: Outcome, times: int, shows: int, numbers: list[int], most: int, telling: int
) -> None:
    shown = exchanged(outcome, times, shows=shows)
    assert [number for number, _ in shown.exchanges] == numbers
    assert (shown.left_out, shown.most, shown.telling) == (times - len(numbers), most, telling)


def test_headers_at_the_end_of_an_answer_without_a_body_are_not_drawn_either() -> None:
    shown = views.brief(Exchange(request="GET /x\nAccept: */*", response="204\netag: 1\ncontent-length: 0"))
    assert (shown.request, shown.response) == ("GET /x\n", "204\netag: 1\n")


def test_skill_rows_come_by_weight_with_points_and_passed_checks_of_each_level() -> None:
    checks = [
        make_check("a", points=2),
        make_check("b", "fail", skill="async", level="junior", points=3),
        make_check("c", "partial", skill="async", level="senior", points=4, fraction=0.5),
        make_check("d", skill="async", level="senior", points=1),
        make_check("e", "not_applicable", skill="async"),
        make_check("f", "not_assessed", skill="async"),
        make_check("g", "not_assessed", skill="craft"),
        make_check("h", "not_applicable", skill="ml"),
    ]
    assert views.skill_rows(make_record(checks)) == (
        SkillRow("async", None, 3, 8, 3, 1, (Cell("junior", 0, 1), Cell("mid", 0, 0), Cell("senior", 1, 2, 3.0))),
        SkillRow("data", "mid", 2, 2, 1, 0, (Cell("junior", 0, 0), Cell("mid", 1, 1, 2.0), Cell("senior", 0, 0))),
        SkillRow("craft", None, 0, 0, 0, 1, UNTESTED),
    )


def test_a_skill_without_checks_still_has_the_row_that_the_record_gives_it() -> None:
    skill = SkillResult(skill="ml", points=0, max_points=5, level=None, checks=1, passed=0)
    assert views.skill_rows(make_record([], skills=[skill])) == (SkillRow("ml", None, 0, 5, 0, 0, UNTESTED),)


@pytest.mark.parametrize(
    ("cell", "state"),
    [
        (Cell("mid", 0, 0, 0.0), "untested"),
        (Cell("mid", 2, 2, 4.0), "held"),
        (Cell("mid", 1, 2, 2.0), "partly"),
        (Cell("mid", 0, 2, 0.5), "partly"),
        (Cell("mid", 0, 2, 0.0), "missed"),
    ],
)
def test_a_cell_is_held_only_where_all_of_its_checks_passed(cell: Cell, state: str) -> None:
    assert cell.state == state
