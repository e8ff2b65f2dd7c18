from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.challenge import load_challenge
from harness.grade import GradeRequest
from harness.record import (
    ChallengeRef,
    CheckResult,
    EnvironmentRef,
    GradeRecord,
    Score,
    SubmissionRef,
)
from harness.score import score
from harness.skeleton import write_skeleton
from harness.verify import Case, Role, Verdict, disagreements, judge_case, left_out, verify
from tests.core.records import result

MUTANT = Case("mutant", "a", 1)


def record(*checks: CheckResult, value: float | None = None) -> GradeRecord:
    points = score(list(checks)) if value is None else Score(value=value, low=value, high=value, assessed=1)
    return GradeRecord(
        challenge=ChallengeRef(id="c", version="1.0.0"),
        submission=SubmissionRef(id="s", digest="d"),
        runtime="process",
        seed=1,
        started_at="",
        gradable=points.value is not None,
        score=points,
        band=None,
        checks=list(checks),
        skills=[],
        timings={},
        environment=EnvironmentRef(),
    )


def test_a_mutant_that_loses_its_check_alone_is_as_expected() -> None:
    assert judge_case(MUTANT, record(result("a", "fail"), result("b"))) == ()


def test_what_the_mutants_check_blocks_is_not_held_against_it() -> None:
    blocked = result("b", "blocked").model_copy(update={"blocked_by": ["a"]})
    assert judge_case(MUTANT, record(result("a", "fail"), blocked)) == ()


def test_a_mutant_that_passes_its_check_is_told() -> None:
    assert judge_case(MUTANT, record(result("a"), result("b"))) == ("a does not fail",)


def test_of_a_mutant_that_survives_nothing_else_is_told() -> None:
    unsure = result("b", "not_assessed", worth=0.9)
    assert judge_case(MUTANT, record(result("a"), unsure)) == ("a does not fail",)


def test_a_mutant_of_a_part_of_a_check_has_to_fail_that_check() -> None:
    case = Case("mutant", "a.edge", 1)
    assert judge_case(case, record(result("a", "partial"), result("b"))) == ()
    assert judge_case(case, record(result("a"), result("b"))) == ("a does not fail",)


def test_a_mutant_that_loses_another_check_is_told() -> None:
    (complaint,) = judge_case(MUTANT, record(result("a", "fail"), result("b", "partial")))
    assert complaint.startswith("b is lost too")


def test_a_reference_that_loses_anything_is_told() -> None:
    assert judge_case(Case("reference", "reference", 1), record(result("a", "fail"))) != ()


def test_what_was_not_assessed_proves_nothing() -> None:
    (complaint,) = judge_case(MUTANT, record(result("a", "fail"), result("b", "not_assessed", worth=0.1)))
    assert complaint.startswith("not assessed")


def test_a_starter_that_earns_too_much_is_told() -> None:
    case = Case("starter", "starter", 1)
    assert judge_case(case, record(result("a"), value=10.1)) != ()
    assert judge_case(case, record(result("a", "fail"), value=10)) == ()


def test_turns_that_differ_are_told_with_the_check() -> None:
    first = Verdict(Case("mutant", "a", 1), {"x": "pass", "y": "pass"}, 1, (), 0)
    second = Verdict(Case("mutant", "a", 2), {"x": "pass", "y": "fail"}, 1, (), 0)
    assert disagreements([first, second]) == ["a: turn 2 differs in y"]
    assert disagreements([first, first]) == []


@pytest.mark.parametrize(("quick", "of_the_mutant"), [(False, None), (True, ("greeting",))])
def test_in_a_hurry_only_the_check_under_proof_measures_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: bool, of_the_mutant: tuple[str, ...] | None
) -> None:
    asked: dict[str, tuple[str, ...] | None] = {}
    first: dict[str, str] = {}

    def grade(request: GradeRequest, *_: Any) -> GradeRecord:
        asked[Path(request.source).name] = request.full
        first[Path(request.source).name] = request.first
        return record(result("greeting"))

    monkeypatch.setattr("harness.verify.grade", grade)
    challenge = load_challenge(write_skeleton("my_task", tmp_path))
    verify(challenge, lambda: pytest.fail("no runtime is needed"), quick=quick)
    assert asked == {"reference-1": None, "starter-1": None, "greeting-1": of_the_mutant}
    assert first == {"reference-1": "", "starter-1": "", "greeting-1": "greeting"}


@pytest.mark.parametrize(
    ("role", "name", "quick", "without"),
    [
        ("reference", "reference", True, set()),
        ("mutant", "greeting", False, {"own-tests"}),
        ("mutant", "greeting", True, {"own-tests", "types", "lint", "openapi-behaviour"}),
        ("mutant", "types", True, {"own-tests"}),
        ("mutant", "own-tests", False, set()),
        ("mutant", "own-tests", True, {"types", "lint", "openapi-behaviour"}),
    ],
)
def test_what_is_no_part_of_a_proof_is_left_out(role: Role, name: str, quick: bool, without: set[str]) -> None:
    assert left_out(Case(role, name, 1), quick) == without
