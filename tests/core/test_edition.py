"""The candidate's edition: what is hidden is not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.edition import candidates_edition
from harness.record import CheckResult, FaultName, GradeRecord, Outcome, Problem, Score
from harness.reporting.html import render_html
from harness.stored import read_record
from tests.core.records import result
from tests.reporting import records
from tests.reporting.records import make_record

HIDDEN = "a check that is not shown"
STORED = read_record(Path(__file__).parent / "stored" / "result-1.0.json")


def texts(record: GradeRecord) -> str:
    return json.dumps(record.model_dump(mode="json"), ensure_ascii=False)


def test_no_word_of_a_hidden_check_is_left() -> None:
    shown = candidates_edition(STORED)
    hidden = [check for check in STORED.checks if not check.visible]
    assert hidden
    page, document = render_html(shown), texts(shown)
    for check in hidden:
        assert f'"{check.id}"' not in document
        assert f"check-{check.id}" not in page
        for words in filter(None, (check.title, check.hint, check.why)):
            assert words not in document
            assert words not in page


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (
            "needs secret-race, which was not assessed: {trace}",
            f"needs {HIDDEN}, which was not assessed",
        ),
        ("{trace}", ""),
        (
            "the service did not come back after secret-race",
            f"the service did not come back after {HIDDEN}",
        ),
    ],
)
def test_what_broke_in_our_code_is_not_quoted(reason: str, told: str) -> None:
    trace = 'Traceback\n  File "/opt/graders/test_secret_race.py", line 61\n    assert await twenty_spellings() == 1'
    untried = result("open", "not_assessed").model_copy(
        update={"visible": True, "fault": "harness", "reason": reason.format(trace=trace)}
    )
    shown = candidates_edition(make_record([result("secret-race", "not_assessed"), untried]))
    assert shown.checks[0].reason == told
    assert "spellings" not in texts(shown)


def test_no_question_of_the_interview_is_left() -> None:
    shown = candidates_edition(STORED)
    assert all(check.question is None for check in shown.checks)
    assert "Sounds senior" not in render_html(shown)


def test_the_visible_checks_make_a_hundred() -> None:
    shown = candidates_edition(STORED)
    assert round(sum(check.max_points for check in shown.checks), 1) == 100
    assert shown.score.value is not None
    assert shown.visible_only


def test_what_is_blocked_by_a_hidden_check_does_not_name_it() -> None:
    open_ = result("open").model_copy(update={"visible": True})
    blocked = result("later", "blocked").model_copy(
        update={"visible": True, "blocked_by": ["secret-check"], "summary": "Needs what secret-check checks"}
    )
    shown = candidates_edition(make_record([open_, result("secret-check", "fail"), blocked]))
    assert "secret-check" not in texts(shown)
    assert shown.checks[1].outcome == "blocked"


def test_trouble_of_ours_is_told_without_the_names_of_checks() -> None:
    lost = result("secret-check", "not_assessed")
    record = make_record([result("open").model_copy(update={"visible": True}), lost]).model_copy(
        update={
            "gradable": False,
            "problem": Problem(
                fault="harness", what="too little could be assessed", where="secret-check", detail="secret-check: x"
            ),
        }
    )
    shown = candidates_edition(record)
    assert "secret-check" not in texts(shown)
    assert shown.problem is not None
    assert shown.problem.what == "too little could be assessed"


@pytest.mark.parametrize("fault", ["submission", "harness"])
def test_a_problem_does_not_list_hidden_checks(fault: FaultName) -> None:
    problem = Problem(fault=fault, what="too little could be assessed", where="secret, open", detail="secret: late")
    checks = [records.make_check(name, "not_assessed", visible=name == "open") for name in ("secret", "open")]
    shown = candidates_edition(make_record(checks, problem=problem))
    assert shown.problem is not None
    assert shown.problem.what
    assert "secret" not in texts(shown)


def test_the_log_of_a_start_that_failed_is_told_though_a_hidden_check_is_called_as_a_word_in_it() -> None:
    log = "GET /health 500\nunhealthy: restart in 5 s\nKeyError: 'URL'"
    problem = Problem(fault="submission", what="never answered", detail=log)
    checks = [records.make_check("health", "blocked"), records.make_check("open", "blocked", visible=True)]
    shown = candidates_edition(make_record(checks, problem=problem, gradable=False))
    assert shown.problem is not None
    assert shown.problem.detail == log


def test_what_was_not_assessed_because_of_a_hidden_check_does_not_name_it() -> None:
    reason = "the service did not come back after secret-check"
    open_ = records.make_check("open", "not_assessed", visible=True, fault="harness", reason=reason)
    shown = candidates_edition(make_record([open_, records.make_check("secret-check", "not_assessed")]))
    assert "secret-check" not in texts(shown)
    assert shown.checks[0].reason == "the service did not come back after a check that is not shown"


def test_a_record_of_visible_checks_stays_as_it_is() -> None:
    assert candidates_edition(records.visible_only()) == records.visible_only()


def test_what_was_not_gradable_does_not_become_so() -> None:
    assert not candidates_edition(records.engine_gone()).gradable


def test_a_challenge_without_visible_checks_gives_no_grade_and_says_so() -> None:
    shown = candidates_edition(make_record([result("secret-check")]))
    assert not shown.gradable
    assert shown.problem is not None
    assert "no check of this challenge is visible" in shown.problem.what


def visible(check_id: str, outcome: Outcome = "pass", **rest: Any) -> CheckResult:
    return records.make_check(check_id, outcome, **({"visible": True} | rest))


def hidden(check_id: str = "secret", outcome: Outcome = "fail", **rest: Any) -> CheckResult:
    return records.make_check(check_id, outcome, **rest)


def test_score_band_and_skills_are_those_of_the_visible_checks_alone() -> None:
    checks = [visible("open", points=10), visible("broken", "fail", tier="must", points=30), hidden(points=60)]
    shown = candidates_edition(make_record(checks, notes=["for the team"]))
    assert [(c.id, c.points, c.max_points) for c in shown.checks] == [("open", 25, 25), ("broken", 0, 75)]
    assert shown.score == Score(value=25, low=25, high=25, assessed=100)
    assert (shown.band, shown.capped_by, shown.gradable, shown.notes) == ("below", ["broken"], True, [])
    assert [(s.skill, s.points, s.max_points, s.passed) for s in shown.skills] == [("data", 25, 100, 1)]


def test_points_are_scaled_to_four_decimals() -> None:
    checks = [visible("a"), visible("b", "partial", fraction=0.5), visible("c")]
    shown = candidates_edition(make_record([*checks, hidden()]))
    assert [(c.points, c.max_points) for c in shown.checks] == [
        (33.3333, 33.3333), (16.6667, 33.3333), (33.3333, 33.3333),
    ]  # fmt: skip


def test_what_was_not_gradable_has_no_number_and_its_lower_bound_is_zero() -> None:
    problem = Problem(fault="environment", what="the engine is gone")
    checks = [visible("open", points=5), visible("broken", "fail", tier="must", points=15)]
    shown = candidates_edition(make_record(checks, gradable=False, problem=problem))
    assert shown.score == Score(value=None, low=0, high=25, assessed=100)
    assert (shown.band, shown.capped_by) == (None, [])


def test_only_stages_and_visible_checks_keep_their_times() -> None:
    record = make_record(
        [visible("open"), hidden()],
        began={"ingest": 0.0, "again": 3.0, "check:open": 1.0, "check:secret": 2.0},
        timings={"ingest": 0.5, "again": 4.0, "total": 7.0},
    )
    shown = candidates_edition(record)
    assert shown.began == {"ingest": 0, "check:open": 1}
    assert shown.timings == {"ingest": 0.5, "total": 7}


def test_every_hidden_check_is_masked_where_several_are_named() -> None:
    reason = "no answer after secret-a and secret-b"
    checks = [visible("open", "not_assessed", reason=reason), hidden("secret-a"), hidden("secret-b")]
    assert candidates_edition(make_record(checks)).checks[0].reason == f"no answer after {HIDDEN} and {HIDDEN}"


def test_causes_that_a_candidate_may_see_stay_as_they_are() -> None:
    blocked = visible("later", "blocked", blocked_by=["open", "start"], summary="Needs open", reason="open failed")
    shown = candidates_edition(make_record([visible("open", "fail"), blocked, hidden()])).checks[1]
    assert (shown.blocked_by, shown.summary, shown.reason) == (["open", "start"], "Needs open", "open failed")


@pytest.mark.parametrize(("causes", "shown_causes"), [(["secret", "open"], ["open"]), (["secret"], [HIDDEN])])
def test_a_hidden_cause_is_left_out_with_all_that_is_said_of_it(causes: list[str], shown_causes: list[str]) -> None:
    blocked = visible(
        "later",
        "blocked",
        blocked_by=causes,
        reason="secret failed",
        question=records.QUESTION,
        source="test_later.py:3",
    )
    shown = candidates_edition(make_record([visible("open", "fail"), blocked, hidden()])).checks[1]
    assert shown.blocked_by == shown_causes
    assert (shown.summary, shown.reason) == (f"Needs what {HIDDEN} asks", "")
    assert (shown.question, shown.source) == (None, "")


@pytest.mark.parametrize("outcome", ["blocked", "not_assessed"])
def test_summary_and_reason_of_what_was_not_tried_name_no_hidden_check(outcome: Outcome) -> None:
    check = visible(
        "open",
        outcome,
        summary="after secret",
        reason="secret hung",
        question=records.QUESTION,
        source="test_open.py:3",
    )
    shown = candidates_edition(make_record([check, hidden()])).checks[0]
    assert (shown.summary, shown.reason) == (f"after {HIDDEN}", f"{HIDDEN} hung")
    assert (shown.question, shown.source) == (None, "")


def test_no_result_says_where_its_check_stands_in_the_graders() -> None:
    shown = candidates_edition(make_record([visible("open", source="test_open.py:3"), hidden()]))
    assert shown.checks[0].source == ""


def test_a_reason_that_lies_with_the_submission_is_kept_whole() -> None:
    check = visible("open", "not_assessed", fault="submission", reason="exited:\nKeyError: 'URL'")
    assert candidates_edition(make_record([check, hidden()])).checks[0].reason == "exited:\nKeyError: 'URL'"


def test_trouble_of_ours_has_neither_place_nor_detail() -> None:
    problem = Problem(fault="environment", what="the engine is gone", where="probe", detail="x", next_step="again")
    shown = candidates_edition(make_record([visible("open")], problem=problem, gradable=False))
    assert shown.problem == Problem(fault="environment", what="the engine is gone", next_step="again")


@pytest.mark.parametrize(
    ("checks", "what"),
    [
        ([visible("open", "not_assessed")], "too little of what is visible could be assessed"),
        ([], "no check of this challenge is visible"),
    ],
)
def test_a_grade_that_is_none_for_the_candidate_alone_says_why(checks: list[CheckResult], what: str) -> None:
    shown = candidates_edition(make_record([*checks, hidden(points=99)]))
    assert shown.problem == Problem(fault="harness", what=what, next_step="ask for a new run")
