"""A prober that plays a script, and the channel to it: `harness.runtime.base.Channel` in memory."""

from __future__ import annotations

import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentFault, HarnessFault
from tests.grade.fake_clock import FakeClock

if TYPE_CHECKING:
    from tests.grade.fake_runtime import FakePod

# Bounds a hang in real time; nothing waits this long in a test that passes.
_HANG_S = 30.0


@dataclass(frozen=True)
class Silence:
    """Nothing is sent for so many seconds; without an end when infinite."""

    seconds: float = float("inf")


@dataclass(frozen=True)
class Ask:
    """A request for an operation. With `wait` the prober goes on when it is answered."""

    op: object
    target: str = "candidate"
    args: object = field(default_factory=dict)
    wait: bool = True


@dataclass(frozen=True)
class Line:
    """A line that the prober prints, whatever it is."""

    text: bytes


@dataclass(frozen=True)
class Do:
    """Something happens to the pod, to the clock or to the harness between two frames."""

    action: Callable[[FakePod], object]


Step = Mapping[str, Any] | Silence | Ask | Line | Do


class FakeChannel:
    """Plays `steps` when the harness has sent `hello`, those after the first frame when it has sent `go`."""

    def __init__(self, pod: FakePod, clock: FakeClock, steps: Iterable[Step]) -> None:
        self._pod, self._clock = pod, clock
        self._steps = deque(steps)
        self._answered = threading.Condition()
        self._frames = 0
        self._asked: list[Ask] = []
        self._awaited: int | None = None
        # What the harness sent, in order, without the answers.
        self.sent: list[dict[str, Any]] = []
        # The answers to the requests, by operation.
        self.answers: dict[object, list[dict[str, Any]]] = defaultdict(list)
        self.gone = False

    def send(self, frame: Mapping[str, Any]) -> None:
        """See `Channel`."""
        data = json.loads(json.dumps(frame))
        if self.gone:
            raise EnvironmentFault("the prober is gone", detail="broken pipe")
        if data["kind"] != "answer":
            self.sent.append(data)
            return
        with self._answered:
            asked = self._asked[data["id"]]
            self.answers[asked.op].append(data)
            if self._awaited == data["id"]:
                self._awaited = None
            self._answered.notify_all()

    def receive(self, timeout_s: float) -> dict[str, Any] | None:
        """See `Channel`."""
        assert timeout_s > 0, "a wait has to end"
        self._wait_for_answer()
        while self._may_speak():
            if not self._steps:
                return None
            step = self._steps.popleft()
            if isinstance(step, Do):
                step.action(self._pod)
            elif isinstance(step, Silence):
                if step.seconds >= timeout_s:
                    self._steps.appendleft(Silence(step.seconds - timeout_s))
                    break
                self._clock.advance(step.seconds)
            else:
                self._frames += 1
                return self._frame(step)
        self._clock.advance(timeout_s)
        raise TimeoutError("nothing from the prober")

    def wait_for_answers(self, op: object, count: int = 1) -> list[dict[str, Any]]:
        """The answers to the requests for an operation, once there are so many."""
        with self._answered:
            assert self._answered.wait_for(lambda: len(self.answers[op]) >= count, _HANG_S), f"no answer to {op!r}"
            return list(self.answers[op])

    def _may_speak(self) -> bool:
        kinds = [frame["kind"] for frame in self.sent]
        return kinds[:1] == ["hello"] and (self._frames == 0 or kinds[1:] == ["go"])

    def _wait_for_answer(self) -> None:
        with self._answered:
            assert self._answered.wait_for(lambda: self._awaited is None, _HANG_S), "a request was never answered"

    def _frame(self, step: Mapping[str, Any] | Ask | Line) -> dict[str, Any]:
        if isinstance(step, Ask):
            number = len(self._asked)
            self._asked.append(step)
            self._awaited = number if step.wait else None
            return {"kind": "request", "id": number, "op": step.op, "target": step.target, "args": step.args}
        text = step.text if isinstance(step, Line) else json.dumps(step).encode()
        try:
            frame = json.loads(text)
        except ValueError as error:
            raise HarnessFault("the prober sent something that is no JSON", detail=repr(text[:200])) from error
        if not isinstance(frame, dict) or not isinstance(frame.get("kind"), str):
            raise HarnessFault("the prober sent something that is no frame", detail=repr(text[:200]))
        return frame
