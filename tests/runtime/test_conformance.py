"""What every runtime has to do alike."""

from __future__ import annotations

import time

import pytest

from harness.events import ignore
from harness.plan import plan_of_tests
from harness.runtime.base import Pod, Runtime
from tests.runtime.conftest import PlanMaker, PodOpener

pytestmark = pytest.mark.integration


def wait_for_line(pod: Pod, text: str) -> None:
    """Wait until the candidate has printed `text`; generous, since it only bounds a hang."""
    limit = time.monotonic() + 60
    while not any(text in line for line in pod.logs("candidate", 200)):
        assert time.monotonic() < limit, f"never printed {text!r}"
        time.sleep(0.05)


def test_a_submission_that_answers_passes_its_check(probed: PodOpener) -> None:
    with probed("curious") as (_, evidence):
        assert evidence.interrupted == ""
        assert evidence.frames["answers"].outcome == "pass"
        assert evidence.ready_seconds is not None


def test_the_analysis_document_arrives(probed: PodOpener) -> None:
    with probed("curious") as (pod, _):
        document = pod.analyse(180)
        assert {"types", "lint"} <= document.keys()


def test_a_submission_that_fails_at_import_is_not_ready_and_its_traceback_is_kept(probed: PodOpener) -> None:
    with probed("broken_import") as (_, evidence):
        assert evidence.not_ready is not None
        assert any("undefined_router" in line for line in evidence.not_ready.log)


def test_stop_returns_the_exit_code_of_a_submission_that_obeys(probed: PodOpener) -> None:
    with probed("curious") as (pod, _):
        code, killed = pod.stop("candidate", 30)
        assert not killed
        assert code in (0, 143, -15)
        assert not pod.state("candidate").running


def test_a_submission_that_ignores_sigterm_is_killed(probed: PodOpener) -> None:
    with probed("stubborn") as (pod, _):
        wait_for_line(pod, "ignoring")
        _, killed = pod.stop("candidate", 1)
        assert killed
        assert not pod.state("candidate").running


def test_a_restarted_submission_runs_again(probed: PodOpener) -> None:
    with probed("curious") as (pod, _):
        pod.restart("candidate")
        assert pod.state("candidate").running


def test_a_signal_reaches_the_submission(probed: PodOpener) -> None:
    with probed("curious") as (pod, _):
        pod.signal("candidate", "SIGTERM")
        limit = time.monotonic() + 60
        while pod.state("candidate").running:
            assert time.monotonic() < limit
            time.sleep(0.05)


def test_postgres_can_be_restarted_stopped_and_started(probed: PodOpener) -> None:
    with probed("curious") as (pod, _):
        pod.restart("postgres")
        pod.stop("postgres", 10)
        pod.start("postgres")


def test_the_memory_of_the_submission_is_told(probed: PodOpener) -> None:
    with probed("curious") as (pod, _):
        told = pod.memory()
        assert told is not None
        assert 2**20 < told < 2**30


def test_the_submissions_own_tests_run_apart_from_the_pod(runtime: Runtime, plan_for: PlanMaker) -> None:
    plan = plan_for("tested")
    tests = runtime.environment(plan_of_tests(plan), ignore)
    with runtime.pod(plan, runtime.environment(plan, ignore)) as pod:
        pod.start_prober()
        pod.start_postgres()
        pod.start_candidate()
        document = pod.trial(tests, 300)
    assert document["problem"] == ""
    assert document["counts"] == {"passed": 6, "failed": 1, "error": 0, "skipped": 1}
    assert [failure["id"] for failure in document["failures"]] == ["tests/test_items.py::test_that_fails"]
    executed, missing = document["coverage"]["app/main.py"]
    # healthz, which nobody asks for, and what nobody calls.
    assert missing == [9, 31]
    assert {14, 20, 27} < set(executed)
    assert {fault["id"]: fault["outcome"] for fault in document["faults"]} == {
        "success-status": "noticed",
        "accepted": "noticed",
        "error-status": "noticed",
        "error-body": "missed",
        "field": "noticed",
        "value": "noticed",
        "row": "noticed",
        "headers": "missed",
    }
