"""The candidate's edition: what is hidden is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.edition import candidates_edition
from harness.record import FaultName, GradeRecord, Problem
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
