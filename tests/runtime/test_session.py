"""A server that is lost is nobody's failure, also where the engine learns of its end late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness import session
from harness.errors import EnvironmentFault
from harness.events import ignore
from harness.plan import Addresses, Plan
from harness.runtime.base import ProcessState
from harness.session import Session

RUNNING = ProcessState(running=True)
KILLED = ProcessState(running=False, exit_code=247)
OUT_OF_MEMORY = ProcessState(running=False, exit_code=137, oom=True)
FAILED = {"kind": "check", "id": "answers", "outcome": "fail"}
READY = {"kind": "ready", "seconds": 1.0}
SILENT = {"kind": "not_ready", "reason": "never listened"}
DONE = {"kind": "done"}


class Told:
    """A prober that says what it is to say."""

    def __init__(self, *frames: dict[str, Any]) -> None:
        self._frames: Iterator[dict[str, Any]] = iter(frames)

    def send(self, frame: object) -> None:
        pass

    def receive(self, timeout_s: float) -> dict[str, Any] | None:
        return next(self._frames, None)


class Late:
    """A pod whose engine takes PostgreSQL for running until somebody has asked the server itself."""

    addresses = Addresses(1, 2, {"upstream": 3})

    def __init__(self, channel: Told, once_asked: ProcessState, *, answers: bool) -> None:
        self._channel, self._once_asked, self._answers = channel, once_asked, answers
        self._asked = False

    def start_prober(self) -> Told:
        return self._channel

    def grader_folders(self) -> list[str]:
        return []

    def start_postgres(self) -> None:
        pass

    def start_candidate(self) -> None:
        pass

    def state(self, target: str) -> ProcessState:
        return self._once_asked if target == "postgres" and self._asked else RUNNING

    def start(self, target: str) -> None:
        self._asked = True
        if not self._answers:
            raise EnvironmentFault("PostgreSQL could not start")

    def logs(self, target: str, tail: int) -> list[str]:
        return []


@pytest.mark.parametrize("frames", [(READY, FAILED, DONE), (SILENT,)], ids=["a check", "the start"])
@pytest.mark.parametrize(
    ("once_asked", "answers", "blamed"),
    [
        (RUNNING, True, True),
        (KILLED, False, False),
        (RUNNING, False, False),
        # That was the submission's doing.
        (OUT_OF_MEMORY, False, True),
    ],
    ids=["answers", "killed", "is deaf", "out of memory"],
)
def test_a_failure_is_believed_once_the_server_itself_has_answered(
    plan_for: Callable[[str], Plan],
    frames: tuple[dict[str, Any], ...],
    once_asked: ProcessState,
    answers: bool,
    blamed: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # How long the engine has to notice; this one has noticed nothing until the server is asked.
    monkeypatch.setattr(session, "_SETTLE_S", 0.05)
    pod: Any = Late(Told({"kind": "bound"}, *frames), once_asked, answers=answers)
    evidence = Session(plan_for("stubborn"), pod, ignore, analysis=False).run()
    assert bool(evidence.frames or evidence.not_ready) is blamed
    assert bool(evidence.interrupted) is not blamed
    assert blamed or evidence.interrupted_fault == "environment"
