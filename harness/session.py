"""Session: one conversation with the prober of one pod, from `hello` to `done`, under one deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import asdict
from functools import partial
from typing import Any

from harness.beside import Beside
from harness.crash import folded
from harness.errors import EnvironmentFault, HarnessFault, Interrupted, TakehomeError, UsageError
from harness.events import CheckEnded, CheckStarted, Listener, Note
from harness.evidence import CheckFrame, CheckMeta, Evidence, NotReady
from harness.host import Alone, undisputed
from harness.own_tests import own_tests_of
from harness.plan import Plan, hello
from harness.runtime.base import Channel, Environment, Pod, Target
from harness.runtime.whole import expect_whole

_BOUND_S = 60.0
_MARGIN_S = 30.0
_ANALYSIS_S = 180.0
_TRIAL_S = 150.0
# A server's end is known a moment later to the engine than to those who were connected to it.
_SETTLE_S = 2.0
# On a machine that is busy that moment is long.
_DOUBT_S = 10.0
_MOST_BEATS = 200
# How often a cancellation is looked for while the analysis is waited for.
_POLL_S = 0.5
# A service that takes longer to get ready keeps others waiting no longer.
_ALONE_S = 20.0


class Session:
    """Runs the checks of a plan in an opened pod and collects the evidence.

    `tests` is the environment of the candidate's own tests when they shall run, or why there is none.
    Without `analysis` nothing is read in the code.
    `alone` is where the service gets ready, when how long that takes is to be compared.
    """

    def __init__(
        self,
        plan: Plan,
        pod: Pod,
        listener: Listener,
        cancelled: threading.Event | None = None,
        *,
        tests: Environment | TakehomeError | None = None,
        analysis: bool = True,
        alone: Alone = undisputed,
    ) -> None:
        self._alone = alone
        self._plan, self._pod, self._listener = plan, pod, listener
        self._cancelled = cancelled or threading.Event()
        self._evidence = Evidence()
        self._analysis = Beside("the analysis", lambda: pod.analyse(_ANALYSIS_S))
        self._trial = None if tests is None else Beside("the candidate's own tests", partial(_run_tests, pod, tests))
        self._analysed = analysis and bool(plan.checks)
        self._done = 0
        self._struck = False
        # Checks that failed so recently that what a lost server did may not be known yet: when, and which.
        self._doubtful: list[tuple[float, str]] = []

    def run(self) -> Evidence:
        """The evidence, complete or as far as it got; a fault of the pod is noted in it, with who is to blame.

        Raises:
            UsageError: the challenge is wrong, so nobody's work can be judged by it.
            Interrupted: the run was cancelled.
        """
        try:
            self._converse()
        except (UsageError, Interrupted):
            raise
        except TakehomeError as error:
            self._evidence.interrupted = str(error)
            self._evidence.interrupted_fault = error.fault
        if self._analysis.document is not None:
            self._evidence.static = self._analysis.document
        if self._trial is not None:
            self._evidence.trial = self._trial.document
            self._evidence.trial_problem = str(self._trial.error or "")
        return self._evidence

    def _converse(self) -> None:
        channel = self._pod.start_prober()
        channel.send(hello(self._plan, self._pod.addresses, self._pod.grader_folders()))
        self._expect(channel, "bound", _BOUND_S)
        self._pod.start_postgres()
        with ExitStack() as alone:
            self._evidence.alone = alone.enter_context(self._alone())
            self._pod.start_candidate()
            channel.send({"kind": "go"})
            limit = time.monotonic() + self._plan.ready_s + self._plan.budget_s + _MARGIN_S
            frame = self._started(channel, limit, alone)
        while (kind := frame["kind"]) != "done":
            if kind == "not_ready":
                self._not_ready(frame)
                return
            if kind == "crashed":
                raise HarnessFault("the prober crashed", detail=str(frame.get("detail", ""))[-4000:])
            if kind == "request":
                self._answer(channel, frame)
            else:
                self._note(frame)
            frame = self._next(channel, limit)
        self._settle()
        self._finish()

    def _started(self, channel: Channel, limit: float, alone: ExitStack) -> dict[str, Any]:
        """The frame that says how the start of the service ended; the machine is not kept from others for ever."""
        others_wait_until = time.monotonic() + _ALONE_S
        while (frame := self._next(channel, limit))["kind"] == "request":
            self._answer(channel, frame)
            if time.monotonic() > others_wait_until:
                self._evidence.alone = False
                alone.close()
        return frame

    def _begin_beside(self) -> None:
        """Not before the service is up: its time to get ready is compared with another's."""
        if self._analysed:
            self._analysis.start()
        if self._trial is not None:
            self._trial.start()

    def _finish(self) -> None:
        """The same grade twice has the same record: what was read in the code must not depend on who was faster."""
        limit = time.monotonic() + _ANALYSIS_S
        beside = [self._analysis] if self._trial is None else [self._analysis, self._trial]
        if self._trial is not None and not self._trial.over(0):
            self._listener(Note("the checks are done; waiting for the submission's own tests"))
        while not all(work.over(_POLL_S) for work in beside) and time.monotonic() < limit:
            if self._cancelled.is_set():
                raise Interrupted("stopped")

    def _settle(self) -> None:
        """Look once more at what is ours before a failure is believed that may be its doing."""
        if self._doubtful:
            self._pause(max(0.0, self._doubtful[-1][0] + _SETTLE_S - time.monotonic()))
            self._look(closely=True)

    def _pause(self, seconds: float) -> None:
        if self._cancelled.wait(seconds):
            raise Interrupted("stopped")

    def _look(self, *, closely: bool = False) -> None:
        """See that the pod is whole, or take back what failed in it so recently that this may be why.

        Raises:
            EnvironmentFault: it is not, see `expect_whole`.
        """
        self._doubtful = [(when, check) for when, check in self._doubtful if time.monotonic() - when < _DOUBT_S]
        postgres = self._plan.challenge.spec.services.postgres is not None
        try:
            expect_whole(self._pod, postgres=postgres, struck=self._struck, closely=closely)
        except EnvironmentFault:
            for _, check in self._doubtful:
                self._evidence.frames.pop(check, None)
            raise

    def _expect(self, channel: Channel, kind: str, deadline_s: float) -> None:
        frame = self._next(channel, time.monotonic() + deadline_s)
        if frame["kind"] != kind:
            raise HarnessFault(
                f"the prober said {frame['kind']!r} instead of {kind!r}",
                detail=str(frame.get("detail", ""))[-4000:],
            )

    def _next(self, channel: Channel, limit: float) -> dict[str, Any]:
        while True:
            if self._cancelled.is_set():
                raise Interrupted("stopped")
            left = limit - time.monotonic()
            if left <= 0:
                raise HarnessFault("the probing ran out of time", detail=self._pod.prober_log()[-2000:])
            try:
                # Short waits, so that Ctrl-C is felt at once.
                frame = channel.receive(min(1.0, left))
            except TimeoutError:
                continue
            if frame is None:
                raise self._prober_gone()
            return frame

    def _prober_gone(self) -> TakehomeError:
        """An engine that is gone takes the prober along; a prober that dies in a living engine is our fault."""
        log = self._pod.prober_log()
        self._pod.logs("candidate", 1)
        return HarnessFault("the prober ended without a word", detail=log[-4000:])

    def _note(self, frame: dict[str, Any]) -> None:
        try:
            self._sort(frame)
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise HarnessFault(f"the prober sent a {frame['kind']!r} that does not fit", detail=str(error)) from error

    def _sort(self, frame: dict[str, Any]) -> None:
        match frame["kind"]:
            case "ready":
                seconds = self._evidence.ready_seconds = float(frame["seconds"])
                self._evidence.pulse = [float(beat) for beat in frame.get("pulse", ())][:_MOST_BEATS]
                self._evidence.began["ready"] = time.monotonic() - seconds
                self._begin_beside()
            case "collected":
                metas = [CheckMeta.model_validate(m) for m in frame["checks"]]
                self._evidence.metas = {m.id: m for m in metas}
            case "started":
                self._evidence.began[f"check:{frame['id']}"] = time.monotonic()
                self._listener(CheckStarted(str(frame["id"]), self._done, len(self._plan.checks)))
            case "check":
                result = CheckFrame.model_validate(frame)
                if result.outcome in ("fail", "partial"):
                    self._doubtful.append((time.monotonic(), result.id))
                    self._look()
                self._evidence.frames[result.id] = result
                self._done += 1
                self._listener(
                    CheckEnded(result.id, result.outcome, result.summary, self._done, len(self._plan.checks))
                )
            case other:
                raise HarnessFault(f"the prober sent an unknown frame {other!r}")

    def _not_ready(self, frame: dict[str, Any]) -> None:
        if self._plan.challenge.spec.services.postgres is not None:
            self._pause(_SETTLE_S)
        self._look(closely=True)
        log = tuple(folded(self._pod.logs("candidate", 300))[-60:])
        reason = str(frame.get("reason", ""))
        if self._pod.state("candidate").oom:
            reason = f"it was ended for using more than {self._plan.challenge.spec.limits.memory_mb} MB of memory"
        self._evidence.not_ready = NotReady(
            str(frame.get("summary", "the app never answered")), reason, str(frame.get("detail", "")), log
        )

    def _answer(self, channel: Channel, frame: dict[str, Any]) -> None:
        """Answer in a thread: while one check waits for the analysis, another may ask for a log."""
        thread = threading.Thread(target=self._perform, args=(channel, frame), name="lifecycle", daemon=True)
        thread.start()

    def _perform(self, channel: Channel, frame: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"kind": "answer", "id": frame.get("id"), "ok": False}
        try:
            answer |= {"ok": True, "value": self._operation(frame)() or {}}
        except TakehomeError as error:
            answer |= {"fault": error.fault, "error": str(error)}
        except Exception as error:  # noqa: BLE001 - whoever asked waits for an answer
            answer |= {"fault": "harness", "error": repr(error)}
        with suppress(EnvironmentFault):
            channel.send(answer)

    def _operation(self, frame: dict[str, Any]) -> Callable[[], dict[str, Any] | None]:
        pod, analysis = self._pod, self._analysis
        target: Target = "postgres" if frame.get("target") == "postgres" else "candidate"
        arguments = frame.get("args") or {}
        if target == "postgres" and frame.get("op") in ("kill", "signal"):
            self._struck = True

        def stop() -> dict[str, Any]:
            code, killed = pod.stop(target, float(arguments.get("grace_s", 10)))
            return {"exit_code": code, "killed": killed}

        operations: dict[str, Callable[[], dict[str, Any] | None]] = {
            "restart": lambda: pod.restart(target),
            "start": lambda: pod.start(target),
            "stop": stop,
            "kill": lambda: pod.signal(target, "SIGKILL"),
            "signal": lambda: pod.signal(target, str(arguments.get("signal", "SIGTERM"))),
            "state": lambda: asdict(pod.state(target)),
            "logs": lambda: {"lines": pod.logs(target, int(arguments.get("tail", 50)))},
            "memory": lambda: {"bytes": pod.memory()},
            # The listing is for reports; a check has the submission itself.
            "static": lambda: {k: v for k, v in analysis.wait(_ANALYSIS_S).items() if k != "sources"},
            "own_tests": self._own_tests,
        }
        name = str(frame.get("op"))
        if name not in operations:
            raise HarnessFault(f"the prober asked for an unknown operation {name!r}")
        return operations[name]

    def _own_tests(self) -> dict[str, Any]:
        """What `OwnTests` has of them; no more than their number when they were not asked for."""
        files = len(self._plan.project.own_tests.files)
        if self._trial is None:
            return {"files": files, "asked": False}
        found, _ = own_tests_of(files, self._trial.wait(_TRIAL_S), "")
        return {**found.model_dump(mode="json"), "asked": True}


def _run_tests(pod: Pod, tests: Environment | TakehomeError) -> dict[str, Any]:
    if isinstance(tests, TakehomeError):
        raise tests
    return pod.trial(tests, _TRIAL_S)
