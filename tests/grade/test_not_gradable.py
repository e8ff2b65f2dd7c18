"""A submission that can't be graded for a reason of its own, and bad input: who is told what."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.challenge import load_challenge
from harness.errors import SubmissionError, UsageError
from tests.grade.conftest import Lab, problem_of
from tests.grade.fake_prober import Do, Step
from tests.grade.fake_runtime import Scene, Server
from tests.grade.frames import ALL, BOUND, all_pass, not_ready, run

TRACEBACK = [
    "Traceback (most recent call last):",
    '  File "/usr/lib/python3.12/runpy.py", line 1, in run',
    "    import app.main",
    '  File "/srv/app/app/main.py", line 3, in <module>',
    "    import sqlmodel",
    "ModuleNotFoundError: No module named 'sqlmodel'",
]


def test_a_service_that_never_listens_is_the_submissions_fault(lab: Lab) -> None:
    scene = Scene([BOUND, not_ready()], candidate=Server(lines=["starting", "waiting"]))
    record = lab.grade(scene)
    assert not record.gradable
    assert (record.score.value, record.score.low, record.score.high) == (None, 0, 100)
    assert record.band is None
    assert record.problem is not None
    assert record.problem.fault == "submission"
    assert record.problem.what == "The app didn't listen within 30 s"
    assert record.problem.where == "never listened"
    assert record.problem.detail == "starting\nwaiting"
    assert record.problem.next_step == "start it as the brief says and read what it prints"
    assert [check.id for check in record.checks] == list(ALL)
    assert {(check.outcome, check.fault) for check in record.checks} == {("blocked", "submission")}
    assert record.checks[0].blocked_by == ["start"]
    assert record.checks[0].evidence.log == ["starting", "waiting"]
    assert "ready" not in record.timings


def test_what_the_prober_saw_is_told_where_the_service_printed_nothing(lab: Lab) -> None:
    record = lab.grade([BOUND, not_ready("listens but does not answer", "the connection was closed")])
    assert record.problem is not None
    assert record.problem.where == "listens but does not answer"
    assert record.problem.detail == "the connection was closed"


def test_a_service_that_exits_with_a_traceback_is_told_the_line(lab: Lab) -> None:
    record = lab.grade(Scene([BOUND, not_ready("exited", "exit code 1")], candidate=Server(lines=list(TRACEBACK))))
    assert record.problem is not None
    assert record.problem.what.endswith("ModuleNotFoundError: No module named 'sqlmodel'")
    assert record.problem.where == "app/main.py:3"
    assert "'sqlmodel'" in record.problem.next_step
    assert problem_of(record).detail.splitlines() == [
        '  File "app/main.py", line 3, in <module>',
        "    import sqlmodel",
        "ModuleNotFoundError: No module named 'sqlmodel'",
    ]
    assert "runpy" not in "\n".join(record.checks[0].evidence.log)


def test_a_traceback_that_came_through_no_line_of_the_submission_is_told_by_the_log(lab: Lab) -> None:
    lines = [*TRACEBACK[:3], "ValueError: no such setting", "stopped"]
    record = lab.grade(Scene([BOUND, not_ready("exited", "exit code 1")], candidate=Server(lines=lines)))
    assert problem_of(record).what == "The app didn't listen within 30 s: ValueError: no such setting"
    assert problem_of(record).where == "exited"
    assert problem_of(record).detail.splitlines()[-2:] == ["ValueError: no such setting", "stopped"]
    assert problem_of(record).next_step.startswith("mend it")


def test_only_the_end_of_a_long_log_is_kept(lab: Lab) -> None:
    lines = [f"line {number}" for number in range(1000)]
    record = lab.grade(Scene([BOUND, not_ready()], candidate=Server(lines=lines)))
    assert record.checks[0].evidence.log == lines[-40:]
    assert "logs candidate 300" in lab.pod.calls


def test_a_service_that_took_too_much_memory_is_told_its_limit(lab: Lab) -> None:
    steps: list[Step] = [
        BOUND,
        Do(lambda pod: pod.servers["candidate"].end(137, oom=True)),
        not_ready("exited", "exit code 137"),
    ]
    record = lab.grade(steps)
    assert record.problem is not None
    assert record.problem.fault == "submission"
    assert record.problem.where == "it was ended for using more than 192 MB of memory"


def test_a_not_ready_that_says_nothing_is_told_in_our_words(lab: Lab) -> None:
    record = lab.grade([BOUND, {"kind": "not_ready"}])
    assert record.problem is not None
    assert (record.problem.what, record.problem.where, record.problem.detail) == ("the app never answered", "", "")


def test_a_not_ready_whose_parts_are_no_text_is_told(lab: Lab) -> None:
    record = lab.grade([BOUND, {"kind": "not_ready", "summary": 1, "reason": 2, "detail": 3}])
    assert (problem_of(record).what, problem_of(record).where, problem_of(record).detail) == ("1", "2", "3")


def test_without_postgres_nothing_is_waited_for_before_a_service_is_blamed(lab: Lab) -> None:
    lab.without_postgres()
    record = lab.grade([BOUND, not_ready()])
    assert record.problem is not None
    assert record.problem.fault == "submission"
    assert lab.cancelled.waits == []
    assert "state postgres" not in lab.pod.calls


def test_a_submission_without_an_app_is_told_where_to_put_it(lab: Lab) -> None:
    (lab.source / "app" / "main.py").write_text("x = 1\n")
    record = lab.grade(runtime_name="docker")
    assert not record.gradable
    assert record.problem is not None
    assert (record.problem.fault, record.problem.what) == ("submission", "no FastAPI app found")
    assert "app.main:app" in record.problem.next_step
    assert record.checks == []
    assert record.score.high == 100
    assert (record.runtime, record.seed, record.submission.app) == ("docker", 7, "")
    assert lab.runtime.environments == []
    assert record.challenge.id == "shop"
    assert len(record.submission.digest) == 64


def test_a_submission_that_never_got_a_plan_has_the_seed_that_was_asked_for_or_none(lab: Lab) -> None:
    (lab.source / "app" / "main.py").unlink()
    assert lab.grade(seed=None).seed == 0


def test_a_submission_without_dependencies_is_told_so(lab: Lab) -> None:
    (lab.source / "requirements.txt").unlink()
    record = lab.grade()
    assert record.problem is not None
    assert record.problem.fault == "submission"
    assert "dependencies" in f"{record.problem.what} {record.problem.next_step}"


def test_dependencies_that_do_not_exist_are_the_submissions_fault(lab: Lab) -> None:
    lab.runtime.faults["environment"] = SubmissionError(
        "no such release", where="requirements.txt:2", detail="uvicorn==99", next_step="name one that exists"
    )
    record = lab.grade()
    assert not record.gradable
    assert record.problem is not None
    assert record.problem.model_dump() == {
        "fault": "submission",
        "what": "no such release",
        "where": "requirements.txt:2",
        "detail": "uvicorn==99",
        "next_step": "name one that exists",
    }
    assert (record.submission.app, record.seed, record.checks) == ("app.main:app", 7, [])
    assert (record.runtime, record.environment.python) == ("process", "")
    assert (record.score.value, record.score.low, record.score.high) == (None, 0, 100)


def test_another_python_than_the_declared_one_is_the_submissions_fault(lab: Lab) -> None:
    (lab.source / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.13"\ndependencies = ["fastapi", "uvicorn"]\n'
    )
    record = lab.grade()
    assert record.problem is not None
    assert record.problem.fault == "submission"
    assert ">=3.13" in record.problem.what
    assert lab.runtime.pods == []


def test_a_submission_that_is_not_there_is_bad_input(lab: Lab) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        lab.grade(source=str(lab.source / "nowhere"))


def test_a_revision_of_a_folder_that_has_none_is_bad_input(lab: Lab) -> None:
    with pytest.raises(UsageError, match="--ref"):
        lab.grade(ref="main")


def test_an_app_that_was_named_wrongly_is_bad_input(lab: Lab) -> None:
    with pytest.raises(UsageError, match=r"there is no module app\.other"):
        lab.grade(app="app.other:app")


def test_an_app_can_be_named(lab: Lab) -> None:
    (lab.source / "app" / "other.py").write_text("from fastapi import FastAPI\n\nserved = FastAPI()\n")
    assert lab.grade(run(*all_pass()), app="app.other:served").submission.app == "app.other:served"


def test_a_check_that_does_not_exist_is_bad_input(lab: Lab) -> None:
    with pytest.raises(UsageError, match="no check 'nothing' in shop"):
        lab.grade(only=("nothing",))


def test_a_contract_that_can_not_be_read_is_not_the_submissions_fault(lab: Lab) -> None:
    (lab.challenge.folder / "contract.json").write_text("{")
    with pytest.raises(UsageError, match="the contract is not JSON"):
        lab.grade(run(*all_pass()))


def test_a_template_that_the_challenge_has_wrong_is_not_the_submissions_fault(lab: Lab) -> None:
    path: Path = lab.challenge.folder / "challenge.toml"
    path.write_text(path.read_text().replace("{secret.signing}", "{stub.nowhere}"))
    lab.challenge = load_challenge(lab.challenge.folder)
    with pytest.raises(UsageError, match=r"unknown template \{stub\.nowhere\}"):
        lab.grade(run(*all_pass()))
