"""How long the challenge's own solution takes to get ready, to compare with: on request, alone, never in the way."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from harness import host
from harness.errors import EnvironmentFault, HarnessFault, SubmissionError
from harness.events import Event
from harness.host import Place
from tests.grade.conftest import Lab
from tests.grade.fake_prober import Ask, Do, Silence, Step
from tests.grade.fake_runtime import FakePod, Scene, on_call
from tests.grade.frames import BOUND, DONE, all_pass, collected, not_ready, ready, run

BUSY = "the time to ready is not compared with the reference's: the machine was at work for others as well"
NOT_STARTED = "the challenge's own solution could not be started: "


def reference(*steps: Step) -> Scene:
    return Scene([BOUND, *steps, ready(0.75, [1, 1.5]), DONE])


def kept(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "cache" / "ready").glob("*.json"))


def test_the_reference_is_timed_in_a_pod_of_its_own(lab: Lab) -> None:
    lab.runtime.reference = reference()
    record = lab.grade(run(*all_pass()), baseline=True)
    assert record.reference_ready == 0.75
    assert record.reference_pulse == [1, 1.5]
    assert record.score.value == 100
    submission, solution = lab.runtime.pods
    assert solution.plan.checks == ()
    assert solution.channel is not None
    assert solution.channel.sent[0]["checks"] == []
    assert submission.closed == 1
    assert "ready" in record.timings


def test_nothing_is_read_in_the_code_of_the_reference(lab: Lab) -> None:
    lab.runtime.reference = reference()
    lab.grade(run(*all_pass()), baseline=True)
    assert not any(call.startswith(("analyse", "trial")) for call in lab.runtime.pods[1].calls)


def test_the_reference_is_not_timed_unless_that_is_asked_for(lab: Lab) -> None:
    record = lab.grade(run(*all_pass()))
    assert len(lab.runtime.pods) == 1
    assert (record.reference_ready, record.reference_pulse) == (None, [])


def test_the_time_of_the_reference_is_kept_for_the_next_grade(lab: Lab, tmp_path: Path) -> None:
    lab.runtime.reference = reference()
    first = lab.grade(run(*all_pass()), baseline=True)
    second = lab.grade(run(*all_pass()), baseline=True)
    assert len(lab.runtime.pods) == 3
    assert first.reference_ready == second.reference_ready == 0.75
    assert second.reference_pulse == [1, 1.5]
    assert len(kept(tmp_path)) == 1


def test_a_service_that_is_not_ready_is_compared_with_nothing(lab: Lab) -> None:
    record = lab.grade([BOUND, not_ready()], baseline=True)
    assert len(lab.runtime.pods) == 1
    assert record.notes == ["installing the dependencies"]


@pytest.mark.parametrize(
    "reference_scene",
    [
        Scene([BOUND, not_ready()]),
        Scene([BOUND]),
        Scene([]),
    ],
    ids=["not ready", "lost", "no prober"],
)
def test_a_reference_that_does_not_start_costs_nothing(lab: Lab, tmp_path: Path, reference_scene: Scene) -> None:
    lab.runtime.reference = reference_scene
    record = lab.grade(run(*all_pass()), baseline=True)
    assert (record.reference_ready, record.reference_pulse, record.score.value) == (None, [], 100)
    assert record.problem is None
    assert kept(tmp_path) == []


@pytest.mark.parametrize("kind", [EnvironmentFault, HarnessFault, SubmissionError])
@pytest.mark.parametrize("stage", ["environment", "pod"])
def test_a_reference_that_can_not_be_prepared_is_noted(lab: Lab, stage: str, kind: type[Exception]) -> None:
    lab.runtime.faults[stage] = on_call(2, kind("no room"))
    record = lab.grade(run(*all_pass()), baseline=True)
    assert lab.notes[-1] == NOT_STARTED + "no room"
    assert record.score.value == 100
    assert record.problem is None


def test_a_challenge_without_a_reference_is_noted(lab: Lab) -> None:
    import shutil

    shutil.rmtree(lab.challenge.reference)
    record = lab.grade(run(*all_pass()), baseline=True)
    assert lab.notes[-1].startswith(NOT_STARTED)
    assert record.score.value == 100


def test_a_service_that_shared_the_machine_is_compared_with_nothing(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "_PATIENCE_S", 0)
    with ExitStack() as others:
        lab.runtime.faults["environment"] = lambda: others.enter_context(Place())
        record = lab.grade(run(*all_pass()), baseline=True)
    assert record.reference_ready is None
    assert BUSY in record.notes
    assert len(lab.runtime.pods) == 1
    assert record.score.value == 100


def test_a_service_that_is_not_timed_does_not_ask_for_the_machine(lab: Lab) -> None:
    with ExitStack() as others:
        lab.runtime.faults["environment"] = lambda: others.enter_context(Place())
        record = lab.grade(run(*all_pass()))
    assert BUSY not in record.notes


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No grade waits for its place on the machine."""
    monkeypatch.setattr(host, "_PATIENCE_S", 0)
    monkeypatch.setattr(host, "_COURTESY_S", 0)


def another_grade(held_up: list[bool]) -> Do:
    """Another grade begins; it is held up when this one has the machine for itself."""

    def enter(_: FakePod) -> None:
        heard: list[Event] = []
        with Place(heard.append):
            held_up.append(heard != [])

    return Do(enter)


@pytest.mark.usefixtures("impatient")
def test_the_service_starts_alone_and_is_probed_next_to_others(lab: Lab) -> None:
    held_up: list[bool] = []
    other = another_grade(held_up)
    lab.runtime.reference = reference(other)
    lab.grade([BOUND, other, ready(), collected(), other, *all_pass(), DONE], baseline=True)
    assert held_up == [True, False, True], "the start of the service, its checks, the start of the reference"


@pytest.mark.usefixtures("impatient")
def test_a_service_that_is_not_timed_holds_up_no_other_grade(lab: Lab) -> None:
    held_up: list[bool] = []
    lab.grade([BOUND, another_grade(held_up), ready(), *all_pass(), DONE])
    assert held_up == [False]


def timed_with(lab: Lab, *steps: Step) -> bool:
    """Whether the service is compared with the reference when its start goes on like this."""
    lab.runtime.reference = reference()
    return lab.grade([BOUND, *steps, ready(), *all_pass(), DONE], baseline=True).reference_ready is not None


def test_a_service_that_takes_twenty_seconds_is_compared(lab: Lab) -> None:
    assert timed_with(lab, *[Silence(0.5)] * 39, Ask("state"), Silence(0.5), Ask("state"))


@pytest.mark.usefixtures("impatient")
def test_a_service_that_takes_longer_holds_up_no_other_grade_and_is_not_compared(lab: Lab) -> None:
    held_up: list[bool] = []
    other = another_grade(held_up)
    assert not timed_with(lab, *[Silence(0.5)] * 41, other, Ask("state"), other, Ask("state"), other)
    assert held_up == [True, False, False]
    assert len(lab.runtime.pods) == 1


def test_a_reference_that_shared_the_machine_is_not_believed(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(host, "_PATIENCE_S", 0)
    lab.runtime.reference = reference()
    with ExitStack() as others:
        lab.runtime.faults["environment"] = on_call(2, lambda: others.enter_context(Place()))
        record = lab.grade(run(*all_pass()), baseline=True)
    assert len(lab.runtime.pods) == 2
    assert record.reference_ready is None
    assert record.score.value == 100
    assert kept(tmp_path) == []
