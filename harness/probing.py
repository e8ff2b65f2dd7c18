"""Probing: the checks of a plan, run in a pod, and those that were lost in further pods."""

from __future__ import annotations

import threading
from collections.abc import Callable

from harness.attempts import doubtful, repeated
from harness.challenge import OWN_TESTS, READ_IN_CODE
from harness.clock import Clock
from harness.errors import Interrupted, TakehomeError
from harness.evidence import Evidence
from harness.host import Place, undisputed
from harness.plan import Plan
from harness.runtime.base import Environment, Runtime
from harness.session import Session


class Probing:
    """`tests` is the environment of the candidate's own tests when they shall run, or why there is none."""

    def __init__(
        self,
        plan: Plan,
        runtime: Runtime,
        environment: Environment,
        tests: Environment | TakehomeError | None,
        clock: Clock,
        cancelled: threading.Event | None,
        place: Place,
    ) -> None:
        self._place = place
        self._plan, self._runtime, self._environment, self._tests = plan, runtime, environment, tests
        self._clock, self._cancelled = clock, cancelled
        # Attempts that failed by our fault, each a sentence.
        self.problems: list[str] = []

    def first(self, *, analysis: bool, timed: bool, hold: Callable[[str], None] | None) -> Evidence:
        """All checks of the plan, in one pod; `hold` is called with a description of it before it is removed.

        With `timed` the service gets ready while no other grade is at work here.

        Raises:
            TakehomeError: the pod can't be made.
        """
        with self._clock.stage("pod", "running the pod"), self._runtime.pod(self._plan, self._environment) as pod:
            session = Session(
                self._plan,
                pod,
                self._clock.listener,
                self._cancelled,
                tests=self._tests,
                analysis=analysis,
                alone=self._place.alone if timed else undisputed,
            )
            with self._clock.stage("probe", "probing"):
                evidence = session.run()
            if hold is not None:
                with self._place.away():
                    hold(pod.describe())
            return evidence

    def again(self, evidence: Evidence, attempts: int) -> Evidence:
        """The evidence after up to `attempts` attempts in all. One that fails takes nothing away."""
        lost = doubtful(self._plan, evidence) if attempts > 1 else ()
        if not lost:
            return evidence
        with self._clock.stage("again", f"running once more: {', '.join(lost)}"):
            return repeated(self._plan, self._attempt, evidence, attempts)

    def _attempt(self, plan: Plan) -> Evidence:
        tests = self._tests if OWN_TESTS in plan.checks else None
        analysis = not READ_IN_CODE.isdisjoint(plan.checks)
        try:
            with self._runtime.pod(plan, self._environment) as pod:
                session = Session(plan, pod, self._clock.listener, self._cancelled, tests=tests, analysis=analysis)
                return session.run()
        except Interrupted:
            raise
        except TakehomeError as error:
            self.problems.append(f"an attempt more failed: {error}")
            return Evidence(interrupted=str(error))
