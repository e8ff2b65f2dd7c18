"""Run: the state of one probing, shared by pytest's hooks and the fixtures."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.authoring.checks import Check
from harness.authoring.evidence import Evidence
from harness.authoring.gate import CapacityGate, Stubs
from harness.authoring.lifecycle import Lifecycle, value_of
from harness.authoring.outcomes import NoAnswer, Outcome
from harness.authoring.transcript import Exchange, Transcript
from harness.crash import folded
from harness.prober.channel import Channel
from harness.prober.hello import Hello
from harness.prober.reproduce import curl, httpx_script
from harness.prober.result import Result, frame_of, not_assessed

# A traceback through a framework takes a hundred lines.
_READ_LINES, _LOG_LINES = 300, 30
_SETTLE_S, _SETTLING = 0.2, 5
_LOG_WIDTH = 500
_ASK_S = 15.0
_DYING_S = 2.0
_TICK_S = 0.05


@dataclass
class Current:
    """The check that is running. `over` once its function has returned or raised (`error`)."""

    check: Check
    transcript: Transcript = field(default_factory=Transcript)
    evidence: Evidence = field(default_factory=Evidence)
    started: float = field(default_factory=time.monotonic)
    result: Result | None = None
    error: BaseException | None = None
    over: bool = False


class Run:
    """`planned` is the checks in the order in which they run; `results` those that have ended."""

    def __init__(self, hello: Hello, channel: Channel, gates: Mapping[str, CapacityGate]) -> None:
        self.hello = hello
        self.channel = channel
        self.gates = gates
        self.stubs = Stubs(gates)
        self.settings = hello.settings()
        self.redactor = hello.redactor()
        self.pod = Lifecycle(channel, hello.base_url)
        self.planned: list[Check] = []
        self.results: dict[str, Result] = {}
        self.current: Current | None = None
        self.limit = 0.0
        self.start_clock()

    def start_clock(self) -> None:
        """The budget counts from here."""
        self.limit = time.monotonic() + self.hello.budget_s

    @property
    def left_s(self) -> float:
        """Seconds of the budget that are left; negative when it is overdrawn."""
        return self.limit - time.monotonic()

    def announce(self, checks: Sequence[tuple[Check, str]]) -> None:
        """Tell the host which checks will run, in which order, and where each stands."""
        self.planned = [check for check, _ in checks]
        self.channel.send({"kind": "collected", "checks": [check.meta(source) for check, source in checks]})

    def begin(self, check: Check) -> Current:
        """A check starts: with an empty transcript, and with stubs that know nothing of the last one."""
        for gate in self.gates.values():
            gate.reset()
        self.current = Current(check)
        self.channel.send({"kind": "started", "id": check.id})
        return self.current

    def blocked(self, check: Check) -> Result | None:
        """The result of a check that can't run because of how one before it ended; None when it can."""
        ended = {id_: self.results[id_] for id_ in check.after if id_ in self.results}
        broken = [id_ for id_, result in ended.items() if result.outcome in ("fail", "blocked")]
        if broken:
            return Result(
                "blocked",
                summary=f"Needs what {' and '.join(broken)} checks",
                blocked_by=broken,
                fault="submission",
            )
        for id_, result in ended.items():
            if result.outcome == "not_assessed":
                return not_assessed(
                    result.fault or "harness", f"needs {id_}, which was not assessed: {result.reason[-500:]}"
                )
        return None

    def finish(self, result: Result) -> None:
        """The current check has ended: gather its evidence and tell the host."""
        current, self.current = self.current, None
        if current is None:
            return
        for name, gate in self.gates.items():
            if gate.broken:
                result = not_assessed("harness", f"the answer of the stub {name!r} failed:\n{gate.broken}")
        if isinstance(current.error, NoAnswer) and result.outcome == "fail":
            result.actual = "; ".join(part for part in (result.actual, self._exit()) if part)
        self.tell(current.check, result, self._evidence(current, result), time.monotonic() - current.started)

    def tell(
        self, check: Check, result: Result, evidence: Mapping[str, Any] | None = None, seconds: float = 0.0
    ) -> None:
        """Note how a check ended, and send it."""
        self.results[check.id] = result
        self.channel.send(frame_of(check.id, result, evidence or {}, seconds, self.redactor))

    def unknown(self, check_id: str, reason: str) -> None:
        """A check that no suite has."""
        result = not_assessed("harness", reason)
        self.results[check_id] = result
        self.channel.send(frame_of(check_id, result, {}, 0.0, self.redactor))

    def give_up(self, reason: str) -> None:
        """Everything that has not ended is not assessed."""
        for check in self.planned:
            if check.id not in self.results:
                self.tell(check, not_assessed("harness", reason))

    def _evidence(self, current: Current, result: Result) -> dict[str, Any]:
        wrong = result.outcome in ("fail", "partial")
        shown = result.exchange or (current.transcript.last() if wrong else None)
        # What was read in the code is shown by its lines: no request reproduces it.
        sent = wrong and not current.evidence.places
        text = self.redactor.text
        return {
            "transcript": [
                e.shown(self.redactor) | {"shows": e is shown and sent}
                for e in current.transcript.exchanges(result.exchange)
            ],
            "log": [text(line[:_LOG_WIDTH]) for line in self._log(shown)] if wrong else [],
            "code": [
                {key: text(value) if isinstance(value, str) else value for key, value in place.items()}
                for place in current.evidence.places
            ],
            "numbers": {
                text(name): text(value) if isinstance(value, str) else value
                for name, value in current.evidence.numbers.items()
            },
            "reproduce": curl(shown, self.redactor) if shown and sent else "",
            "httpx": httpx_script(shown, self.redactor) if shown and sent else "",
        }

    def _log(self, shown: Exchange | None) -> list[str]:
        """The end of the service's log; what it prints of an exception comes a moment after the answer."""
        found = self._tail()
        if shown is not None and shown.status_line.partition(" ")[2].startswith("5"):
            for _ in range(_SETTLING):
                time.sleep(_SETTLE_S)
                before, found = found, self._tail()
                if found == before:
                    break
        return folded(found)[-_LOG_LINES:]

    def _tail(self) -> list[str]:
        lines = self._ask("logs", {"tail": _READ_LINES}).get("lines")
        return [str(line) for line in lines][-_READ_LINES:] if isinstance(lines, list) else []

    def _exit(self) -> str:
        # Its connections end before the process does: look again for a moment.
        limit = time.monotonic() + _DYING_S
        while (state := self._ask("state", {})).get("running", True):
            if not state or time.monotonic() > limit:
                return ""
            time.sleep(_TICK_S)
        return f"the process has exited with code {state.get('exit_code')}" + (
            ", out of memory" if state.get("oom") else ""
        )

    def _ask(self, op: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """Ask the host from a thread that has no loop; empty when it can't tell."""
        try:
            return value_of(self.channel.request(op, "candidate", args).result(_ASK_S))
        except (Outcome, FutureTimeout):
            return {}


RUN = pytest.StashKey[Run]()
