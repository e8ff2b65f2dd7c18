"""The runtime in memory keeps the promises of a runtime: those tests of `tests/runtime` that have a meaning for it.

Left out: that the document about the candidate's own tests is right, and that the analysis document has what it should.
Both are made by tools that run in the pod; the fake hands out what a scene says.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from harness.errors import EnvironmentFault, HarnessFault
from harness.events import ignore
from harness.evidence import Evidence
from harness.plan import Plan, make_plan
from harness.runtime.base import Channel, Pod
from harness.runtime.channel import StreamChannel
from harness.session import Session
from harness.submission import ingest, read_project
from tests.grade.conftest import Lab
from tests.grade.fake_prober import FakeChannel, Line, Silence, Step
from tests.grade.fake_runtime import FakePod, Scene, Server
from tests.grade.frames import BOUND, DONE, not_ready, passes, ready
from tests.runtime.test_conformance import (
    test_a_restarted_submission_is_a_new_process,
    test_a_signal_reaches_the_submission,
    test_a_submission_that_answers_passes_its_check,
    test_a_submission_that_fails_at_import_is_not_ready_and_its_traceback_is_kept,
    test_a_submission_that_ignores_sigterm_is_killed,
    test_postgres_can_be_restarted_stopped_and_started,
    test_stop_returns_the_exit_code_of_a_submission_that_obeys,
    test_the_memory_of_the_submission_is_told,
)

__all__ = [
    "test_a_restarted_submission_is_a_new_process",
    "test_a_signal_reaches_the_submission",
    "test_a_submission_that_answers_passes_its_check",
    "test_a_submission_that_fails_at_import_is_not_ready_and_its_traceback_is_kept",
    "test_a_submission_that_ignores_sigterm_is_killed",
    "test_postgres_can_be_restarted_stopped_and_started",
    "test_stop_returns_the_exit_code_of_a_submission_that_obeys",
    "test_the_memory_of_the_submission_is_told",
]

TRACEBACK = [
    "Traceback (most recent call last):",
    '  File "/srv/app/app/main.py", line 3, in <module>',
    "NameError: name 'undefined_router' is not defined",
]


def scene_of(name: str) -> Scene:
    """How a submission of `tests/runtime/catalogue` behaves."""
    if name == "broken_import":
        return Scene([BOUND, not_ready("exited")], candidate=Server(lines=TRACEBACK))
    if name == "stubborn":
        candidate = Server(lines=["ignoring"], deaf=True)
    else:
        candidate = Server(greeting=lambda number: [f'FOUND {{"drawn": "{number}"}}'])
    return Scene([BOUND, ready(), passes("answers"), DONE], candidate=candidate)


@pytest.fixture
def plan(lab: Lab, tmp_path: Path) -> Iterator[Plan]:
    """The plan of a grade."""
    snapshot = ingest(str(lab.source), ref=None, workdir=tmp_path / "x")
    yield make_plan(lab.challenge, snapshot, read_project(snapshot.path, app=None))
    snapshot.remove()


@pytest.fixture
def probed(lab: Lab, plan: Plan) -> Callable[[str], AbstractContextManager[tuple[Pod, Evidence]]]:
    """A pod in memory in which the session has already run."""

    @contextmanager
    def open_pod(name: str) -> Iterator[tuple[Pod, Evidence]]:
        lab.runtime.scenes = [scene_of(name)]
        with lab.runtime.pod(plan, lab.runtime.environment(plan, ignore)) as pod:
            yield pod, Session(plan, pod, ignore, lab.cancelled).run()

    return open_pod


def test_environments_with_the_same_dependencies_are_the_same(lab: Lab, plan: Plan) -> None:
    first, second = (lab.runtime.environment(plan, ignore) for _ in range(2))
    assert first == second


def test_a_pod_that_was_removed_answers_nothing(lab: Lab, plan: Plan) -> None:
    lab.runtime.scenes = [scene_of("curious")]
    with lab.runtime.pod(plan, lab.runtime.environment(plan, ignore)) as pod:
        channel = pod.start_prober()
    with pytest.raises(EnvironmentFault):
        pod.state("candidate")
    with pytest.raises(EnvironmentFault):
        channel.send({"kind": "hello"})


def test_a_pod_is_removed_when_its_context_ends_in_an_error(lab: Lab, plan: Plan) -> None:
    lab.runtime.scenes = [scene_of("curious")]
    with pytest.raises(ZeroDivisionError), lab.runtime.pod(plan, lab.runtime.environment(plan, ignore)):
        raise ZeroDivisionError
    assert lab.pod.closed == 1


def test_a_log_is_its_last_lines_each_of_them_cut(lab: Lab, plan: Plan) -> None:
    lab.runtime.scenes = [Scene([], candidate=Server(lines=["a", "b" * 3000, "c"]))]
    with lab.runtime.pod(plan, lab.runtime.environment(plan, ignore)) as pod:
        assert pod.logs("candidate", 2) == ["b" * 2000, "c"]
        assert pod.logs("candidate", 0) == []
        assert pod.logs("postgres", 5) == []


def test_a_target_that_was_never_started_has_no_state(lab: Lab, plan: Plan) -> None:
    lab.runtime.scenes = [Scene([])]
    with lab.runtime.pod(plan, lab.runtime.environment(plan, ignore)) as pod, pytest.raises(HarnessFault):
        pod.state("candidate")


Opener = Callable[..., Channel]


@pytest.fixture(params=["memory", "stream"])
def channel(request: pytest.FixtureRequest, lab: Lab, plan: Plan) -> Opener:
    """Opens a channel on which a prober sends lines and then ends, or falls silent."""

    def in_memory(*lines: bytes, silent: bool = False) -> Channel:
        steps: list[Step] = [*map(Line, lines), *([Silence()] if silent else [])]
        pod = FakePod(plan, lab.runtime.environment(plan, ignore), Scene(steps), lab.clock)
        made = FakeChannel(pod, lab.clock, steps)
        made.sent = [{"kind": "hello"}, {"kind": "go"}]
        return made

    ended = threading.Event()
    request.addfinalizer(ended.set)

    def of_bytes(*lines: bytes, silent: bool = False) -> Channel:
        def chunks() -> Iterator[bytes]:
            yield b"".join(line + b"\n" for line in lines)
            if silent:
                ended.wait(30)

        return StreamChannel(lambda _: None, chunks())

    return in_memory if request.param == "memory" else of_bytes


def test_a_channel_hands_over_frames_and_then_its_end(channel: Opener) -> None:
    opened = channel(b'{"kind": "bound"}', b'{"kind": "done", "more": 1}')
    assert opened.receive(30) == {"kind": "bound"}
    assert opened.receive(30) == {"kind": "done", "more": 1}
    assert opened.receive(30) is None


@pytest.mark.parametrize("line", [b"no", b"[]", b"{}", b'{"kind": 1}', b"\xff\xff"])
def test_a_channel_refuses_what_is_no_frame_and_goes_on(channel: Opener, line: bytes) -> None:
    opened = channel(line, b'{"kind": "done"}')
    with pytest.raises(HarnessFault, match="the prober sent something that is no"):
        opened.receive(30)
    assert opened.receive(30) == {"kind": "done"}


def test_a_channel_says_that_nothing_came_in_time(channel: Opener) -> None:
    opened = channel(silent=True)
    with pytest.raises(TimeoutError):
        opened.receive(0.05)
