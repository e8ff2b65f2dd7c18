"""A grade that is stopped ends at once wherever it is, leaves nothing, and makes no record.

That every pod is closed and every folder removed is seen by the fixture `lab`, in each of these tests.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from harness.errors import Interrupted
from tests.grade.conftest import Lab
from tests.grade.fake_prober import Ask, Do, Silence, Step
from tests.grade.fake_runtime import FakePod, Scene
from tests.grade.frames import BOUND, DONE, all_pass, fails, not_ready, passes, ready, run


def stopped(lab: Lab, *scenes: Scene | list[Step], **request: Any) -> None:
    """The grade ends without a record."""
    with pytest.raises(Interrupted, match=r"^stopped$"):
        lab.grade(*scenes, **request)
    assert "judge" not in lab.stages


def test_a_grade_that_is_stopped_before_it_begins_probes_nothing(lab: Lab) -> None:
    lab.cancelled.set()
    stopped(lab, run(*all_pass()))
    assert "start_candidate" not in lab.pod.calls


@pytest.mark.parametrize("stage", ["describe", "environment", "pod"])
def test_a_grade_is_stopped_while_the_pod_is_prepared(lab: Lab, stage: str) -> None:
    lab.runtime.faults[stage] = lab.cancelled.set
    stopped(lab, run(*all_pass()))
    assert "start_candidate" not in lab.pod.calls


@pytest.mark.parametrize("stage", ["environment", "pod"])
def test_a_runtime_that_notices_the_stop_itself_ends_the_grade(lab: Lab, stage: str) -> None:
    lab.runtime.faults[stage] = Interrupted("stopped")
    stopped(lab)


@pytest.mark.parametrize("stage", ["start_prober", "grader_folders"])
def test_a_grade_is_stopped_while_the_prober_starts(lab: Lab, stage: str) -> None:
    stopped(lab, Scene(run(*all_pass()), faults={stage: lab.cancelled.set}))
    assert "start_postgres" not in lab.pod.calls


@pytest.mark.parametrize("stage", ["start_postgres", "start_candidate"])
def test_a_grade_is_stopped_while_the_services_start(lab: Lab, stage: str) -> None:
    scene = Scene(run(*all_pass()), faults={stage: lab.cancelled.set})
    stopped(lab, scene)
    assert not any(call.startswith("analyse") for call in lab.pod.calls)


@pytest.mark.parametrize("stage", ["start_prober", "start_postgres", "start_candidate"])
def test_a_pod_that_notices_the_stop_itself_ends_the_grade(lab: Lab, stage: str) -> None:
    stopped(lab, Scene(run(*all_pass()), faults={stage: Interrupted("stopped")}))


@pytest.mark.parametrize("before", range(4))
def test_a_grade_is_stopped_between_any_two_frames(lab: Lab, before: int) -> None:
    steps: list[Step] = [BOUND, Ask("state"), ready(), passes("answers")]
    stop: list[Step] = [Do(lambda _: lab.cancelled.set())]
    stopped(lab, [*steps[:before], *stop, *steps[before:], passes("stores"), DONE])


def test_a_grade_is_stopped_within_a_second_of_silence(lab: Lab) -> None:
    since: list[float] = []

    def stop(_: FakePod) -> None:
        lab.cancelled.set()
        since.append(lab.clock.monotonic())

    stopped(lab, [BOUND, ready(), Silence(0.5), Do(stop), Silence()])
    assert lab.clock.monotonic() - since[0] <= 1


def test_a_grade_is_stopped_while_a_failure_settles(lab: Lab) -> None:
    lab.cancelled.on_wait = lab.cancelled.set
    stopped(lab, run(*all_pass("extra"), fails("extra")))


def test_a_grade_is_stopped_before_a_service_is_blamed_for_not_starting(lab: Lab) -> None:
    lab.cancelled.on_wait = lab.cancelled.set
    stopped(lab, [BOUND, not_ready()])


def stop_after_the_checks(lab: Lab) -> tuple[list[Step], Callable[[FakePod], Mapping[str, Any]]]:
    """A run, and work next to it that stops the grade once the last frame was sent and ends with the pod."""
    sent = threading.Event()

    def work(pod: FakePod) -> Mapping[str, Any]:
        assert sent.wait(30)
        lab.cancelled.set()
        assert pod.gone.wait(30), "the pod is closed though the work goes on"
        return {}

    return run(*all_pass(), Do(lambda _: sent.set())), work


def test_a_grade_is_stopped_while_the_analysis_goes_on(lab: Lab) -> None:
    steps, work = stop_after_the_checks(lab)
    stopped(lab, Scene(steps, analysis=work))


def test_a_grade_is_stopped_while_the_candidates_tests_go_on(lab: Lab) -> None:
    steps, work = stop_after_the_checks(lab)
    stopped(lab, Scene(steps, trial=work), own_tests=True)


def test_a_grade_is_stopped_while_the_environment_of_the_tests_is_made(lab: Lab) -> None:
    def second() -> None:
        if len(lab.runtime.environments) == 2:
            raise Interrupted("stopped")

    lab.runtime.faults["environment"] = second
    stopped(lab, own_tests=True)


def test_a_grade_is_stopped_while_the_pod_is_held(lab: Lab) -> None:
    def hold(_: str) -> None:
        raise Interrupted("stopped")

    stopped(lab, run(*all_pass()), hold=hold)


def test_a_grade_is_stopped_while_the_reference_starts(lab: Lab) -> None:
    lab.runtime.reference = Scene([BOUND, Do(lambda _: lab.cancelled.set()), ready(), DONE])
    stopped(lab, run(*all_pass()), baseline=True)
    assert [pod.closed for pod in lab.runtime.pods] == [1, 1]


def test_a_grade_is_stopped_while_the_image_is_built(lab: Lab) -> None:
    lab.runtime.faults["own_image"] = Interrupted("stopped")
    stopped(lab, run(*all_pass()), own_image=True)
