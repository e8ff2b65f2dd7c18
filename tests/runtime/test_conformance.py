"""What every runtime has to do alike."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from harness.events import ignore
from harness.plan import plan_of_tests
from harness.runtime.base import Pod, Runtime
from tests.runtime.conftest import PlanMaker, PodOpener


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Generous, since it only bounds a hang."""
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit, f"never: {what}"
        time.sleep(0.05)


def wait_for_line(pod: Pod, text: str) -> None:
    """Wait until the candidate has printed `text`."""
    wait_until(lambda: any(text in line for line in pod.logs("candidate", 200)), f"printed {text!r}")


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


def starts(pod: Pod) -> list[str]:
    """What each process of the curious submission has drawn for itself, in the order of their starts."""
    lines = [line.removeprefix("FOUND ") for line in pod.logs("candidate", 200) if line.startswith("FOUND ")]
    return [json.loads(line)["drawn"] for line in lines]


def test_a_restarted_submission_is_a_new_process(probed: PodOpener) -> None:
    with probed("curious") as (pod, _):
        (first,) = starts(pod)
        pod.restart("candidate")
        wait_until(lambda: starts(pod)[-1:] not in ([], [first]), "the submission started again")
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


# In Docker they have an eighth of a processor's share: that takes minutes where other tests run.
@pytest.mark.parametrize(
    "runtime",
    [
        pytest.param("docker", marks=[pytest.mark.docker, pytest.mark.extended]),
        pytest.param("process", marks=pytest.mark.integration),
    ],
    indirect=True,
)
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
