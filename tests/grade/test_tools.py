"""What the tools say next to the checks: of the code, and of the candidate's own tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from harness import session
from harness.errors import EnvironmentFault, HarnessFault, SubmissionError
from harness.events import Event
from harness.record import OwnTests
from tests.grade.conftest import Lab, check_of, outcomes
from tests.grade.fake_prober import Ask, Do, Step
from tests.grade.fake_runtime import Document, FakePod, Scene, on_call
from tests.grade.frames import BOUND, all_pass, fails, not_ready, ready, run

BLOCKING = {
    "id": "blocking",
    "good": False,
    "title": "Blocks the event loop",
    "count": 1,
    "places": [{"path": "app/main.py", "line": 7, "message": "time.sleep"}],
}
LISTING = {"path": "app/main.py", "text": "a\nb\nc\n", "types": "t.."}
ANALYSIS = {"types": {"errors": 0}, "signals": [BLOCKING], "sources": [LISTING], "handlers": []}
TRIAL = {
    "problem": "",
    "seconds": 1.5,
    "counts": {"passed": 3, "failed": 1, "error": 2, "skipped": 4},
    "failures": [{"id": "tests/test_app.py::test_it", "message": "assert 1 == 2"}],
    "coverage": {"app/main.py": [[1], [3]]},
}


def own_tests(lab: Lab, trial: Document, **request: Any) -> OwnTests:
    """What the record says of the candidate's own tests; the checks all pass."""
    record = lab.grade(Scene(run(*all_pass()), trial=trial), own_tests=True, **request)
    assert record.score.value == 100
    assert record.problem is None
    assert record.own_tests is not None
    return record.own_tests


def endless(lab: Lab) -> tuple[list[Step], Callable[[FakePod], Mapping[str, Any]]]:
    """A run, and work that ends with the pod; time passes once the last frame was sent."""
    sent = threading.Event()

    def work(pod: FakePod) -> Mapping[str, Any]:
        assert sent.wait(30)
        while not pod.gone.wait(0.001):
            lab.clock.advance(1)
        return ANALYSIS

    return run(*all_pass(), Do(lambda _: sent.set())), work


def test_what_was_noticed_in_the_code_is_in_the_record_and_explains_a_failure(lab: Lab) -> None:
    record = lab.grade(Scene(run(fails("lists"), fails("types"), *all_pass("lists", "types")), analysis=ANALYSIS))
    assert [(signal.id, signal.count) for signal in record.signals] == [("blocking", 1)]
    assert [(source.path, source.types) for source in record.sources] == [("app/main.py", "t..")]
    assert [(place.path, place.line) for place in check_of(record, "lists").evidence.code] == [("app/main.py", 7)]
    assert check_of(record, "types").evidence.code == []


def test_the_analysis_begins_when_the_service_is_up(lab: Lab) -> None:
    lab.grade([BOUND, not_ready()])
    assert not any(call.startswith("analyse") for call in lab.pod.calls)


def test_the_analysis_has_three_minutes(lab: Lab) -> None:
    lab.grade(run(*all_pass()))
    assert [call for call in lab.pod.calls if call.startswith("analyse")] == ["analyse 180.0"]


def test_no_code_is_read_where_that_was_not_asked_for(lab: Lab) -> None:
    record = lab.grade(Scene(run(*all_pass()), analysis=ANALYSIS), analysis=False)
    assert record.score.value == 100
    assert (record.signals, record.sources) == ([], [])
    assert not any(call.startswith("analyse") for call in lab.pod.calls)


def test_the_analysis_is_waited_for_when_the_checks_are_done(lab: Lab) -> None:
    sent = threading.Event()

    def analyse(_: FakePod) -> Mapping[str, Any]:
        assert sent.wait(30)
        return ANALYSIS

    record = lab.grade(Scene(run(*all_pass(), Do(lambda _: sent.set())), analysis=analyse))
    assert len(record.signals) == 1


def test_an_analysis_that_never_ends_is_given_up_after_three_minutes(lab: Lab) -> None:
    steps, work = endless(lab)
    before = lab.clock.monotonic()
    record = lab.grade(Scene(steps, analysis=work))
    assert record.score.value == 100
    assert record.signals == []
    assert lab.clock.monotonic() - before >= 180


@pytest.mark.parametrize(
    "error", [HarnessFault("mypy crashed"), EnvironmentFault("no room"), ZeroDivisionError("a bug")], ids=repr
)
def test_an_analysis_that_fails_costs_nothing_but_what_it_would_have_said(lab: Lab, error: Exception) -> None:
    record = lab.grade(Scene(run(*all_pass()), analysis=error))
    assert record.score.value == 100
    assert (record.signals, record.sources, record.problem) == ([], [], None)


@pytest.mark.parametrize(
    ("error", "fault", "said"),
    [
        (EnvironmentFault("no room"), "environment", "no room"),
        (ZeroDivisionError("a bug"), "harness", "the analysis failed"),
    ],
)
def test_a_check_that_asks_for_an_analysis_that_failed_is_told_whose_fault_it_is(
    lab: Lab, error: Exception, fault: str, said: str
) -> None:
    lab.grade(Scene(run(Ask("static"), *all_pass()), analysis=error))
    (answer,) = lab.channel.answers["static"]
    assert (answer["ok"], answer["fault"]) == (False, fault)
    assert answer["error"].startswith(said)


def late(lab: Lab, op: str, work: str, deadline: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The answer to a check that asks for a document which takes longer than it may."""
    asked = threading.Event()

    def slowly(_: FakePod) -> Mapping[str, Any]:
        assert asked.wait(30)
        return {}

    monkeypatch.setattr(session, deadline, 0.01)
    steps: list[Step] = [Ask(op), Do(lambda _: asked.set()), *all_pass()]
    scene = Scene(run(*steps))
    setattr(scene, work, slowly)
    assert lab.grade(scene, own_tests=True).score.value == 100
    (answer,) = lab.channel.answers[op]
    return answer


def test_a_check_does_not_wait_for_the_analysis_forever(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = late(lab, "static", "analysis", "_ANALYSIS_S", monkeypatch)
    assert (answer["ok"], answer["fault"]) == (False, "harness")
    assert answer["error"].startswith("the analysis ran out of time")


def test_a_check_does_not_wait_for_the_own_tests_forever(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = late(lab, "own_tests", "trial", "_TRIAL_S", monkeypatch)
    assert (answer["ok"], answer["fault"]) == (False, "harness")
    assert answer["error"].startswith("the candidate's own tests ran out of time")


def test_what_the_analysis_found_is_kept_when_the_run_is_cut(lab: Lab) -> None:
    analysed = threading.Event()

    def analyse(_: FakePod) -> Mapping[str, Any]:
        analysed.set()
        return ANALYSIS

    record = lab.grade(Scene([BOUND, ready(), Ask("static"), fails("lists")], analysis=analyse))
    assert record.problem is not None
    assert len(record.signals) == 1


def test_own_tests_are_in_the_record_with_what_they_covered(lab: Lab) -> None:
    record = lab.grade(Scene(run(*all_pass()), analysis=ANALYSIS, trial=TRIAL), own_tests=True)
    found = record.own_tests
    assert found is not None
    assert (found.files, found.passed, found.failed, found.errors, found.skipped) == (1, 3, 1, 2, 4)
    assert (found.seconds, found.coverage, found.problem) == (1.5, 50.0, "")
    assert found.failures[0].id == "tests/test_app.py::test_it"
    assert record.sources[0].coverage == "c.m"
    assert "trial 150.0" in lab.pod.calls


def test_own_tests_have_an_environment_of_their_own(lab: Lab) -> None:
    lab.grade(run(*all_pass()), own_tests=True)
    service, tests = lab.runtime.environments
    assert "pytest" not in service.project.dependencies.requirements
    assert "pytest" in tests.project.dependencies.requirements
    assert lab.pod.environment.packages.keys() == {"fastapi", "uvicorn"}
    assert lab.pod.tests_environment is not None
    assert "pytest" in lab.pod.tests_environment.packages


def test_own_tests_are_not_run_unless_they_are_asked_for(lab: Lab) -> None:
    record = lab.grade(Scene(run(*all_pass()), trial=TRIAL))
    assert record.own_tests is None
    assert len(lab.runtime.environments) == 1
    assert not any(call.startswith("trial") for call in lab.pod.calls)


def test_a_check_of_own_tests_asks_for_them(lab: Lab) -> None:
    lab.with_check("own-tests")
    scene = Scene(run(Ask("own_tests"), *all_pass(), fails("own-tests")), trial=TRIAL)
    record = lab.grade(scene)
    assert record.own_tests is not None
    assert outcomes(record)["own-tests"] == "fail"
    value = lab.channel.answers["own_tests"][0]["value"]
    assert (value["asked"], value["files"], value["passed"], value["failed"]) == (True, 1, 3, 1)


def test_a_submission_without_tests_has_nothing_to_say_of_them(lab: Lab) -> None:
    (lab.source / "tests" / "test_app.py").unlink()
    record = lab.grade(run(Ask("own_tests"), *all_pass()), own_tests=True)
    assert record.own_tests is None
    assert len(lab.runtime.environments) == 1
    assert lab.channel.answers["own_tests"][0]["value"] == {"files": 0, "asked": False}


def test_requirements_of_tests_that_were_not_taken_are_noted(lab: Lab) -> None:
    (lab.source / "requirements-dev.txt").write_text("-e git+https://example.org/x.git#egg=x\n")
    record = lab.grade(run(*all_pass()), own_tests=True)
    assert any(note.startswith("not installed for the tests:") for note in record.notes)


@pytest.mark.parametrize("kind", [SubmissionError, EnvironmentFault, HarnessFault])
def test_own_tests_whose_requirements_can_not_be_installed_cost_nothing(lab: Lab, kind: type[Exception]) -> None:
    lab.runtime.faults["environment"] = on_call(2, kind("no such release"))
    found = own_tests(lab, TRIAL)
    assert found.problem == "what the tests need can't be installed: no such release"
    assert (found.files, found.passed) == (1, 0)
    assert not any(call.startswith("trial") for call in lab.pod.calls)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [(SubmissionError, "submission"), (EnvironmentFault, "environment"), (HarnessFault, "harness")],
)
def test_a_check_is_told_whose_fault_it_is_that_there_are_no_own_tests(
    lab: Lab, kind: type[Exception], fault: str
) -> None:
    lab.runtime.faults["environment"] = on_call(2, kind("no such release"))
    lab.grade(run(Ask("own_tests"), *all_pass()), own_tests=True)
    (answer,) = lab.channel.answers["own_tests"]
    assert (answer["ok"], answer["fault"]) == (False, fault)
    assert "no such release" in answer["error"]


def test_own_tests_that_could_not_be_run_cost_nothing(lab: Lab) -> None:
    assert own_tests(lab, EnvironmentFault("the container is gone")).problem == "the container is gone"


def test_a_bug_in_the_run_of_own_tests_costs_nothing(lab: Lab) -> None:
    assert own_tests(lab, ZeroDivisionError("a bug")).problem.startswith("the candidate's own tests failed")


def test_a_document_about_own_tests_that_does_not_fit_costs_nothing(lab: Lab) -> None:
    assert "does not fit" in own_tests(lab, {"counts": "many"}).problem


def test_own_tests_that_do_not_end_are_given_up(lab: Lab) -> None:
    steps, work = endless(lab)
    record = lab.grade(Scene(steps, trial=work), own_tests=True)
    assert record.own_tests is not None
    assert record.own_tests.problem == "they were not run to their end"
    assert record.score.value == 100


def test_a_reader_is_told_when_only_the_own_tests_are_waited_for(lab: Lab) -> None:
    sent = threading.Event()

    def trial(_: FakePod) -> Mapping[str, Any]:
        assert sent.wait(30)
        return TRIAL

    def release(event: Event) -> None:
        lab.events.append(event)
        if "waiting" in str(event):
            sent.set()

    lab.listener = release
    assert own_tests(lab, trial).passed == 3
    assert lab.notes[-1] == "the checks are done; waiting for the submission's own tests"


def test_a_reader_is_told_nothing_where_the_own_tests_are_done(lab: Lab) -> None:
    lab.grade(Scene(run(Ask("own_tests"), *all_pass()), trial=TRIAL), own_tests=True)
    assert "trial 150.0" in lab.pod.calls
    assert not any("waiting" in note for note in lab.notes)


def test_own_tests_begin_when_the_service_is_up(lab: Lab) -> None:
    record = lab.grade(Scene([BOUND, not_ready()], trial=TRIAL), own_tests=True)
    assert not any(call.startswith("trial") for call in lab.pod.calls)
    assert record.own_tests is not None
    assert record.own_tests.problem == "they were not run to their end"
