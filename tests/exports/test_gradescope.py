"""What Gradescope is told: students read nothing of hidden checks, and the points are those of the whole record."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.errors import EnvironmentFault, HarnessFault
from harness.exports import FORMATS
from harness.exports.blame import ours
from harness.record import FaultName, GradeRecord
from tests.exports.catalogue import ALL, behind_hidden_ones
from tests.reporting import records


def results(record: GradeRecord) -> Any:
    return json.loads(FORMATS["gradescope"](record, ""))


def by_name(record: GradeRecord) -> dict[str, Any]:
    return {test["name"]: test for test in results(record)["tests"]}


def for_students(told: Any) -> list[str]:
    """Every text that a student can read."""
    visible = [test for test in told["tests"] if test["visibility"] != "hidden"]
    return [told["output"], *(test[part] for test in visible for part in ("name", "output"))]


@pytest.mark.parametrize("fault", ["environment", "harness"])
def test_without_a_grade_through_our_fault_there_is_no_number(fault: FaultName) -> None:
    record = records.engine_gone()
    assert record.problem is not None
    blamed = record.model_copy(update={"problem": record.problem.model_copy(update={"fault": fault})})
    with pytest.raises(HarnessFault if fault == "harness" else EnvironmentFault, match="no fault of the submission"):
        FORMATS["gradescope"](blamed, "")


def test_the_hidden_checks_are_hidden_from_students() -> None:
    told = by_name(records.typical())
    assert (told["lint"]["visibility"], told["restart"]["visibility"]) == ("visible", "hidden")


@pytest.mark.parametrize("name", ["behind-hidden-ones", "typical", "never-started"])
def test_no_text_that_students_read_names_a_hidden_check(name: str) -> None:
    record = ALL[name]()
    read = "\n".join(for_students(results(record)))
    hidden = [check for check in record.checks if not check.visible]
    assert hidden
    assert [check.id for check in hidden if check.id in read or check.title in read] == []


def test_students_are_still_told_what_kept_a_check_from_being_tried() -> None:
    told = by_name(behind_hidden_ones())
    assert "blocked by a check that is not shown" in told["needs-it"]["output"]
    assert "blocked by shown-lost" in told["needs-both"]["output"]
    assert "needs a check that is not shown" in told["untried"]["output"]


def test_a_hidden_checks_own_output_is_told_in_full() -> None:
    record = records.make_record([
        records.make_check("first", "fail"),
        records.make_check("second", "blocked", blocked_by=["first"], summary="Needs what first checks"),
        records.make_check("shown", points=50, visible=True),
    ])  # fmt: skip
    assert by_name(record)["second"]["output"] == "blocked by first\nNeeds what first checks"


def test_the_summary_counts_the_visible_checks_alone_and_says_that_others_count() -> None:
    said = results(records.typical())["output"]
    assert said == (
        "3 of 5 checks pass; of the must-haves, 1 met only in part. Checks that are not shown count as well."
    )


def test_where_everything_is_visible_nothing_is_said_of_other_checks() -> None:
    assert "not shown" not in results(records.visible_only())["output"]


def test_the_score_and_the_points_are_those_of_the_whole_record() -> None:
    record = records.typical()
    told = results(record)
    worth = {check.id: (check.points, check.max_points) for check in record.checks}
    assert told["score"] == record.score.value
    assert [test["name"] for test in told["tests"]] == list(worth)
    for test in told["tests"]:
        if "score" in test:
            assert (test["score"], test["max_score"]) == worth[test["name"]]


def test_a_grade_stays_one_where_too_little_of_what_is_visible_was_assessed() -> None:
    record = records.make_record([
        records.make_check("hidden", points=90),
        records.make_check("lost", "fail", points=4, visible=True),
        records.make_check("untried", "not_assessed", points=6, visible=True, fault="environment", reason="gone"),
    ])  # fmt: skip
    told = results(record)
    assert told["output"].startswith("0 of 1 check pass; 1 check could not be assessed.")
    assert told["tests"][1]["output"].startswith("What lost says")
    assert told["tests"][1]["status"] == "failed"


def test_a_grade_without_a_visible_check_says_no_more_than_that() -> None:
    record = records.make_record([records.make_check("hidden")])
    assert for_students(results(record)) == ["Checks that are not shown count as well."]


@pytest.mark.parametrize("name", [name for name, maker in ALL.items() if not ours(maker())])
def test_what_could_not_be_judged_has_no_points(name: str) -> None:
    record = ALL[name]()
    tests = results(record)["tests"]
    for test, check in zip(tests[len(tests) - len(record.checks) :], record.checks, strict=True):
        judged = check.outcome not in ("not_assessed", "not_applicable")
        assert [part in test for part in ("score", "max_score", "status")] == [judged] * 3


def test_a_submission_that_never_started_gets_nothing_and_is_told_why() -> None:
    told = results(records.never_started())
    assert (told["score"], told["tests"][0]["name"]) == (0, "gradable")
    assert "asyncpg" in told["tests"][0]["output"]
