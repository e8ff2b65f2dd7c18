"""A prober that crashes, falls silent, ends, or sends what does not fit: our fault, and what was seen before stays."""

from __future__ import annotations

from typing import Any

import pytest

from tests.grade.conftest import Lab, check_of, outcomes, problem_of
from tests.grade.fake_prober import Ask, Do, Line, Silence, Step
from tests.grade.fake_runtime import Scene
from tests.grade.frames import BOUND, DONE, all_pass, fails, passes, ready, run, started


def test_a_prober_that_crashes_keeps_what_was_seen_before(lab: Lab) -> None:
    crashed = {"kind": "crashed", "detail": "Traceback: a bug\nin a check"}
    record = lab.grade([BOUND, ready(), passes("answers"), fails("lists"), crashed])
    assert (problem_of(record).fault, problem_of(record).what) == ("harness", "the prober crashed")
    assert "a bug" in problem_of(record).detail
    assert (outcomes(record)["answers"], outcomes(record)["lists"]) == ("pass", "fail")
    assert (check_of(record, "stores").outcome, check_of(record, "stores").fault) == ("not_assessed", "harness")
    assert not record.gradable


def test_only_the_end_of_a_long_crash_is_kept(lab: Lab) -> None:
    record = lab.grade([BOUND, {"kind": "crashed", "detail": "x" * 5000 + "END"}])
    assert problem_of(record).detail.count("x") == 3997
    assert "END" in problem_of(record).detail


def test_a_crash_whose_detail_is_no_text_is_told(lab: Lab) -> None:
    assert "['a bug']" in problem_of(lab.grade([BOUND, ready(), {"kind": "crashed", "detail": ["a bug"]}])).detail


def test_a_crash_without_a_word_is_told(lab: Lab) -> None:
    assert problem_of(lab.grade([BOUND, {"kind": "crashed"}])).what == "the prober crashed"


def test_a_prober_that_crashes_before_it_is_bound_is_told(lab: Lab) -> None:
    record = lab.grade([{"kind": "crashed", "detail": "address in use"}])
    assert problem_of(record).fault == "harness"
    assert problem_of(record).what == "the prober said 'crashed' instead of 'bound'"
    assert "address in use" in problem_of(record).detail
    assert "start_postgres" not in lab.pod.calls


def test_a_prober_that_says_something_else_than_bound_is_told(lab: Lab) -> None:
    assert problem_of(lab.grade([DONE])).what == "the prober said 'done' instead of 'bound'"


def test_only_the_end_of_what_it_said_instead_of_bound_is_kept(lab: Lab) -> None:
    assert problem_of(lab.grade([{"kind": "crashed", "detail": "x" * 5000}])).detail.count("x") == 4000


def test_only_the_end_of_the_log_of_a_silent_prober_is_kept(lab: Lab) -> None:
    assert problem_of(lab.grade(Scene([Silence()], prober_log="x" * 5000))).detail.count("x") == 2000


def test_a_prober_that_is_never_bound_has_a_minute(lab: Lab) -> None:
    before = lab.clock.monotonic()
    record = lab.grade(Scene([Silence()], prober_log="waiting for a port"))
    assert (problem_of(record).fault, problem_of(record).what) == ("harness", "the probing ran out of time")
    assert "waiting for a port" in problem_of(record).detail
    assert lab.clock.monotonic() - before == pytest.approx(60, abs=0.1)


def test_a_prober_that_takes_less_than_a_minute_to_be_bound_is_waited_for(lab: Lab) -> None:
    assert lab.grade([Silence(59), *run(*all_pass())]).score.value == 100


def test_a_prober_that_falls_silent_has_the_times_of_the_challenge_and_half_a_minute(lab: Lab) -> None:
    before = lab.clock.monotonic()
    record = lab.grade([BOUND, ready(), passes("answers"), Silence()])
    assert problem_of(record).what == "the probing ran out of time"
    assert lab.clock.monotonic() - before == pytest.approx(30 + 60 + 30, abs=0.1)
    assert outcomes(record)["answers"] == "pass"


def test_a_slow_run_within_its_time_is_graded(lab: Lab) -> None:
    assert lab.grade([BOUND, Silence(28), ready(), Silence(58), *all_pass(), DONE]).score.value == 100


def test_a_prober_that_never_ends_is_stopped_though_it_keeps_talking(lab: Lab) -> None:
    talk: list[Step] = [Do(lambda _: lab.clock.advance(1)), started("answers")]
    record = lab.grade([BOUND, ready(), *talk * 200, DONE])
    assert problem_of(record).what == "the probing ran out of time"


def test_a_prober_that_ends_without_a_word_is_our_fault(lab: Lab) -> None:
    record = lab.grade(Scene([BOUND, ready(), passes("answers")], prober_log="x" * 5000 + "Killed"))
    assert (problem_of(record).fault, problem_of(record).what) == ("harness", "the prober ended without a word")
    assert problem_of(record).detail.count("x") == 3994
    assert "Killed" in problem_of(record).detail
    assert outcomes(record)["answers"] == "pass"
    assert check_of(record, "lists").fault == "harness"


def test_a_prober_that_ends_at_once_is_our_fault(lab: Lab) -> None:
    assert problem_of(lab.grade([])).what == "the prober ended without a word"


@pytest.mark.parametrize("text", [b"Segmentation fault", b"\xff\xfe", b"[]", b"{}", b'{"kind": 1}', b"3"])
def test_what_is_no_frame_is_our_fault(lab: Lab, text: bytes) -> None:
    record = lab.grade(run(passes("answers"), Line(text)))
    assert problem_of(record).fault == "harness"
    assert problem_of(record).what.startswith("the prober sent something that is no")
    assert outcomes(record)["answers"] == "pass"


@pytest.mark.parametrize(
    "frame",
    [
        {"kind": "ready"},
        {"kind": "ready", "seconds": "soon"},
        {"kind": "ready", "seconds": None},
        {"kind": "ready", "seconds": 10**400},
        {"kind": "ready", "seconds": 1, "pulse": 3},
        {"kind": "ready", "seconds": 1, "pulse": ["fast"]},
        {"kind": "collected"},
        {"kind": "collected", "checks": [{"id": "answers"}]},
        {"kind": "collected", "checks": 3},
        {"kind": "started"},
        {"kind": "check"},
        {"kind": "check", "id": "answers"},
        {"kind": "check", "id": "answers", "outcome": "great"},
        {"kind": "check", "id": "answers", "outcome": "partial", "fraction": 2},
    ],
    ids=str,
)
def test_a_frame_that_does_not_fit_is_our_fault(lab: Lab, frame: dict[str, Any]) -> None:
    record = lab.grade(run(passes("stores"), frame, *all_pass("stores")))
    assert problem_of(record).fault == "harness"
    assert problem_of(record).what == f"the prober sent a {frame['kind']!r} that does not fit"
    assert problem_of(record).detail
    assert (outcomes(record)["stores"], outcomes(record)["answers"]) == ("pass", "not_assessed")


def test_an_unknown_frame_is_our_fault(lab: Lab) -> None:
    record = lab.grade(run({"kind": "greeting"}))
    assert problem_of(record).what == "the prober sent an unknown frame 'greeting'"


def test_a_prober_that_is_gone_as_it_is_answered_stops_nothing_but_itself(lab: Lab) -> None:
    def vanish() -> None:
        lab.channel.gone = True

    record = lab.grade(Scene([BOUND, ready(), Ask("state", wait=False)], faults={"state": vanish}))
    assert problem_of(record).what == "the prober ended without a word"
    assert lab.channel.answers == {}
