"""Checks that lost points, or could not be assessed, are run again in pods of their own."""

from __future__ import annotations

from typing import Any

import pytest

from harness.errors import EnvironmentFault, HarnessFault, Interrupted
from harness.events import StageStarted
from tests.grade.conftest import Lab, check_of, outcomes, problem_of
from tests.grade.fake_prober import Do, Step
from tests.grade.fake_runtime import Scene, on_call
from tests.grade.frames import BOUND, all_pass, blocked, fails, half, not_ready, passes, ready, run, unassessed


def asked(lab: Lab) -> list[list[str]]:
    """The checks that each pod was asked for."""
    channels = [pod.channel for pod in lab.runtime.pods]
    return [channel.sent[0]["checks"] for channel in channels if channel is not None]


def test_what_lost_points_is_run_again_and_the_first_outcome_counts(lab: Lab) -> None:
    first = run(fails("answers"), half("stores"), *all_pass("answers", "stores"))
    record = lab.grade(first, run(passes("answers"), half("stores")), attempts=2)
    assert asked(lab)[1:] == [["answers", "stores"]]
    assert (check_of(record, "answers").outcome, check_of(record, "answers").attempts) == ("fail", ["fail", "pass"])
    assert check_of(record, "answers").unsteady
    assert check_of(record, "stores").attempts == ["partial", "partial"]
    assert check_of(record, "lists").attempts == []
    assert record.notes[-1] == "2 checks run more than once, not always alike: answers"
    assert lab.stages == ["ingest", "environment", "pod", "probe", "again", "judge"]
    assert StageStarted("again", "running once more: answers, stores") in lab.events
    assert record.timings["again"] == 2, "a failure settles for two seconds"
    assert record.problem is None


def test_what_could_not_be_assessed_takes_the_later_outcome(lab: Lab) -> None:
    record = lab.grade(run(unassessed("answers"), *all_pass("answers")), run(passes("answers")), attempts=2)
    assert check_of(record, "answers").outcome == "pass"
    assert check_of(record, "answers").attempts == ["not_assessed", "pass"]
    assert record.score.value == 100
    assert record.problem is None


def test_each_attempt_has_a_pod_of_its_own_that_is_closed_before_the_next(lab: Lab) -> None:
    seen: list[list[int]] = []

    def look(_: object) -> None:
        seen.append([pod.closed for pod in lab.runtime.pods])

    again = run(Do(look), fails("answers"))
    record = lab.grade(run(fails("answers"), *all_pass("answers")), again, again, attempts=3)
    assert seen == [[1, 0], [1, 1, 0]]
    assert check_of(record, "answers").attempts == ["fail"] * 3
    assert record.notes[-1] == "1 check run more than once, each ended alike"


def test_nothing_is_run_again_where_everything_passed(lab: Lab) -> None:
    lab.grade(run(*all_pass()), attempts=3)
    assert len(lab.runtime.pods) == 1
    assert "again" not in lab.stages


def test_nothing_is_run_again_unless_it_is_asked_for(lab: Lab) -> None:
    lab.grade(run(fails("answers"), *all_pass("answers")))
    assert len(lab.runtime.pods) == 1
    assert "again" not in lab.stages


def test_a_blocked_check_is_not_run_again(lab: Lab) -> None:
    first = run(fails("stores"), blocked("lists", "stores"), *all_pass("stores", "lists"))
    lab.grade(first, run(fails("stores")), attempts=2)
    assert asked(lab)[1:] == [["stores"]]


@pytest.mark.parametrize("first", [[BOUND, not_ready()], [BOUND, ready(), fails("answers")]], ids=["start", "cut"])
def test_a_run_that_was_not_whole_is_not_repeated(lab: Lab, first: list[Any]) -> None:
    record = lab.grade(first, attempts=2)
    assert len(lab.runtime.pods) == 1
    assert record.problem is not None


@pytest.mark.parametrize("kind", [EnvironmentFault, HarnessFault])
def test_an_attempt_whose_pod_can_not_be_made_takes_nothing_away(lab: Lab, kind: type[Exception]) -> None:
    lab.runtime.faults["pod"] = on_call(2, kind("no room"))
    record = lab.grade(run(fails("extra"), *all_pass("extra")), attempts=5)
    assert record.gradable
    assert record.score.value == 95
    assert check_of(record, "extra").attempts == []
    assert record.problem is None
    assert record.notes[-1] == "an attempt more failed: no room"


def test_an_attempt_that_is_cut_short_keeps_what_it_saw_and_is_the_last(lab: Lab) -> None:
    first = run(fails("stores"), fails("extra"), *all_pass("stores", "extra"))
    record = lab.grade(first, [BOUND, ready(), passes("stores")], attempts=5)
    assert len(lab.runtime.pods) == 2
    assert check_of(record, "stores").attempts == ["fail", "pass"]
    assert check_of(record, "extra").attempts == []
    assert record.problem is None
    assert record.gradable


def test_an_attempt_in_which_the_service_does_not_start_takes_nothing_away(lab: Lab) -> None:
    record = lab.grade(run(fails("extra"), *all_pass("extra")), [BOUND, not_ready()], attempts=2)
    assert outcomes(record)["extra"] == "fail"
    assert outcomes(record)["answers"] == "pass"
    assert record.problem is None


def test_an_attempt_that_answers_what_nobody_asked_takes_nothing_away(lab: Lab) -> None:
    again = run(passes("extra"), fails("unheard-of"))
    record = lab.grade(run(fails("extra"), *all_pass("extra")), again, attempts=2)
    assert check_of(record, "extra").attempts == ["fail", "pass"]


def test_what_is_still_unassessed_after_all_attempts_is_no_grade(lab: Lab) -> None:
    again = run(unassessed("answers", "still broken"))
    record = lab.grade(run(unassessed("answers"), *all_pass("answers")), again, again, attempts=3)
    assert not record.gradable
    assert problem_of(record).detail == "answers: still broken"


def test_the_first_run_tells_how_long_the_service_took_to_get_ready(lab: Lab) -> None:
    again = Scene([BOUND, ready(9, [9]), fails("extra"), {"kind": "done"}])
    record = lab.grade(run(fails("extra"), *all_pass("extra")), again, attempts=2)
    assert (record.timings["ready"], record.pulse) == (1.5, [2.0, 3.5])


def test_an_attempt_reads_the_code_only_for_checks_that_ask_for_it(lab: Lab) -> None:
    first = run(fails("types"), fails("extra"), *all_pass("types", "extra"))
    lab.grade(first, run(fails("types"), passes("extra")), attempts=2)
    lab.grade(run(fails("extra"), *all_pass("extra")), run(fails("extra")), attempts=2)
    read = [any(call.startswith("analyse") for call in pod.calls) for pod in lab.runtime.pods]
    assert read == [True, True, True, False]


def test_an_attempt_runs_the_candidates_tests_only_for_the_check_that_asks_for_them(lab: Lab) -> None:
    lab.with_check("own-tests")
    rest = all_pass("extra")
    lab.grade(run(fails("own-tests"), passes("extra"), *rest), run(fails("own-tests")), attempts=2)
    lab.grade(run(passes("own-tests"), fails("extra"), *rest), run(fails("extra")), attempts=2)
    tried = [any(call.startswith("trial") for call in pod.calls) for pod in lab.runtime.pods]
    assert tried == [True, True, True, False]


def test_a_stop_during_an_attempt_ends_the_grade(lab: Lab) -> None:
    again: list[Step] = [BOUND, Do(lambda _: lab.cancelled.set()), ready(), passes("answers")]
    with pytest.raises(Interrupted):
        lab.grade(run(fails("answers"), *all_pass("answers")), again, attempts=2)
    assert [pod.closed for pod in lab.runtime.pods] == [1, 1]
