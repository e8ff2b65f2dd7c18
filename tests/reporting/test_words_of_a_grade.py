"""What a report says of a grade as a whole, of its checks, and of the submission's tests and image."""

from __future__ import annotations

from typing import Any

import pytest

from harness import record as model
from harness.record import CheckResult, GradeRecord, Outcome, OwnImage, OwnTests, Problem
from harness.reporting import words
from tests.reporting.records import make_check, make_record

ASK = [
    "How the code reads to a colleague, why it was built this way, and how somebody works with others: ask.",
    "A lost check says that a behaviour was not there, not that the candidate could not build it.",
]


def make_problem(fault: str = "environment", what: str = "the engine is gone") -> Problem:
    return Problem(fault=fault, what=what)  # type: ignore[arg-type]


def of(*outcomes: Outcome, **rest: Any) -> GradeRecord:
    """A record whose checks end like this, each a should-have."""
    return make_record([make_check(f"c{number}", outcome) for number, outcome in enumerate(outcomes)], **rest)


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (of("pass"), "Exceeds the brief"),
        (of("fail"), "Falls short of the brief"),
        (of("not_assessed"), "Not gradable, run again"),
        (of("pass", gradable=False), "Not gradable, run again"),
        (of("pass", band=None), "Not gradable, run again"),
        (of("pass", gradable=False, problem=make_problem()), "Not gradable, run again"),
        (of("fail", gradable=False, problem=make_problem("submission")), "Not gradable, run again once it is mended"),
    ],
)
def test_a_headline_is_the_band_or_says_that_there_is_no_grade(record: GradeRecord, says: str) -> None:
    assert words.headline(record) == says


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (of("not_assessed"), "There is no score: too little could be assessed."),
        (of("pass", gradable=False, problem=make_problem(what="no\nX.")), "There is no score: no X."),
        (of("pass", "pass"), "All 2 checks pass."),
        (
            of("pass", "fail", "not_applicable", "not_assessed", gradable=True),
            "1 of 2 checks pass; 1 check could not be assessed.",
        ),
        (of("pass", "pass", "not_applicable"), "All 2 checks pass."),
    ],
)
def test_a_verdict_counts_what_was_assessed(record: GradeRecord, says: str) -> None:
    assert words.verdict(record) == says


@pytest.mark.parametrize(
    ("outcomes", "says"),
    [
        (["fail", "blocked", "partial", "pass"], "of the must-haves, 2 not met and 1 met only in part."),
        (["fail", "pass"], "of the must-haves, 1 not met."),
        (["partial", "pass"], "of the must-haves, 1 met only in part."),
    ],
)
def test_a_verdict_says_which_must_haves_are_not_met(outcomes: list[Outcome], says: str) -> None:
    musts = [make_check(f"m{number}", outcome, tier="must") for number, outcome in enumerate(outcomes)]
    assert words.verdict(make_record(musts)) == f"1 of {len(musts)} checks pass; {says}"


def test_a_verdict_says_that_every_must_have_is_met() -> None:
    checks = [make_check("a", tier="must"), make_check("b", "fail")]
    assert words.verdict(make_record(checks)) == "1 of 2 checks pass, every must-have among them."


def test_their_tests_are_scored_where_the_check_for_them_was_run() -> None:
    assert words.tests_scored(make_record([make_check("own-tests"), make_check("b")]))
    assert not words.tests_scored(make_record([make_check("b")]))


def with_faults(*outcomes: str) -> list[model.TestedFault]:
    return [model.TestedFault(id="f", title="a fault", outcome=outcome) for outcome in outcomes]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tests", "says"),
    [
        (OwnTests(files=1), "None of the tests in 1 file was run."),
        (OwnTests(files=2, skipped=3), "None of the tests in 2 files was run."),
        (OwnTests(files=1, passed=2), "All 2 tests pass."),
        (OwnTests(files=1, errors=1), "0 of 1 test pass."),
        (
            OwnTests(
                files=3, passed=5, failed=1, errors=1, skipped=2, coverage=86.6,
                faults=with_faults("noticed", "missed", "missed", "unmet", "untried"),
            ),
            "5 of 7 tests pass (2 skipped); 87 % of the statements ran; 1 of 3 faults in the answers noticed.",
        ),
        (
            OwnTests(files=1, passed=1, coverage=0, faults=with_faults("noticed")),
            "All 1 test pass; 0 % of the statements ran; 1 of 1 fault in the answers noticed.",
        ),
        (OwnTests(files=1, passed=1, faults=with_faults("unmet")), "All 1 test pass."),
    ],
)  # fmt: skip
def test_their_tests_are_told_in_one_line(tests: OwnTests, says: str) -> None:
    assert words.own_tests(tests) == says


@pytest.mark.parametrize(
    ("ready", "reference", "compared"),
    [
        (3.0, 2.0, "about as long"),
        (2.0, 3.0, "about as long"),
        (3.2, 2.0, "about 1.6 times as long"),
        (1.0, 2.0, "about 0.5 times as long"),
    ],
)
def test_the_time_to_ready_is_compared_with_the_references(ready: float, reference: float, compared: str) -> None:
    record = of("pass", timings={"ready": ready}, reference_ready=reference)
    assert words.running(record) == [
        f"It answered {words.number(ready)} s after its start; the challenge's own solution needed "
        f"{words.number(reference)} s on this machine ({compared})."
    ]


@pytest.mark.parametrize("rest", [{"timings": {"ready": 1.0}}, {"timings": {}, "reference_ready": 1.0}])
def test_the_time_to_ready_is_not_told_without_anything_to_compare_it_with(rest: dict[str, Any]) -> None:
    assert words.running(of("pass", **rest)) == []


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (
            OwnImage(path="Dockerfile", seconds=3.5, bytes=500_050_000, user="app\nuser"),
            "Its Dockerfile builds in 3.5 s: 500.1 MB, run as 'app user'.",
        ),
        (OwnImage(path="api/Dockerfile"), "Its api/Dockerfile builds in 0 s: 0 MB, run as root."),
        (OwnImage(path="", problem="there\nis no X."), "No image came of its Dockerfile: there is no X."),
        (OwnImage(path="api/Dockerfile", problem="exit 1"), "No image came of its api/Dockerfile: exit 1."),
    ],
)
def test_what_became_of_their_dockerfile_is_told(image: OwnImage, says: str) -> None:
    assert words.running(of("pass", own_image=image)) == [says]


@pytest.mark.parametrize(
    ("outcomes", "says"),
    [
        (["pass", "fail"], ""),
        (["pass", "blocked"], "High: what is blocked behind a failure counts as earned."),
        (
            ["pass", "not_assessed"],
            "Low: what could not be assessed counts as lost. High: it counts as earned.",
        ),
        (
            ["blocked", "not_assessed"],
            "Low: what could not be assessed counts as lost. High: it and what is blocked count as earned.",
        ),
    ],
)
def test_the_bounds_are_explained_where_there_are_two(outcomes: list[Outcome], says: str) -> None:
    assert words.bounds(of(*outcomes)) == says


@pytest.mark.parametrize(
    ("record", "more"),
    [
        (of("pass"), []),
        (of("pass", "blocked"), ["Where in its bounds the score lies: part of it could not be tried."]),
        (
            of("pass", "blocked", visible_only=True),
            ["How the hidden checks end: they are not part of this page."],
        ),
        (of("pass", "not_applicable"), ["Anything about checks that do not apply to this submission."]),
    ],
)
def test_a_reader_is_told_what_the_page_does_not_say(record: GradeRecord, more: list[str]) -> None:
    assert words.untold(record) == [*ASK, *more]


@pytest.mark.parametrize(
    ("check", "says"),
    [
        (make_check("a"), ""),
        (make_check("a", seconds=0.2), "ran once"),
        (make_check("a", attempts=["fail"], seconds=0.2), "ran once"),
        (make_check("a", "fail", attempts=["fail", "fail"]), "failed in each of 2 attempts"),
        (make_check("a", "fail", attempts=["fail", "pass", "pass"]), "3 attempts: failed, then passed, then passed"),
    ],
)
def test_attempts_are_told_with_how_each_ended(check: CheckResult, says: str) -> None:
    assert words.attempts(check) == says


def test_the_command_that_runs_a_check_again_quotes_its_id_and_cuts_it() -> None:
    assert words.rerun(of("pass"), make_check("a b")) == "takehome rerun 'a b' RESULT"
    assert words.rerun(of("pass"), make_check("x" * 81)) == f"takehome rerun '{'x' * 79}…' RESULT"


def test_a_candidate_has_no_result_to_run_a_check_of() -> None:
    assert words.rerun(of("pass", visible_only=True), make_check("a")) == ""


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        ({}, "takehome grade SUBMISSION -c users_api --seed 4711"),
        ({"runtime": "process"},
         "takehome grade SUBMISSION -c users_api --runtime process --i-trust-this-code --seed 4711"),
        ({"visible_only": True}, "takehome check . -c users_api --runtime docker --seed 4711"),
        ({"visible_only": True, "runtime": "process"},
         "takehome check . -c users_api --runtime process --seed 4711"),
    ],
)  # fmt: skip
def test_a_replay_has_what_the_runtime_asks_for(rest: dict[str, Any], says: str) -> None:
    record = of("pass", **rest)
    submission = record.submission.model_copy(update={"source": "", "app": ""})
    assert words.replay(record.model_copy(update={"submission": submission})) == says


@pytest.mark.parametrize(
    ("attempts", "visible_only", "says"),
    [(["fail"], False, ""), (["fail", "fail"], True, ""), (["fail", "fail"], False, " --attempts 2")],
)
def test_only_a_grade_of_several_attempts_is_replayed_with_them(
    attempts: list[Outcome], visible_only: bool, says: str
) -> None:
    record = make_record([make_check("a", "fail", attempts=attempts)], visible_only=visible_only)
    runtime = " --runtime docker" if visible_only else ""
    assert words.replay(record).endswith(f" --app app.main:app{runtime}{says} --seed 4711")


def test_a_grade_without_checks_is_replayed_like_any_other() -> None:
    assert words.replay(make_record([])).endswith(" -c users_api --app app.main:app --seed 4711")
