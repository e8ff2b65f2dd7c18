"""PostgreSQL ends while a service is probed: by a check, by the submission, or by somebody else."""

from __future__ import annotations

import pytest

from harness.errors import EnvironmentFault
from harness.runtime.base import ProcessState
from tests.grade.conftest import Lab, check_of, outcomes, problem_of
from tests.grade.fake_prober import Ask, Do, Silence, Step
from tests.grade.fake_runtime import FakePod, Scene
from tests.grade.frames import BOUND, all_pass, fails, half, not_ready, passes, run

# The exit codes of SIGKILL, as the engine, a process and our supervisor tell them.
KILLED = (137, -9, 247)


def kill(pod: FakePod, code: int = 137) -> None:
    pod.servers["postgres"].end(code)


def kill_unnoticed(pod: FakePod) -> None:
    pod.servers["postgres"].unnoticed = True


@pytest.mark.parametrize("code", KILLED)
def test_a_failure_after_somebody_killed_postgres_is_taken_back(lab: Lab, code: int) -> None:
    record = lab.grade(run(passes("answers"), passes("stores"), Do(lambda pod: kill(pod, code)), fails("lists")))
    assert outcomes(record)["stores"] == "pass"
    assert (check_of(record, "lists").outcome, check_of(record, "lists").fault) == ("not_assessed", "environment")
    assert (problem_of(record).fault, problem_of(record).what) == ("environment", "PostgreSQL was killed")
    assert "somebody else" in problem_of(record).detail
    assert not record.gradable


def test_a_partial_result_after_somebody_killed_postgres_is_taken_back(lab: Lab) -> None:
    record = lab.grade(run(Do(kill), half("lists")))
    assert outcomes(record)["lists"] == "not_assessed"


def test_a_check_that_passes_is_believed_though_postgres_was_killed(lab: Lab) -> None:
    record = lab.grade(run(passes("answers"), Do(kill), *all_pass("answers")))
    assert record.score.value == 100


@pytest.mark.parametrize("code", [0, 1, 143])
def test_a_postgres_that_ended_by_itself_is_no_excuse(lab: Lab, code: int) -> None:
    record = lab.grade(run(Do(lambda pod: kill(pod, code)), fails("lists"), *all_pass("lists")))
    assert outcomes(record)["lists"] == "fail"
    assert record.problem is None


def test_a_postgres_that_took_too_much_memory_is_no_excuse(lab: Lab) -> None:
    steps: list[Step] = [Do(lambda pod: pod.servers["postgres"].end(137, oom=True)), fails("lists"), *all_pass("lists")]
    assert outcomes(lab.grade(run(*steps)))["lists"] == "fail"


@pytest.mark.parametrize("op", ["kill", "signal"])
def test_a_failure_after_a_check_killed_postgres_counts(lab: Lab, op: str) -> None:
    asked = Ask(op, "postgres", {"signal": "SIGKILL"})
    record = lab.grade(run(asked, fails("survives"), *all_pass("survives")))
    assert lab.pod.servers["postgres"].state == ProcessState(running=False, exit_code=137)
    assert outcomes(record)["survives"] == "fail"
    assert record.problem is None


@pytest.mark.parametrize("op", ["kill", "signal"])
def test_a_check_that_kills_the_service_is_no_excuse_for_a_killed_postgres(lab: Lab, op: str) -> None:
    record = lab.grade(run(Ask(op, "candidate", {"signal": "SIGKILL"}), Do(kill), fails("survives")))
    assert outcomes(record)["survives"] == "not_assessed"


@pytest.mark.parametrize("op", ["restart", "stop", "state", "logs"])
def test_a_check_that_does_not_kill_postgres_is_not_blamed_for_its_end(lab: Lab, op: str) -> None:
    record = lab.grade(run(Ask(op, "postgres"), Do(kill), fails("survives")))
    assert outcomes(record)["survives"] == "not_assessed"


def test_failures_shortly_before_the_end_of_postgres_was_known_are_taken_back(lab: Lab) -> None:
    steps: list[Step] = [
        fails("answers"),
        Silence(0.5),
        fails("stores"),
        Silence(9),
        fails("lists"),
        Do(kill),
        fails("types"),
    ]
    record = lab.grade(run(*steps))
    assert outcomes(record) == dict.fromkeys(outcomes(record), "not_assessed")


def test_a_failure_ten_seconds_before_the_end_of_postgres_was_known_is_believed(lab: Lab) -> None:
    steps: list[Step] = [
        fails("answers"),
        Silence(0.5),
        half("stores"),
        Silence(9.5),
        passes("lists"),
        Do(kill),
        fails("types"),
    ]
    record = lab.grade(run(*steps))
    assert outcomes(record)["answers"] == "fail"
    assert outcomes(record)["stores"] == "not_assessed"
    assert outcomes(record)["lists"] == "pass"
    assert outcomes(record)["types"] == "not_assessed"


def test_a_failure_at_the_very_end_is_believed_once_postgres_has_answered(lab: Lab) -> None:
    record = lab.grade(run(*all_pass("extra"), fails("extra")))
    assert outcomes(record)["extra"] == "fail"
    assert lab.cancelled.waits == [2]
    assert "start postgres" in lab.pod.calls


def test_only_what_is_left_of_the_two_seconds_is_waited_for(lab: Lab) -> None:
    lab.grade(run(fails("extra"), Silence(0.75), Silence(0.75), *all_pass("extra")))
    assert lab.cancelled.waits == [0.5]


def test_nothing_is_waited_for_when_the_last_failure_is_long_ago(lab: Lab) -> None:
    lab.grade(run(fails("extra"), Silence(3), *all_pass("extra")))
    assert sum(lab.cancelled.waits) == 0


def test_nothing_is_waited_for_where_nothing_failed(lab: Lab) -> None:
    lab.grade(run(*all_pass()))
    assert lab.cancelled.waits == []
    assert "state postgres" not in lab.pod.calls


def test_a_killed_postgres_that_the_engine_learns_of_late_is_found_by_asking_it(lab: Lab) -> None:
    record = lab.grade(run(*all_pass("extra"), Do(kill_unnoticed), fails("extra")))
    assert outcomes(record)["extra"] == "not_assessed"
    assert (problem_of(record).fault, problem_of(record).what) == ("environment", "PostgreSQL was killed")


def test_a_postgres_that_is_killed_while_the_harness_settles_is_seen(lab: Lab) -> None:
    lab.cancelled.on_wait = lambda: kill(lab.pod)
    record = lab.grade(run(*all_pass("extra"), fails("extra")))
    assert outcomes(record)["extra"] == "not_assessed"


def test_a_postgres_that_runs_and_does_not_answer_is_the_environments_fault(lab: Lab) -> None:
    scene = Scene(
        run(*all_pass("extra"), fails("extra")),
        faults={"start": EnvironmentFault("PostgreSQL did not answer")},
    )
    record = lab.grade(scene)
    assert outcomes(record)["extra"] == "not_assessed"
    assert problem_of(record).what == "PostgreSQL did not answer"


def test_a_postgres_that_a_check_killed_is_not_asked_at_the_end(lab: Lab) -> None:
    record = lab.grade(run(*all_pass("extra"), Ask("kill", "postgres"), fails("extra")))
    assert "start postgres" not in lab.pod.calls
    assert outcomes(record)["extra"] == "fail"


def test_a_service_whose_postgres_was_killed_is_not_blamed_for_not_starting(lab: Lab) -> None:
    record = lab.grade([BOUND, Do(kill_unnoticed), not_ready()])
    assert lab.cancelled.waits == [2]
    assert (problem_of(record).fault, problem_of(record).what) == ("environment", "PostgreSQL was killed")
    assert set(outcomes(record).values()) == {"not_assessed"}


def test_without_postgres_a_failure_is_believed_while_the_service_is_there(lab: Lab) -> None:
    lab.without_postgres()
    record = lab.grade(run(fails("lists"), *all_pass("lists")))
    assert outcomes(record)["lists"] == "fail"
    assert not [call for call in lab.pod.calls if call.endswith("postgres") and call != "start_postgres"]


def test_without_postgres_a_service_whose_container_is_gone_is_not_blamed(lab: Lab) -> None:
    lab.without_postgres()
    record = lab.grade(run(passes("answers"), Do(lambda pod: pod.lose()), fails("lists")))
    assert outcomes(record)["lists"] == "not_assessed"
    assert problem_of(record).fault == "environment"
