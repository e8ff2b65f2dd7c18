"""What fails around a submission, stage by stage: never the submission's fault, and what was seen before stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.errors import EnvironmentFault, HarnessFault, TakehomeError
from tests.grade.conftest import Lab, check_of, outcomes, problem_of
from tests.grade.fake_prober import Do
from tests.grade.fake_runtime import Scene, on_call
from tests.grade.frames import ALL, BOUND, all_pass, fails, not_ready, passes, ready, run

NEXT = "run again; `takehome doctor` may tell why"
BEFORE_A_POD = ("describe", "environment", "pod")
IN_THE_POD = ("start_prober", "grader_folders", "start_postgres", "start_candidate")


def lost(kind: type[TakehomeError]) -> TakehomeError:
    return kind("it broke", where="over there", detail="errno 5\nand more", next_step="look there")


@pytest.mark.parametrize("stage", BEFORE_A_POD)
@pytest.mark.parametrize(
    ("kind", "fault"), [(EnvironmentFault, "environment"), (HarnessFault, "harness")], ids=["environment", "harness"]
)
def test_what_fails_before_the_pod_is_told_as_it_was_raised(
    lab: Lab, stage: str, kind: type[TakehomeError], fault: str
) -> None:
    lab.runtime.faults[stage] = lost(kind)
    record = lab.grade(run())
    assert not record.gradable
    assert (record.score.value, record.score.low, record.score.high) == (None, 0, 100)
    assert record.checks == []
    problem = problem_of(record)
    assert (problem.fault, problem.what, problem.where) == (fault, "it broke", "over there")
    assert (problem.detail, problem.next_step) == ("errno 5\nand more", "look there")
    assert (record.runtime, record.seed, record.submission.app) == ("process", 7, "app.main:app")


def test_a_runtime_that_can_not_be_had_is_told(lab: Lab) -> None:
    from harness.grade import GradeRequest, grade

    def no_engine() -> None:
        raise EnvironmentFault("no Docker engine answers", next_step="start it")

    record = grade(GradeRequest(str(lab.source), lab.challenge), no_engine)  # type: ignore[arg-type]
    assert (problem_of(record).fault, problem_of(record).what) == ("environment", "no Docker engine answers")
    assert record.runtime == "docker"
    assert record.seed > 0


@pytest.mark.parametrize("stage", IN_THE_POD)
@pytest.mark.parametrize(
    ("kind", "fault"), [(EnvironmentFault, "environment"), (HarnessFault, "harness")], ids=["environment", "harness"]
)
def test_what_fails_in_the_pod_leaves_every_check_unassessed(
    lab: Lab, stage: str, kind: type[TakehomeError], fault: str
) -> None:
    record = lab.grade(Scene(run(*all_pass()), faults={stage: lost(kind)}))
    assert not record.gradable
    assert record.score.assessed == 0
    assert {(check.outcome, check.fault) for check in record.checks} == {("not_assessed", fault)}
    assert len(record.checks) == len(ALL)
    assert check_of(record, "answers").reason.startswith("it broke\n")
    problem = problem_of(record)
    assert (problem.fault, problem.what, problem.where, problem.next_step) == (fault, "it broke", "", NEXT)
    assert problem.detail == "  where: over there\n  detail: errno 5\n          and more\n  next:  look there"
    assert record.environment.python == "3.12.4"


def test_a_prober_that_is_gone_before_it_is_spoken_to_is_the_environments_fault(lab: Lab) -> None:
    def vanish() -> None:
        lab.channel.gone = True

    record = lab.grade(Scene(run(*all_pass()), faults={"grader_folders": vanish}))
    assert (problem_of(record).fault, problem_of(record).what) == ("environment", "the prober is gone")


def test_a_pod_that_is_lost_in_the_middle_keeps_what_was_seen_before(lab: Lab) -> None:
    record = lab.grade(run(passes("answers"), passes("stores"), Do(lambda pod: pod.lose()), fails("lists")))
    assert outcomes(record) == {
        "answers": "pass",
        "stores": "pass",
        "lists": "not_assessed",
        "survives": "not_assessed",
        "types": "not_assessed",
        "extra": "not_assessed",
    }
    assert check_of(record, "lists").fault == "environment"
    assert check_of(record, "lists").reason == "no such container"
    assert (problem_of(record).fault, problem_of(record).what) == ("environment", "no such container")
    assert not record.gradable


def test_a_pod_that_is_lost_late_still_gives_a_grade_with_a_problem(lab: Lab) -> None:
    record = lab.grade(run(*all_pass("extra"), Do(lambda pod: pod.lose()), fails("extra")))
    assert record.gradable
    assert record.score.value == 100
    assert outcomes(record)["extra"] == "not_assessed"
    assert problem_of(record).fault == "environment"


def test_a_pod_that_is_lost_while_the_service_starts_blames_no_submission(lab: Lab) -> None:
    record = lab.grade([BOUND, Do(lambda pod: pod.lose()), not_ready()])
    assert problem_of(record).fault == "environment"
    assert set(outcomes(record).values()) == {"not_assessed"}


def test_a_log_that_can_not_be_read_blames_no_submission(lab: Lab) -> None:
    record = lab.grade(Scene([BOUND, not_ready()], faults={"logs": EnvironmentFault("the engine is gone")}))
    assert (problem_of(record).fault, problem_of(record).what) == ("environment", "the engine is gone")


def test_a_pod_that_is_lost_as_the_service_is_looked_at_blames_no_submission(lab: Lab) -> None:
    lab.without_postgres()
    record = lab.grade(
        Scene([BOUND, not_ready()], faults={"state": on_call(2, EnvironmentFault("the engine is gone"))})
    )
    assert problem_of(record).fault == "environment"


def test_an_engine_that_takes_the_prober_along_is_at_fault_itself(lab: Lab) -> None:
    record = lab.grade([BOUND, ready(), *all_pass(), Do(lambda pod: pod.lose())])
    assert (problem_of(record).fault, problem_of(record).what) == ("environment", "no such container")
    assert record.score.value == 100


def test_a_prober_whose_log_can_be_read_and_whose_pod_is_gone_is_not_to_blame(lab: Lab) -> None:
    faults = {"logs": EnvironmentFault("no such container")}
    record = lab.grade(Scene([BOUND, ready()], faults=dict(faults)))
    assert problem_of(record).fault == "environment"


def test_a_bug_of_ours_is_raised_when_everything_has_been_removed(lab: Lab) -> None:
    def bug() -> None:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        lab.grade(Scene(run(), faults={"start_candidate": bug}))
    assert lab.pod.closed == 1


def test_a_package_that_can_not_be_put_in_place_is_the_environments_fault(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    _vendored(lab)
    monkeypatch.setattr("harness.grade.lay_vendored", full)
    record = lab.grade()
    problem = problem_of(record)
    assert (problem.fault, problem.what) == ("environment", "the challenge's package can't be put in place")
    assert "No space left" in problem.detail


def test_a_package_of_the_challenge_replaces_the_submissions_copy(lab: Lab) -> None:
    (lab.source / "shared").mkdir()
    (lab.source / "shared" / "__init__.py").write_text("cheat = True\n")
    _vendored(lab)
    seen: list[str] = []

    def look(_: str) -> None:
        seen.append((lab.pod.plan.snapshot.path / "shared" / "__init__.py").read_text())

    record = lab.grade(run(*all_pass()), hold=look)
    assert seen == ["honest = True\n"]
    assert record.score.value == 100


def _vendored(lab: Lab) -> None:
    from dataclasses import replace

    package = lab.challenge.folder / "vendored" / "shared"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("honest = True\n")
    lab.challenge = replace(lab.challenge, spec=lab.challenge.spec.model_copy(update={"vendored": ["shared"]}))


def test_a_cache_that_can_not_be_written_to_is_the_environments_fault(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "host").write_text("")
    record = lab.grade()
    assert (problem_of(record).fault, record.checks) == ("environment", [])
    assert problem_of(record).where == str(tmp_path / "cache" / "host")


def test_what_a_killed_run_left_is_removed_and_told(lab: Lab, tmp_path: Path) -> None:
    left = tmp_path / "tmp" / "takehome-snapshot-left"
    left.mkdir()
    (left / "owner").write_text("999999999 long ago\n")
    lab.grade(run(*all_pass()))
    assert not os.path.exists(left)
    assert lab.notes[0] == "removed folder takehome-snapshot-left, left by a run that was killed"
