"""What a candidate may see of a full record."""

from __future__ import annotations

import pytest

from harness.exports import FORMATS, visible_part
from harness.record import FaultName, Problem
from tests.reporting import records


def full() -> object:
    return records.typical()


@pytest.mark.parametrize("kind", FORMATS)
def test_no_format_says_a_word_of_hidden_checks(kind: str) -> None:
    record = records.typical()
    text = FORMATS[kind](visible_part(record), "")
    for check in record.checks:
        if not check.visible:
            assert check.id not in text
            assert check.title not in text


def test_the_visible_part_is_graded_as_if_there_were_no_other() -> None:
    part = visible_part(records.typical())
    assert sum(check.max_points for check in part.checks) == pytest.approx(100, abs=0.01)
    assert part.score.value == pytest.approx(sum(check.points for check in part.checks), abs=0.1)
    assert part.visible_only
    assert all(check.visible for check in part.checks)


def test_a_visible_check_that_a_hidden_one_blocks_does_not_name_it() -> None:
    checks = [
        records.make_check("secret", "fail"),
        records.make_check("open", "blocked", visible=True, blocked_by=["secret"], summary="not tried: secret failed"),
    ]
    assert "secret" not in visible_part(records.make_record(checks)).model_dump_json()


@pytest.mark.parametrize("fault", ["submission", "harness"])
def test_a_problem_does_not_list_hidden_checks(fault: FaultName) -> None:
    problem = Problem(fault=fault, what="too little could be assessed", where="secret, open", detail="secret: late")
    checks = [records.make_check(name, "not_assessed", visible=name == "open") for name in ("secret", "open")]
    part = visible_part(records.make_record(checks, problem=problem))
    assert part.problem is not None
    assert part.problem.what
    assert "secret" not in part.model_dump_json()


def test_interview_questions_stay_with_the_team() -> None:
    assert all(check.question is None for check in visible_part(records.typical()).checks)


def test_a_record_of_visible_checks_stays_as_it_is() -> None:
    assert visible_part(records.visible_only()) == records.visible_only()


def test_what_was_not_gradable_does_not_become_so() -> None:
    assert not visible_part(records.engine_gone()).gradable
